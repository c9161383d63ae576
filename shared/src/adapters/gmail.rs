//! Gmail: sends and replies to mail, and handles drafts, reading and labels, through the Gmail API of the connected account.

mod account;
mod address;
mod address_form;
mod address_list;
mod attachment;
mod batch_modify;
mod calendar;
mod create_draft;
mod create_label;
mod data_stream;
mod delete_draft;
mod delete_label;
#[cfg(test)]
mod documented;
mod draft;
mod draft_checkpoint;
mod draft_search;
mod email;
mod fetch_emails;
mod filter;
mod forward;
mod get_attachment;
mod get_draft;
mod get_email;
mod get_filter;
mod get_label;
mod get_profile;
mod get_thread;
mod get_vacation;
mod header;
mod html_text;
mod html_tokens;
mod id;
mod label;
mod label_change;
mod list_drafts;
mod list_filters;
mod list_labels;
mod list_send_as;
mod list_threads;
mod mail_input;
mod message;
mod mime;
mod modify_labels;
mod modify_thread;
mod original_message;
mod outgoing_call;
mod outgoing_mail;
mod part;
mod quotation;
mod quoted_html;
mod remarks;
mod reply;
mod reply_all;
mod reply_input;
mod same_mail;
mod send_draft;
mod send_email;
mod send_via_draft;
mod sender;
mod shown_pictures;
mod texts;
mod thread;
mod thread_headers;
mod trash;
mod trash_email;
mod trash_thread;
mod untrash_email;
mod untrash_thread;
mod update_draft;
mod update_label;

use http::header::DATE;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

use super::action::{ActionDef, Scopes};
use super::api::{Failure, JsonResponse};
use super::rate_limit::LimitScope;
use super::{Adapter, OAUTH2, OAuthSpec, Origin, Revoke, RevokeToken};
use crate::error::Kind;
use crate::tool::Tool;

/// The adapter.
pub static ADAPTER: Adapter = Adapter {
    tool: Tool::new("gmail"),
    description: "Sends and replies to e-mail, writes drafts, and reads and labels the mailbox of the connected Gmail account.",
    api: ORIGIN,
    oauth: OAuthSpec {
        // https://developers.google.com/identity/protocols/oauth2/web-server
        authorize: (CONSENT_ORIGIN, "/o/oauth2/v2/auth"),
        token: (TOKEN_ORIGIN, "/token"),
        // Google has sent `iss` in its redirects since February 2026 without declaring it. A redirect that names another issuer
        // is refused; one without an issuer is accepted.
        issuer: Some("https://accounts.google.com"),
        // One revocation ends the person's whole grant to this client, in every connection of the account.
        // https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke
        revoke: Some(Revoke {
            endpoint: (TOKEN_ORIGIN, "/revoke"),
            token: RevokeToken::Refresh,
            shared_grant: Some(account::grants),
        }),
        // https://developers.google.com/identity/openid-connect/openid-connect#authenticationuriparameters
        hint_param: Some("login_hint"),
        scopes: &[OPENID, EMAIL, MODIFY],
        identity_scopes: &[OPENID, EMAIL],
        // PKCE is optional beside the client secret. It makes a stolen code worthless without the verifier.
        pkce: true,
        // Google issues a refresh token only for offline access, and after the first consent only with `prompt=consent`.
        authorize_params: &[("access_type", "offline"), ("prompt", "consent"), ("include_granted_scopes", "true")],
        ..OAUTH2
    },
    account: account::ACCOUNT,
    headers: &[],
    // https://developers.google.com/workspace/gmail/api/reference/quota
    limit_scope: LimitScope::Account,
    classify,
    placeholder: |_, _| {
        let message = json!({ "id": "new-message", "threadId": "new-thread" });
        json!({ "id": "new-draft", "message": message, "threadId": "new-thread", "name": "new-label" })
    },
    actions: &[
        ActionDef::of::<send_email::SendEmail>(),
        ActionDef::of::<reply::Reply>(),
        ActionDef::of::<reply_all::ReplyAll>(),
        ActionDef::of::<forward::Forward>(),
        ActionDef::of::<create_draft::CreateDraft>(),
        ActionDef::of::<update_draft::UpdateDraft>(),
        ActionDef::of::<send_draft::SendDraft>(),
        ActionDef::of::<list_drafts::ListDrafts>(),
        ActionDef::of::<get_draft::GetDraft>(),
        ActionDef::of::<delete_draft::DeleteDraft>(),
        ActionDef::of::<fetch_emails::FetchEmails>(),
        ActionDef::of::<get_email::GetEmail>(),
        ActionDef::of::<get_thread::GetThread>(),
        ActionDef::of::<list_threads::ListThreads>(),
        ActionDef::of::<modify_thread::ModifyThread>(),
        ActionDef::of::<trash_thread::TrashThread>(),
        ActionDef::of::<untrash_thread::UntrashThread>(),
        ActionDef::of::<get_attachment::GetAttachment>(),
        ActionDef::of::<list_labels::ListLabels>(),
        ActionDef::of::<create_label::CreateLabel>(),
        ActionDef::of::<get_label::GetLabel>(),
        ActionDef::of::<update_label::UpdateLabel>(),
        ActionDef::of::<delete_label::DeleteLabel>(),
        ActionDef::of::<modify_labels::ModifyLabels>(),
        ActionDef::of::<batch_modify::BatchModify>(),
        ActionDef::of::<trash_email::TrashEmail>(),
        ActionDef::of::<untrash_email::UntrashEmail>(),
        ActionDef::of::<get_profile::GetProfile>(),
        ActionDef::of::<list_send_as::ListSendAs>(),
        ActionDef::of::<list_filters::ListFilters>(),
        ActionDef::of::<get_filter::GetFilter>(),
        ActionDef::of::<get_vacation::GetVacation>(),
    ],
};

