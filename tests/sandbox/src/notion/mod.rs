//! Notion: a workspace with a shared page and a database, a second one with a page, the OAuth server and the REST API.

mod block_changes;
mod blocks;
mod comments;
mod data_sources;
mod databases;
mod edits;
mod file_types;
mod file_uploads;
mod filter;
mod large;
mod markdown;
mod markdown_v1;
mod model;
mod moves;
mod oauth;
mod page_moves;
mod pages;
mod properties;
mod property_items;
mod property_schemas;
mod seed;
mod strangeness;
mod text;
mod users;

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use axum::Router;
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::http::{ApiRequest, ApiResponse, Page as ListPage, handler};
use crate::oauth::{Grant, Grants, TokenState};
use crate::sandbox::Sandbox;
use crate::state::SandboxState;
use file_uploads::FileUpload;
use model::{Block, Comment, DataSource, Database, Page};

pub(crate) use data_sources::change_schema;
pub(crate) use large::add as add_long_content;
pub(crate) use oauth::{OAUTH_APP, issue};
pub use strangeness::NotionStrangeness;

/// An error response.
type ErrorResponse = ApiResponse;

/// The maximum size of a request body.
const MAX_BODY_BYTES: usize = 500_000;

/// Supported API versions; the newest is the reference.
const VERSIONS: [&str; 3] = ["2022-06-28", "2025-09-03", "2026-03-11"];

/// The workspaces and Notion's tokens. It dereferences to the selected workspace, that of the request being served.
pub(crate) struct State {
    pub(crate) grants: Grants,
    workspaces: Vec<Workspace>,
    /// Index of the selected workspace.
    selected: usize,
    /// The grant of the request's token.
    connection: Grant,
    /// The times at which clients created objects, by id, in unix milliseconds; those in the objects may be rounded.
    created_at: BTreeMap<String, i64>,
}

/// The data of one workspace.
pub(crate) struct Workspace {
    id: &'static str,
    name: &'static str,
    /// The e-mail addresses of its people.
    members: &'static [&'static str],
    pages: Vec<Page>,
    blocks: Vec<Block>,
    databases: Vec<Database>,
    data_sources: Vec<DataSource>,
    comments: Vec<Comment>,
    uploads: Vec<FileUpload>,
}

impl Deref for State {
    type Target = Workspace;

    fn deref(&self) -> &Workspace {
        &self.workspaces[self.selected]
    }
}

impl DerefMut for State {
    fn deref_mut(&mut self) -> &mut Workspace {
        &mut self.workspaces[self.selected]
    }
}

impl State {
    pub(crate) fn seeded(now: i64) -> Self {
        let workspaces = seed::workspaces(now);
        Self {
            grants: Grants::default(),
            workspaces,
            selected: 0,
            connection: Grant::default(),
            created_at: BTreeMap::new(),
        }
    }

    /// Selects a workspace; an unknown id selects the first one.
    fn select(&mut self, id: &str) {
        self.selected = self.workspaces.iter().position(|workspace| workspace.id == id).unwrap_or(0);
    }
}

impl Workspace {
    fn page(&self, id: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.id == id)
    }

    fn page_mut(&mut self, id: &str) -> Option<&mut Page> {
        self.pages.iter_mut().find(|page| page.id == id)
    }

    fn block(&self, id: &str) -> Option<&Block> {
        self.blocks.iter().find(|block| block.id == id)
    }

    fn block_mut(&mut self, id: &str) -> Option<&mut Block> {
        self.blocks.iter_mut().find(|block| block.id == id)
    }

    fn data_source(&self, id: &str) -> Option<&DataSource> {
        self.data_sources.iter().find(|source| source.id == id)
    }

    fn data_source_mut(&mut self, id: &str) -> Option<&mut DataSource> {
        self.data_sources.iter_mut().find(|source| source.id == id)
    }

    fn is_database(&self, id: &str) -> bool {
        self.databases.iter().any(|database| database.id == id)
    }

    /// Returns the ids of the blocks under a page or block; `None` if there is neither.
    fn children_of(&self, id: &str) -> Option<&[String]> {
        let of_page = self.page(id).map(|page| page.children.as_slice());
        of_page.or_else(|| self.block(id).map(|block| block.children.as_slice()))
    }

    fn blocks_of(&self, ids: &[String]) -> Vec<&Block> {
        ids.iter().filter_map(|id| self.block(id)).collect()
    }

    /// Inserts ids into the parent's list of children.
    fn insert_children(&mut self, parent: &str, position: usize, ids: &[String], at: &str) {
        let list = match self.pages.iter_mut().find(|page| page.id == parent) {
            Some(page) => {
                at.clone_into(&mut page.edited);
                Some(&mut page.children)
            }
            None => self.blocks.iter_mut().find(|block| block.id == parent).map(|block| &mut block.children),
        };
        if let Some(list) = list {
            let position = position.min(list.len());
            list.splice(position..position, ids.iter().cloned());
        }
    }
}

