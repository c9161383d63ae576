//! Notion's OAuth (<https://developers.notion.com/reference/create-a-token>): Basic client authentication and JSON bodies. Tokens
//! do not expire; each refresh replaces both.
//!
//! Each consent of a connection made since June 2026 issues a token pair of its own, also when the same person authorizes again;
//! older connections answer with the existing pair (<https://developers.notion.com/page/changelog>, 2026-06-08). `bot_id`
//! "identifies the Notion bot for the authorization" (<https://developers.notion.com/guides/get-started/authorization>), and is
//! unique for every token by
//! <https://developers.notion.com/changelog/space-level-integrations-will-be-deprecated-soon-migrate-your-oauth-flows>. So each
//! consent has another one here, and a client cannot take it for the account: that is the workspace and `owner.user.id`.
//! No document says that a consent or a revocation ends another grant, so each grant ends alone.

use serde_json::{Value, json};

use super::users::owner_json;
use super::{ErrorResponse, error, json_body};
use crate::fixtures::{ALEX, CLIENT_SECRET, KIM, PEOPLE, clients, notion};
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::oauth::consent::{self, AuthorizationRequest};
use crate::oauth::{Grant, OAuthApp, TokenState, Workspace};
use crate::sandbox::Tokens;
use crate::state::SandboxState;

pub(super) const WORKS: Workspace = Workspace { id: notion::WORKSPACE, name: "Sandbox Works", members: &PEOPLE };
pub(super) const PARTNERS: Workspace =
    Workspace { id: notion::WORKSPACE_2, name: "Sandbox Partners", members: &[ALEX, KIM] };

pub(crate) const OAUTH_APP: OAuthApp = OAuthApp {
    provider: "notion",
    title: "Notion",
    client_id: clients::NOTION,
    issuer: None,
    accounts: &PEOPLE,
    workspaces: &[WORKS, PARTNERS],
    workspace_parameter: "workspace",
    fixed_scopes: &[],
};

/// `GET /v1/oauth/authorize`: there are no scopes, the person selects pages; `owner=user` is required.
pub(crate) fn authorize(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let redirect = consent::checked_redirect_uri(state, request, &OAUTH_APP)?;
    if request.query("response_type") != Some("code") {
        return Err(consent::error_page(&OAUTH_APP, "response_type must be code"));
    }
    if request.query("owner") != Some("user") {
        return Err(consent::error_page(&OAUTH_APP, "owner must be user"));
    }
    let authorization = AuthorizationRequest { offline: true, ..AuthorizationRequest::default() };
    consent::authorize(state, request, &OAUTH_APP, &redirect, authorization)
}

/// `POST /v1/oauth/token`.
pub(crate) fn token(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let body = authenticated_body(request)?;
    let reply = match body["grant_type"].as_str() {
        Some("authorization_code") => exchange_code(state, &body)?,
        Some("refresh_token") => refresh_token_grant(state, &body)?,
        _ => return Err(oauth_error(400, "unsupported_grant_type", "grant_type is missing or unknown.")),
    };
    Ok(ApiResponse::json(200, reply).header("cache-control", "no-store"))
}

/// Returns the JSON body of a request with valid client credentials.
fn authenticated_body(request: &ApiRequest) -> Result<Value, ErrorResponse> {
    match request.basic() {
        Some(sent) if sent.client_id == OAUTH_APP.client_id && sent.secret == CLIENT_SECRET => {}
        _ => return Err(oauth_error(401, "invalid_client", "The client is unknown or its secret is wrong.")),
    }
    if !request.is_json() {
        return Err(error(400, "invalid_json", "The body must be JSON."));
    }
    json_body(request)
}

/// Builds Notion's error body plus the fields of RFC 6749, because these endpoints return both.
fn oauth_error(status: u16, code: &str, message: &str) -> ErrorResponse {
    let mut body = super::error_body(status, code, message);
    body["error"] = json!(code);
    body["error_description"] = json!(message);
    ApiResponse::json(status, body)
}

