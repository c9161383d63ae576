//! Slack across calls: people as channels, cached name lookups, uploads only to Slack's own host.

mod channels;
mod files;
mod messages;
mod shared_bot;
mod texts;

use crate::support::builders::intent;
use crate::support::{EffectKind, TestApp};
use sandbox::Fault;
use sandbox::fixtures::ALEX;
use sandbox::fixtures::slack::{BOT_MESSAGE, GENERAL, SAM};
use sandbox::strangeness::LIST_LAG_SECONDS;
use serde_json::{Value, json};

async fn app() -> TestApp {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app
}

async fn run_action(app: &TestApp, user: &str, action: &str, context: Value) -> Value {
    app.submit(user, intent("slack", action).context(context)).await.succeeded().data().clone()
}

/// The message of the error with which an action fails.
async fn fail_action(app: &TestApp, action: &str, context: Value, code: &str) -> String {
    app.submit("u1", intent("slack", action).context(context)).await.failed(code).error.message
}

#[tokio::test]
async fn a_direct_message_is_sent_and_read() {
    let app = TestApp::start().await;
    app.connect_account("u1", "slack", sandbox::fixtures::SAM).await;
    let sent =
        run_action(&app, "u1", "send_message", json!({ "channel": "sam@example.com", "markdown": "**Hi** Sam" })).await;
    let direct = run_action(&app, "u1", "open_dm", json!({ "users": [SAM] })).await;
    assert_eq!((&direct["channel"], &direct["alreadyOpen"]), (&sent["channel"], &json!(true)));
    app.advance(LIST_LAG_SECONDS);
    let read = run_action(&app, "u1", "channel_history", json!({ "channel": SAM })).await;
    assert_eq!(read["messages"][0]["text"], "**Hi** Sam", "{read}");
}

#[tokio::test]
async fn a_channel_name_is_looked_up_once_per_connection() {
    let app = app().await;
    app.connect("u2", "slack").await;
    let lookups = || app.sandbox.sandbox.call_count("/slack/api/users.conversations");
    for (user, times) in [("u1", 1), ("u1", 1), ("u2", 2), ("u2", 2)] {
        run_action(&app, user, "fetch_messages", json!({ "channel": "#General" })).await;
        assert_eq!(lookups(), times);
        // Slack allows one history a minute.
        app.advance(60);
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
        app.fault(Fault::status("slack", 200, elsewhere).at_path("/api/files.getUploadURLExternal"));
        let file = json!({ "channel": "general", "file": { "filename": "a.txt", "text": "secret" } });
        let message = fail_action(&app, "upload_file", file, "PROVIDER_REJECTED").await;
        assert!(message.contains("not the provider's"), "{message}");
    }
    app.effects(EffectKind::FileShared).assert_none();
}

#[tokio::test]
async fn a_channel_is_created_filled_and_searched() {
    let app = app().await;
    let created = run_action(&app, "u1", "create_channel", json!({ "name": "launch", "private": true })).await;
    assert_eq!(created["type"], "private", "{created}");
    let invited = json!({ "channel": "launch", "users": ["sam@example.com", SAM] });
    let invited = run_action(&app, "u1", "invite_to_channel", invited).await;
    assert_eq!((&invited["invited"][0]["id"], &invited["alreadyMembers"][0]["id"]), (&json!(SAM), &json!(SAM)));
    app.advance(LIST_LAG_SECONDS);
    let listed = run_action(&app, "u1", "list_channels", json!({ "type": "private" })).await;
    assert_eq!(listed["channels"][0]["memberCount"], 3, "the bot, the person and Sam: {listed}");
    let message = fail_action(&app, "create_channel", json!({ "name": "launch" }), "PROVIDER_REJECTED").await;
    assert!(message.contains("name_taken"), "{message}");

    let posted = run_action(&app, "u1", "send_message", json!({ "channel": "launch", "text": "Tom & Ann" })).await;
    app.advance(LIST_LAG_SECONDS);
    let found = run_action(&app, "u1", "search_messages", json!({ "channel": "launch", "query": "ann & tom" })).await;
    assert_eq!(found["messages"][0]["ts"], posted["ts"], "{found}");
}

