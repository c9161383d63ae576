//! Slack's OAuth (<https://docs.slack.dev/authentication/installing-with-oauth>) for an app with token rotation
//! (<https://docs.slack.dev/authentication/using-token-rotation>). The HTTP status is always 200.

use serde_json::{Value, json};

use super::{Caller, args::Arguments, slack_error};
use crate::fixtures::{CLIENT_SECRET, PEOPLE, clients, slack};
use crate::http::{ApiRequest, ApiResponse, Credentials, HandlerResult};
use crate::oauth::consent::{self, AuthorizationRequest};
use crate::oauth::{AccessToken, Grant, OAuthApp, RefreshableGrant};
use crate::sandbox::Tokens;
use crate::state::SandboxState;

/// Twelve hours.
const ACCESS_TOKEN_LIFETIME_SECONDS: i64 = 43_200;

const OAUTH_APP: OAuthApp =
    OAuthApp { provider: "slack", title: "Slack", client_id: clients::SLACK, issuer: None, accounts: &PEOPLE };

const SCOPES: [&str; 44] = [
    "app_mentions:read",
    "assistant:write",
    "bookmarks:read",
    "bookmarks:write",
    "channels:history",
    "channels:join",
    "channels:manage",
    "channels:read",
    "channels:write",
    "channels:write.invites",
    "chat:write",
    "chat:write.customize",
    "chat:write.public",
    "commands",
    "dnd:read",
    "emoji:read",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "groups:write",
    "groups:write.invites",
    "identity.basic",
    "identity.email",
    "im:history",
    "im:read",
    "im:write",
    "incoming-webhook",
    "metadata.message:read",
    "mpim:history",
    "mpim:read",
    "mpim:write",
    "pins:read",
    "pins:write",
    "reactions:read",
    "reactions:write",
    "reminders:read",
    "reminders:write",
    "search:read",
    "team:read",
    "users.profile:read",
    "users.profile:write",
    "users:read",
    "users:read.email",
];

