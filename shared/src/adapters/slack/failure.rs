//! The failures of Slack's methods, by the codes in their responses.

use serde_json::Value;

use crate::adapters::api::{Failure, JsonResponse};
use crate::error::{Error, Kind};

/// Returns true if a call failed with this code of Slack's. An explanation can follow the code.
pub(super) fn has_code(error: &Error, code: &str) -> bool {
    matches!(error, Error::Provider(failure) if failure.message.split(':').next() == Some(code))
}

/// Maps Slack's codes to failures. Failures have status 200 and `ok: false`.
/// <https://docs.slack.dev/reference/methods/chat.postMessage#errors>
pub(super) fn classify(response: &JsonResponse) -> Option<Failure> {
    match &response.body["ok"] {
        Value::Bool(true) => return None,
        Value::Bool(false) => {}
        // Every response of Slack's has `ok`. One without it is not Slack's and proves nothing.
        _ if response.status.is_success() => {
            return Some(Failure::new(Kind::Ambiguous, "sent a response without `ok`"));
        }
        _ => return None,
    }
    let code = response.body["error"].as_str().unwrap_or("no error code");
    if response.status.is_server_error() {
        return Some(Failure::new(Kind::Ambiguous, code));
    }
    let kind = match code {
        // The requested state existed already.
        "already_reacted" | "no_reaction" | "already_pinned" | "already_in_channel" => return None,
        "token_expired" => Kind::AuthExpired,
        "invalid_auth"
        | "not_authed"
        | "token_revoked"
        | "account_inactive"
        | "invalid_refresh_token"
        | "invalid_token" => Kind::AuthRevoked,
        // A consent gives tokens of both types.
        "missing_scope" | "not_allowed_token_type" => Kind::MissingScope,
        // What the workspace, the channel or the account does not permit, whatever the scopes are.
        "access_denied"
        | "accesslimited"
        | "app_access_restricted"
        | "cant_delete_message"
        | "cant_update_message"
        | "ekm_access_denied"
        | "enterprise_is_restricted"
        | "no_permission"
        | "org_login_required"
        | "permission_denied"
        | "team_access_not_granted"
        | "two_factor_setup_required" => Kind::Forbidden,
        _ if code.starts_with("restricted_action") => Kind::Forbidden,
        "channel_not_found" | "thread_not_found" | "message_not_found" | "user_not_found" | "users_not_found"
        | "file_not_found" | "file_deleted" => Kind::NotFound,
        "ratelimited" | "rate_limited" | "restricted_too_many" => Kind::RateLimited,
        "message_limit_exceeded" => Kind::PlanLimit,
        "request_timeout" | "service_unavailable" => Kind::Transient,
        // Slack documents that some aspect of the operation may have succeeded.
        "internal_error" | "fatal_error" => Kind::Ambiguous,
        // Bad input, or a new code: the same call fails the same way.
        _ => Kind::Invalid,
    };
    Some(Failure::new(kind, error_message(response, code)))
}