fn exchange_code(state: &mut SandboxState, body: &Value) -> Result<Value, ErrorResponse> {
    let now = state.clock.seconds();
    let code = body["code"].as_str().and_then(|value| state.notion.grants.consume_code(value, now));
    let code = code.ok_or_else(|| oauth_error(400, "invalid_grant", "The code is unknown, used or expired."))?;
    if body["redirect_uri"].as_str() != Some(code.redirect_uri.as_str()) {
        return Err(oauth_error(400, "invalid_grant", "redirect_uri is not the one of the authorization."));
    }
    Ok(issue_tokens(state, code.grant))
}

fn issue_tokens(state: &mut SandboxState, grant: Grant) -> Value {
    let bot = state.entropy.uuid();
    let number = state.notion.grants.add_grant(Grant { bot, ..grant });
    let reply = issue_token_pair(state, number);
    state.record_grant_effect(&OAUTH_APP, "token_issued", number, json!({"grant_type": "authorization_code"}));
    reply
}

/// Issues tokens for a grant; returns the response with the workspace's data.
fn issue_token_pair(state: &mut SandboxState, number: usize) -> Value {
    let access = format!("ntn_{}", state.entropy.token(36));
    let refresh = format!("nrt_{}", state.entropy.token(36));
    let request_id = state.entropy.uuid();
    let grants = &mut state.notion.grants;
    grants.add_access_token(access.clone(), number, &[], None);
    grants.add_refresh_token(refresh.clone(), number, &[]);
    let grant = state.notion.grants.grant(number).clone();
    state.notion.select(&grant.workspace);
    json!({
        "access_token": access, "token_type": "bearer", "refresh_token": refresh, "bot_id": grant.bot,
        "workspace_id": state.notion.id, "workspace_name": state.notion.name, "workspace_icon": null,
        "duplicated_template_id": null, "request_id": request_id, "owner": owner_json(&grant),
    })
}

fn refresh_token_grant(state: &mut SandboxState, body: &Value) -> Result<Value, ErrorResponse> {
    let invalid = || oauth_error(400, "invalid_grant", "The refresh token is unknown, used or revoked.");
    let old = body["refresh_token"].as_str().ok_or_else(invalid)?;
    let number = state.notion.grants.find_refresh_token(old).ok_or_else(invalid)?.number;
    // Both tokens are replaced: a client that loses this response has lost the grant.
    state.notion.grants.revoke_grant(number);
    let reply = issue_token_pair(state, number);
    state.record_grant_effect(&OAUTH_APP, "token_refreshed", number, json!({"grant_type": "refresh_token"}));
    Ok(reply)
}

/// `POST /v1/oauth/revoke` (<https://developers.notion.com/reference/revoke-token>): ends this grant.
pub(crate) fn revoke(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let body = authenticated_body(request)?;
    let token =
        body["token"].as_str().ok_or_else(|| error(400, "validation_error", "body.token should be a string."))?;
    // RFC 7009: an already revoked token is not an error.
    if let Some(number) = state.notion.grants.grant_of_token(token, state.clock.seconds()) {
        state.notion.grants.revoke_grant(number);
        state.record_grant_effect(&OAUTH_APP, "token_revoked", number, json!({}));
    }
    Ok(ApiResponse::json(200, json!({"request_id": state.entropy.uuid()})))
}

/// `POST /v1/oauth/introspect`.
pub(crate) fn introspect(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let body = authenticated_body(request)?;
    let live = body["token"].as_str().map(|token| state.notion.grants.token_state(token, state.clock.seconds()));
    let active = matches!(live, Some(TokenState::Valid { .. }));
    Ok(ApiResponse::json(200, json!({"active": active, "request_id": state.entropy.uuid()})))
}

/// Issues tokens without a consent.
pub(crate) fn issue(state: &mut SandboxState, grant: Grant) -> Tokens {
    Tokens::from_reply(&issue_tokens(state, grant))
}
