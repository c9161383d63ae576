//! Outcome events: an event can come twice, and `eventKey` is equal in all deliveries of one outcome and in no other event.

use crate::support::builders::{every, message};
use crate::support::{EffectKind, TestApp};
use sandbox::Fault;
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn slack_app() -> TestApp {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app
}

/// The details of all events of a kind.
fn details(app: &TestApp, kind: EffectKind) -> Vec<Value> {
    app.effects(kind).iter().map(|event| event.request["Detail"].clone()).collect()
}

fn keys(details: &[Value]) -> BTreeSet<&str> {
    details.iter().map(|detail| detail["eventKey"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_event_that_comes_twice_has_one_key() {
    let app = slack_app().await;
    app.fault(Fault::apply_then_drop("aws"));
    let immediate = app.submit("u1", message()).await.succeeded().task_id();
    let twice = details(&app, EffectKind::TaskCompleted);
    assert_eq!((twice.len(), keys(&twice).len()), (2, 1), "the lost answer of the bus is repeated: {twice:?}");
    assert_eq!(twice[0], twice[1]);
    assert_eq!((&twice[0]["taskId"], &twice[0]["occurrence"]), (&json!(immediate), &json!(1)));

    let scheduled = app.schedule("u1", message().at(app.after(10))).await.scheduled();
    app.fault(Fault::apply_then_drop("aws"));
    app.run_processor_after(11).await;
    let all = details(&app, EffectKind::TaskCompleted);
    let twice: Vec<Value> = all.iter().filter(|detail| detail["taskId"] == scheduled.as_str()).cloned().collect();
    assert_eq!((twice.len(), keys(&twice).len(), keys(&all).len()), (2, 1, 2));
}

#[tokio::test]
async fn each_occurrence_and_each_retry_has_a_key_of_its_own() {
    let app = slack_app().await;
    let series = message().at(app.after(10)).recurring(every("PT1H").count(3));
    app.schedule("u1", series).await.scheduled();
    app.run_processor_after(11).await;
    app.run_processor_after(3600).await;
    app.run_processor_after(3600).await;
    let completed = details(&app, EffectKind::TaskCompleted);
    assert_eq!(keys(&completed).len(), 3);
    let occurrences: Vec<&Value> = completed.iter().map(|detail| &detail["occurrence"]).collect();
    assert_eq!(occurrences, [1, 2, 3]);

    let missing = json!({ "ok": false, "error": "channel_not_found" });
    app.fault(Fault::status("slack", 200, missing).at_path("/api/chat.postMessage").times(2));
    let id = app.schedule("u1", message().at(app.after(10))).await.scheduled();
    app.run_processor_after(11).await;
    app.retry(&id).await.ok();
    app.run_processor_after(1).await;
    let failed = details(&app, EffectKind::TaskFailed);
    assert_eq!((failed.len(), keys(&failed).len()), (2, 2), "two outcomes of one occurrence");
    assert!(failed.iter().all(|detail| detail["taskId"] == id.as_str() && detail["occurrence"] == 1));
}

#[tokio::test]
async fn events_of_connections_have_keys_too() {
    let app = slack_app().await;
    app.fault(Fault::apply_then_drop("aws"));
    app.advance(1);
    app.delete("u1", "/integrations?tool=slack", None).await.ok();
    let twice = details(&app, EffectKind::ConnectionDeleted);
    assert_eq!((twice.len(), keys(&twice).len()), (2, 1));
    app.connect("u1", "slack").await;
    let created = details(&app, EffectKind::ConnectionCreated);
    assert_eq!((created.len(), keys(&created).len()), (2, 2));
}
