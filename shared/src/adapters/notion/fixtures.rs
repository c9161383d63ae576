//! Parents of a new page in tests: a page and a database.

use serde_json::{Value, json};

use crate::adapters::testing::SentRequest;

/// Id of a page or a database.
pub(super) const PARENT_ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";
/// Id of the database's data source.
pub(super) const DATA_SOURCE_ID: &str = "00000000-0000-0000-0000-000000000001";

/// Response for an unknown or hidden object.
pub(super) fn not_found() -> (u16, Value) {
    (404, json!({ "object": "error", "status": 404, "code": "object_not_found", "message": "Could not find it." }))
}

/// Id of the created page.
pub(super) const PAGE_ID: &str = "00000000-0000-0000-0000-000000000002";
/// The title of the created page with the effect key.
pub(super) const KEYED_TITLE: &str = "Ship [task_abc.1]";

/// A page of this title, under a page.
pub(super) fn page_of_title(title: &str) -> Value {
    json!({ "object": "page", "id": PAGE_ID, "url": "https://www.notion.so/p1", "in_trash": false,
        "created_time": "2026-11-23T10:00:00.000Z", "parent": { "type": "page_id", "page_id": PARENT_ID },
        "properties": { "title": { "id": "title", "type": "title", "title": [{ "plain_text": title }] } } })
}

/// A row of this title.
pub(super) fn row_of_title(title: &str) -> Value {
    let mut row = page_of_title(title);
    row["parent"] = json!({ "type": "data_source_id", "data_source_id": DATA_SOURCE_ID, "database_id": PARENT_ID });
    row["properties"] = json!({ "Task": { "id": "title", "type": "title", "title": [{ "plain_text": title }] } });
    row
}

/// The parent is a page.
pub(super) fn page_parent(sent: &SentRequest) -> (u16, Value) {
    match sent.line.as_str() {
        "POST /v1/pages" => (200, page_of_title("Ship")),
        line if line.starts_with("GET /v1/pages/") => {
            let title = json!({ "id": "title", "type": "title", "title": [{ "plain_text": "Plans" }] });
            (200, json!({ "object": "page", "id": PARENT_ID, "properties": { "title": title } }))
        }
        _ => not_found(),
    }
}

/// The parent is a database.
pub(super) fn database_parent(sent: &SentRequest) -> (u16, Value) {
    match sent.line.as_str() {
        "POST /v1/pages" => (200, row_of_title("Ship")),
        line if line.starts_with("GET /v1/databases/") => (
            200,
            json!({ "object": "database", "id": PARENT_ID, "data_sources": [{ "id": DATA_SOURCE_ID, "name": "Tasks" }] }),
        ),
        _ => {
            let properties = json!({ "Status": { "type": "status" }, "Due": { "type": "date" },
                "Task": { "id": "title", "type": "title" } });
            (
                200,
                json!({ "object": "data_source", "id": DATA_SOURCE_ID, "title": [{ "plain_text": "Tasks" }], "properties": properties }),
            )
        }
    }
}