/// Returns the code, with an explanation of the common ones.
fn error_message(response: &JsonResponse, code: &str) -> String {
    match (code, response.body["needed"].as_str()) {
        ("missing_scope", Some(needed)) => format!("{code}: needs {needed}"),
        ("name_taken", _) => format!("{code}: another channel has this name, perhaps a private or an archived one"),
        ("channel_not_found", _) => format!("{code}: list_channels returns the channels that the app sees"),
        ("message_not_found" | "thread_not_found", _) => {
            format!("{code}: fetch_messages returns the messages of a channel")
        }
        ("file_not_found", _) => format!("{code}: fetch_messages returns the files of a channel that the app is in"),
        ("user_not_found" | "users_not_found", _) => format!("{code}: list_users returns the people of the workspace"),
        ("not_in_channel", _) => {
            format!("{code}: join_channel lets the app into a public channel; a member invites it to a private one")
        }
        _ => code.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::adapters::testing;

    #[test]
    fn classify_maps_every_documented_code() {
        let rows: &[(Kind, &[&str])] = &[
            (Kind::AuthExpired, &["token_expired"]),
            (
                Kind::AuthRevoked,
                &["invalid_auth", "not_authed", "token_revoked", "account_inactive", "invalid_refresh_token"],
            ),
            (Kind::MissingScope, &["missing_scope", "not_allowed_token_type"]),
            (
                Kind::NotFound,
                &[
                    "channel_not_found",
                    "thread_not_found",
                    "message_not_found",
                    "user_not_found",
                    "users_not_found",
                    "file_not_found",
                    "file_deleted",
                ],
            ),
            (Kind::Invalid, &["not_in_channel", "is_archived", "name_taken", "team_added_to_org"]),
            (
                Kind::Forbidden,
                &[
                    "no_permission",
                    "cant_update_message",
                    "cant_delete_message",
                    "team_access_not_granted",
                    "ekm_access_denied",
                    "restricted_action",
                    "restricted_action_read_only_channel",
                    "access_denied",
                    "app_access_restricted",
                    "accesslimited",
                    "two_factor_setup_required",
                    "org_login_required",
                    "enterprise_is_restricted",
                ],
            ),
            (
                Kind::Invalid,
                &[
                    "no_text",
                    "msg_too_long",
                    "msg_blocks_too_long",
                    "invalid_blocks",
                    "invalid_blocks_format",
                    "invalid_metadata_format",
                    "invalid_metadata_schema",
                    "metadata_too_large",
                    "markdown_text_conflict",
                    "too_many_attachments",
                    "time_in_past",
                    "time_too_far",
                    "invalid_time",
                    "invalid_arg_name",
                    "invalid_array_arg",
                    "invalid_charset",
                    "invalid_form_data",
                    "invalid_post_type",
                    "missing_post_type",
                    "invalid_cursor",
                    "a_new_code",
                ],
            ),
            (Kind::RateLimited, &["ratelimited", "rate_limited", "restricted_too_many"]),
            (Kind::PlanLimit, &["message_limit_exceeded"]),
            (Kind::Transient, &["request_timeout", "service_unavailable"]),
            (Kind::Ambiguous, &["internal_error", "fatal_error"]),
        ];
        for (kind, codes) in rows {
            for code in *codes {
                let failure = classify(&testing::json_response(200, json!({ "ok": false, "error": code }))).unwrap();
                assert_eq!(failure.kind, *kind, "{code}");
                assert!(failure.message.starts_with(code));
            }
        }
    }

    #[test]
    fn classify_accepts_unchanged_state_and_defers_to_the_status() {
        for code in ["already_reacted", "no_reaction", "already_pinned", "already_in_channel"] {
            assert!(classify(&testing::json_response(200, json!({ "ok": false, "error": code }))).is_none(), "{code}");
        }
        assert!(classify(&testing::json_response(200, json!({ "ok": true }))).is_none());
        assert!(classify(&testing::json_response(503, Value::Null)).is_none());
        for undocumented in [json!({}), json!({ "ok": "true" }), json!({ "ok": null }), json!([]), Value::Null] {
            assert_eq!(classify(&testing::json_response(200, undocumented)).unwrap().kind, Kind::Ambiguous);
        }
        let unavailable = json!({ "ok": false, "error": "service_unavailable" });
        assert_eq!(classify(&testing::json_response(503, unavailable)).unwrap().kind, Kind::Ambiguous);
        let limited = json!({ "ok": false, "error": "ratelimited" });
        assert_eq!(classify(&testing::json_response(429, limited)).unwrap().kind, Kind::RateLimited);
    }

    #[test]
    fn missing_scope_message_names_the_scope() {
        let body =
            json!({ "ok": false, "error": "missing_scope", "needed": "channels:read", "provided": "chat:write" });
        assert_eq!(classify(&testing::json_response(200, body)).unwrap().message, "missing_scope: needs channels:read");
    }
}
