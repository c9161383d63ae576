//! Slack's files: uploaded ones are shared once, and shared ones are read by those who see them.

use super::{app, fail_action, run_action};
use crate::support::builders::{Intent, intent};
use crate::support::responses::TaskStatus;
use crate::support::{EffectKind, TestApp};
use bytes::Bytes;
use sandbox::Fault;
use sandbox::fixtures::slack::{
    CONNECT_FILE, DELETED_FILE, EXTERNAL_FILE, FILE, GENERAL, HIDDEN_FILE, PROJECT_UPDATES,
};
use sandbox::fixtures::{ALEX, KIM};
use sandbox::strangeness::LIST_LAG_SECONDS;
use serde_json::{Value, json};

fn upload(file: Value) -> Intent {
    intent("slack", "upload_file").context(json!({ "channel": GENERAL, "file": file }))
}

fn get(file: &str) -> Intent {
    intent("slack", "get_file").with("fileId", file)
}

/// Bytes that no text has.
fn noise(size: usize) -> Bytes {
    (0..size).map(|at| (at * 7 % 251) as u8).collect()
}

/// The bytes of the file that an answer names, in the bucket.
fn stored(app: &TestApp, data: &Value) -> Bytes {
    let key = format!("in/{}", data["file"].as_str().unwrap());
    app.sandbox.sandbox.object(&key).unwrap_or_else(|| panic!("no object {key}"))
}

#[tokio::test]
async fn an_uploaded_file_is_shared_and_read_again() {
    let app = app().await;
    let bytes = noise(300_000);
    let file = app.upload("u1", "a b.bin", "application/octet-stream", bytes.clone()).await;
    let shared = app.submit("u1", upload(json!({ "file": file }))).await.succeeded();
    assert_eq!(shared.data()["filename"], "a b.bin");
    app.advance(LIST_LAG_SECONDS);
    let read = run_action(&app, "u1", "fetch_messages", json!({ "channel": GENERAL, "limit": 1 })).await;
    let listed = &read["messages"][0]["files"][0];
    assert_eq!((&listed["filename"], &listed["size"]), (&json!("a b.bin"), &json!(300_000)), "{listed}");
    for named in [&listed["id"], &listed["link"]] {
        let read = run_action(&app, "u1", "get_file", json!({ "fileId": named, "asText": true })).await;
        assert_eq!((&read["size"], &read["text"]), (&json!(300_000), &Value::Null), "a large file has no text");
        assert!(stored(&app, &read) == bytes);
        // From tool to tool, as the read gave it.
        app.submit("u1", upload(read)).await.succeeded();
    }
    app.effects(EffectKind::FileShared).assert_count(3);
}

#[tokio::test]
async fn a_small_text_is_read_inline_and_shared_inline() {
    let app = app().await;
    let read = run_action(&app, "u1", "get_file", json!({ "fileId": FILE, "asText": true })).await;
    assert!(read["text"].as_str().unwrap().starts_with("# Landing page"), "{read}");
    assert_eq!(read["contentType"], "text/markdown");
    app.submit("u1", upload(read)).await.succeeded();
    for file in [
        json!({ "filename": "a.txt", "text": "hi" }),
        json!({ "filename": "a.txt", "content": "aGk" }),
        json!({ "filename": "a.txt", "content": "data:text/plain;base64,aGk=" }),
    ] {
        app.submit("u1", upload(file)).await.succeeded();
    }
    let link =
        intent("slack", "get_file").with("link", "https://files.slack.com/files-pri/T0SANDBOX1-F0LANDING01/x.md");
    app.submit("u1", link).await.succeeded();
}

#[tokio::test]
async fn a_file_without_bytes_at_slack_is_refused_with_the_reason() {
    let app = app().await;
    let listed = run_action(&app, "u1", "fetch_messages", json!({ "channel": PROJECT_UPDATES, "limit": 1 })).await;
    let ids: Vec<&Value> = listed["messages"][0]["files"].as_array().unwrap().iter().map(|file| &file["id"]).collect();
    assert_eq!(ids, [FILE, CONNECT_FILE, EXTERNAL_FILE, HIDDEN_FILE, DELETED_FILE]);
    for (file, code, reason) in [
        (EXTERNAL_FILE, "PROVIDER_REJECTED", "open it at https://docs.google.com/document/d/1-launch-plan/edit"),
        (HIDDEN_FILE, "PROVIDER_PLAN_LIMIT", "the plan of the workspace hides the file"),
        (DELETED_FILE, "PROVIDER_NOT_FOUND", "file_deleted"),
        ("F0000000000", "PROVIDER_NOT_FOUND", "fetch_messages returns the files"),
    ] {
        let message = fail_action(&app, "get_file", json!({ "fileId": file }), code).await;
        assert!(message.contains(reason), "{message}");
    }
    // Another organization's file is read, though its message has no more than its id.
    let read = run_action(&app, "u1", "get_file", json!({ "fileId": CONNECT_FILE, "asText": true })).await;
    assert_eq!(read["text"], "An offer of the agency.\n");
}

