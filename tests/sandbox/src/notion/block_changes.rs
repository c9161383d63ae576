//! Changes of blocks (<https://developers.notion.com/reference/update-a-block>) and their way to the trash
//! (<https://developers.notion.com/reference/delete-a-block>).

use serde_json::{Value, json};

use super::blocks::{FILE_BLOCK_TYPES, TEXT_BLOCK_TYPES, shown_block};
use super::{
    ErrorResponse, check_access, json_body, not_found, path_id, reject_unknown_fields, text, validation_error,
};
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// The colors, each also with `_background` (`ApiColor` of <https://github.com/makenotion/notion-sdk-js>).
const COLORS: [&str; 10] = ["default", "gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red"];
/// Some of the languages of code (`LanguageRequest` there): those that tests use.
const LANGUAGES: [&str; 6] = ["bash", "javascript", "plain text", "python", "rust", "yaml"];

/// `PATCH /v1/blocks/{id}`: replaces the fields that are sent, of the type that the block has. A block in the trash is not found.
pub(crate) fn update(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    let (id, body) = (path_id(request)?, json_body(request)?);
    let block = state.notion.block(&id).filter(|block| !block.in_trash || !body["in_trash"].is_null());
    let mut block = block.ok_or_else(|| not_found("block", &id))?.clone();
    let kind = block.block_type.clone();
    reject_unknown_fields(&body, &["type", "in_trash", "archived", &kind])?;
    if kind.starts_with("child_") && !body[&kind].is_null() {
        return Err(validation_error("Pages and databases are updated by their own endpoints."));
    }
    for (name, value) in body[&kind].as_object().into_iter().flatten() {
        let value = changed_field(&kind, &block.content, name, value)?;
        block.content[name] = value;
    }
    if let Some(in_trash) = body["in_trash"].as_bool() {
        block.in_trash = in_trash;
    }
    let shown = shown_block(state, &block);
    if let Some(stored) = state.notion.block_mut(&id) {
        *stored = block;
    }
    state.record_effect("notion", "block_updated", &id, state.notion.id, body);
    Ok(ApiResponse::json(200, shown))
}

/// Returns the new value of a field in the form of the API, or the refusal of a field that the type does not have.
fn changed_field(kind: &str, before: &Value, name: &str, value: &Value) -> Result<Value, ErrorResponse> {
    let is_text = TEXT_BLOCK_TYPES.contains(&kind);
    let path = format!("body.{kind}.{name}");
    match name {
        "rich_text" if is_text || kind == "code" => text::normalize(value, &path),
        "caption" if FILE_BLOCK_TYPES.contains(&kind) || ["bookmark", "embed", "code"].contains(&kind) => {
            text::normalize(value, &path)
        }
        "color" if is_text || kind == "table_of_contents" => {
            let color = value.as_str().unwrap_or_default();
            let is_known = COLORS.contains(&color.strip_suffix("_background").unwrap_or(color));
            if is_known { Ok(value.clone()) } else { Err(validation_error(&format!("{path} should be a color."))) }
        }
        "checked" if kind == "to_do" && value.is_boolean() => Ok(value.clone()),
        "language" if kind == "code" && LANGUAGES.iter().any(|known| value == known) => Ok(value.clone()),
        "expression" if kind == "equation" && value.is_string() => Ok(value.clone()),
        "cells" if kind == "table_row" => {
            let cells = value.as_array().filter(|cells| Some(cells.len()) == before["cells"].as_array().map(Vec::len));
            let cells =
                cells.ok_or_else(|| validation_error("Number of cells in table row must match the table width."))?;
            cells.iter().map(|cell| text::normalize(cell, &path)).collect()
        }
        _ => Err(validation_error(&format!("{path} should be not present."))),
    }
}

/// `DELETE /v1/blocks/{id}`: moves the block to the trash. That one in the trash is not found is not documented.
pub(crate) fn delete(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    let id = path_id(request)?;
    let block = state.notion.block_mut(&id).filter(|block| !block.in_trash).ok_or_else(|| not_found("block", &id))?;
    block.in_trash = true;
    let block = block.clone();
    let shown = shown_block(state, &block);
    if let Some(page) = state.notion.page_mut(&id) {
        page.in_trash = true;
    }
    state.record_effect("notion", "block_deleted", &id, state.notion.id, json!({"block_id": id}));
    Ok(ApiResponse::json(200, shown))
}
