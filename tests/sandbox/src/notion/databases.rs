//! Databases (<https://developers.notion.com/reference/create-database>).

use serde_json::{Map, Value, json};

use super::model::{Block, DataSource, Database, canonical_uuid};
use super::{
    ErrorResponse, add_envelope, check_access, creation_time, json_body, not_found, path_id, property_schemas,
    reject_unknown_fields, text, validation_error,
};
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// `GET /v1/databases/{id}`.
pub(crate) fn get(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    let id = path_id(request)?;
    database_response(state, request, &id)
}

fn database_response(state: &mut SandboxState, request: &ApiRequest, id: &str) -> HandlerResult {
    let found = state.notion.databases.iter().find(|database| database.id == id);
    let mut shown = found.ok_or_else(|| not_found("database", id))?.to_json(&state.notion.data_sources);
    add_envelope(state, request, &mut shown);
    Ok(ApiResponse::json(200, shown))
}

/// `POST /v1/databases`: creates a database with its first data source on a page.
pub(crate) fn create(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    let body = json_body(request)?;
    reject_unknown_fields(
        &body,
        &["parent", "title", "description", "is_inline", "initial_data_source", "icon", "cover"],
    )?;
    let parent = resolve_parent(state, &body["parent"])?;
    let rich = |field: &str| match &body[field] {
        Value::Null => Ok(json!([])),
        pieces => text::normalize(pieces, &format!("body.{field}")),
    };
    let (title, description) = (text::plain_text(&rich("title")?), rich("description")?);
    let schema = schema_from(&body["initial_data_source"])?;
    let (id, source) = (state.entropy.uuid(), state.entropy.uuid());
    let created_by = state.notion.connection.bot.clone();
    let created = creation_time(state, &source);
    creation_time(state, &id);
    state.notion.databases.push(Database {
        id: id.clone(),
        title: title.clone(),
        description,
        icon: body["icon"].clone(),
        parent: parent.clone(),
        is_inline: body["is_inline"] == json!(true),
        in_trash: false,
        created: created.clone(),
    });
    state.notion.data_sources.push(DataSource {
        id: source,
        database: id.clone(),
        database_parent: parent.clone(),
        title: title.clone(),
        properties: schema,
        created_by: created_by.clone(),
        created: created.clone(),
    });
    let page = parent["page_id"].as_str().unwrap_or("").to_owned();
    let end = state.notion.children_of(&page).map_or(0, <[String]>::len);
    state.notion.insert_children(&page, end, std::slice::from_ref(&id), &created);
    state.notion.blocks.push(Block {
        id: id.clone(),
        parent,
        block_type: "child_database".to_owned(),
        content: json!({"title": title}),
        in_trash: false,
        created_by,
        created,
        children: Vec::new(),
    });
    state.record_effect("notion", "database_created", &id, state.notion.id, body);
    database_response(state, request, &id)
}

/// `PATCH /v1/databases/{id}` (<https://developers.notion.com/reference/update-database>): changes title, description and
/// trash. The names of its data sources stay.
pub(crate) fn update(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    let (id, body) = (path_id(request)?, json_body(request)?);
    reject_unknown_fields(
        &body,
        &["parent", "title", "description", "is_inline", "icon", "cover", "in_trash", "is_locked"],
    )?;
    let title = match &body["title"] {
        Value::Null => None,
        pieces => Some(text::plain_text(&text::normalize(pieces, "body.title")?)),
    };
    let description = match &body["description"] {
        Value::Null => None,
        pieces => Some(text::normalize(pieces, "body.description")?),
    };
    let database = state.notion.databases.iter_mut().find(|database| database.id == id);
    let database = database.ok_or_else(|| not_found("database", &id))?;
    if let Some(in_trash) = body["in_trash"].as_bool() {
        database.in_trash = in_trash;
    }
    if let Some(title) = &title {
        database.title.clone_from(title);
    }
    if let Some(description) = description {
        database.description = description;
    }
    let (title, in_trash) = (database.title.clone(), database.in_trash);
    if let Some(block) = state.notion.block_mut(&id) {
        block.in_trash = in_trash;
        block.content = json!({"title": title});
    }
    state.record_effect("notion", "database_updated", &id, state.notion.id, body);
    database_response(state, request, &id)
}

fn resolve_parent(state: &SandboxState, sent: &Value) -> Result<Value, ErrorResponse> {
    let wrong = || validation_error("body.parent should name a page by `type` and `page_id`.");
    let id = sent["page_id"].as_str().filter(|_| sent["type"] == "page_id").ok_or_else(wrong)?;
    let id = canonical_uuid(id).ok_or_else(wrong)?;
    let page = state.notion.page(&id).ok_or_else(|| not_found("page", &id))?;
    super::pages::require_not_trashed(page)?;
    Ok(json!({"type": "page_id", "page_id": id}))
}

/// Builds the schema of a first data source, which must have exactly one title.
fn schema_from(sent: &Value) -> Result<Map<String, Value>, ErrorResponse> {
    let mut schema = Map::new();
    for (name, property) in sent["properties"].as_object().into_iter().flatten() {
        let shown = if property["title"].is_object() {
            json!({"id": "title", "name": name, "type": "title", "description": null, "title": {}})
        } else {
            property_schemas::property_schema(name, property)?
        };
        schema.insert(name.clone(), shown);
    }
    let titles = schema.values().filter(|property| property["type"] == "title").count();
    if titles == 1 {
        Ok(schema)
    } else {
        Err(validation_error("A data source should have exactly one title property."))
    }
}
