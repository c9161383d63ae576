//! Intents that name files: what they look up, refuse, copy and send.

use super::{held, share, slack_app};
use crate::support::builders::{intent, message};
use crate::support::responses::TaskStatus;
use crate::support::{EffectKind, TestApp};
use engine::processor::{self, DueEvent};
use jiff::SignedDuration;
use sandbox::Fault;
use sandbox::fixtures::slack::GENERAL;
use serde_json::{Value, json};

/// A text that must be in no row and in no log line.
const CANARY: &str = "CANARY-8d41-bytes";

/// Reads a shared file back; returns its bytes.
async fn read_back(app: &TestApp, shared: &Value) -> Vec<u8> {
    let file = shared["id"].as_str().unwrap();
    let read = app.submit("u1", intent("slack", "get_file").with("fileId", file)).await.succeeded();
    let id = read.data()["file"].as_str().unwrap_or_else(|| panic!("{:?}", read.data()));
    app.sandbox.sandbox.object(&format!("in/{id}")).unwrap().to_vec()
}

#[tokio::test]
async fn an_immediate_intent_sends_the_bytes_and_deletes_its_copy() {
    let app = slack_app().await;
    let bytes = format!("a,b\n{CANARY}\n").into_bytes();
    let log = app.capture_log();
    let id = app.upload("u1", "numbers.csv", "text/csv", bytes.clone()).await;
    let done = app.submit("u1", share(&id)).await.succeeded();
    assert_eq!(done.data()["filename"], "numbers.csv");
    assert_eq!(read_back(&app, done.data()).await, bytes);
    assert_eq!(held(&app), Vec::<String>::new(), "the task has ended");
    assert!(!log.lines().is_empty(), "no line has content or a link");
    let payload = app.task(&done.task_id()).await.payload.unwrap();
    let expected = json!({ "file": id, "filename": "numbers.csv", "contentType": "text/csv", "size": bytes.len() });
    assert_eq!(payload["file"], expected);
    let rows = app.store.scan().table_name(&app.tables.tasks).send().await.unwrap();
    assert!(!format!("{:?}", rows.items).contains(CANARY), "no byte is in a row");
}

#[tokio::test]
async fn another_name_and_type_are_sent_and_another_size_is_not() {
    let app = slack_app().await;
    let id = app.upload("u1", "numbers.csv", "text/csv", "a,b").await;
    let named = json!({ "file": id, "filename": "mine.txt", "contentType": "text/plain", "size": 1 });
    let done =
        app.submit("u1", intent("slack", "upload_file").context(json!({ "channel": GENERAL, "file": named }))).await;
    let payload = app.task(&done.succeeded().task_id()).await.payload.unwrap();
    assert_eq!(payload["file"]["filename"], "mine.txt");
    assert_eq!((&payload["file"]["contentType"], &payload["file"]["size"]), (&json!("text/plain"), &json!(3)));
}

#[tokio::test]
async fn a_file_that_cannot_be_sent_is_refused_before_any_effect() {
    let app = slack_app().await;
    let foreign = {
        let file = json!({ "filename": "a", "contentType": "a/b", "size": 1 });
        app.register_file("u2", file).await.file_id
    };
    let empty = app.register_file("u1", json!({ "filename": "a", "contentType": "a/b", "size": 1 })).await.file_id;
    for (id, status, code) in [
        ("file_01J0000000000000000000000A", 404, "FILE_NOT_FOUND"),
        (&foreign, 404, "FILE_NOT_FOUND"),
        (&empty, 409, "FILE_NOT_UPLOADED"),
    ] {
        let refusal = app.submit("u1", share(id)).await.refusal(status, code);
        assert_eq!(refusal.fields.unwrap()[0].field, "context.file", "{id}");
        app.schedule("u1", share(id).at(app.after(60))).await.refused(status, code);
        app.submit("u1", share(id).dry_run()).await.refused(status, code);
    }
    app.effects(EffectKind::FileShared).assert_none();
    assert_eq!(held(&app), Vec::<String>::new());
}

#[tokio::test]
async fn a_refused_intent_can_be_repeated_with_its_key_after_the_upload() {
    let app = slack_app().await;
    let file = json!({ "filename": "a.txt", "contentType": "text/plain", "size": 2 });
    let registered = app.register_file("u1", file).await;
    let intent = share(&registered.file_id).key("k1");
    app.submit("u1", intent.clone()).await.refused(409, "FILE_NOT_UPLOADED");
    app.follow(&registered.upload, b"hi".to_vec()).await;
    let first = app.submit("u1", intent.clone()).await.succeeded();
    app.sandbox.sandbox.delete_objects("in/");
    app.advance(86_399);
    let again = app.submit("u1", intent).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.succeeded().task_id(), first.task_id());
    app.effects(EffectKind::FileShared).assert_count(1);
}

