//! Databases (<https://developers.notion.com/reference/create-database>).

use serde_json::{Map, Value, json};

use super::model::{Block, DataSource, Database, canonical_uuid};
use super::{
    ErrorResponse, add_envelope, check_access, json_body, not_found, path_id, properties, reject_unknown_fields, text,
    validation_error,
};
use crate::fixtures::notion;
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// `GET /v1/databases/{id}`.
pub(crate) fn get(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    check_access(world, call)?;
    let id = path_id(call)?;
    database_response(world, call, &id)
}

fn database_response(world: &mut SandboxState, call: &ApiRequest, id: &str) -> HandlerResult {
    let found = world.notion.databases.iter().find(|database| database.id == id);
    let mut shown = found.ok_or_else(|| not_found("database", id))?.to_json(&world.notion.data_sources);
    add_envelope(world, call, &mut shown);
    Ok(ApiResponse::json(200, shown))
}

/// `POST /v1/databases`: creates a database with its first data source on a page.
pub(crate) fn create(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    check_access(world, call)?;
    let body = json_body(call)?;
    reject_unknown_fields(
        &body,
        &["parent", "title", "description", "is_inline", "initial_data_source", "icon", "cover"],
    )?;
    let parent = resolve_parent(world, &body["parent"])?;
    let rich = |field: &str| match &body[field] {
        Value::Null => Ok(json!([])),
        given => text::normalize(given, &format!("body.{field}")),
    };
    let (title, description) = (text::plain_text(&rich("title")?), rich("description")?);
    let schema = schema_from(&body["initial_data_source"])?;
    let (id, source) = (world.entropy.uuid(), world.entropy.uuid());
    let created = world.clock.rfc3339();
    world.notion.databases.push(Database {
        id: id.clone(),
        title: title.clone(),
        description,
        icon: body["icon"].clone(),
        parent: parent.clone(),
        is_inline: body["is_inline"] == json!(true),
        created: created.clone(),
    });
    world.notion.data_sources.push(DataSource {
        id: source,
        database: id.clone(),
        database_parent: parent.clone(),
        title: title.clone(),
        properties: schema,
        created: created.clone(),
    });
    let page = parent["page_id"].as_str().unwrap_or("").to_owned();
    let end = world.notion.children_of(&page).map_or(0, <[String]>::len);
    world.notion.insert_children(&page, end, std::slice::from_ref(&id), &created);
    world.notion.blocks.push(Block {
        id: id.clone(),
        parent,
        block_type: "child_database".to_owned(),
        content: json!({"title": title}),
        in_trash: false,
        created,
        children: Vec::new(),
    });
    world.record_effect("notion", "database_created", &id, notion::WORKSPACE, body);
    database_response(world, call, &id)
}

fn resolve_parent(world: &SandboxState, sent: &Value) -> Result<Value, ErrorResponse> {
    let wrong = || validation_error("body.parent should name a page by `type` and `page_id`.");
    let id = sent["page_id"].as_str().filter(|_| sent["type"] == "page_id").ok_or_else(wrong)?;
    let id = canonical_uuid(id).ok_or_else(wrong)?;
    let page = world.notion.page(&id).ok_or_else(|| not_found("page", &id))?;
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
            properties::property_schema(name, property)?
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