const ORIGIN: Origin = Origin { name: "gmail", url: "https://gmail.googleapis.com" };
// Hosts of one identity provider. A sandbox serves both, so they share a key.
const CONSENT_ORIGIN: Origin = Origin { name: "google", url: "https://accounts.google.com" };
const TOKEN_ORIGIN: Origin = Origin { name: "google", url: "https://oauth2.googleapis.com" };

// https://developers.google.com/identity/openid-connect/openid-connect#scope-param
/// Names the account: an ID token with Google's `sub`.
const OPENID: &str = "openid";
/// Adds the address to the ID token.
const EMAIL: &str = "email";

// https://developers.google.com/workspace/gmail/api/auth/scopes
const SEND: &str = "https://www.googleapis.com/auth/gmail.send";
const COMPOSE: &str = "https://www.googleapis.com/auth/gmail.compose";
const READONLY: &str = "https://www.googleapis.com/auth/gmail.readonly";
const METADATA: &str = "https://www.googleapis.com/auth/gmail.metadata";
const LABELS: &str = "https://www.googleapis.com/auth/gmail.labels";
/// The only scope requested when an account is connected. It covers drafts, sending, reading and labels in one line of the consent page, and it
/// does not allow permanent deletion of messages. `gmail.compose` and `gmail.readonly` would be two lines with an equally strict
/// review by Google, and they would not cover labels and the trash.
const MODIFY: &str = "https://www.googleapis.com/auth/gmail.modify";
const FULL: &str = "https://mail.google.com/";

const SEND_SCOPES: Scopes = &[&[SEND, COMPOSE, MODIFY, FULL]];
/// Scopes of replying and forwarding, which read the original message first.
const REPLY_SCOPES: Scopes = &[&[READONLY, MODIFY, FULL], &[SEND, COMPOSE, MODIFY, FULL]];
const DRAFT_SCOPES: Scopes = &[&[COMPOSE, MODIFY, FULL]];
const LIST_DRAFTS_SCOPES: Scopes = &[&[READONLY, COMPOSE, MODIFY, FULL]];
/// Scopes of reading. `gmail.metadata` is not among them: it forbids search queries and bodies.
const READ_SCOPES: Scopes = &[&[READONLY, MODIFY, FULL]];
const LIST_LABELS_SCOPES: Scopes = &[&[LABELS, METADATA, READONLY, MODIFY, FULL]];
const CREATE_LABEL_SCOPES: Scopes = &[&[LABELS, MODIFY, FULL]];
const MODIFY_SCOPES: Scopes = &[&[MODIFY, FULL]];
const PROFILE_SCOPES: Scopes = &[&[METADATA, READONLY, COMPOSE, MODIFY, FULL]];

/// Cooldown after a daily limit. Gmail lifts the limit within a day and does not say when.
const DAILY_LIMIT_WAIT: Duration = Duration::from_secs(60 * 60);

/// Number of messages or drafts read concurrently. Each read costs 5 of a user's 6,000 units a minute, and Gmail limits
/// concurrency as well.
const MAX_CONCURRENT_READS: usize = 5;

/// True, for a field that is true by default.
fn yes() -> bool {
    true
}

/// Returns the Gmail web address of a message or thread.
fn web_link(message: &str) -> String {
    format!("https://mail.google.com/mail/u/0/#all/{message}")
}

/// Classifies Google's error body.
/// <https://developers.google.com/workspace/gmail/api/guides/handle-errors>
fn classify(reply: &JsonResponse) -> Option<Failure> {
    if reply.status.is_success() {
        return None;
    }
    let error = &reply.body["error"];
    let has_reason = |reason: &str| error_reasons(error).any(|actual| actual == reason);
    let message = error["message"].as_str().unwrap_or_default();
    let daily = has_reason("dailyLimitExceeded") || message.contains("(Mail sending)");
    let kind = match reply.status.as_u16() {
        401 => Kind::AuthExpired,
        403 if has_reason("insufficientPermissions") || has_reason("ACCESS_TOKEN_SCOPE_INSUFFICIENT") => {
            Kind::MissingScope
        }
        403 if daily || has_reason("rateLimitExceeded") || has_reason("userRateLimitExceeded") => Kind::RateLimited,
        429 => Kind::RateLimited,
        404 => Kind::NotFound,
        // A label of that name exists.
        409 => Kind::Conflict,
        500.. => Kind::Ambiguous,
        // A domain policy, a disabled API, a delegation: a new consent resolves none of them.
        403 => Kind::Forbidden,
        // An invalid message, or mail that is disabled.
        _ => Kind::Invalid,
    };
    let retry_after = retry_after(reply, message).or((daily && kind == Kind::RateLimited).then_some(DAILY_LIMIT_WAIT));
    Some(Failure { kind, message: error_message(reply, message), retry_after })
}

