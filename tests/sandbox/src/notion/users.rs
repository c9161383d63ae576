//! The workspace's people and the connection's bot (<https://developers.notion.com/reference/user>).

use serde_json::{Value, json};

use super::seed::{WORKSPACE_NAME, person_id, person_name};
use super::{access, dress, only_query, paging};
use crate::http::{Answer, Call, Reply};
use crate::state::World;
use crate::fixtures::{self, notion};

pub(crate) const BOT_NAME: &str = "Sandbox connection";

/// `GET /v1/users`.
pub(crate) fn list(world: &mut World, call: &Call) -> Reply {
    access(world, call)?;
    only_query(call, &["start_cursor", "page_size"])?;
    let people = [fixtures::ALEX, fixtures::SAM, fixtures::KIM].map(person);
    let all = people.into_iter().chain([bot()]).collect();
    Ok(Answer::json(200, super::list(world, all, &paging(call)?, "user")?))
}

/// `GET /v1/users/me`: the bot.
pub(crate) fn me(world: &mut World, call: &Call) -> Reply {
    access(world, call)?;
    let mut shown = bot();
    dress(world, call, &mut shown);
    Ok(Answer::json(200, shown))
}

fn person(email: &str) -> Value {
    json!({
        "object": "user", "id": person_id(email), "type": "person", "name": person_name(email), "avatar_url": null,
        "person": {"email": email},
    })
}

fn bot() -> Value {
    json!({
        "object": "user", "id": notion::BOT, "type": "bot", "name": BOT_NAME, "avatar_url": null,
        "bot": {"owner": {"type": "workspace", "workspace": true}, "workspace_id": notion::WORKSPACE,
                "workspace_name": WORKSPACE_NAME},
    })
}
