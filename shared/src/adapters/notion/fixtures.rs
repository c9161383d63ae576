//! Parents of a new page in tests: a page, a database, and a database with the key property.

use serde_json::{Value, json};

use super::ADAPTER;
use crate::adapters::action::Reconciliation;
use crate::adapters::testing::{self, SentRequest, Step, StepOutput};

/// Id of a page or a database.
pub(super) const PARENT_ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";
/// Id of the database's data source.
pub(super) const DATA_SOURCE_ID: &str = "00000000-0000-0000-0000-000000000001";

/// Response for an unknown or hidden object.
pub(super) fn not_found() -> (u16, Value) {
    (404, json!({ "object": "error", "status": 404, "code": "object_not_found", "message": "Could not find it." }))
}

fn created_page() -> (u16, Value) {
    (
        200,
        json!({ "object": "page", "id": "p1", "url": "https://www.notion.so/p1",
        "created_time": "2026-11-23T10:00:00.000Z" }),
    )
}

fn data_source(properties: Value) -> (u16, Value) {
    (200, json!({ "object": "data_source", "id": DATA_SOURCE_ID, "properties": properties }))
}

/// The parent is a page.
pub(super) fn page_parent(sent: &SentRequest) -> (u16, Value) {
    match sent.line.as_str() {
        "POST /v1/pages" => created_page(),
        line if line.starts_with("GET /v1/pages/") => (200, json!({ "object": "page", "id": PARENT_ID })),
        _ => not_found(),
    }
}

/// The parent is a database.
pub(super) fn database_parent(sent: &SentRequest) -> (u16, Value) {
    match sent.line.as_str() {
        "POST /v1/pages" => created_page(),
        line if line.starts_with("GET /v1/databases/") => (
            200,
            json!({ "object": "database", "id": PARENT_ID, "data_sources": [{ "id": DATA_SOURCE_ID, "name": "Tasks" }] }),
        ),
        _ => data_source(json!({ "Status": { "type": "status" }, "Task": { "id": "title", "type": "title" } })),
    }
}

/// The parent is a database with the key property and these rows.
pub(super) fn keyed_database_parent(sent: &SentRequest, rows: &Value) -> (u16, Value) {
    match sent.line.as_str() {
        line if line.starts_with("GET /v1/data_sources/") => data_source(json!({ "Due": { "type": "date" },
            "Task": { "id": "title", "type": "title" }, "Plugin Engine key": { "type": "rich_text" } })),
        line if line.ends_with("/query") => (200, json!({ "results": rows, "has_more": false, "next_cursor": null })),
        _ => database_parent(sent),
    }
}

/// Reconciles a `create_page` of the title `Ship` under [`PARENT_ID`]; returns the calls too.
pub(super) async fn reconcile_page(
    provider: impl Fn(&SentRequest) -> (u16, Value) + Send + Sync + 'static,
) -> (Reconciliation, Vec<SentRequest>) {
    let context = json!({ "title": "Ship", "parent": PARENT_ID });
    let respond = move |sent: &SentRequest| Ok(provider(sent));
    let (output, calls) = testing::run_step(&ADAPTER, "create_page", None, Step::Reconcile, context, respond).await;
    let StepOutput::Reconciliation(reconciliation) = output.unwrap() else { panic!("no reconciliation") };
    (reconciliation, calls)
}