/// `GET /oauth/v2/authorize`. Scopes are separated by commas; PKCE is not enabled for the sandbox's app.
pub(crate) fn authorize(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let redirect = consent::checked_redirect_uri(state, request, &OAUTH_APP)?;
    let list = |name: &str| -> Vec<String> {
        let text = request.query(name).unwrap_or("");
        text.split([',', ' ']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
    };
    let (scopes, user_scopes) = (list("scope"), list("user_scope"));
    if scopes.is_empty() && user_scopes.is_empty() {
        return Err(consent::error_page(&OAUTH_APP, "no_scopes: ask for at least one"));
    }
    if let Some(unknown) = scopes.iter().chain(&user_scopes).find(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err(consent::error_page(&OAUTH_APP, &format!("invalid_scope: {unknown}")));
    }
    consent::authorize(
        state,
        request,
        &OAUTH_APP,
        &redirect,
        AuthorizationRequest { scopes, user_scopes, offline: false, challenge: None, login_hint: None },
    )
}

/// `POST /api/oauth.v2.access`: code exchange and refresh. It accepts forms, not JSON.
pub(crate) fn access(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let reply = token_response(state, request).unwrap_or_else(|refusal| refusal);
    Ok(ApiResponse::json(200, reply).header("cache-control", "no-store"))
}

fn token_response(state: &mut SandboxState, request: &ApiRequest) -> Result<Value, Value> {
    let args = Arguments::read(request, false);
    let in_args = || {
        let secret = args.text("client_secret").unwrap_or_default();
        Some(Credentials { client_id: args.text("client_id")?, secret })
    };
    let credentials = request.basic().or_else(in_args).ok_or_else(|| slack_error("invalid_client_id"))?;
    if credentials.client_id != OAUTH_APP.client_id {
        return Err(slack_error("invalid_client_id"));
    }
    if credentials.secret != CLIENT_SECRET {
        return Err(slack_error("bad_client_secret"));
    }
    match args.text("grant_type").as_deref() {
        None | Some("authorization_code") => exchange_code(state, &args),
        Some("refresh_token") => refresh_token_grant(state, &args),
        Some(_) => Err(slack_error("invalid_grant_type")),
    }
}

fn exchange_code(state: &mut SandboxState, args: &Arguments) -> Result<Value, Value> {
    if args.text("code_verifier").is_some() {
        return Err(slack_error("pkce_not_allowed"));
    }
    let now = state.clock.seconds();
    let code = args.text("code").and_then(|value| state.slack.grants.consume_code(&value, now));
    let code = code.ok_or_else(|| slack_error("invalid_code"))?;
    if args.text("redirect_uri").as_deref() != Some(code.redirect_uri.as_str()) {
        return Err(slack_error("bad_redirect_uri"));
    }
    Ok(issue_tokens(state, code.grant))
}

fn issue_tokens(state: &mut SandboxState, grant: Grant) -> Value {
    let (scopes, user_scopes) = (grant.scopes.clone(), grant.user_scopes.clone());
    let mut authed_user = json!({"id": super::seed::user_id(&grant.account)});
    let number = state.slack.grants.add_grant(grant);
    let mut reply = json!({"ok": true});
    if !scopes.is_empty() {
        merge_into(&mut reply, issue_token_pair(state, number, &scopes, false));
        reply["bot_user_id"] = json!(slack::BOT_USER);
    }
    if !user_scopes.is_empty() {
        merge_into(&mut authed_user, issue_token_pair(state, number, &user_scopes, true));
    }
    merge_into(&mut reply, installation());
    reply["authed_user"] = authed_user;
    let all = json!({"scope": scopes.join(","), "user_scope": user_scopes.join(",")});
    record_token_effect(state, "token_issued", number, all);
    reply
}

/// Issues an access token and its refresh token, for the bot or for the person.
fn issue_token_pair(state: &mut SandboxState, number: usize, scopes: &[String], for_user: bool) -> Value {
    // The letter after the prefix identifies the token's owner on refresh.
    let (prefix, letter, kind) = if for_user { ("xoxe.xoxp-1-", "U", "user") } else { ("xoxe.xoxb-1-", "B", "bot") };
    let access = format!("{prefix}{}", state.entropy.token(48));
    let refresh = format!("{REFRESH_TOKEN_PREFIX}{letter}{}", state.entropy.token(48));
    let expires_at = Some(state.clock.seconds() + ACCESS_TOKEN_LIFETIME_SECONDS);
    let grants = &mut state.slack.grants;
    grants.add_access_token(
        access.clone(),
        AccessToken { grant: number, scopes: scopes.to_vec(), expires_at, revoked: false },
    );
    grants.add_refresh_token(refresh.clone(), number, scopes.to_vec());
    json!({
        "access_token": access, "refresh_token": refresh, "expires_in": ACCESS_TOKEN_LIFETIME_SECONDS, "token_type": kind,
        "scope": scopes.join(","),
    })
}

const REFRESH_TOKEN_PREFIX: &str = "xoxe-1-";

fn installation() -> Value {
    json!({
        "app_id": slack::APP,
        "team": {"id": slack::TEAM, "name": super::seed::TEAM_NAME},
        "enterprise": null,
        "is_enterprise_install": false,
    })
}

fn refresh_token_grant(state: &mut SandboxState, args: &Arguments) -> Result<Value, Value> {
    let old = args.text("refresh_token").ok_or_else(|| slack_error("invalid_refresh_token"))?;
    let RefreshableGrant { number, scopes } =
        state.slack.grants.find_refresh_token(&old).ok_or_else(|| slack_error("invalid_refresh_token"))?;
    // Refresh tokens are single-use: a client that loses this response has lost the grant.
    state.slack.grants.revoke_refresh_token(&old);
    let for_user = old.strip_prefix(REFRESH_TOKEN_PREFIX).is_some_and(|rest| rest.starts_with('U'));
    let mut reply = json!({"ok": true});
    merge_into(&mut reply, issue_token_pair(state, number, &scopes, for_user));
    if !for_user {
        reply["bot_user_id"] = json!(slack::BOT_USER);
    }
    merge_into(&mut reply, installation());
    record_token_effect(state, "token_refreshed", number, json!({"grant_type": "refresh_token"}));
    Ok(reply)
}

/// `auth.revoke`: revokes the caller's token only.
pub(crate) fn revoke(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    if args.flag("test") {
        return Ok(json!({"revoked": false}));
    }
    let now = state.clock.seconds();
    let number = state.slack.grants.grant_of_token(&caller.token, now).ok_or_else(|| slack_error("invalid_auth"))?;
    state.slack.grants.revoke_access_token(&caller.token, now);
    record_token_effect(state, "token_revoked", number, json!({}));
    Ok(json!({"revoked": true}))
}

/// Issues bot tokens without a consent.
pub(crate) fn issue(state: &mut SandboxState, grant: Grant) -> Tokens {
    Tokens::from_reply(&issue_tokens(state, grant))
}

fn merge_into(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

fn record_token_effect(state: &mut SandboxState, kind: &str, number: usize, mut request: Value) {
    request["client_id"] = json!(OAUTH_APP.client_id);
    state.record_effect("slack", kind, &format!("grant-{}", number + 1), slack::TEAM, request);
}
