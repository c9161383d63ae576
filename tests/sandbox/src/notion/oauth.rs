//! Notion's OAuth (<https://developers.notion.com/reference/create-a-token>): Basic client authentication and JSON bodies. Tokens
//! do not expire; each refresh replaces both.

use serde_json::{Value, json};

use super::seed::{WORKSPACE_NAME, person_id, person_name};
use super::{ErrorResponse, error, json_body};
use crate::fixtures::{CLIENT_SECRET, PEOPLE, clients, notion};
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::oauth::consent::{self, AuthorizationRequest};
use crate::oauth::{AccessToken, Grant, OAuthApp, TokenState};
use crate::sandbox::Tokens;
use crate::state::SandboxState;

const OAUTH_APP: OAuthApp =
    OAuthApp { provider: "notion", title: "Notion", client_id: clients::NOTION, issuer: None, accounts: &PEOPLE };

/// `GET /v1/oauth/authorize`: there are no scopes, the person selects pages; `owner=user` is required.
pub(crate) fn authorize(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    let redirect = consent::checked_redirect_uri(world, call, &OAUTH_APP)?;
    if call.query("response_type") != Some("code") {
        return Err(consent::error_page(&OAUTH_APP, "response_type must be code"));
    }
    if call.query("owner") != Some("user") {
        return Err(consent::error_page(&OAUTH_APP, "owner must be user"));
    }
    let ask = AuthorizationRequest {
        scopes: Vec::new(),
        user_scopes: Vec::new(),
        offline: true,
        challenge: None,
        login_hint: None,
    };
    consent::authorize(world, call, &OAUTH_APP, &redirect, ask)
}

/// `POST /v1/oauth/token`.
pub(crate) fn token(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    let body = authenticated_body(call)?;
    let reply = match body["grant_type"].as_str() {
        Some("authorization_code") => exchange_code(world, &body)?,
        Some("refresh_token") => refresh_token_grant(world, &body)?,
        _ => return Err(oauth_error(400, "unsupported_grant_type", "grant_type is missing or unknown.")),
    };
    Ok(ApiResponse::json(200, reply).header("cache-control", "no-store"))
}

/// Returns the JSON body of a request with valid client credentials.
fn authenticated_body(call: &ApiRequest) -> Result<Value, ErrorResponse> {
    match call.basic() {
        Some((id, secret)) if id == OAUTH_APP.client_id && secret == CLIENT_SECRET => {}
        _ => return Err(oauth_error(401, "invalid_client", "The client is unknown or its secret is wrong.")),
    }
    if !call.is_json() {
        return Err(error(400, "invalid_json", "The body must be JSON."));
    }
    json_body(call)
}

/// Builds Notion's error body plus the fields of RFC 6749, because these endpoints return both.
fn oauth_error(status: u16, code: &str, message: &str) -> ErrorResponse {
    let mut body = super::error_body(status, code, message);
    body["error"] = json!(code);
    body["error_description"] = json!(message);
    ApiResponse::json(status, body)
}

fn exchange_code(world: &mut SandboxState, body: &Value) -> Result<Value, ErrorResponse> {
    let now = world.clock.seconds();
    let code = body["code"].as_str().and_then(|value| world.notion.grants.consume_code(value, now));
    let code = code.ok_or_else(|| oauth_error(400, "invalid_grant", "The code is unknown, used or expired."))?;
    if body["redirect_uri"].as_str() != Some(code.redirect_uri.as_str()) {
        return Err(oauth_error(400, "invalid_grant", "redirect_uri is not the one of the authorization."));
    }
    Ok(issue_tokens(world, code.grant))
}

fn issue_tokens(world: &mut SandboxState, grant: Grant) -> Value {
    let number = world.notion.grants.add_grant(grant);
    let reply = issue_token_pair(world, number);
    record_token_effect(world, "token_issued", number, json!({"grant_type": "authorization_code"}));
    reply
}

/// Issues tokens for a grant; returns the response with the workspace's data.
fn issue_token_pair(world: &mut SandboxState, number: usize) -> Value {
    let access = format!("ntn_{}", world.entropy.token(36));
    let refresh = format!("nrt_{}", world.entropy.token(36));
    let request_id = world.entropy.uuid();
    let grants = &mut world.notion.grants;
    grants.add_access_token(
        access.clone(),
        AccessToken { grant: number, scopes: Vec::new(), expires_at: None, revoked: false },
    );
    grants.add_refresh_token(refresh.clone(), number, Vec::new());
    let email = grants.grant(number).account.clone();
    json!({
        "access_token": access, "token_type": "bearer", "refresh_token": refresh, "bot_id": notion::BOT,
        "workspace_id": notion::WORKSPACE, "workspace_name": WORKSPACE_NAME, "workspace_icon": null,
        "duplicated_template_id": null, "request_id": request_id,
        "owner": {"type": "user", "user": {
            "object": "user", "id": person_id(&email), "name": person_name(&email), "avatar_url": null, "type": "person",
            "person": {"email": email},
        }},
    })
}

fn refresh_token_grant(world: &mut SandboxState, body: &Value) -> Result<Value, ErrorResponse> {
    let dead = || oauth_error(400, "invalid_grant", "The refresh token is unknown, used or revoked.");
    let old = body["refresh_token"].as_str().ok_or_else(dead)?;
    let (number, _) = world.notion.grants.find_refresh_token(old).ok_or_else(dead)?;
    // Both tokens are replaced: a client that loses this response has lost the grant.
    world.notion.grants.revoke_grant(number);
    let reply = issue_token_pair(world, number);
    record_token_effect(world, "token_refreshed", number, json!({"grant_type": "refresh_token"}));
    Ok(reply)
}

/// `POST /v1/oauth/revoke`.
pub(crate) fn revoke(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    let body = authenticated_body(call)?;
    let token =
        body["token"].as_str().ok_or_else(|| error(400, "validation_error", "body.token should be a string."))?;
    // RFC 7009: an already revoked token is not an error.
    if let Some(number) = world.notion.grants.grant_of_token(token, world.clock.seconds()) {
        world.notion.grants.revoke_grant(number);
        record_token_effect(world, "token_revoked", number, json!({}));
    }
    Ok(ApiResponse::json(200, json!({"request_id": world.entropy.uuid()})))
}

/// `POST /v1/oauth/introspect`.
pub(crate) fn introspect(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    let body = authenticated_body(call)?;
    let live = body["token"].as_str().map(|token| world.notion.grants.token_state(token, world.clock.seconds()));
    let active = matches!(live, Some(TokenState::Valid { .. }));
    Ok(ApiResponse::json(200, json!({"active": active, "request_id": world.entropy.uuid()})))
}

/// Issues tokens without a consent.
pub(crate) fn issue(world: &mut SandboxState, grant: Grant) -> Tokens {
    Tokens::from_reply(&issue_tokens(world, grant))
}

fn record_token_effect(world: &mut SandboxState, kind: &str, number: usize, mut request: Value) {
    request["client_id"] = json!(OAUTH_APP.client_id);
    world.record_effect("notion", kind, &format!("grant-{}", number + 1), notion::WORKSPACE, request);
}
