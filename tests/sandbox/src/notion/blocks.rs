//! Blocks and their children (<https://developers.notion.com/reference/patch-block-children>).

use serde_json::{Value, json};

use super::model::Block;
use super::{
    ErrorResponse, check_access, creation_time, file_uploads, is_listed, json_body, list_response, markdown, moves,
    not_found, paging_from_query, path_id, reject_unknown_fields, reject_unknown_parameters, text, validation_error,
};
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// The maximum number of children in one request, at each level.
const MAX_CHILDREN: usize = 100;
/// The maximum nesting depth in one request.
const MAX_DEPTH: usize = 2;

/// Block types with text content.
pub(super) const TEXT_BLOCK_TYPES: [&str; 11] = [
    "paragraph",
    "heading_1",
    "heading_2",
    "heading_3",
    "heading_4",
    "quote",
    "callout",
    "to_do",
    "toggle",
    "bulleted_list_item",
    "numbered_list_item",
];
/// Block types with a file and a caption.
pub(super) const FILE_BLOCK_TYPES: [&str; 5] = ["audio", "file", "image", "pdf", "video"];
/// Block types that are stored as sent.
const OTHER_BLOCK_TYPES: [&str; 11] = [
    "divider",
    "code",
    "table",
    "table_row",
    "bookmark",
    "embed",
    "equation",
    "breadcrumb",
    "table_of_contents",
    "column_list",
    "column",
];

/// `GET /v1/blocks/{id}/children`; the id of a page is accepted too.
pub(crate) fn children(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    reject_unknown_parameters(request, &["start_cursor", "page_size"])?;
    let id = path_id(request)?;
    let ids = state.notion.children_of(&id).ok_or_else(|| not_found("block", &id))?.to_vec();
    let listed = |block: &&Block| !block.in_trash && is_listed(state, &block.id);
    let shown =
        state.notion.blocks_of(&ids).into_iter().filter(listed).map(|block| shown_block(state, block)).collect();
    Ok(ApiResponse::json(200, list_response(state, shown, &paging_from_query(request)?, "block")?))
}

/// `GET /v1/blocks/{id}`.
pub(crate) fn get(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    let id = path_id(request)?;
    // A page is a block too (<https://developers.notion.com/reference/block#child-page>); one that is not on a page has none here.
    if let (None, Some(page)) = (state.notion.block(&id), state.notion.page(&id)) {
        let shown = json!({
            "object": "block", "id": id, "type": "child_page", "child_page": {"title": page.title()}, "parent": page.parent,
            "has_children": !page.children.is_empty(), "in_trash": page.in_trash,
        });
        return Ok(ApiResponse::json(200, shown));
    }
    let block = state.notion.block(&id).ok_or_else(|| not_found("block", &id))?;
    Ok(ApiResponse::json(200, shown_block(state, block)))
}

/// Returns a block in the API's form.
pub(super) fn shown_block(state: &SandboxState, block: &Block) -> Value {
    let (mut shown, kind) = (block.to_json(), block.block_type.as_str());
    file_uploads::show_file(state, kind, &mut shown[kind]);
    shown
}

/// `PATCH /v1/blocks/{id}/children`: inserts blocks at `position` (or after the older `after`), by default at the end.
pub(crate) fn append(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    let (id, body) = (path_id(request)?, json_body(request)?);
    reject_unknown_fields(&body, &["children", "position", "after"])?;
    let current = state.notion.children_of(&id).ok_or_else(|| not_found("block", &id))?;
    let after = |sibling_id: &str| {
        let sibling_id = super::model::canonical_uuid(sibling_id).unwrap_or_default();
        let position = current.iter().position(|child| *child == sibling_id);
        position
            .map(|position| position + 1)
            .ok_or_else(|| validation_error("The block to insert after is not a child of this one."))
    };
    let position = match (body["position"]["type"].as_str(), body["after"].as_str()) {
        (Some("start"), _) => 0,
        (Some("after_block"), _) => after(body["position"]["after_block"]["id"].as_str().unwrap_or(""))?,
        (Some("end") | None, None) => current.len(),
        (None, Some(sibling)) => after(sibling)?,
        _ => return Err(validation_error("body.position.type should be end, start or after_block.")),
    };
    let children = body["children"].as_array().ok_or_else(|| validation_error("body.children should be an array."))?;
    validate_children(state, children, 1)?;
    let new = insert_blocks(state, &id, children, position)?;
    let shown: Vec<Value> = state.notion.blocks_of(&new).into_iter().map(|block| shown_block(state, block)).collect();
    state.record_effect("notion", "blocks_appended", &id, state.notion.id, body);
    Ok(ApiResponse::json(
        200,
        json!({
            "object": "list", "results": shown, "next_cursor": null, "has_more": false, "type": "block", "block": {},
            "request_id": state.entropy.uuid(),
        }),
    ))
}

