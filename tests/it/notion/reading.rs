//! Lists that Notion cuts are read whole, or said to be cut.

use super::{app, row, run_action, tasks};
use crate::support::TestApp;
use sandbox::strangeness::{LIST_LAG_SECONDS, Strangeness};
use serde_json::{Value, json};

/// Creates a row with 60 related pages, and returns its database and its id.
async fn related(app: &TestApp) -> (String, String) {
    let database = tasks(app).await;
    let ids: Vec<String> = (0..60).map(|number| format!("7c1f0a52-7a3e-4c54-9a55-0d1f6b3d{number:04x}")).collect();
    let created = run_action(
        app,
        "create_page",
        json!({ "title": "Ship", "parent": database, "properties": { "Roadmap": ids, "Num": 5 } }),
    )
    .await;
    app.advance(LIST_LAG_SECONDS);
    (database, created["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_page_has_all_related_pages() {
    let app = app().await;
    let (_, id) = related(&app).await;
    let page = run_action(&app, "get_page", json!({ "pageId": id })).await;
    assert_eq!(page["properties"]["Roadmap"].as_array().unwrap().len(), 60);
    assert_eq!(page["incompleteProperties"], Value::Null);
}

#[tokio::test]
async fn a_row_of_a_list_says_which_of_its_values_are_cut_and_each_is_read_in_pages() {
    let app = app().await;
    let (database, id) = related(&app).await;
    let rows = run_action(&app, "query_database", json!({ "databaseId": database })).await;
    let row = &rows["rows"][0];
    assert_eq!(row["properties"]["Roadmap"].as_array().unwrap().len(), 25);
    assert_eq!(row["incompleteProperties"], json!(["Roadmap"]));

    let (mut ids, mut cursor) = (vec![], Value::Null);
    loop {
        let context = json!({ "pageId": id, "property": "Roadmap", "limit": 20, "cursor": cursor });
        let read = run_action(&app, "get_page_property", context).await;
        assert_eq!((&read["property"], &read["type"]), (&json!("Roadmap"), &json!("relation")));
        ids.extend(read["value"].as_array().unwrap().clone());
        cursor = read["cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(ids.len(), 60);
    let number = run_action(&app, "get_page_property", json!({ "pageId": id, "property": "Num" })).await;
    assert_eq!(number["value"], 5);
}

#[tokio::test]
async fn a_query_that_ends_at_notions_limit_says_so() {
    let app = app().await;
    let database = tasks(&app).await;
    for _ in 0..3 {
        row(&app, &database, json!({})).await;
    }
    app.advance(LIST_LAG_SECONDS);
    let mut strangeness = Strangeness::content();
    strangeness.notion.query_limit = Some(2);
    app.sandbox.sandbox.set_strangeness(strangeness);
    let context = json!({ "databaseId": database, "limit": 50 });
    let read = run_action(&app, "query_database", context.clone()).await;
    assert_eq!(read["incomplete"], true, "{read}");
    strangeness.notion.query_limit = Some(10_000);
    app.sandbox.sandbox.set_strangeness(strangeness);
    assert_eq!(run_action(&app, "query_database", context).await["incomplete"], Value::Null);
}
