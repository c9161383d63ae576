//! The workspace's people and the connection's bot (<https://developers.notion.com/reference/user>).

use serde_json::{Value, json};

use super::seed::{person_id, person_name};
use super::{add_envelope, check_access, not_found, paging_from_query, path_id, reject_unknown_parameters};
use crate::fixtures;
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::oauth::Grant;
use crate::state::SandboxState;

pub(crate) const BOT_NAME: &str = "Sandbox connection";

/// `GET /v1/users`.
pub(crate) fn list(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    reject_unknown_parameters(request, &["start_cursor", "page_size"])?;
    let people = state.notion.members.iter().map(|email| person_json(email));
    let all = people.chain([bot_json(state)]).collect();
    Ok(ApiResponse::json(200, super::list_response(state, all, &paging_from_query(request)?, "user")?))
}

/// `GET /v1/users/me` (<https://developers.notion.com/reference/get-self>): the bot of the token, whose id is the `bot_id` of the
/// token's response. It names the person who authorized it
/// (<https://developers.notion.com/changelog/retrieve-information-about-your-token>).
pub(crate) fn me(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    let mut shown = bot_json(state);
    add_envelope(state, request, &mut shown);
    Ok(ApiResponse::json(200, shown))
}

/// Returns a person of a property as pages show them: whole, if the sandbox knows the id.
pub(crate) fn whole(sent: &Value) -> Value {
    let known = [fixtures::ALEX, fixtures::SAM, fixtures::KIM].into_iter().find(|email| sent["id"] == person_id(email));
    known.map_or_else(|| json!({"object": "user", "id": sent["id"]}), person_json)
}

/// `GET /v1/users/{id}` (<https://developers.notion.com/reference/get-user>).
pub(crate) fn get(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    let id = path_id(request)?;
    let person = state.notion.members.iter().find(|email| person_id(email) == id).map(|email| person_json(email));
    let bot = || (state.notion.connection.bot == id).then(|| bot_json(state));
    let mut shown = person.or_else(bot).ok_or_else(|| not_found("user", &id))?;
    add_envelope(state, request, &mut shown);
    Ok(ApiResponse::json(200, shown))
}

fn person_json(email: &str) -> Value {
    json!({
        "object": "user", "id": person_id(email), "type": "person", "name": person_name(email), "avatar_url": null,
        "person": {"email": email},
    })
}

/// Builds the owner of a connection: the person who consented, or the workspace.
pub(crate) fn owner_json(grant: &Grant) -> Value {
    if grant.owned_by_workspace {
        json!({"type": "workspace", "workspace": true})
    } else {
        json!({"type": "user", "user": person_json(&grant.account)})
    }
}

/// Builds the bot of the request's connection.
fn bot_json(state: &SandboxState) -> Value {
    let notion = &state.notion;
    json!({
        "object": "user", "id": notion.connection.bot, "type": "bot", "name": BOT_NAME, "avatar_url": null,
        "bot": {
            "owner": owner_json(&notion.connection), "workspace_id": notion.id, "workspace_name": notion.name,
            "workspace_limits": {"max_file_upload_size_in_bytes": state.strangeness.notion.max_file_bytes()},
        },
    })
}
