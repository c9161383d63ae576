//! The workspace's people and the connection's bot (<https://developers.notion.com/reference/user>).

use serde_json::{Value, json};

use super::seed::{WORKSPACE_NAME, person_id, person_name};
use super::{add_envelope, check_access, paging_from_query, reject_unknown_parameters};
use crate::fixtures::{self, notion};
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

pub(crate) const BOT_NAME: &str = "Sandbox connection";

/// `GET /v1/users`.
pub(crate) fn list(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    reject_unknown_parameters(request, &["start_cursor", "page_size"])?;
    let people = [fixtures::ALEX, fixtures::SAM, fixtures::KIM].map(person_json);
    let all = people.into_iter().chain([bot_json()]).collect();
    Ok(ApiResponse::json(200, super::list_response(state, all, &paging_from_query(request)?, "user")?))
}

/// `GET /v1/users/me`: the bot.
pub(crate) fn me(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    let mut shown = bot_json();
    add_envelope(state, request, &mut shown);
    Ok(ApiResponse::json(200, shown))
}

fn person_json(email: &str) -> Value {
    json!({
        "object": "user", "id": person_id(email), "type": "person", "name": person_name(email), "avatar_url": null,
        "person": {"email": email},
    })
}

fn bot_json() -> Value {
    json!({
        "object": "user", "id": notion::BOT, "type": "bot", "name": BOT_NAME, "avatar_url": null,
        "bot": {"owner": {"type": "workspace", "workspace": true}, "workspace_id": notion::WORKSPACE,
                "workspace_name": WORKSPACE_NAME},
    })
}
