//! Slack across calls: people as channels, cached name lookups, uploads only to Slack's own host.

use crate::support::TestApp;
use sandbox::Fault;
use sandbox::fixtures::slack::{GENERAL, SAM};
use serde_json::{Value, json};

async fn app() -> TestApp {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app
}

async fn run_action(app: &TestApp, user: &str, intent: &str, context: Value) -> Value {
    let body = json!({ "agentId": "a", "tool": "slack", "intent": intent, "context": context });
    app.post(user, "", body).await.body
}

#[tokio::test]
async fn a_direct_message_is_sent_and_read() {
    let app = app().await;
    let sent =
        run_action(&app, "u1", "send_message", json!({ "channel": "sam@example.com", "markdown": "**Hi** Sam" })).await;
    assert_eq!(sent["success"], true, "{sent}");
    let direct = run_action(&app, "u1", "open_dm", json!({ "users": [SAM] })).await;
    assert_eq!((&direct["data"]["channel"], &direct["data"]["alreadyOpen"]), (&sent["data"]["channel"], &json!(true)));
    let read = run_action(&app, "u1", "channel_history", json!({ "channel": SAM })).await;
    assert_eq!(read["data"]["messages"][0]["text"], "**Hi** Sam", "{read}");
}

#[tokio::test]
async fn a_channel_name_is_looked_up_once_per_connection() {
    let app = app().await;
    app.connect("u2", "slack").await;
    let lookups = || app.sandbox.sandbox.call_count("/slack/api/users.conversations");
    for (user, times) in [("u1", 1), ("u1", 1), ("u2", 2), ("u2", 2)] {
        let read = run_action(&app, user, "fetch_messages", json!({ "channel": "#General" })).await;
        assert_eq!((&read["data"]["channel"], lookups()), (&json!(GENERAL), times), "{read}");
    }
    app.advance(301);
    run_action(&app, "u1", "fetch_messages", json!({ "channel": "general" })).await;
    assert_eq!(lookups(), 3, "the cached lookup has expired");
}

#[tokio::test]
async fn file_bytes_are_uploaded_only_to_slack() {
    let app = app().await;
    for url in ["http://127.0.0.1:1/upload/v1/a", "https://files.slack.com/upload/v1/a", "https://evil.example/a"] {
        let elsewhere = json!({ "ok": true, "upload_url": url, "file_id": "F0ELSEWHERE" });
        app.sandbox.sandbox.fault(Fault::status("slack", 200, elsewhere).at_path("/api/files.getUploadURLExternal"));
        let file = json!({ "channel": "general", "filename": "a.txt", "content": "secret" });
        let refused = run_action(&app, "u1", "upload_file", file).await;
        assert_eq!(refused["success"], json!(false), "{refused}");
        assert!(refused.to_string().contains("not its own"), "{refused}");
    }
    assert!(app.effects("file_shared").is_empty());
}

#[tokio::test]
async fn a_channel_is_created_filled_and_searched() {
    let app = app().await;
    let created = run_action(&app, "u1", "create_channel", json!({ "name": "launch", "private": true })).await;
    assert_eq!(created["data"]["channel"]["type"], "private", "{created}");
    let invited = json!({ "channel": "launch", "users": ["sam@example.com", SAM] });
    let invited = run_action(&app, "u1", "invite_to_channel", invited).await;
    assert_eq!((&invited["data"]["invited"], &invited["data"]["alreadyMembers"]), (&json!([SAM]), &json!([SAM])));
    let listed = run_action(&app, "u1", "list_channels", json!({ "type": "private" })).await;
    assert_eq!(listed["data"]["channels"][0]["members"], 2, "{listed}");
    let again = run_action(&app, "u1", "create_channel", json!({ "name": "launch" })).await;
    assert!(again.to_string().contains("name_taken"), "{again}");

    let posted = run_action(&app, "u1", "send_message", json!({ "channel": "launch", "text": "Tom & Ann" })).await;
    let found = run_action(&app, "u1", "search_messages", json!({ "channel": "launch", "query": "ann & tom" })).await;
    assert_eq!(found["data"]["messages"][0]["ts"], posted["data"]["ts"], "{found}");
}