/// Routes below `/notion`.
pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/v1/oauth/authorize", get(handler(oauth::authorize)))
        .route("/v1/oauth/token", post(handler(oauth::token)))
        .route("/v1/oauth/revoke", post(handler(oauth::revoke)))
        .route("/v1/oauth/introspect", post(handler(oauth::introspect)))
        .route("/v1/pages", post(handler(pages::create)))
        .route("/v1/pages/{id}", get(handler(pages::get)).patch(handler(pages::update)))
        .route("/v1/pages/{id}/move", post(handler(page_moves::move_page)))
        .route("/v1/pages/{id}/markdown", get(handler(pages::read_markdown)).patch(handler(pages::write_markdown)))
        .route("/v1/pages/{id}/properties/{property}", get(handler(property_items::get)))
        .route("/v1/databases", post(handler(databases::create)))
        .route("/v1/databases/{id}", get(handler(databases::get)).patch(handler(databases::update)))
        .route(
            "/v1/data_sources/{id}",
            get(handler(data_sources::data_source)).patch(handler(data_sources::update_data_source)),
        )
        .route("/v1/data_sources/{id}/query", post(handler(data_sources::query)))
        .route(
            "/v1/blocks/{id}",
            get(handler(blocks::get)).patch(handler(block_changes::update)).delete(handler(block_changes::delete)),
        )
        .route("/v1/blocks/{id}/children", get(handler(blocks::children)).patch(handler(blocks::append)))
        .route("/v1/file_uploads", post(handler(file_uploads::create)))
        .route("/v1/file_uploads/{id}", get(handler(file_uploads::get)))
        .route("/v1/file_uploads/{id}/send", post(handler(file_uploads::send)))
        .route("/v1/file_uploads/{id}/complete", post(handler(file_uploads::complete)))
        .route("/files/{id}/{name}", get(handler(file_uploads::download)))
        .route("/v1/search", post(handler(data_sources::search)))
        .route("/v1/comments", get(handler(comments::list)).post(handler(comments::create)))
        .route("/v1/users", get(handler(users::list)))
        .route("/v1/users/me", get(handler(users::me)))
        .route("/v1/users/{id}", get(handler(users::get)))
        .fallback(handler(|_, _| Err(error(400, "invalid_request_url", "Invalid request URL."))))
}

/// Checks token and version, which every API request needs, and selects the token's workspace.
fn check_access(state: &mut SandboxState, request: &ApiRequest) -> Result<(), ErrorResponse> {
    let live = request.bearer().map(|token| state.authenticate("notion", token));
    let Some(TokenState::Valid { grant, .. }) = live else {
        return Err(error(401, "unauthorized", "API token is invalid."));
    };
    state.notion.select(&grant.workspace);
    state.notion.connection = grant;
    match request.header("notion-version") {
        None => Err(error(400, "missing_version", "The Notion-Version header is missing.")),
        Some(version) if VERSIONS.contains(&version) => Ok(()),
        Some(_) => Err(validation_error("The Notion-Version header names no version of this API.")),
    }
}

/// Remembers when an object was created, and returns the time that it shows.
fn creation_time(state: &mut SandboxState, id: &str) -> String {
    state.notion.created_at.insert(id.to_owned(), state.clock.millis());
    state.strangeness.notion.time(&state.clock)
}

/// True if lists show an object.
fn is_listed(state: &SandboxState, id: &str) -> bool {
    state.notion.created_at.get(id).is_none_or(|at| state.is_listed(*at))
}

