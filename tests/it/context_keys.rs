//! Context keys in intents: a key in a context resolves to its external id; `saveAs` stores the id of a created object.

use crate::support::builders::{Intent, fetch_emails, intent, mapping};
use crate::support::responses::MappedId;
use crate::support::{EffectKind, TestApp};
use sandbox::{Fault, fixtures};
use serde_json::{Value, json};

async fn create_mapping(app: &TestApp, tool: &str, key: &str, id: &str) {
    app.post("u1", "/context-mappings", mapping(tool, key, id)).await.ok();
}

fn create_task(context: Value) -> Intent {
    intent("asana", "create_task").context(context)
}

fn task_of_project() -> Intent {
    create_task(json!({ "name": "Now", "projectId": fixtures::asana::PROJECT }))
}

/// The id to which a key is mapped; `None` if it is not mapped.
async fn mapped_id(app: &TestApp, key: &str) -> Option<String> {
    let found = app.get("u1", &format!("/context-mappings/lookup?agentId=a&tool=asana&contextKey={key}")).await;
    if found.status == 404 {
        found.refused(404, "NOT_FOUND");
        return None;
    }
    let MappedId { external_id } = found.view();
    Some(external_id)
}

#[tokio::test]
async fn a_context_key_resolves_to_its_external_id() {
    let app = TestApp::start().await;
    app.connect("u1", "asana").await;
    create_mapping(&app, "asana", "website", fixtures::asana::PROJECT).await;
    let by_key = || create_task(json!({ "name": "Ship", "projectId": { "contextKey": "website" } }));
    app.submit("u1", by_key()).await.succeeded();
    assert_eq!(app.effects(EffectKind::TaskCreated)[0].request["projects"], json!([fixtures::asana::PROJECT]));
    // A scheduled task uses the id that the key had when the task was accepted.
    app.schedule("u1", by_key().at(app.after(60))).await.scheduled();
    assert_eq!(app.run_processor_after(61).await.ran, 1);
    assert_eq!(app.effects(EffectKind::TaskCreated)[1].request["projects"], json!([fixtures::asana::PROJECT]));
}

#[tokio::test]
async fn an_unmapped_context_key_is_rejected_with_its_path() {
    let app = TestApp::start().await;
    for (user, tool) in [("u1", "asana"), ("u1", "notion"), ("u2", "asana")] {
        app.connect(user, tool).await;
    }
    create_mapping(&app, "notion", "website", "1").await;
    let refused = async |context: Value| app.submit("u1", create_task(context)).await.refused(400, "INVALID_FIELD");
    let unknown = refused(json!({ "name": "Ship", "projectId": { "contextKey": "website" } })).await;
    assert!(unknown.contains("context.projectId") && unknown.contains("not mapped"), "another tool's: {unknown}");
    let deep = refused(json!({ "name": "Ship", "x": [{ "y": { "contextKey": "website" } }] })).await;
    assert!(deep.contains("context.x[0].y"), "{deep}");
    let bad = refused(json!({ "name": "Ship", "projectId": { "contextKey": "a\nb" } })).await;
    assert!(bad.contains("context.projectId.contextKey"), "{bad}");
    let many: Vec<Value> = (0..11).map(|number| json!({ "contextKey": format!("k{number}") })).collect();
    assert!(refused(json!({ "name": "Ship", "x": many })).await.contains("at most 10"));
    let foreign = create_task(json!({ "name": "S", "projectId": { "contextKey": "website" } }));
    app.submit("u2", foreign).await.refused(400, "INVALID_FIELD");
    app.effects(EffectKind::TaskCreated).assert_none();
}

#[tokio::test]
async fn save_as_stores_the_created_id() {
    let app = TestApp::start().await;
    app.connect("u1", "asana").await;
    let created = app.submit("u1", task_of_project().save_as("now")).await.succeeded();
    assert_eq!(mapped_id(&app, "now").await, created.external_id);
    app.schedule("u1", task_of_project().save_as("later").at(app.after(60))).await.scheduled();
    app.run_processor_after(61).await;
    assert_eq!(mapped_id(&app, "later").await.as_ref(), Some(&app.effects(EffectKind::TaskCreated)[1].id));
}

#[tokio::test]
async fn save_as_stores_the_created_id_after_a_crash() {
    let mut app = TestApp::start().await;
    app.connect("u1", "asana").await;
    app.calls.kill_before_call("PutItem", &app.tables.mappings);
    app.with_advancing_clock(app.submit("u1", task_of_project().save_as("now"))).await;
    assert!(app.calls.replace_process(), "the process is killed before the mapping is written");
    app.cold_start();
    let created = app.effects(EffectKind::TaskCreated).only();
    assert_eq!(mapped_id(&app, "now").await, None);
    app.run_processor_after(120).await;
    app.effects(EffectKind::TaskCreated).assert_count(1);
    assert_eq!(mapped_id(&app, "now").await, Some(created.id));
}

#[tokio::test]
async fn failures_and_reads_save_no_key() {
    let app = TestApp::start().await;
    app.connect("u1", "asana").await;
    app.fault(Fault::status("asana", 400, json!({ "errors": [{ "message": "no" }] })));
    app.submit("u1", task_of_project().save_as("k")).await.failed("PROVIDER_REJECTED");
    assert_eq!(mapped_id(&app, "k").await, None);
    assert!(app.submit("u1", fetch_emails().save_as("k")).await.refused(400, "INVALID_FIELD").contains("saveAs"));
    let bad = create_task(json!({ "name": "Now" })).save_as("a\nb");
    assert!(app.submit("u1", bad).await.refused(400, "INVALID_FIELD").contains("saveAs"));
}

#[tokio::test]
async fn two_keys_of_a_context_stand_for_two_ids() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    for (key, label) in [("todo", "STARRED"), ("done", "UNREAD")] {
        create_mapping(&app, "gmail", key, label).await;
    }
    let context = json!({ "messageId": fixtures::gmail::INVOICE_MESSAGE, "add": [{ "contextKey": "todo" }], "remove": [{ "contextKey": "done" }] });
    app.submit("u1", intent("gmail", "modify_labels").context(context)).await.succeeded();
    let same = json!({ "messageId": fixtures::gmail::INVOICE_MESSAGE, "add": [{ "contextKey": "todo" }], "remove": [{ "contextKey": "todo" }] });
    app.submit("u1", intent("gmail", "modify_labels").context(same)).await.refused(400, "INVALID_FIELD");
}
