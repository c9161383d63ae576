//! Context keys in intents: a key in a context resolves to its external id; `saveAs` stores the id of a created object.

use crate::support::TestApp;
use jiff::SignedDuration;
use sandbox::{Fault, fixtures};
use serde_json::{Value, json};

async fn create_mapping(app: &TestApp, tool: &str, key: &str, id: &str) {
    let mapping = json!({ "agentId": "a", "tool": tool, "contextKey": key, "externalId": id });
    app.post("u1", "/context-mappings", mapping).await.ok();
}

fn create_task(context: Value) -> Value {
    json!({ "agentId": "a", "tool": "asana", "intent": "create_task", "context": context })
}

async fn mapped_id(app: &TestApp, key: &str) -> Value {
    let path = format!("/context-mappings/lookup?agentId=a&tool=asana&contextKey={key}");
    app.get("u1", &path).await.body["externalId"].clone()
}

#[tokio::test]
async fn a_context_key_resolves_to_its_external_id() {
    let app = TestApp::start().await;
    app.connect("u1", "asana").await;
    create_mapping(&app, "asana", "website", fixtures::asana::PROJECT).await;
    let context = json!({ "name": "Ship", "projectId": { "contextKey": "website" } });
    app.calls.reset();
    let created = app.post("u1", "", create_task(context.clone())).await.ok();
    assert_eq!(created["success"], true, "{created}");
    assert_eq!(app.calls.operations().iter().filter(|call| *call == "GetItem").count(), 1, "one read a key");
    assert_eq!(app.effects("task_created")[0].request["projects"], json!([fixtures::asana::PROJECT]));
    // A scheduled task uses the id that the key had when the task was accepted.
    let mut later = create_task(context);
    later["executeAt"] = (app.clock.now() + SignedDuration::from_secs(60)).to_string().into();
    app.post("u1", "/tasks/schedule", later).await.accepted();
    app.advance(61);
    assert_eq!(app.run_processor().await.ran, 1);
    assert_eq!(app.effects("task_created")[1].request["projects"], json!([fixtures::asana::PROJECT]));
}

#[tokio::test]
async fn an_unmapped_context_key_is_rejected_with_its_path() {
    let app = TestApp::start().await;
    app.connect("u1", "asana").await;
    create_mapping(&app, "notion", "website", "1").await;
    let refused = async |context: Value| app.post("u1", "", create_task(context)).await.refused(400, "INVALID_FIELD");
    let unknown = refused(json!({ "name": "Ship", "projectId": { "contextKey": "website" } })).await;
    assert!(unknown.contains("context.projectId") && unknown.contains("not mapped"), "another tool's: {unknown}");
    let deep = refused(json!({ "name": "Ship", "x": [{ "y": { "contextKey": "website" } }] })).await;
    assert!(deep.contains("context.x[0].y"), "{deep}");
    let bad = refused(json!({ "name": "Ship", "projectId": { "contextKey": "a\nb" } })).await;
    assert!(bad.contains("context.projectId.contextKey"), "{bad}");
    let many: Vec<Value> = (0..11).map(|number| json!({ "contextKey": format!("k{number}") })).collect();
    assert!(refused(json!({ "name": "Ship", "x": many })).await.contains("at most 10"));
    let other = app.post("u2", "", create_task(json!({ "name": "S", "projectId": { "contextKey": "website" } }))).await;
    other.refused(400, "INVALID_FIELD");
    assert!(app.effects("task_created").is_empty());
}

#[tokio::test]
async fn save_as_stores_the_created_id() {
    let app = TestApp::start().await;
    app.connect("u1", "asana").await;
    let mut now = create_task(json!({ "name": "Now", "projectId": fixtures::asana::PROJECT }));
    now["saveAs"] = "now".into();
    let created = app.post("u1", "", now.clone()).await.ok();
    assert_eq!(mapped_id(&app, "now").await, created["externalId"]);
    let mut later = now;
    later["saveAs"] = "later".into();
    later["executeAt"] = (app.clock.now() + SignedDuration::from_secs(60)).to_string().into();
    app.post("u1", "/tasks/schedule", later).await.accepted();
    app.advance(61);
    app.run_processor().await;
    assert_eq!(mapped_id(&app, "later").await, app.effects("task_created")[1].id);
    app.check_role("process-due-tasks");
}

#[tokio::test]
async fn save_as_stores_the_created_id_after_a_crash() {
    let mut app = TestApp::start().await;
    app.connect("u1", "asana").await;
    let mut intent = create_task(json!({ "name": "Now", "projectId": fixtures::asana::PROJECT }));
    intent["saveAs"] = "now".into();
    // Three calls succeed: limit, guards, claim. The fourth, the write of the mapping, is lost.
    app.calls.kill_after(3);
    let token = app.token("u1");
    app.with_advancing_clock(app.send("POST", "", Some(&token), Some(intent.to_string()))).await;
    app.calls.replace_process();
    app.cold_start();
    let created = app.effects("task_created");
    assert_eq!(
        (created.len(), mapped_id(&app, "now").await),
        (1, Value::Null),
        "the process is killed before the mapping is written"
    );
    app.advance(120);
    app.run_processor().await;
    assert_eq!((app.effects("task_created").len(), mapped_id(&app, "now").await), (1, json!(created[0].id)));
}

#[tokio::test]
async fn failures_and_reads_save_no_key() {
    let app = TestApp::start().await;
    app.connect("u1", "asana").await;
    let mut intent = create_task(json!({ "name": "Now", "projectId": fixtures::asana::PROJECT }));
    intent["saveAs"] = "k".into();
    app.sandbox.sandbox.fault(Fault::status("asana", 400, json!({ "errors": [{ "message": "no" }] })));
    assert_eq!(app.post("u1", "", intent).await.ok()["success"], false);
    assert_eq!(mapped_id(&app, "k").await, Value::Null);
    let read = json!({ "agentId": "a", "tool": "gmail", "intent": "fetch_emails", "saveAs": "k" });
    assert!(app.post("u1", "", read).await.refused(400, "INVALID_FIELD").contains("saveAs"));
    let mut bad = create_task(json!({ "name": "Now" }));
    bad["saveAs"] = "a\nb".into();
    assert!(app.post("u1", "", bad).await.refused(400, "INVALID_FIELD").contains("saveAs"));
}
