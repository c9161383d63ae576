//! Existing pages and databases that a tag in Markdown names: they move to the page that it is written to
//! (<https://developers.notion.com/guides/data-apis/notion-flavored-markdown>).

use serde_json::{Value, json};

use super::model::Page;
use super::{ErrorResponse, not_found};
use crate::state::SandboxState;

/// Takes an object from its place for one under `parent`, where its caller inserts it. One that is there already only changes its order.
pub(super) fn move_here(state: &mut SandboxState, id: &str, parent: &str) -> Result<(), ErrorResponse> {
    let is_page = state.notion.page(id).is_some();
    if !is_page && !state.notion.is_database(id) && state.notion.block(id).is_none() {
        return Err(not_found("page", id));
    }
    let is_there = state.notion.children_of(parent).is_some_and(|children| children.iter().any(|child| child == id));
    for page in &mut state.notion.pages {
        page.children.retain(|child| child != id);
    }
    for block in &mut state.notion.blocks {
        block.children.retain(|child| child != id);
    }
    let reference = json!({"type": "page_id", "page_id": parent});
    if let Some(page) = state.notion.page_mut(id) {
        page.parent = reference.clone();
    }
    if let Some(database) = state.notion.databases.iter_mut().find(|database| database.id == id) {
        database.parent = reference.clone();
    }
    if let Some(block) = state.notion.block_mut(id) {
        block.parent = reference;
    } else {
        add_block(state, id, parent);
    }
    if !is_there {
        state.record_effect("notion", "object_moved", id, state.notion.id, json!({"to": parent}));
    }
    Ok(())
}

/// Makes a page under `parent`, where its caller inserts it: a tag without an address names nothing that exists.
pub(super) fn make_here(state: &mut SandboxState, title: &str, parent: &str) -> Result<String, ErrorResponse> {
    let id = state.entropy.uuid();
    let created = super::creation_time(state, &id);
    let page = Page {
        id: id.clone(),
        parent: json!({"type": "page_id", "page_id": parent}),
        properties: super::properties::page_properties(&json!({"title": {"title": super::text::from_plain(title)}}))?,
        icon: Value::Null,
        cover: Value::Null,
        in_trash: false,
        created_by: state.notion.connection.bot.clone(),
        created: created.clone(),
        edited: created,
        children: Vec::new(),
    };
    state.notion.pages.push(page);
    add_block(state, &id, parent);
    Ok(id)
}

/// Adds the block that shows a page or a database on its new parent.
fn add_block(state: &mut SandboxState, id: &str, parent: &str) {
    let title = state.notion.page(id).map(Page::title);
    let kind = if title.is_some() { "child_page" } else { "child_database" };
    let created = state.strangeness.notion.time(&state.clock);
    let created_by = state.notion.connection.bot.clone();
    state.notion.blocks.push(super::model::Block {
        id: id.to_owned(),
        parent: json!({"type": "page_id", "page_id": parent}),
        block_type: kind.to_owned(),
        content: json!({"title": title.unwrap_or_default()}),
        in_trash: false,
        created_by,
        created,
        children: Vec::new(),
    });
}
