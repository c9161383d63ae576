//! Notes, a provider that does not exist: OAuth as RFC 6749 has it and three calls, for the guide to an adapter of one's own.

mod oauth;

use axum::Router;
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::http::{Answer, Call, Reply, on, page};
use crate::oauth::{Grants, Live};
use crate::sandbox::Sandbox;
use crate::state::World;

pub(crate) use oauth::issue;

const LARGEST_PAGE: usize = 50;

/// Everybody's notes and the tokens.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) grants: Grants,
    notes: Vec<Note>,
}

struct Note {
    owner: String,
    json: Value,
}

/// Everything below `/notes`.
pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/oauth/authorize", get(on(oauth::authorize)))
        .route("/oauth/token", post(on(oauth::token)))
        .route("/oauth/revoke", post(on(oauth::revoke)))
        .route("/v1/notes", get(on(list)).post(on(create)))
        .fallback(on(|_, _| Err(error(404, "not_found"))))
}

fn error(status: u16, code: &str) -> Answer {
    Answer::json(status, json!({ "error": code }))
}

/// Whose token it is, when it works and holds `scope`.
fn access(world: &World, call: &Call, scope: &str) -> Result<String, Answer> {
    match call.bearer().map(|token| world.notes.grants.live(token, world.clock.seconds())) {
        Some(Live::Yes { account, scopes }) if scopes.iter().any(|held| held == scope) => Ok(account),
        Some(Live::Yes { .. }) => Err(error(403, "missing_scope")),
        _ => Err(error(401, "invalid_token")),
    }
}

/// `GET /v1/notes`: newest first; with `reference` those that carry it.
fn list(world: &mut World, call: &Call) -> Reply {
    let owner = access(world, call, "notes:read")?;
    if call.query.iter().any(|(name, _)| !["limit", "cursor", "reference"].contains(&name.as_str())) {
        return Err(error(400, "unknown_parameter"));
    }
    let number = |name: &str, most: usize| {
        let number = call.query(name).map_or(Some(0), |text| text.parse().ok()).filter(|number| *number <= most);
        number.ok_or_else(|| error(400, "invalid_parameter"))
    };
    let limit = match number("limit", LARGEST_PAGE)? {
        0 => LARGEST_PAGE,
        limit => limit,
    };
    let wanted = |note: &&Note| {
        note.owner == owner && call.query("reference").is_none_or(|reference| note.json["reference"] == reference)
    };
    let notes: Vec<Value> = world.notes.notes.iter().rev().filter(wanted).map(|note| note.json.clone()).collect();
    let (notes, next) = page(notes, number("cursor", usize::MAX)?, limit);
    Ok(Answer::json(200, json!({ "notes": notes, "next": next.map(|next| next.to_string()) })))
}

/// `POST /v1/notes`.
fn create(world: &mut World, call: &Call) -> Reply {
    let owner = access(world, call, "notes:write")?;
    let body = call.json().filter(Value::is_object).ok_or_else(|| error(400, "invalid_json"))?;
    let known = |name: &String| ["title", "text", "reference"].contains(&name.as_str());
    if !body.as_object().is_some_and(|fields| fields.keys().all(known) && fields.values().all(Value::is_string)) {
        return Err(error(400, "invalid_field"));
    }
    if body["title"].as_str().is_none_or(|title| title.is_empty() || title.len() > 200) {
        return Err(error(400, "invalid_title"));
    }
    let id = format!("note-{}", world.notes.notes.len() + 1);
    let mut shown = body.clone();
    shown["id"] = json!(id);
    shown["url"] = json!(format!("https://notes.example/{id}"));
    shown["created_at"] = json!(world.clock.rfc3339());
    world.notes.notes.push(Note { owner: owner.clone(), json: shown.clone() });
    world.record("notes", "note_created", &id, &owner, body);
    Ok(Answer::json(201, shown))
}
