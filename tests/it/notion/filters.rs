//! Filters and sorts of a query, plain and in Notion's own form.

use super::{app, found, refusal_of, row, run_action, tasks};
use crate::support::TestApp;
use sandbox::fixtures::notion::DATABASE;
use sandbox::strangeness::LIST_LAG_SECONDS;
use serde_json::{Value, json};

async fn titled(app: &TestApp, database: &str, title: &str, properties: Value) {
    run_action(app, "create_page", json!({ "title": title, "parent": database, "properties": properties })).await;
}

/// A database with three rows: A, B and C.
async fn three_rows(app: &TestApp) -> String {
    let database = tasks(app).await;
    let today = app.after(0).to_string()[..10].to_owned();
    titled(
        app,
        &database,
        "A",
        json!({ "Num": 3, "Kind": "Bug", "Tags": ["a"], "Due": today, "Status": "Done",
        "Owner": "sam@example.com", "property": "x", "and": 1, "or": true, "timestamp": "2026-01-01", "Done": true }),
    )
    .await;
    // Times of creation are rounded to the minute.
    app.advance(60);
    titled(
        app,
        &database,
        "B",
        json!({ "Num": 7, "Kind": "Chore", "Tags": ["a", "b"], "Due": "2020-01-01", "property": "y", "and": 2 }),
    )
    .await;
    titled(app, &database, "C", json!({ "Owner": ["Kim Larsen"], "Roadmap": "Pick a launch date" })).await;
    app.advance(LIST_LAG_SECONDS);
    database
}

#[tokio::test]
async fn plain_filters_find_what_they_say() {
    let app = app().await;
    let database = three_rows(&app).await;
    for (filter, titles) in [
        (json!({ "Status": { "equals": "Done" } }), "A"),
        (json!({ "Status": "done" }), "A"),
        (json!({ "Num": { "greater_than": 5 } }), "B"),
        (json!({ "Num": { "greater_than": "2", "less_than": 5 } }), "A"),
        (json!({ "Num": "7" }), "B"),
        (json!({ "Due": { "past_week": {} } }), "A"),
        (json!({ "Due": { "on_or_after": "2026-01-01" } }), "A"),
        (json!({ "Due": { "before": "2026/01/01" } }), "B"),
        (json!({ "Due": { "equals": "today" } }), "A"),
        (json!({ "Due": { "start": "2019-12-31", "end": "2020-01-02" } }), "B"),
        (json!({ "Tags": { "contains": "b" } }), "B"),
        (json!({ "Tags": ["a", "b"] }), "B"),
        (json!({ "Kind": ["Bug", "Chore"] }), "AB"),
        (json!({ "Kind": { "does_not_equal": "Bug" } }), "BC"),
        (json!({ "Kind": { "is_empty": true } }), "C"),
        (json!({ "Kind": null }), "C"),
        (json!({ "Done": "true" }), "A"),
        (json!({ "Owner": "sam@example.com" }), "A"),
        (json!({ "Owner": { "contains": "Kim Larsen" } }), "C"),
        (json!({ "Roadmap": { "contains": "Pick a launch date" } }), "C"),
        (json!({ "title": "B" }), "B"),
        (json!({ "Task": { "starts_with": "c" } }), "C"),
        (json!({ "property": "x" }), "A"),
        (json!({ "property": { "equals": "y" }, "Num": 7 }), "B"),
        (json!({ "and": 2 }), "B"),
        (json!({ "and": { "less_than": 2 } }), "A"),
        (json!({ "or": true }), "A"),
        (json!({ "timestamp": { "on_or_after": "2025-12-31" } }), "A"),
        (json!({ "or": [{ "Num": 3 }, { "Num": { "greater_than": 5 } }] }), "AB"),
        (json!({ "or": [{ "Num": 3, "Kind": "Chore" }, { "Kind": "Bug", "Num": 3 }] }), "A"),
        (json!({ "and": [{ "Kind": ["Bug", "Chore"] }, { "Num": { "less_than": 5 } }] }), "A"),
        (json!({ "created_time": { "past_week": {} } }), "ABC"),
        (json!({ "property": "Due", "date": { "past_week": {} } }), "A"),
        (json!({ "property": "Kind", "select": { "equals": "Bug" } }), "A"),
        (json!({ "timestamp": "created_time", "created_time": { "past_week": {} } }), "ABC"),
        (json!({ "or": [{ "property": "Num", "number": { "equals": 3 } }, { "Num": 7 }] }), "AB"),
        (json!({}), "ABC"),
    ] {
        assert_eq!(found(&app, &database, filter.clone()).await.concat(), titles, "{filter}");
    }
}

#[tokio::test]
async fn a_filter_that_would_find_nothing_in_silence_is_refused_by_name() {
    let app = app().await;
    let database = tasks(&app).await;
    for (filter, said) in [
        (json!({ "Status": "Almost" }), "Not started, In progress, Done"),
        (json!({ "Kind": { "equals": "Feature" } }), "Bug, Chore"),
        (json!({ "Tags": ["a", "zzz"] }), "existing options are a, b"),
        (json!({ "property": "Status", "status": { "equals": "Almost" } }), "Not started, In progress, Done"),
        (json!({ "or": [{ "Num": 3 }, { "Kind": "Feature" }] }), "Bug, Chore"),
        (json!({ "Num": { "contains": 5 } }), "greater_than"),
        (json!({ "Due": { "past_day": {} } }), "past_week"),
        (json!({ "Done": { "is_empty": true } }), "equals"),
        (json!({ "Colour": "red" }), "existing properties are"),
        (json!({ "property": "Colour", "select": { "equals": "x" } }), "existing properties are"),
        (json!({ "property": "Num", "select": { "equals": "x" } }), "its type is number"),
        (json!({ "Due": { "after": "soon" } }), "2026-12-01"),
        (json!({ "Owner": "Sam" }), "Sam Okafor"),
        (
            json!({ "or": [{ "and": [{ "or": [{ "Num": 1 }, { "Num": 2 }] }, { "Num": 3 }] }, { "Num": 4 }] }),
            "two levels",
        ),
    ] {
        let reason = refusal_of(&app, "query_database", json!({ "databaseId": database, "filter": filter })).await;
        assert!(reason.contains("filter") && reason.contains(said), "{filter}: {reason}");
    }
}

#[tokio::test]
async fn sorts_and_selected_properties_are_named_as_filters_are() {
    let app = app().await;
    let database = three_rows(&app).await;
    for (sort, first) in [
        (json!({ "property": "and", "direction": "descending" }), "B"),
        (json!({ "property": "created_time", "direction": "ascending" }), "A"),
        (json!({ "property": "title", "direction": "descending" }), "C"),
    ] {
        let context = json!({ "databaseId": database, "sorts": [sort], "properties": ["property", "title"] });
        let rows = run_action(&app, "query_database", context).await["rows"].clone();
        assert_eq!(rows[0]["title"], first, "{sort}");
        assert!(rows[0]["properties"].get("property").is_some() && rows[0]["properties"].get("Num").is_none());
    }
    let context = json!({ "databaseId": DATABASE, "sorts": [{ "property": "Colour" }] });
    let reason = refusal_of(&app, "query_database", context).await;
    assert!(reason.contains("sorts[0]") && reason.contains("existing properties are Name"), "{reason}");
    row(&app, &database, json!({})).await;
}
