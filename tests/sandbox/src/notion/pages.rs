//! Pages (<https://developers.notion.com/reference/post-page>) and their Markdown.

use serde_json::{Value, json};

use super::model::{Block, Page, canonical_uuid};
use super::property_schemas::is_named;
use super::{
    ErrorResponse, blocks, check_access, creation_time, edits, json_body, markdown, markdown_v1, not_found, path_id,
    properties, reject_unknown_fields, reject_unknown_parameters, text, validation_error,
};
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

const CREATE_FIELDS: [&str; 12] = [
    "parent",
    "properties",
    "children",
    "content",
    "markdown",
    "markdown_version",
    "icon",
    "cover",
    "template",
    "position",
    "allow_async",
    "filter_properties",
];

/// Fields of an update.
const UPDATE_FIELDS: [&str; 8] =
    ["properties", "icon", "cover", "in_trash", "archived", "is_locked", "erase_content", "template"];

/// `POST /v1/pages`.
pub(crate) fn create(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    let body = json_body(request)?;
    reject_unknown_fields(&body, &CREATE_FIELDS)?;
    let parent = resolve_parent(state, &body["parent"])?;
    let PageContent { mut children, title } = page_content(&body)?;
    if body["markdown"].is_null() {
        blocks::validate_children(state, &children, 1)?;
    }
    let mut sent = body["properties"].clone();
    // The first heading becomes the title if the request has none.
    let is_row = parent["type"] == "data_source_id";
    if let Some(title) = title.filter(|_| !has_title(state, &parent, &sent)) {
        let name = if is_row { title_property(state, &parent) } else { "title".to_owned() };
        if !sent.is_object() {
            sent = json!({});
        }
        sent[name] = json!({"title": text::from_plain(&title)});
        children.remove(0);
    }
    let properties = if is_row {
        let id = parent["data_source_id"].as_str().unwrap_or("");
        let source = state.notion.data_source_mut(id).ok_or_else(|| not_found("data source", id))?;
        properties::row_properties(&mut source.properties, &sent)?
    } else {
        properties::page_properties(&sent)?
    };
    let id = state.entropy.uuid();
    let now = creation_time(state, &id);
    let (icon, cover) = (body["icon"].clone(), body["cover"].clone());
    let page = Page {
        id: id.clone(),
        parent: parent.clone(),
        properties,
        icon,
        cover,
        in_trash: false,
        created_by: state.notion.connection.bot.clone(),
        created: now.clone(),
        edited: now,
        children: Vec::new(),
    };
    store_page(state, page);
    blocks::insert_blocks(state, &id, &children, 0)?;
    state.record_effect("notion", "page_created", &id, state.notion.id, body);
    page_response(state, request, &id)
}

/// Resolves the parent of a new page: an existing page or data source. A database stands for its only data source.
pub(super) fn resolve_parent(state: &SandboxState, sent: &Value) -> Result<Value, ErrorResponse> {
    let id = |key: &str| {
        sent[key].as_str().map(|id| {
            canonical_uuid(id).ok_or_else(|| validation_error(&format!("body.parent.{key} should be a valid uuid.")))
        })
    };
    if let Some(id) = id("page_id").transpose()? {
        require_not_trashed(state.notion.page(&id).ok_or_else(|| not_found("page", &id))?)?;
        return Ok(json!({"type": "page_id", "page_id": id}));
    }
    if let Some(id) = id("data_source_id").transpose()? {
        let source = state.notion.data_source(&id).ok_or_else(|| not_found("data source", &id))?;
        return Ok(json!({"type": "data_source_id", "data_source_id": id, "database_id": source.database}));
    }
    if let Some(id) = id("database_id").transpose()? {
        let mut sources = state.notion.data_sources.iter().filter(|source| source.database == id);
        let source = sources.next().ok_or_else(|| not_found("database", &id))?;
        if sources.next().is_some() {
            return Err(validation_error(
                "Databases with multiple data sources are not supported in this API version.",
            ));
        }
        return Ok(json!({"type": "data_source_id", "data_source_id": source.id, "database_id": id}));
    }
    if sent["workspace"] == json!(true) {
        return Ok(json!({"type": "workspace", "workspace": true}));
    }
    Err(validation_error("body.parent should name a page, a data source, a database or the workspace."))
}