/// Validates children before anything is stored.
pub(crate) fn validate_children(state: &SandboxState, children: &[Value], depth: usize) -> Result<(), ErrorResponse> {
    if children.len() > MAX_CHILDREN {
        return Err(validation_error(&format!("body.children.length should be ≤ `{MAX_CHILDREN}`.")));
    }
    if depth > MAX_DEPTH && !children.is_empty() {
        return Err(validation_error("body.children is nested too deeply."));
    }
    for child in children {
        let kind = block_type(child)?;
        file_uploads::check_attachable(state, &kind, &block_content(child, &kind)?)?;
        validate_children(state, &nested_children(child, &kind), depth + 1)?;
    }
    Ok(())
}

/// Returns a block's type: the value of `type`, or the key that is a known type.
fn block_type(child: &Value) -> Result<String, ErrorResponse> {
    let known = |kind: &str| {
        [&TEXT_BLOCK_TYPES[..], &FILE_BLOCK_TYPES, &OTHER_BLOCK_TYPES].iter().any(|types| types.contains(&kind))
    };
    let named = child["type"].as_str().map(str::to_owned);
    let keyed = || child.as_object()?.keys().find(|key| known(key)).cloned();
    let kind = named.or_else(keyed).filter(|kind| known(kind) && child.get(kind.as_str()).is_some());
    kind.ok_or_else(|| validation_error("body.children should hold blocks of a known type."))
}

fn nested_children(child: &Value, kind: &str) -> Vec<Value> {
    child[kind]["children"].as_array().cloned().unwrap_or_default()
}

/// Returns a block's content in the API's form.
fn block_content(child: &Value, kind: &str) -> Result<Value, ErrorResponse> {
    let mut content = child[kind].clone();
    if let Some(content) = content.as_object_mut() {
        content.remove("children");
    }
    if TEXT_BLOCK_TYPES.contains(&kind) || kind == "code" {
        content["rich_text"] = text::normalize(&child[kind]["rich_text"], &format!("body.children.{kind}.rich_text"))?;
        if content["color"].is_null() && kind != "code" {
            content["color"] = json!("default");
        }
    }
    if FILE_BLOCK_TYPES.contains(&kind) {
        let caption = if content["caption"].is_null() { json!([]) } else { content["caption"].clone() };
        content["caption"] = text::normalize(&caption, &format!("body.children.{kind}.caption"))?;
    }
    if kind == "to_do" && content["checked"].is_null() {
        content["checked"] = json!(false);
    }
    Ok(content)
}

/// Stores validated blocks under a page or block from `position` on; returns their ids.
pub(crate) fn insert_blocks(
    state: &mut SandboxState,
    parent: &str,
    children: &[Value],
    position: usize,
) -> Result<Vec<String>, ErrorResponse> {
    let created_by = state.notion.connection.bot.clone();
    let on_page = state.notion.page(parent).is_some();
    let kind_of_parent = if on_page { "page_id" } else { "block_id" };
    let mut ids = Vec::new();
    for child in children {
        if let Some(existing) = child[markdown::MOVED].as_str() {
            moves::move_here(state, existing, parent)?;
            ids.push(existing.to_owned());
            continue;
        }
        if let Some(title) = child[markdown::MADE].as_str() {
            ids.push(moves::make_here(state, title, parent)?);
            continue;
        }
        let kind = block_type(child)?;
        let id = state.entropy.uuid();
        let created = creation_time(state, &id);
        let mut reference = json!({"type": kind_of_parent});
        reference[kind_of_parent] = json!(parent);
        let content = block_content(child, &kind)?;
        file_uploads::attach(state, &content);
        state.notion.blocks.push(Block {
            id: id.clone(),
            parent: reference,
            content,
            in_trash: false,
            created_by: created_by.clone(),
            created,
            children: Vec::new(),
            block_type: kind.clone(),
        });
        insert_blocks(state, &id, &nested_children(child, &kind), 0)?;
        ids.push(id);
    }
    let edited = state.strangeness.notion.time(&state.clock);
    state.notion.insert_children(parent, position, &ids, &edited);
    Ok(ids)
}
