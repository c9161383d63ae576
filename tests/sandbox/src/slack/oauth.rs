//! Slack's OAuth (<https://docs.slack.dev/authentication/installing-with-oauth>) for an app with token rotation
//! (<https://docs.slack.dev/authentication/using-token-rotation>). The HTTP status is always 200.
//!
//! An app has one bot in a workspace, whoever installs it: "bot token per workspace, user token per user"
//! (<https://github.com/slackapi/bolt-python/issues/410>). What ends whose tokens, by the page on token rotation:
//!
//! * An installation by a second person issues further tokens for the same bot. No document says that it ends the first
//!   person's, and `oauth.v2.access` "will not immediately invalidate your existing access token"; so both work.
//! * `auth.revoke` "will revoke a single token (a refresh token, a bot access token that expires, or a user access token that
//!   expires) without changing the underlying installation". The refresh token beside it stays valid, and so do the tokens of
//!   other installers. Only without rotation does it end the authorization of the whole workspace.
//! * `apps.uninstall`, and a removal in the workspace, ends all tokens of the installation, those of every person.
//! * "A limit of 2 active tokens" holds for tokens that are refreshed before they expire: the oldest is revoked.

use serde_json::{Value, json};

use super::team::{self, Team};
use super::{Caller, args::Arguments, slack_error};
use crate::fixtures::{ALEX, CLIENT_SECRET, KIM, PEOPLE, clients, slack};
use crate::http::{ApiRequest, ApiResponse, Credentials, HandlerResult};
use crate::oauth::consent::{self, AuthorizationRequest};
use crate::oauth::{Grant, OAuthApp, RefreshableGrant, Workspace};
use crate::sandbox::Tokens;
use crate::state::SandboxState;

/// Twelve hours.
const ACCESS_TOKEN_LIFETIME_SECONDS: i64 = 43_200;

/// The maximum number of valid access tokens of one chain of refreshes.
const MAX_ACTIVE_TOKENS: usize = 2;

/// `team` is Slack's own parameter: the workspace that the client suggests.
pub(crate) const OAUTH_APP: OAuthApp = OAuthApp {
    provider: "slack",
    title: "Slack",
    client_id: clients::SLACK,
    issuer: None,
    accounts: &PEOPLE,
    workspaces: &[
        Workspace { id: team::WORKS.id, name: team::WORKS.name, members: &PEOPLE },
        Workspace { id: team::PARTNERS.id, name: team::PARTNERS.name, members: &[ALEX, KIM] },
    ],
    workspace_parameter: "team",
    fixed_scopes: &[],
};

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
        AuthorizationRequest { scopes, user_scopes, ..AuthorizationRequest::default() },
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

/// Installs the app for a grant; returns the response (<https://docs.slack.dev/reference/methods/oauth.v2.access>). The bot's
/// token is at the top, the person's in `authed_user`; each is left out if none of its scopes was granted.
fn issue_tokens(state: &mut SandboxState, grant: Grant) -> Value {
    let (scopes, user_scopes) = (grant.scopes.clone(), grant.user_scopes.clone());
    let team = state.slack.select(&grant.workspace);
    state.slack.installed = true;
    let mut authed_user = json!({"id": team.user_id(&grant.account)});
    let number = state.slack.grants.add_grant(grant);
    let mut reply = json!({"ok": true});
    if !scopes.is_empty() {
        merge_into(&mut reply, issue_token_pair(state, number, &scopes, false));
        reply["bot_user_id"] = json!(team.bot_user);
    }
    if !user_scopes.is_empty() {
        merge_into(&mut authed_user, issue_token_pair(state, number, &user_scopes, true));
    }
    merge_into(&mut reply, installation(team, state.strangeness.slack.is_organization));
    reply["authed_user"] = authed_user;
    let all = json!({"scope": scopes.join(","), "user_scope": user_scopes.join(",")});
    state.record_grant_effect(&OAUTH_APP, "token_issued", number, all);
    reply
}

/// Issues an access token and its refresh token, for the bot or for the person.
fn issue_token_pair(state: &mut SandboxState, number: usize, scopes: &[String], for_user: bool) -> Value {
    // The letter after the prefix identifies the token's owner on refresh.
    let (prefix, letter, kind) = if for_user { (USER_TOKEN_PREFIX, "U", "user") } else { ("xoxe.xoxb-", "B", "bot") };
    let access = format!("{prefix}1-{}", state.entropy.token(48));
    let refresh = format!("{REFRESH_TOKEN_PREFIX}{letter}{}", state.entropy.token(48));
    let expires_at = Some(state.clock.seconds() + ACCESS_TOKEN_LIFETIME_SECONDS);
    let grants = &mut state.slack.grants;
    grants.add_access_token(access.clone(), number, scopes, expires_at);
    grants.add_refresh_token(refresh.clone(), number, scopes);
    json!({
        "access_token": access, "refresh_token": refresh, "expires_in": ACCESS_TOKEN_LIFETIME_SECONDS, "token_type": kind,
        "scope": scopes.join(","),
    })
}

const REFRESH_TOKEN_PREFIX: &str = "xoxe-1-";
const USER_TOKEN_PREFIX: &str = "xoxe.xoxp-";

