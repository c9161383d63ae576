//! A row that is found by a property or created, and what becomes of it when an answer is lost.

use super::{app, found, refusal_of, row, run_action, tasks};
use crate::support::builders::intent;
use crate::support::{EffectKind, TestApp};
use sandbox::Fault;
use sandbox::strangeness::LIST_LAG_SECONDS;
use serde_json::{Value, json};

fn upsert(database: &str, number: i64) -> Value {
    json!({ "databaseId": database, "match": { "Mail": "ann@example.com" }, "title": "Ann", "properties": { "Num": number } })
}

#[tokio::test]
async fn a_row_is_created_once_and_then_changed() {
    let app = app().await;
    let database = tasks(&app).await;
    let created = run_action(&app, "upsert_row", upsert(&database, 1)).await;
    assert_eq!((&created["created"], &created["row"]["title"]), (&json!(true), &json!("Ann")));
    app.advance(LIST_LAG_SECONDS);
    let changed = run_action(&app, "upsert_row", upsert(&database, 2)).await;
    assert_eq!((&changed["created"], &changed["row"]["id"]), (&json!(false), &created["row"]["id"]));
    assert_eq!(changed["row"]["properties"]["Num"], 2);
    assert_eq!(found(&app, &database, json!({ "Mail": "ann@example.com", "Num": 2 })).await, ["Ann"]);
}

#[tokio::test]
async fn several_rows_are_refused_and_named() {
    let app = app().await;
    let database = tasks(&app).await;
    for _ in 0..2 {
        row(&app, &database, json!({ "Mail": "ann@example.com" })).await;
    }
    app.advance(LIST_LAG_SECONDS);
    let reason = refusal_of(&app, "upsert_row", upsert(&database, 1)).await;
    assert!(reason.contains("2 rows"), "{reason}");
    let reason = refusal_of(&app, "upsert_row", json!({ "databaseId": database, "match": { "Nope": 1 } })).await;
    assert!(reason.contains("existing properties are"), "{reason}");
}

async fn run_with_lost_answers(app: &TestApp, fault: Fault, context: Value) {
    app.fault(fault);
    let id = app.submit("u1", intent("notion", "upsert_row").context(context).at(app.after(10))).await.scheduled();
    app.run_processor_after(11).await;
    for _ in 0..4 {
        app.run_processor_after(301).await;
    }
    app.task(&id).await.assert_completed();
}

#[tokio::test]
async fn lost_answers_make_no_second_row() {
    for (path, method) in [("/v1/pages", "POST"), ("/v1/pages", "PATCH"), ("/v1/data_sources", "POST")] {
        for exists in [false, true] {
            let app = app().await;
            let database = tasks(&app).await;
            if exists {
                row(&app, &database, json!({ "Mail": "ann@example.com" })).await;
                app.advance(LIST_LAG_SECONDS);
            }
            let fault = Fault::apply_then_drop("notion").at_path(path).on_method(method).times(2);
            run_with_lost_answers(&app, fault, upsert(&database, 3)).await;
            app.effects(EffectKind::PageCreated).assert_count(1);
            assert_eq!(found(&app, &database, json!({ "Num": 3 })).await, ["Ann"], "{path} {method} {exists}");
        }
    }
}