#[tokio::test]
async fn a_page_for_people_is_never_taken_for_the_file() {
    let app = app().await;
    let page = json!("<!DOCTYPE html><html><body>Sign in</body></html>");
    app.fault(Fault::status("slack", 200, page).header("content-type", "text/html").at_path("/files-pri/"));
    let message = fail_action(&app, "get_file", json!({ "fileId": FILE }), "MISSING_SCOPE").await;
    assert!(
        message.contains("files:read") && message.contains("open it at https://sandbox-works.slack.com"),
        "{message}"
    );
    let login = format!("{}/slack/signin?redir=%2Ffiles-pri%2Fx", app.sandbox.url);
    for (location, code) in [(login.as_str(), "MISSING_SCOPE"), ("https://evil.example/f", "PROVIDER_REJECTED")] {
        let moved = Fault::status("slack", 302, json!(null)).header("location", location);
        app.fault(moved.at_path("/files-pri/"));
        app.submit("u1", get(FILE)).await.failed(code);
    }
    assert_eq!(app.sandbox.sandbox.object_keys("in/"), [""; 0], "no page is stored");
}

#[tokio::test]
async fn a_file_is_for_those_who_see_a_conversation_with_it() {
    let app = TestApp::start().await;
    app.connect_account("alex", "slack", ALEX).await;
    app.connect_account("kim", "slack", KIM).await;
    run_action(&app, "alex", "create_channel", json!({ "name": "board-only", "private": true })).await;
    let secret = json!({ "channel": "board-only", "file": { "filename": "a.txt", "text": "the secret of the board" } });
    let file = run_action(&app, "alex", "upload_file", secret).await["id"].as_str().unwrap().to_owned();
    let refused = app.submit("kim", get(&file)).await.failed("PROVIDER_FORBIDDEN").error.message;
    assert!(refused.contains("ask a member to invite you in Slack"), "{refused}");
    assert_eq!(app.sandbox.sandbox.object_keys("in/"), [""; 0]);
    app.submit("alex", get(&file)).await.succeeded();
    // What a read gave is the user's alone.
    let own = app.upload("alex", "b.txt", "text/plain", "b").await;
    app.submit("kim", upload(json!({ "file": own }))).await.refused(404, "FILE_NOT_FOUND");
    run_action(&app, "alex", "invite_to_channel", json!({ "channel": "board-only", "users": ["kim@example.com"] }))
        .await;
    app.submit("kim", get(&file)).await.succeeded();
}

#[tokio::test]
async fn a_stored_file_is_shared_once_whatever_is_lost() {
    for fault in [
        Fault::apply_then_drop("slack").at_path("/api/files.getUploadURLExternal"),
        Fault::apply_then_drop("slack").at_path("/upload/v1/"),
        Fault::cut_upload("slack", 100_000).at_path("/upload/v1/"),
        Fault::apply_then_drop("slack").at_path("/api/files.completeUploadExternal"),
    ] {
        let app = app().await;
        let bytes = noise(300_000);
        let file = app.upload("u1", "a.bin", "application/octet-stream", bytes.clone()).await;
        let at = app.after(10);
        let id = app.schedule("u1", upload(json!({ "file": file })).at(at)).await.scheduled();
        app.fault(fault.clone());
        app.run_processor_after(11).await;
        for _ in 0..3 {
            app.run_processor_after(120).await;
        }
        let shared = app.effects(EffectKind::FileShared).only().id.clone();
        app.task(&id).await.assert_status(TaskStatus::Completed).external_id(&shared);
        let read = app.submit("u1", get(&shared)).await.succeeded();
        assert!(stored(&app, read.data()) == bytes, "{fault:?}");
    }
}

#[tokio::test]
async fn a_download_that_is_cut_is_no_file() {
    let app = app().await;
    app.fault(Fault::cut_download("slack", 20).at_path("/files-origin/").times(9));
    let answer = app.with_advancing_clock(app.submit("u1", get(FILE))).await;
    assert_eq!(answer.body["success"], false, "{}", answer.body);
    let list = app.get("u1", "/files").await.ok();
    assert_eq!(list["files"], json!([]), "{list}");
}

#[tokio::test]
async fn a_text_of_the_maximum_length_is_posted_whole() {
    let app = app().await;
    let text = "äöü ".repeat(10_000);
    let file = app.upload("u1", "text.txt", "text/plain", text.clone()).await;
    for text_or_file in [json!(text), json!({ "file": file })] {
        run_action(&app, "u1", "send_message", json!({ "channel": GENERAL, "text": text_or_file })).await;
        let posted = app.effects(EffectKind::MessagePosted);
        assert_eq!(posted.last().unwrap().request["text"].as_str().unwrap().chars().count(), 40_000);
    }
}
