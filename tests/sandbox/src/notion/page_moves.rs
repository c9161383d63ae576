//! Moving a page (<https://developers.notion.com/reference/move-page>).

use serde_json::{Value, json};

use super::model::Block;
use super::pages::{page_response, require_not_trashed, resolve_parent};
use super::{check_access, json_body, not_found, path_id, properties, reject_unknown_fields, validation_error};
use crate::http::{ApiRequest, HandlerResult};
use crate::state::SandboxState;

/// `POST /v1/pages/{id}/move`: gives a page another parent, at the end of its children. Only pages move.
pub(crate) fn move_page(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    let (id, body) = (path_id(request)?, json_body(request)?);
    reject_unknown_fields(&body, &["parent"])?;
    if state.notion.is_database(&id) {
        return Err(validation_error("Moving databases is not supported."));
    }
    let page = state.notion.page(&id).ok_or_else(|| not_found("page", &id))?.clone();
    require_not_trashed(&page)?;
    let kind = body["parent"]["type"].as_str().unwrap_or_default();
    if !["page_id", "data_source_id"].contains(&kind) {
        return Err(validation_error("body.parent.type should be page_id or data_source_id."));
    }
    let parent = resolve_parent(state, &body["parent"])?;
    if is_under(state, &parent, &id) {
        return Err(validation_error("A page cannot be moved under itself."));
    }
    let title = json!(super::text::from_plain(&page.title()));
    let properties = match parent["data_source_id"].as_str().and_then(|id| state.notion.data_source_mut(id)) {
        Some(source) => {
            let name =
                source.properties.iter().find(|(_, schema)| schema["type"] == "title").map(|(name, _)| name.clone());
            let sent = json!({ name.unwrap_or_default(): {"title": title} });
            properties::row_properties(&mut source.properties, &sent)?
        }
        None => properties::page_properties(&json!({"title": title}))?,
    };
    unlink(state, &id);
    if let Some(stored) = state.notion.page_mut(&id) {
        stored.parent = parent.clone();
        stored.properties = properties;
    }
    link(state, &id, &parent);
    state.record_effect("notion", "page_moved", &id, state.notion.id, body);
    page_response(state, request, &id)
}

/// True if a parent is this page, or on it.
fn is_under(state: &SandboxState, parent: &Value, id: &str) -> bool {
    let mut above = parent.clone();
    while let Some(page) = above["page_id"].as_str().map(str::to_owned) {
        if page == id {
            return true;
        }
        above = state.notion.page(&page).map(|page| page.parent.clone()).unwrap_or_default();
    }
    false
}

/// Takes a page from the children of its parent.
fn unlink(state: &mut SandboxState, id: &str) {
    state.notion.blocks.retain(|block| block.id != id);
    for page in &mut state.notion.pages {
        page.children.retain(|child| child != id);
    }
}

/// Puts the block of a page at the end of a page that is its parent.
fn link(state: &mut SandboxState, id: &str, parent: &Value) {
    let (Some(page), Some(target)) = (state.notion.page(id).cloned(), parent["page_id"].as_str()) else { return };
    state.notion.blocks.push(Block {
        id: page.id.clone(),
        parent: parent.clone(),
        block_type: "child_page".to_owned(),
        content: json!({"title": page.title()}),
        in_trash: false,
        created_by: page.created_by.clone(),
        created: page.created.clone(),
        children: Vec::new(),
    });
    let end = state.notion.children_of(target).map_or(0, <[String]>::len);
    state.notion.insert_children(target, end, std::slice::from_ref(&page.id), &page.edited);
}
