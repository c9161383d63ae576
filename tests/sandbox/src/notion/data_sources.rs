//! Data sources, queries and search
//! (<https://developers.notion.com/reference/query-a-data-source>).

use serde_json::{Value, json};

use super::model::{DataSource, Page};
use super::property_schemas::{self, Changed};
use super::{
    add_envelope, check_access, filter, is_listed, json_body, list_response, not_found, pages, path_id,
    reject_unknown_fields, reject_unknown_parameters, text, validation_error,
};
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// `GET /v1/data_sources/{id}`.
pub(crate) fn data_source(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    let id = path_id(request)?;
    let mut shown = state.notion.data_source(&id).ok_or_else(|| not_found("data source", &id))?.to_json();
    add_envelope(state, request, &mut shown);
    Ok(ApiResponse::json(200, shown))
}

/// `PATCH /v1/data_sources/{id}` (<https://developers.notion.com/reference/update-a-data-source>): changes the schema and the title.
pub(crate) fn update_data_source(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    let (id, body) = (path_id(request)?, json_body(request)?);
    reject_unknown_fields(&body, &["title", "icon", "properties", "in_trash", "archived", "parent"])?;
    let title = match &body["title"] {
        Value::Null => None,
        pieces => Some(text::plain_text(&text::normalize(pieces, "body.title")?)),
    };
    let source = state.notion.data_source_mut(&id).ok_or_else(|| not_found("data source", &id))?;
    let changed = property_schemas::change(&source.properties, &body["properties"])?;
    source.title = title.unwrap_or_else(|| source.title.clone());
    apply(state, &id, &changed);
    state.record_effect("notion", "data_source_updated", &id, state.notion.id, body);
    data_source(state, request)
}

/// Changes the schema of a data source as a person does; false for an unknown one or an invalid change.
pub(crate) fn change_schema(state: &mut SandboxState, id: &str, properties: &Value) -> bool {
    let source = state.notion.data_source(id);
    let changed = source.and_then(|source| property_schemas::change(&source.properties, properties).ok());
    if let Some(changed) = &changed {
        apply(state, id, changed);
    }
    changed.is_some()
}

/// Applies a changed schema. Rows have every property of it; new ones are empty.
fn apply(state: &mut SandboxState, id: &str, changed: &Changed) {
    if let Some(source) = state.notion.data_source_mut(id) {
        source.properties.clone_from(&changed.schema);
    }
    for page in state.notion.pages.iter_mut().filter(|page| page.is_row_of(id)) {
        page.properties = property_schemas::changed_row(&page.properties, changed);
    }
}

/// `POST /v1/data_sources/{id}/query`.
pub(crate) fn query(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    let (id, body) = (path_id(request)?, json_body(request)?);
    reject_unknown_fields(&body, &["filter", "sorts", "start_cursor", "page_size", "in_trash", "result_type"])?;
    reject_unknown_parameters(request, &["filter_properties"])?;
    state.notion.data_source(&id).ok_or_else(|| not_found("data source", &id))?;
    let trashed = body["in_trash"] == json!(true);
    let mut rows: Vec<Page> = Vec::new();
    let listed = |page: &&Page| page.is_row_of(&id) && page.in_trash == trashed && is_listed(state, &page.id);
    filter::check_depth(&body["filter"])?;
    let today = filter::today(&state.clock);
    for page in state.notion.pages.iter().filter(listed) {
        if body["filter"].is_null() || filter::matches(page, &body["filter"], today)? {
            rows.push(page.clone());
        }
    }
    // The default order is newest first.
    rows.reverse();
    filter::sort_pages(&mut rows, &body["sorts"])?;
    let mut shown: Vec<Value> = rows.iter().map(Page::to_json).collect();
    for row in &mut shown {
        pages::filter_properties(request, row);
    }
    let status = state.strangeness.notion.limit_query(&mut shown);
    let mut reply = list_response(state, shown, &body, "page_or_data_source")?;
    if let Some(status) = status {
        reply["request_status"] = status;
    }
    Ok(ApiResponse::json(200, reply))
}

/// `POST /v1/search`: pages and data sources by title.
pub(crate) fn search(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    let body = json_body(request)?;
    reject_unknown_fields(&body, &["query", "filter", "sort", "start_cursor", "page_size"])?;
    let object_type = body["filter"]["value"].as_str();
    let of_object = body["filter"]["property"] == "object" && matches!(object_type, Some("page" | "data_source"));
    if !(body["filter"].is_null() || of_object) {
        return Err(validation_error("body.filter should be `page` or `data_source` of the property `object`."));
    }
    if !body["sort"].is_null() && body["sort"]["timestamp"] != "last_edited_time" {
        return Err(validation_error("body.sort.timestamp should be `last_edited_time`."));
    }
    let text = body["query"].as_str().unwrap_or("").to_lowercase();
    let hit = |title: &str| title.to_lowercase().contains(&text);
    let listed_page = |page: &&Page| !page.in_trash && hit(&page.title()) && is_listed(state, &page.id);
    let pages = state.notion.pages.iter().filter(listed_page).map(Page::to_json);
    let listed_source = |source: &&DataSource| hit(&source.title) && is_listed(state, &source.id);
    let sources = state.notion.data_sources.iter().filter(listed_source).map(DataSource::to_json);
    let mut found: Vec<Value> =
        pages.chain(sources).filter(|one| object_type.is_none_or(|kind| one["object"] == kind)).collect();
    let edited = |one: &Value| one["last_edited_time"].as_str().unwrap_or("").to_owned();
    found.sort_by_key(|one| std::cmp::Reverse(edited(one)));
    if body["sort"]["direction"] == "ascending" {
        found.reverse();
    }
    Ok(ApiResponse::json(200, list_response(state, found, &body, "page_or_data_source")?))
}
