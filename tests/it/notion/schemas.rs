//! Changes of a database's schema.

use super::{app, found, refusal_of, row, run_action, tasks};
use crate::support::TestApp;
use crate::support::builders::intent;
use sandbox::Fault;
use sandbox::strangeness::LIST_LAG_SECONDS;
use serde_json::{Value, json};

async fn properties(app: &TestApp, database: &str) -> Value {
    run_action(app, "get_database", json!({ "databaseId": database })).await["dataSources"][0]["properties"].clone()
}

fn changes(database: &str) -> Value {
    json!({ "databaseId": database, "title": "Work", "description": "All of it", "add": { "Size": "number", "Level": { "select": ["S", "M"] } },
        "rename": { "Notes": "Remarks" }, "remove": ["Phone"], "change": { "Mail": "text" },
        "addOptions": { "Kind": ["Feature"], "Status": ["Blocked"] }, "removeOptions": { "Tags": ["b"] } })
}

async fn assert_changed(app: &TestApp, database: &str) {
    let read = run_action(app, "get_database", json!({ "databaseId": database })).await;
    assert_eq!((&read["title"], &read["description"]), (&json!("Work"), &json!("All of it")));
    let schema = &read["dataSources"][0]["properties"];
    assert_eq!(schema["Size"]["type"], "number");
    assert_eq!(schema["Level"]["options"], json!(["S", "M"]));
    assert_eq!((&schema["Remarks"]["type"], &schema["Notes"]), (&json!("rich_text"), &Value::Null));
    assert_eq!((&schema["Phone"], &schema["Mail"]["type"]), (&Value::Null, &json!("rich_text")));
    assert_eq!(schema["Kind"]["options"], json!(["Bug", "Chore", "Feature"]));
    assert_eq!(schema["Status"]["options"], json!(["Not started", "In progress", "Done", "Blocked"]));
    assert_eq!(schema["Tags"]["options"], json!(["a"]));
}

#[tokio::test]
async fn a_schema_is_changed_and_the_rows_stay() {
    let app = app().await;
    let database = tasks(&app).await;
    row(&app, &database, json!({ "Notes": "x", "Kind": "Bug", "Tags": ["a", "b"] })).await;
    let changed = run_action(&app, "update_database", changes(&database)).await;
    assert_eq!(changed["dataSources"][0]["properties"]["Remarks"]["type"], "rich_text");
    assert_changed(&app, &database).await;
    app.advance(LIST_LAG_SECONDS);
    assert_eq!(found(&app, &database, json!({ "Remarks": "x", "Tags": "a", "Kind": "Bug" })).await, ["Ship"]);
}

#[tokio::test]
async fn a_change_with_lost_answers_is_made_once() {
    for path in ["/v1/data_sources", "/v1/databases"] {
        let app = app().await;
        let database = tasks(&app).await;
        app.fault(Fault::apply_then_drop("notion").at_path(path).on_method("PATCH").times(2));
        let change = intent("notion", "update_database").context(changes(&database));
        let id = app.submit("u1", change.at(app.after(10))).await.scheduled();
        app.run_processor_after(11).await;
        for _ in 0..3 {
            app.run_processor_after(301).await;
        }
        app.task(&id).await.assert_completed();
        assert_changed(&app, &database).await;
    }
}

#[tokio::test]
async fn a_change_that_cannot_be_made_is_refused_by_name_before_any_write() {
    let app = app().await;
    let database = tasks(&app).await;
    let before = properties(&app, &database).await;
    for (change, said) in [
        (json!({ "add": { "Num": "text" } }), "add.Num: exists already"),
        (json!({ "rename": { "Nope": "X" } }), "rename.Nope"),
        (json!({ "rename": { "Num": "Due" } }), "Due"),
        (json!({ "remove": ["Task"] }), "title"),
        (json!({ "remove": ["Nope"] }), "existing properties are"),
        (json!({ "change": { "Task": "number" } }), "title"),
        (json!({ "change": { "Nope": "number" } }), "existing properties are"),
        (json!({ "addOptions": { "Num": ["x"] } }), "has no options"),
        (json!({ "addOptions": { "Kind": ["a,b"] } }), "comma"),
        (json!({ "removeOptions": { "Kind": ["Nope"] } }), "Bug, Chore"),
        (json!({ "removeOptions": { "Status": ["Done"] } }), "status"),
        (json!({ "rename": { "Num": "N" }, "remove": ["Num"] }), "Num"),
    ] {
        let mut context = change.clone();
        context["databaseId"] = json!(database);
        context["title"] = json!("New");
        let reason = refusal_of(&app, "update_database", context).await;
        assert!(reason.contains(said), "{change}: {reason}");
    }
    assert_eq!(properties(&app, &database).await, before);
    assert_eq!(run_action(&app, "get_database", json!({ "databaseId": database })).await["title"], "Tasks");
}