/// Returns the JSON object of a request, which has at most 500 kB (<https://developers.notion.com/reference/request-limits>).
fn json_body(request: &ApiRequest) -> Result<Value, ErrorResponse> {
    if request.body.len() > MAX_BODY_BYTES {
        return Err(error(413, "validation_error", "The request body is larger than 500 kB."));
    }
    let body = request.json().filter(Value::is_object);
    body.ok_or_else(|| error(400, "invalid_json", "Error parsing JSON body."))
}

/// Rejects undocumented fields of a body.
fn reject_unknown_fields(body: &Value, known: &[&str]) -> Result<(), ErrorResponse> {
    let unknown = body.as_object().into_iter().flatten().find(|(key, _)| !known.contains(&key.as_str()));
    unknown.map_or(Ok(()), |(key, _)| Err(validation_error(&format!("body.{key} should be not present."))))
}

/// Rejects undocumented query parameters.
fn reject_unknown_parameters(request: &ApiRequest, known: &[&str]) -> Result<(), ErrorResponse> {
    let unknown = request.query.iter().find(|(key, _)| !known.contains(&key.as_str()));
    unknown.map_or(Ok(()), |(key, _)| Err(validation_error(&format!("query.{key} should be not present."))))
}

/// Returns the paging parameters of the query in the form of a body.
fn paging_from_query(request: &ApiRequest) -> Result<Value, ErrorResponse> {
    let number = |size: &str| size.parse::<u64>().map_err(|_| validation_error("page_size should be a number."));
    Ok(json!({
        "start_cursor": request.query("start_cursor"),
        "page_size": request.query("page_size").map(number).transpose()?,
    }))
}

/// Returns the UUID in the path.
fn path_id(request: &ApiRequest) -> Result<String, ErrorResponse> {
    model::canonical_uuid(request.path_param("id"))
        .ok_or_else(|| validation_error("path failed validation: the id should be a valid uuid."))
}

/// Adds the fields of every response: a request id, and `archived` for versions that use that name for `in_trash`.
fn add_envelope(state: &mut SandboxState, request: &ApiRequest, shown: &mut Value) {
    shown["request_id"] = json!(state.entropy.uuid());
    if request.header("notion-version") != Some("2026-03-11") && !shown["in_trash"].is_null() {
        shown["archived"] = shown["in_trash"].clone();
    }
}

/// Builds one page of a list (<https://developers.notion.com/reference/pagination>); `paging` has `page_size` and `start_cursor`.
fn list_response(
    state: &mut SandboxState,
    all: Vec<Value>,
    paging: &Value,
    kind: &str,
) -> Result<Value, ErrorResponse> {
    let size = match &paging["page_size"] {
        Value::Null => 100,
        size => size
            .as_u64()
            .filter(|size| (1..=100).contains(size))
            .ok_or_else(|| validation_error("page_size should be 1 to 100."))?,
    };
    let bad_cursor = || validation_error("start_cursor is invalid.");
    let start = match paging["start_cursor"].as_str() {
        None => 0,
        Some(cursor) => usize::from_str_radix(cursor.rsplit('-').next().unwrap_or(""), 16).map_err(|_| bad_cursor())?,
    };
    let requested = usize::try_from(size).unwrap_or(100);
    let size = state.strangeness.notion.page_size(requested, all.len().saturating_sub(start));
    let ListPage { items: results, next } = crate::http::paginate(all, start, size);
    // Cursors have the form of ids.
    let next = next.map(|next| format!("7c1f0a52-7a3e-4c54-9a55-{next:012x}"));
    let mut page = json!({
        "object": "list", "results": results, "has_more": next.is_some(), "next_cursor": next, "type": kind,
        "request_id": state.entropy.uuid(),
    });
    page[kind] = json!({});
    Ok(page)
}

/// Builds Notion's error body (<https://developers.notion.com/reference/status-codes>).
fn error_body(status: u16, code: &str, message: &str) -> Value {
    let request_id = "7c1f0a52-7a3e-4c54-9a55-0d1f6b3cffff";
    json!({"object": "error", "status": status, "code": code, "message": message, "request_id": request_id})
}

fn error(status: u16, code: &str, message: &str) -> ErrorResponse {
    ApiResponse::json(status, error_body(status, code, message))
}

fn validation_error(message: &str) -> ErrorResponse {
    error(400, "validation_error", message)
}

fn not_found(what: &str, id: &str) -> ErrorResponse {
    error(
        404,
        "object_not_found",
        &format!("Could not find {what} with ID: {id}. It may not be shared with the connection."),
    )
}