#[tokio::test]
async fn a_public_channel_is_joined_when_a_message_is_sent_to_it_unless_that_is_switched_off() {
    let app = app().await;
    let message = |join: Option<bool>| json!({ "channel": "random", "text": "Hi", "joinChannel": join });
    let stays_out = fail_action(&app, "send_message", message(Some(false)), "PROVIDER_REJECTED").await;
    assert!(stays_out.contains("not_in_channel"), "{stays_out}");
    run_action(&app, "u1", "send_message", message(None)).await;
    app.effects(EffectKind::MessagePosted).assert_count(1);
    run_action(&app, "u1", "send_message", message(Some(false))).await;
}

#[tokio::test]
async fn a_message_is_read_by_its_link() {
    let app = app().await;
    let place = json!({ "channel": "project-updates", "ts": BOT_MESSAGE });
    let link = run_action(&app, "u1", "get_permalink", place).await["link"].clone();
    let read = run_action(&app, "u1", "get_message", json!({ "channel": link, "ts": link })).await;
    assert_eq!((&read["ts"], &read["link"]), (&json!(BOT_MESSAGE), &link));
    let members = run_action(&app, "u1", "list_members", json!({ "channel": link })).await;
    assert!(members["members"].as_array().unwrap().iter().any(|member| member["id"] == SAM), "{members}");
}

#[tokio::test]
async fn public_channels_are_found_and_listed_with_their_scope_alone() {
    let app = TestApp::start().await;
    let granted = ["chat:write", "channels:read"];
    let token = app.sandbox.sandbox.grant("slack", ALEX, &granted).unwrap().access_token;
    let ready = json!({ "tool": "slack", "accessToken": token, "scopes": granted });
    app.post("u1", "/integrations", ready).await.ok();
    run_action(&app, "u1", "send_message", json!({ "channel": "general", "text": "Hi" })).await;
    let listed = run_action(&app, "u1", "list_channels", json!({})).await;
    let names: Vec<_> =
        listed["channels"].as_array().unwrap().iter().map(|channel| channel["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["general", "random", "project-updates", "alerts"]);
}

#[tokio::test]
async fn a_time_of_posting_in_the_past_is_refused_before_any_call() {
    let app = app().await;
    let calls = || {
        let paths = ["conversations.list", "conversations.info", "users.conversations", "chat.scheduleMessage"];
        paths.map(|path| app.sandbox.sandbox.call_count(&format!("/slack/api/{path}"))).iter().sum()
    };
    let before: usize = calls();
    let past = json!({ "channel": "general", "text": "hi", "postAt": "2020-01-01T00:00:00Z" });
    let message = fail_action(&app, "schedule_message", past, "INVALID_FIELD").await;
    assert_eq!(message, format!("context.postAt: must be in the future, for example {}", app.after(3600)));
    assert_eq!(calls(), before);
}

#[tokio::test]
async fn a_dry_run_names_the_targets_of_an_action() {
    let app = app().await;
    let general = json!({ "kind": "channel", "id": GENERAL, "name": "general" });
    let sam = json!({ "kind": "person", "id": SAM, "name": "sam" });
    let message = json!({ "kind": "message", "id": BOT_MESSAGE });
    for (action, context, expected) in [
        ("send_message", json!({ "channel": "#General", "text": "Hi" }), json!([general])),
        ("send_message", json!({ "channel": "sam@example.com", "text": "Hi" }), json!([sam])),
        ("invite_to_channel", json!({ "channel": "general", "users": ["sam@example.com"] }), json!([general, sam])),
        ("open_dm", json!({ "users": ["sam@example.com"] }), json!([sam])),
        ("pin_message", json!({ "channel": "general", "ts": BOT_MESSAGE }), json!([general, message])),
    ] {
        let dry = app.submit("u1", intent("slack", action).context(context).dry_run()).await.succeeded();
        assert_eq!(dry.data()["targets"], expected, "{action}");
    }
}
