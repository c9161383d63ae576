//! Notion across calls: the Markdown of pages and comments, blocks, edits and moves, values as people write them, filters, whole lists,
//! and what is remembered between calls.

mod blocks;
mod comments;
mod documents;
mod edits;
mod filters;
mod markdown;
mod moving;
mod people;
mod reading;
mod remembering;
mod schemas;
mod upserts;
mod values;

use crate::support::TestApp;
use crate::support::builders::intent;
use sandbox::fixtures::notion::{DATABASE, PAGE};
use serde_json::{Value, json};

/// Time after which no look-up is remembered.
const LOOKUPS_END: i64 = 301;

async fn app() -> TestApp {
    let app = TestApp::start().await;
    app.connect("u1", "notion").await;
    app
}

async fn run_action(app: &TestApp, action: &str, context: Value) -> Value {
    app.submit("u1", intent("notion", action).context(context)).await.succeeded().data().clone()
}

/// The message of the error with which an action is refused.
async fn refusal_of(app: &TestApp, action: &str, context: Value) -> String {
    app.submit("u1", intent("notion", action).context(context)).await.failed("PROVIDER_REJECTED").error.message
}

/// Creates a database with a property of each type that a person sets, and returns its id.
async fn tasks(app: &TestApp) -> String {
    let roadmap = run_action(app, "get_database", json!({ "databaseId": DATABASE })).await;
    let related = json!({ "relation": { "data_source_id": roadmap["dataSources"][0]["id"], "single_property": {} } });
    let created = run_action(
        app,
        "create_database",
        json!({ "title": "Tasks", "parent": PAGE, "properties": { "Task": "title", "Notes": "text", "Num": "number",
            "Kind": { "select": ["Bug", "Chore"] }, "Tags": { "multi_select": ["a", "b"] }, "Due": "date", "Done": "checkbox",
            "Owner": "people", "Link": "url", "Mail": "email", "Phone": "phone_number", "Files": "files", "Status": "status",
            "property": "text", "and": "number", "or": "checkbox", "timestamp": "date", "Roadmap": related } }),
    )
    .await;
    created["id"].as_str().unwrap().to_owned()
}

/// Creates a row with values, and returns its properties.
async fn row(app: &TestApp, database: &str, properties: Value) -> Value {
    let context = json!({ "title": "Ship", "parent": database, "properties": properties });
    run_action(app, "create_page", context).await["properties"].clone()
}

/// The titles of the rows that a filter finds, in order. A page of them can be short.
async fn found(app: &TestApp, database: &str, filter: Value) -> Vec<String> {
    let sorts = json!([{ "property": "title", "direction": "ascending" }]);
    let (mut titles, mut cursor) = (vec![], Value::Null);
    loop {
        let context = json!({ "databaseId": database, "filter": filter, "sorts": sorts, "cursor": cursor });
        let page = run_action(app, "query_database", context).await;
        titles.extend(page["rows"].as_array().unwrap().iter().map(|row| row["title"].as_str().unwrap().to_owned()));
        cursor = page["cursor"].clone();
        if cursor.is_null() {
            return titles;
        }
    }
}

/// Creates a page with content on another page, and returns its id.
async fn page(app: &TestApp, parent: &str, content: &str) -> String {
    let created =
        run_action(app, "create_page", json!({ "title": "Plan", "parent": parent, "content": content })).await;
    created["id"].as_str().unwrap().to_owned()
}

/// The blocks of a page, without those that are not shown yet.
async fn blocks(app: &TestApp, page: &str) -> Vec<Value> {
    app.advance(sandbox::strangeness::LIST_LAG_SECONDS);
    let (mut listed, mut cursor) = (vec![], Value::Null);
    loop {
        let mut context = json!({ "pageId": page });
        if !cursor.is_null() {
            context["cursor"] = cursor;
        }
        let data = run_action(app, "list_blocks", context).await;
        listed.extend(data["blocks"].as_array().unwrap().clone());
        cursor = data["cursor"].clone();
        if cursor.is_null() {
            return listed;
        }
    }
}

/// The texts of the blocks of a page.
async fn texts(app: &TestApp, page: &str) -> Vec<String> {
    blocks(app, page).await.iter().map(|block| block["text"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Runs an action whose first two answers are lost, as a task that runs again when nothing is remembered.
async fn run_with_lost_answers(app: &TestApp, action: &str, path: &str, method: &str, context: Value) {
    app.fault(sandbox::Fault::apply_then_drop("notion").at_path(path).on_method(method).times(2));
    let id = app.submit("u1", intent("notion", action).context(context).at(app.after(10))).await.scheduled();
    app.run_processor_after(11).await;
    for _ in 0..3 {
        app.run_processor_after(LOOKUPS_END).await;
    }
    app.task(&id).await.assert_completed();
}
