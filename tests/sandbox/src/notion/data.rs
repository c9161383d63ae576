//! Databases, data sources, queries, search and the bot
//! (<https://developers.notion.com/reference/query-a-data-source>).

use serde_json::{Value, json};

use super::model::Page;
use super::world::WORKSPACE_NAME;
use super::{access, body, dress, filter, invalid, list, not_found, path_id, properties};
use crate::http::{Answer, Call, Reply};
use crate::state::World;
use crate::world::notion;

/// `GET /v1/databases/{id}`.
pub(crate) fn database(world: &mut World, call: &Call) -> Reply {
    access(world, call)?;
    let id = path_id(call)?;
    let found = world.notion.databases.iter().find(|database| database.id == id);
    let mut shown = found.ok_or_else(|| not_found("database", &id))?.show(&world.notion.data_sources);
    dress(world, call, &mut shown);
    Ok(Answer::json(200, shown))
}

/// `GET /v1/data_sources/{id}`.
pub(crate) fn data_source(world: &mut World, call: &Call) -> Reply {
    access(world, call)?;
    let id = path_id(call)?;
    let mut shown = world.notion.data_source(&id).ok_or_else(|| not_found("data source", &id))?.show();
    dress(world, call, &mut shown);
    Ok(Answer::json(200, shown))
}

/// `PATCH /v1/data_sources/{id}`: adds properties to the schema, or removes them by null.
pub(crate) fn update_data_source(world: &mut World, call: &Call) -> Reply {
    access(world, call)?;
    let (id, body) = (path_id(call)?, body(call)?);
    let source = world.notion.data_source_mut(&id).ok_or_else(|| not_found("data source", &id))?;
    let mut schema = source.properties.clone();
    for (name, sent) in body["properties"].as_object().into_iter().flatten() {
        if sent.is_null() {
            schema.remove(name);
        } else {
            schema.insert(name.clone(), properties::new_schema(name, sent)?);
        }
    }
    source.properties = schema.clone();
    // Rows show every property of the schema, new ones empty.
    for page in world.notion.pages.iter_mut().filter(|page| page.is_row_of(&id)) {
        let mut row = properties::for_row(&mut schema, &json!({}))?;
        for (name, value) in &page.properties {
            if row.contains_key(name) {
                row.insert(name.clone(), value.clone());
            }
        }
        page.properties = row;
    }
    world.record("notion", "data_source_updated", &id, notion::WORKSPACE, body);
    data_source(world, call)
}

/// `POST /v1/data_sources/{id}/query`.
pub(crate) fn query(world: &mut World, call: &Call) -> Reply {
    access(world, call)?;
    let (id, body) = (path_id(call)?, body(call)?);
    world.notion.data_source(&id).ok_or_else(|| not_found("data source", &id))?;
    let trashed = body["in_trash"] == json!(true);
    let mut rows: Vec<Page> = Vec::new();
    for page in world.notion.pages.iter().filter(|page| page.is_row_of(&id) && page.in_trash == trashed) {
        if body["filter"].is_null() || filter::passes(page, &body["filter"])? {
            rows.push(page.clone());
        }
    }
    // Newest first, unless sorted.
    rows.reverse();
    filter::sort(&mut rows, &body["sorts"])?;
    let shown = rows.iter().map(Page::show).collect();
    Ok(Answer::json(200, list(world, shown, &body, "page_or_data_source")?))
}

/// `POST /v1/search`: by title, pages and data sources.
pub(crate) fn search(world: &mut World, call: &Call) -> Reply {
    access(world, call)?;
    let body = body(call)?;
    let wanted = body["filter"]["value"].as_str();
    if wanted.is_some_and(|kind| !["page", "data_source"].contains(&kind)) {
        return Err(invalid("body.filter.value should be `page` or `data_source`."));
    }
    let text = body["query"].as_str().unwrap_or("").to_lowercase();
    let hit = |title: &str| title.to_lowercase().contains(&text);
    let pages = world.notion.pages.iter().filter(|page| !page.in_trash && hit(&page.title())).map(Page::show);
    let sources =
        world.notion.data_sources.iter().filter(|source| hit(&source.title)).map(super::model::DataSource::show);
    let mut found: Vec<Value> =
        pages.chain(sources).filter(|one| wanted.is_none_or(|kind| one["object"] == kind)).collect();
    let edited = |one: &Value| one["last_edited_time"].as_str().unwrap_or("").to_owned();
    found.sort_by_key(|one| std::cmp::Reverse(edited(one)));
    if body["sort"]["direction"] == "ascending" {
        found.reverse();
    }
    Ok(Answer::json(200, list(world, found, &body, "page_or_data_source")?))
}

/// `GET /v1/users/me`: the bot.
pub(crate) fn me(world: &mut World, call: &Call) -> Reply {
    access(world, call)?;
    let mut shown = json!({
        "object": "user", "id": notion::BOT, "type": "bot", "name": "Sandbox connection", "avatar_url": null,
        "bot": {"owner": {"type": "workspace", "workspace": true}, "workspace_id": notion::WORKSPACE,
                "workspace_name": WORKSPACE_NAME},
    });
    dress(world, call, &mut shown);
    Ok(Answer::json(200, shown))
}
