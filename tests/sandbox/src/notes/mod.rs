//! Notes, a fictional provider for the guide to writing an adapter: OAuth by RFC 6749 and three API methods.

mod oauth;

use axum::Router;
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::http::{ApiRequest, ApiResponse, HandlerResult, handler, paginate};
use crate::oauth::{Grants, TokenState};
use crate::sandbox::Sandbox;
use crate::state::SandboxState;

pub(crate) use oauth::{OAUTH_APP, issue};

const MAX_PAGE_SIZE: usize = 50;

/// The notes of all users, and the tokens.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) grants: Grants,
    notes: Vec<Note>,
}

struct Note {
    owner: String,
    json: Value,
}

/// Routes below `/notes`.
pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/oauth/authorize", get(handler(oauth::authorize)))
        .route("/oauth/token", post(handler(oauth::token)))
        .route("/oauth/revoke", post(handler(oauth::revoke)))
        .route("/v1/me", get(handler(me)))
        .route("/v1/notes", get(handler(list)).post(handler(create)))
        .fallback(handler(|_, _| Err(error(404, "not_found"))))
}

fn error(status: u16, code: &str) -> ApiResponse {
    ApiResponse::json(status, json!({ "error": code }))
}

/// Returns the account of the request's token if the token is valid and has `scope`.
fn access(state: &mut SandboxState, request: &ApiRequest, scope: &str) -> Result<String, ApiResponse> {
    match request.bearer().map(|token| state.authenticate("notes", token)) {
        Some(TokenState::Valid { grant, scopes }) if scopes.iter().any(|held| held == scope) => Ok(grant.account),
        Some(TokenState::Valid { .. }) => Err(error(403, "missing_scope")),
        _ => Err(error(401, "invalid_token")),
    }
}

/// `GET /v1/me`: the token's own account, for any scope.
fn me(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    match request.bearer().map(|token| state.authenticate("notes", token)) {
        Some(TokenState::Valid { grant, .. }) => {
            Ok(ApiResponse::json(200, json!({ "id": format!("user-{}", grant.account), "email": grant.account })))
        }
        _ => Err(error(401, "invalid_token")),
    }
}

/// `GET /v1/notes`: newest first; with `reference` only the notes that have it.
fn list(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let owner = access(state, request, "notes:read")?;
    if request.query.iter().any(|(name, _)| !["limit", "cursor", "reference"].contains(&name.as_str())) {
        return Err(error(400, "unknown_parameter"));
    }
    let number = |name: &str, max: usize| {
        let number = request.query(name).map_or(Some(0), |text| text.parse().ok()).filter(|number| *number <= max);
        number.ok_or_else(|| error(400, "invalid_parameter"))
    };
    let limit = match number("limit", MAX_PAGE_SIZE)? {
        0 => MAX_PAGE_SIZE,
        limit => limit,
    };
    let matches = |note: &&Note| {
        note.owner == owner && request.query("reference").is_none_or(|reference| note.json["reference"] == reference)
    };
    let notes: Vec<Value> = state.notes.notes.iter().rev().filter(matches).map(|note| note.json.clone()).collect();
    let page = paginate(notes, number("cursor", usize::MAX)?, limit);
    Ok(ApiResponse::json(200, json!({ "notes": page.items, "next": page.next.map(|next| next.to_string()) })))
}

/// `POST /v1/notes`.
fn create(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let owner = access(state, request, "notes:write")?;
    let body = request.json().filter(Value::is_object).ok_or_else(|| error(400, "invalid_json"))?;
    let known = |name: &String| ["title", "text", "reference"].contains(&name.as_str());
    if !body.as_object().is_some_and(|fields| fields.keys().all(known) && fields.values().all(Value::is_string)) {
        return Err(error(400, "invalid_field"));
    }
    if body["title"].as_str().is_none_or(|title| title.is_empty() || title.len() > 200) {
        return Err(error(400, "invalid_title"));
    }
    let id = format!("note-{}", state.notes.notes.len() + 1);
    let mut shown = body.clone();
    shown["id"] = json!(id);
    shown["url"] = json!(format!("https://notes.example/{id}"));
    shown["created_at"] = json!(state.clock.rfc3339());
    state.notes.notes.push(Note { owner: owner.clone(), json: shown.clone() });
    state.record_effect("notes", "note_created", &id, &owner, body);
    Ok(ApiResponse::json(201, shown))
}