/// The content of a new page.
struct PageContent {
    children: Vec<Value>,
    /// The first heading of Markdown content.
    title: Option<String>,
}

/// Reads the blocks of a new page. Markdown that starts with a heading also has a title.
fn page_content(body: &Value) -> Result<PageContent, ErrorResponse> {
    let content_fields = ["children", "content", "markdown"].into_iter().filter(|key| !body[*key].is_null()).count();
    if content_fields > 1 {
        return Err(validation_error("body.markdown, body.content and body.children are mutually exclusive."));
    }
    if body["markdown"].is_null() && !body["markdown_version"].is_null() {
        return Err(validation_error("body.markdown_version should be sent only with body.markdown."));
    }
    if let Some(source) = body["markdown"].as_str() {
        let blocks = parse_markdown(body, source)?;
        let heading = blocks.first().filter(|block| block["type"] == "heading_1");
        let heading = heading.map(|block| text::plain_text(&block["heading_1"]["rich_text"]));
        return Ok(PageContent { children: blocks, title: heading });
    }
    let list = if body["children"].is_null() { &body["content"] } else { &body["children"] };
    match list {
        Value::Null => Ok(PageContent { children: Vec::new(), title: None }),
        Value::Array(children) => Ok(PageContent { children: children.clone(), title: None }),
        _ => Err(validation_error("body.children should be an array.")),
    }
}

/// Parses Markdown of the version that a request names; the default is the older.
fn parse_markdown(body: &Value, source: &str) -> Result<Vec<Value>, ErrorResponse> {
    Ok(if is_v2(&body["markdown_version"])? { markdown::parse(source) } else { markdown_v1::parse(source) })
}

fn is_v2(version: &Value) -> Result<bool, ErrorResponse> {
    match version.as_str() {
        None | Some("v1") => Ok(false),
        Some("v2") => Ok(true),
        Some(_) => Err(validation_error("markdown_version should be \"v1\" or \"v2\".")),
    }
}

fn title_property(state: &SandboxState, parent: &Value) -> String {
    let source = state.notion.data_source(parent["data_source_id"].as_str().unwrap_or(""));
    let title = source.and_then(|source| source.properties.iter().find(|(_, schema)| schema["type"] == "title"));
    title.map_or_else(|| "title".to_owned(), |(name, _)| name.clone())
}

fn has_title(state: &SandboxState, parent: &Value, sent: &Value) -> bool {
    !sent["title"].is_null() || !sent[title_property(state, parent)].is_null()
}

/// Stores a page. A page on another page is stored as a block there too.
pub(super) fn store_page(state: &mut SandboxState, page: Page) {
    if let Some(parent) = page.parent["page_id"].as_str().map(str::to_owned) {
        state.notion.blocks.push(Block {
            id: page.id.clone(),
            parent: page.parent.clone(),
            block_type: "child_page".to_owned(),
            content: json!({"title": page.title()}),
            in_trash: false,
            created_by: page.created_by.clone(),
            created: page.created.clone(),
            children: Vec::new(),
        });
        let end = state.notion.children_of(&parent).map_or(0, <[String]>::len);
        let created = page.created.clone();
        state.notion.insert_children(&parent, end, std::slice::from_ref(&page.id), &created);
    }
    state.notion.pages.push(page);
}

pub(super) fn page_response(state: &mut SandboxState, request: &ApiRequest, id: &str) -> HandlerResult {
    let mut shown = state.notion.page(id).ok_or_else(|| not_found("page", id))?.to_json();
    super::add_envelope(state, request, &mut shown);
    Ok(ApiResponse::json(200, shown))
}