/// True if an access token is a person's, not the bot's.
pub(super) fn is_user_token(token: &str) -> bool {
    token.starts_with(USER_TOKEN_PREFIX)
}

fn is_refresh_token_of_user(token: &str) -> bool {
    token.strip_prefix(REFRESH_TOKEN_PREFIX).is_some_and(|rest| rest.starts_with('U'))
}

fn installation(team: &Team, is_organization: bool) -> Value {
    let enterprise = is_organization.then(|| json!({"id": "E0SANDBOX01", "name": "Sandbox Group"}));
    json!({
        "app_id": slack::APP,
        "team": {"id": team.id, "name": team.name},
        "enterprise": enterprise,
        "is_enterprise_install": false,
    })
}

fn refresh_token_grant(state: &mut SandboxState, args: &Arguments) -> Result<Value, Value> {
    let old = args.text("refresh_token").ok_or_else(|| slack_error("invalid_refresh_token"))?;
    let RefreshableGrant { number, scopes } =
        state.slack.grants.find_refresh_token(&old).ok_or_else(|| slack_error("invalid_refresh_token"))?;
    // Refresh tokens are single-use: a client that loses this response has lost the grant. Slack's short grace period is left
    // out, so that no client depends on it.
    state.slack.grants.revoke_token(&old);
    let for_user = is_refresh_token_of_user(&old);
    let mut reply = json!({"ok": true});
    merge_into(&mut reply, issue_token_pair(state, number, &scopes, for_user));
    let is_same_chain = |token: &str, grant: usize| grant == number && is_user_token(token) == for_user;
    state.slack.grants.limit_access_tokens(MAX_ACTIVE_TOKENS, state.clock.seconds(), is_same_chain);
    let Grant { account, workspace, .. } = state.slack.grants.grant(number).clone();
    let team = state.slack.select(&workspace);
    if for_user {
        reply["user_id"] = json!(team.user_id(&account));
    } else {
        reply["bot_user_id"] = json!(team.bot_user);
    }
    merge_into(&mut reply, installation(team, state.strangeness.slack.is_organization));
    state.record_grant_effect(&OAUTH_APP, "token_refreshed", number, json!({"grant_type": "refresh_token"}));
    Ok(reply)
}

/// Returns the caller of `auth.revoke` who presents a refresh token.
pub(super) fn owner_of_refresh_token(state: &mut SandboxState, token: String) -> Result<Caller, Value> {
    let found = state.slack.grants.find_refresh_token(&token).ok_or_else(|| slack_error("invalid_auth"))?;
    let Grant { account, workspace, .. } = state.slack.grants.grant(found.number).clone();
    let team = state.slack.select(&workspace);
    let user = if is_refresh_token_of_user(&token) { team.user_id(&account) } else { team.bot_user }.to_owned();
    Ok(Caller { token, team, user, scopes: found.scopes })
}

/// `auth.revoke`: revokes the presented token only, which may be a refresh token.
pub(crate) fn revoke(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    if args.flag("test") {
        return Ok(json!({"revoked": false}));
    }
    let now = state.clock.seconds();
    let number = state.slack.grants.grant_of_token(&caller.token, now).ok_or_else(|| slack_error("invalid_auth"))?;
    state.slack.grants.revoke_token(&caller.token);
    state.record_grant_effect(&OAUTH_APP, "token_revoked", number, json!({}));
    Ok(json!({"revoked": true}))
}

/// `apps.uninstall` (<https://docs.slack.dev/reference/methods/apps.uninstall>): a bot is not allowed to.
pub(crate) fn uninstall(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    if args.text("client_id").as_deref() != Some(OAUTH_APP.client_id) {
        return Err(slack_error("invalid_client_id"));
    }
    if args.text("client_secret").as_deref() != Some(CLIENT_SECRET) {
        return Err(slack_error("bad_client_secret"));
    }
    if caller.is_bot() {
        return Err(slack_error("no_permission"));
    }
    uninstall_from(state, caller.team.id);
    let effect = json!({"client_id": OAUTH_APP.client_id});
    state.record_effect("slack", "app_uninstalled", slack::APP, caller.team.id, effect);
    Ok(json!({"uninstalled": true}))
}

/// Removes the app from a workspace and ends all of its tokens there; returns the number of grants.
pub(crate) fn uninstall_from(state: &mut SandboxState, team: &str) -> usize {
    state.slack.select(team);
    state.slack.remove_app();
    state.slack.grants.revoke_workspace(team)
}

/// Ends the tokens of all persons, as each can for their own; the bot's stay valid.
pub(crate) fn revoke_user_tokens(state: &mut SandboxState) {
    state.slack.grants.revoke_tokens(|token| is_user_token(token) || is_refresh_token_of_user(token));
}

/// Issues tokens without a consent: the bot's, or the person's if only user scopes are granted.
pub(crate) fn issue(state: &mut SandboxState, grant: Grant) -> Tokens {
    let for_person = grant.scopes.is_empty() && !grant.user_scopes.is_empty();
    let reply = issue_tokens(state, grant);
    Tokens::from_reply(if for_person { &reply["authed_user"] } else { &reply })
}

fn merge_into(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}
