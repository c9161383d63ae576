//! Values of properties in responses: a page has at most 25 references of each
//! (<https://developers.notion.com/reference/retrieve-a-page#limits>), and one property is read whole by itself
//! (<https://developers.notion.com/reference/retrieve-a-page-property>).

use serde_json::{Value, json};

use super::property_schemas::is_named;
use super::{check_access, list_response, not_found, paging_from_query, path_id, reject_unknown_parameters};
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// The maximum number of references of a property in a page.
const MAX_REFERENCES: usize = 25;

/// The types whose items are listed.
const LISTED: [&str; 4] = ["title", "rich_text", "relation", "people"];

/// Returns a property as a page shows it.
pub(crate) fn shown(property: &Value) -> Value {
    let mut shown = property.clone();
    let kind = property["type"].as_str().unwrap_or_default();
    let items = property[kind].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut references = 0;
    let is_within = |item: &&Value| {
        references += usize::from(matches!(kind, "relation" | "people") || item["type"] == "mention");
        references <= MAX_REFERENCES
    };
    if LISTED.contains(&kind) {
        shown[kind] = items.iter().take_while(is_within).cloned().collect();
    }
    if kind == "relation" {
        shown["has_more"] = json!(items.len() > MAX_REFERENCES);
    }
    shown
}

/// `GET /v1/pages/{id}/properties/{property}`.
pub(crate) fn get(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    reject_unknown_parameters(request, &["start_cursor", "page_size"])?;
    let (id, key) = (path_id(request)?, request.path_param("property"));
    let page = state.notion.page(&id).ok_or_else(|| not_found("page", &id))?;
    let found = page.properties.iter().find(|(name, property)| is_named(name, property, key));
    let property = found.map(|(_, property)| property.clone()).ok_or_else(|| not_found("property", key))?;
    let kind = property["type"].as_str().unwrap_or_default().to_owned();
    if !LISTED.contains(&kind.as_str()) {
        let mut item = property;
        item["object"] = json!("property_item");
        return Ok(ApiResponse::json(200, item));
    }
    let item = |value: &Value| {
        let mut item = json!({"object": "property_item", "id": property["id"], "type": kind});
        item[&kind] = value.clone();
        item
    };
    let items = property[&kind].as_array().into_iter().flatten().map(item).collect();
    let mut list = list_response(state, items, &paging_from_query(request)?, "property_item")?;
    let next = list["next_cursor"].as_str().map(|cursor| {
        format!(
            "http://api.notion.com/v1/pages/{id}/properties/{}?start_cursor={cursor}",
            property["id"].as_str().unwrap_or("")
        )
    });
    list["property_item"] = json!({"id": property["id"], "next_url": next, "type": kind});
    list["property_item"][&kind] = json!({});
    Ok(ApiResponse::json(200, list))
}