#[tokio::test]
async fn a_text_of_several_lines_can_be_in_a_file() {
    let app = slack_app().await;
    let id = app.upload("u1", "text.md", "text/markdown", "\u{feff}One\nTwo ü".as_bytes()).await;
    let sent = message().with("text", json!({ "file": id }));
    let done = app.submit("u1", sent.clone()).await.succeeded();
    assert_eq!(app.task(&done.task_id()).await.payload.unwrap()["text"], "One\nTwo ü");
    assert_eq!(held(&app), Vec::<String>::new(), "a text is in the payload");
    let binary = app.upload("u1", "a.bin", "application/octet-stream", vec![0xff, 0xfe, 0]).await;
    let refused = app.submit("u1", message().with("text", json!({ "file": binary }))).await;
    let message_text = refused.refused(400, "INVALID_FIELD");
    assert!(message_text.starts_with("context.text") && message_text.contains("UTF-8"), "{message_text}");
    let long = app.upload("u1", "long.txt", "text/plain", vec![b'x'; 400_000]).await;
    let refused = app.submit("u1", message().with("text", json!({ "file": long }))).await;
    let text = refused.refused(400, "INVALID_FIELD");
    assert!(text.starts_with("context.text") && text.contains("400000 bytes"), "{text}");
    app.effects(EffectKind::MessagePosted).assert_count(1);
}

#[tokio::test]
async fn an_attempt_that_needs_more_time_than_a_request_has_goes_to_the_processor() {
    let app = slack_app().await;
    let bytes = vec![7; 30 * 1024 * 1024];
    let id = app.upload("u1", "large.bin", "application/octet-stream", bytes.clone()).await;
    let answer = app.submit("u1", share(&id).key("k1")).await;
    assert!(answer.body["message"].as_str().unwrap().contains("wait=20"), "{}", answer.body);
    let task = answer.scheduled();
    assert_eq!(app.submit("u1", share(&id).key("k1")).await.scheduled(), task, "the key is kept");
    app.effects(EffectKind::FileShared).assert_none();
    assert_eq!(held(&app).len(), 1);
    // With a function's usual time it is deferred, and no attempt is consumed.
    app.run_processor().await;
    let deferred = app.task(&task).await;
    deferred.assert_status(TaskStatus::Retrying);
    assert_eq!(deferred.attempts, 0);
    app.advance(3_600);
    let event: DueEvent = serde_json::from_value(json!({ "windowSeconds": 0 })).unwrap();
    let deadline = app.clock.now() + SignedDuration::from_secs(180);
    processor::run(app.engine, event, deadline).await.unwrap();
    app.check_role("process-due-tasks");
    let done = app.task(&task).await;
    done.assert_status(TaskStatus::Completed);
    let shared = done.result.unwrap().data.unwrap();
    assert_eq!(read_back(&app, &shared).await, bytes);
    assert_eq!(held(&app), Vec::<String>::new());
}

#[tokio::test]
async fn an_upload_that_was_replaced_meanwhile_is_not_sent() {
    let app = slack_app().await;
    let id = app.upload("u1", "a.txt", "text/plain", "hi").await;
    app.fault(Fault::status("s3", 412, json!({})).on_method("PUT"));
    app.submit("u1", share(&id)).await.refused(409, "FILE_NOT_UPLOADED");
    app.effects(EffectKind::FileShared).assert_none();
    app.submit("u1", share(&id)).await.succeeded();
}

/// The size of a file that no request has the time for.
const LARGE: usize = 30 * 1024 * 1024;
/// A timeout with which a request has the time for it.
const LONG: u64 = 120;

async fn upload_large(app: &TestApp) -> String {
    app.upload("u1", "large.bin", "application/octet-stream", vec![7; LARGE]).await
}

#[tokio::test]
async fn a_repeated_request_is_pending_while_its_task_goes_on() {
    let app = slack_app().await;
    let sent = share(&upload_large(&app).await).key("k1");
    let first = app.submit("u1", sent.clone()).await;
    app.run_processor().await;
    let again = app.submit("u1", sent.clone()).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.body["message"], first.body["message"]);
    assert_eq!(again.body["data"], first.body["data"]);
    let task = again.scheduled();
    let deferred = app.task(&task).await;
    deferred.assert_status(TaskStatus::Retrying);
    assert!(deferred.last_error.is_some(), "the last attempt says why it was deferred");
}

#[tokio::test]
async fn a_reserved_key_decides_whether_a_task_is_handed_over() {
    let mut app = slack_app().await;
    let sent = share(&upload_large(&app).await).key("k1");
    app.fault(Fault::status("s3", 412, json!({})).on_method("PUT"));
    app.submit("u1", sent.clone()).await.refused(409, "FILE_NOT_UPLOADED");
    app.cold_start_with_timeout(LONG);
    app.submit("u1", sent).await.scheduled();
    app.effects(EffectKind::FileShared).assert_none();
}

#[tokio::test]
async fn a_key_of_an_immediate_intent_stays_one_and_waits_for_the_time() {
    let mut app = slack_app().await;
    let sent = share(&upload_large(&app).await).key("k1");
    app.cold_start_with_timeout(LONG);
    app.fault(Fault::status("s3", 412, json!({})).on_method("PUT"));
    app.submit("u1", sent.clone()).await.refused(409, "FILE_NOT_UPLOADED");
    app.cold_start_with_timeout(29);
    app.submit("u1", sent.clone()).await.refused(503, "UNAVAILABLE");
    app.effects(EffectKind::FileShared).assert_none();
    app.cold_start_with_timeout(LONG);
    app.submit("u1", sent).await.succeeded();
    app.effects(EffectKind::FileShared).assert_count(1);
}

#[tokio::test]
async fn a_grant_that_has_ended_refuses_a_large_file_at_once() {
    let app = TestApp::start().await;
    app.connect_with("u1", "slack", "&deny_scopes=files:write").await;
    let sent = share(&upload_large(&app).await);
    app.submit("u1", sent).await.failed("MISSING_SCOPE");
    assert_eq!(held(&app), Vec::<String>::new(), "nothing was accepted");
}