/// Rejects a page in the trash, which cannot be changed.
pub(super) fn require_not_trashed(page: &Page) -> Result<(), ErrorResponse> {
    let archived = "Can't edit block that is archived. You must unarchive the block before editing.";
    if page.in_trash { Err(validation_error(archived)) } else { Ok(()) }
}

/// `GET /v1/pages/{id}`.
pub(crate) fn get(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    reject_unknown_parameters(request, &["filter_properties"])?;
    let id = path_id(request)?;
    let mut shown = state.notion.page(&id).ok_or_else(|| not_found("page", &id))?.to_json();
    filter_properties(request, &mut shown);
    super::add_envelope(state, request, &mut shown);
    Ok(ApiResponse::json(200, shown))
}

/// Leaves the properties that the request selects by id, if it selects any
/// (<https://developers.notion.com/reference/query-a-data-source>).
pub(super) fn filter_properties(request: &ApiRequest, page: &mut Value) {
    let selected = request.query_all("filter_properties");
    if let (false, Some(properties)) = (selected.is_empty(), page["properties"].as_object_mut()) {
        properties.retain(|name, property| selected.iter().any(|id| is_named(name, property, id)));
    }
}

/// `PATCH /v1/pages/{id}`: changes properties, icon, cover and trash; not the content.
pub(crate) fn update(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    let (id, body) = (path_id(request)?, json_body(request)?);
    reject_unknown_fields(&body, &UPDATE_FIELDS)?;
    let mut page = state.notion.page(&id).ok_or_else(|| not_found("page", &id))?.clone();
    // Versions before 2026-03-11 use the name `archived`.
    match body["in_trash"].as_bool().or_else(|| body["archived"].as_bool()) {
        Some(in_trash) => page.in_trash = in_trash,
        None => require_not_trashed(&page)?,
    }
    if let Some(source) = page.parent["data_source_id"].as_str().and_then(|id| state.notion.data_source_mut(id)) {
        properties::update_properties(&mut source.properties, &mut page.properties, &body["properties"])?;
    } else if body["properties"].as_object().is_some_and(|sent| !sent.is_empty()) {
        page.properties = properties::page_properties(&body["properties"])?;
    }
    for (field, target) in [("icon", &mut page.icon), ("cover", &mut page.cover)] {
        if let Some(value) = body.get(field) {
            *target = value.clone();
        }
    }
    if body["erase_content"] == json!(true) {
        page.children.clear();
    }
    page.edited = state.strangeness.notion.time(&state.clock);
    let renamed = state.notion.page(&id).is_some_and(|before| before.title() != page.title());
    if let Some(block) = state.notion.block_mut(&id) {
        block.in_trash = page.in_trash;
        block.content = json!({"title": page.title()});
    }
    if let Some(stored) = state.notion.page_mut(&id) {
        *stored = page;
    }
    if renamed {
        state.record_effect("notion", "page_renamed", &id, state.notion.id, body.clone());
    }
    state.record_effect("notion", "page_updated", &id, state.notion.id, body);
    page_response(state, request, &id)
}

/// `GET /v1/pages/{id}/markdown`.
pub(crate) fn read_markdown(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    reject_unknown_parameters(request, &["include_transcript", "markdown_version"])?;
    let id = path_id(request)?;
    let text = page_markdown(state, &id, is_v2(&json!(request.query("markdown_version")))?)?;
    Ok(ApiResponse::json(200, markdown_json(state, &id, &text)))
}

fn page_markdown(state: &SandboxState, id: &str, is_v2: bool) -> Result<String, ErrorResponse> {
    // A block is accepted too (<https://developers.notion.com/reference/retrieve-page-markdown>).
    let block = state.notion.block(id).filter(|_| state.notion.page(id).is_none());
    let children = state.notion.children_of(id).ok_or_else(|| not_found("page", id))?;
    if is_v2 {
        let ids = block.map_or(children, |block| std::slice::from_ref(&block.id));
        return Ok(markdown::render(&state.notion, ids));
    }
    let blocks = block.into_iter().chain(state.notion.blocks_of(children));
    let blocks: Vec<&Block> = blocks.filter(|block| !block.in_trash).collect();
    Ok(markdown_v1::render(&blocks))
}