fn error_reasons(error: &Value) -> impl Iterator<Item = &str> {
    ["errors", "details"]
        .into_iter()
        .filter_map(|list| error[list].as_array())
        .flatten()
        .filter_map(|entry| entry["reason"].as_str())
}

fn error_message(reply: &JsonResponse, message: &str) -> String {
    let error = &reply.body["error"];
    let code = error_reasons(error).next().or_else(|| error["status"].as_str());
    match (code, message) {
        (Some(code), "") => code.to_owned(),
        (Some(code), message) => format!("{code}: {message}"),
        (None, "") => format!("HTTP {}", reply.status.as_u16()),
        (None, message) => message.to_owned(),
    }
}

/// Reads the wait from the error message. Gmail writes it there as an instant ("Retry after 2026-11-23T10:15:00.000Z") and sends
/// no header. The wait is measured from the response's `Date` header.
fn retry_after(reply: &JsonResponse, message: &str) -> Option<Duration> {
    let (_, wait) = message.split_once("Retry after ")?;
    let retry_at: Timestamp = wait.split_whitespace().next()?.trim_end_matches('.').parse().ok()?;
    let date = reply.headers.get(DATE)?.to_str().ok()?;
    let now = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    Duration::try_from(retry_at.duration_since(now)).ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::adapters::testing;

    fn google_error(status: u16, reason: &str, message: &str) -> JsonResponse {
        let errors = json!([{ "domain": "global", "reason": reason, "message": message }]);
        testing::json_response(status, json!({ "error": { "code": status, "message": message, "errors": errors } }))
    }

    #[test]
    fn classifies_every_documented_error() {
        let rows = [
            (401, "authError", Kind::AuthExpired),
            (403, "insufficientPermissions", Kind::MissingScope),
            (403, "rateLimitExceeded", Kind::RateLimited),
            (403, "userRateLimitExceeded", Kind::RateLimited),
            (403, "dailyLimitExceeded", Kind::RateLimited),
            (403, "domainPolicy", Kind::Forbidden),
            (403, "accessNotConfigured", Kind::Forbidden),
            (403, "somethingNew", Kind::Forbidden),
            (404, "notFound", Kind::NotFound),
            (409, "aborted", Kind::Conflict),
            (429, "rateLimitExceeded", Kind::RateLimited),
            (429, "userRateLimitExceeded", Kind::RateLimited),
            (400, "failedPrecondition", Kind::Invalid),
            (400, "badRequest", Kind::Invalid),
            (400, "invalidArgument", Kind::Invalid),
            (413, "uploadTooLarge", Kind::Invalid),
            (500, "backendError", Kind::Ambiguous),
            (502, "backendError", Kind::Ambiguous),
            (503, "backendError", Kind::Ambiguous),
            (504, "backendError", Kind::Ambiguous),
        ];
        for (status, reason, kind) in rows {
            let failure = classify(&google_error(status, reason, "Because.")).unwrap();
            assert_eq!(failure.kind, kind, "{status} {reason}");
            assert_eq!(failure.message, format!("{reason}: Because."));
        }
        assert!(classify(&testing::json_response(200, json!({ "id": "1" }))).is_none());
        assert_eq!(classify(&testing::json_response(502, Value::Null)).unwrap().message, "HTTP 502");
    }

    #[test]
    fn classifies_a_missing_scope_in_error_details() {
        let details = json!([{ "@type": "x", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT" }]);
        let body = json!({ "error": { "status": "PERMISSION_DENIED", "message": "No.", "details": details } });
        assert_eq!(classify(&testing::json_response(403, body)).unwrap().kind, Kind::MissingScope);
    }

    #[test]
    fn retry_after_is_the_instant_in_the_message_minus_the_date_header() {
        let mut reply =
            google_error(429, "rateLimitExceeded", "User-rate limit exceeded.  Retry after 2026-11-23T10:15:00.000Z");
        assert_eq!(classify(&reply).unwrap().retry_after, None);
        reply.headers.insert(DATE, HeaderValue::from_static("Mon, 23 Nov 2026 10:00:00 GMT"));
        assert_eq!(classify(&reply).unwrap().retry_after, Some(Duration::from_secs(900)));
    }

    #[test]
    fn daily_limit_waits_one_hour() {
        let sending = "User-rate limit exceeded. (Mail sending)";
        for reply in [google_error(403, "dailyLimitExceeded", "No."), google_error(429, "rateLimitExceeded", sending)] {
            assert_eq!(classify(&reply).unwrap().retry_after, Some(DAILY_LIMIT_WAIT));
        }
    }

    #[test]
    fn actions_and_fields_are_described() {
        testing::assert_actions_described(&ADAPTER);
    }
}
