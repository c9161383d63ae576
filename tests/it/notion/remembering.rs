//! The kind of an id, its data source and the schema are remembered for minutes.

use super::{LOOKUPS_END, app, found, run_action};
use crate::support::TestApp;
use sandbox::fixtures::notion::{DATA_SOURCE, DATABASE, PAGE};
use sandbox::strangeness::LIST_LAG_SECONDS;
use serde_json::{Value, json};

/// Calls of a path since the start.
fn calls(app: &TestApp, path: &str) -> usize {
    app.sandbox.sandbox.call_count(&format!("/notion/v1/{path}"))
}

/// Calls that learn what an id is.
fn lookups(app: &TestApp, id: &str) -> usize {
    ["databases", "data_sources", "pages"].iter().map(|kind| calls(app, &format!("{kind}/{id}"))).sum()
}

fn page(parent: &str) -> Value {
    json!({ "title": "Ship", "parent": parent })
}

#[tokio::test]
async fn a_page_takes_two_calls_once_its_parent_is_known() {
    for parent in [DATABASE, PAGE] {
        let app = app().await;
        let created = run_action(&app, "create_page", page(parent)).await;
        let (known, posts) = (lookups(&app, parent) + lookups(&app, DATA_SOURCE), calls(&app, "pages"));
        let renames = calls(&app, &format!("pages/{}", created["id"].as_str().unwrap()));
        assert_eq!((posts, renames), (1, 1));
        let next = run_action(&app, "create_page", page(parent)).await;
        assert_eq!(lookups(&app, parent) + lookups(&app, DATA_SOURCE), known, "nothing is read again");
        let renames = calls(&app, &format!("pages/{}", next["id"].as_str().unwrap()));
        assert_eq!((calls(&app, "pages"), renames), (2, 1), "created and renamed");
        app.advance(LOOKUPS_END);
        run_action(&app, "create_page", page(parent)).await;
        assert!(lookups(&app, parent) + lookups(&app, DATA_SOURCE) > known);
    }
}

#[tokio::test]
async fn a_query_takes_one_call_once_its_database_is_known() {
    let app = app().await;
    for _ in 0..3 {
        found(&app, DATABASE, json!({ "Status": "Done" })).await;
    }
    assert_eq!((lookups(&app, DATABASE), lookups(&app, DATA_SOURCE)), (1, 1));
    assert_eq!(calls(&app, &format!("data_sources/{DATA_SOURCE}/query")), 3);
}

#[tokio::test]
async fn a_schema_that_a_person_changed_is_read_again() {
    let app = app().await;
    run_action(&app, "create_page", page(DATABASE)).await;
    let change = json!({ "Size": { "number": {} }, "Name": { "name": "Title" } });
    assert!(app.sandbox.sandbox.change_notion_schema(DATA_SOURCE, &change));
    let mut context = page(DATABASE);
    context["properties"] = json!({ "Size": 5 });
    let made = run_action(&app, "create_page", context).await;
    assert_eq!((&made["properties"]["Size"], &made["properties"]["Title"]), (&json!(5), &json!("Ship")));
    app.advance(LIST_LAG_SECONDS);
    assert_eq!(found(&app, DATABASE, json!({ "Size": 5 })).await, ["Ship"]);
}