fn markdown_json(state: &mut SandboxState, id: &str, text: &str) -> Value {
    json!({
        "object": "page_markdown", "id": id, "markdown": text, "truncated": false, "unknown_block_ids": [],
        "request_id": state.entropy.uuid(),
    })
}

/// `PATCH /v1/pages/{id}/markdown` (<https://developers.notion.com/reference/update-page-markdown>): replaces the content,
/// inserts at its start or end, or searches and replaces.
pub(crate) fn write_markdown(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_access(state, request)?;
    let (id, body) = (path_id(request)?, json_body(request)?);
    let command = body["type"].as_str().unwrap_or("");
    reject_unknown_fields(&body, &["type", "allow_async", "markdown_version", command])?;
    let is_v2 = is_v2(&body["markdown_version"])?;
    require_not_trashed(state.notion.page(&id).ok_or_else(|| not_found("page", &id))?)?;
    let content_fields = body[command]["new_str"].as_str().or_else(|| body[command]["content"].as_str());
    let missing = || validation_error("body should hold the command its type names.");
    match command {
        "insert_content" => {
            let start = body[command]["position"]["type"] == "start";
            let is_child = if start { 0 } else { state.notion.children_of(&id).map_or(0, <[String]>::len) };
            let children = parse_markdown(&body, content_fields.ok_or_else(missing)?)?;
            blocks::insert_blocks(state, &id, &children, is_child)?;
        }
        "replace_content" => {
            let source = content_fields.ok_or_else(missing)?;
            check_deleted_children(state, &id, source, &body[command])?;
            let children = parse_markdown(&body, source)?;
            replace_content(state, &id, &children)?;
        }
        "update_content" => {
            let text = edits::update(page_markdown(state, &id, is_v2)?, &body[command])?;
            check_deleted_children(state, &id, &text, &body[command])?;
            let children = parse_markdown(&body, &text)?;
            replace_content(state, &id, &children)?;
        }
        _ => return Err(missing()),
    }
    state.record_effect("notion", "page_updated", &id, state.notion.id, body);
    let text = page_markdown(state, &id, is_v2)?;
    Ok(ApiResponse::json(200, markdown_json(state, &id, &text)))
}

/// Rejects new content that would delete a child page or database by not naming it.
fn check_deleted_children(state: &SandboxState, id: &str, text: &str, command: &Value) -> Result<(), ErrorResponse> {
    let is_deleted = |child: &&String| {
        let is_child = state.notion.page(child).is_some() || state.notion.is_database(child);
        is_child && !text.contains(child.as_str()) && !text.contains(&child.replace('-', ""))
    };
    match state.notion.children_of(id).into_iter().flatten().find(is_deleted) {
        Some(child) if command["allow_deleting_content"] != json!(true) => {
            Err(validation_error(&format!("This would delete child pages or databases: {child}.")))
        }
        _ => Ok(()),
    }
}

fn replace_content(state: &mut SandboxState, id: &str, children: &[Value]) -> Result<(), ErrorResponse> {
    let is_named = |id: &String| children.iter().any(|child| child[markdown::MOVED] == **id);
    let page = state.notion.page(id).ok_or_else(|| not_found("page", id))?;
    let preserved =
        page.children.iter().filter(|child| state.notion.page(child).is_some() || state.notion.is_database(child));
    let preserved: Vec<String> = preserved.filter(|child| !is_named(child)).cloned().collect();
    if let Some(page) = state.notion.page_mut(id) {
        page.children = preserved;
    }
    blocks::insert_blocks(state, id, children, 0)?;
    Ok(())
}
