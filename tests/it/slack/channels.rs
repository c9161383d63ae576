//! Channels that are described, renamed, archived and left, and what becomes of it when an answer is lost.

use super::{app, fail_action, run_action};
use crate::support::TestApp;
use crate::support::builders::intent;
use sandbox::Fault;
use sandbox::fixtures::slack::{GENERAL, PROJECT_UPDATES};
use sandbox::strangeness::LIST_LAG_SECONDS;
use serde_json::{Value, json};

/// Time after which no look-up is remembered.
const LOOKUPS_END: i64 = 301;

async fn channel(app: &TestApp, name: &str) -> Value {
    run_action(app, "u1", "channel_info", json!({ "channel": name })).await
}

/// Runs an action whose first two answers are lost, as a task that runs again when nothing is remembered.
async fn run_with_lost_answers(app: &TestApp, action: &str, path: &str, context: Value) {
    app.fault(Fault::apply_then_drop("slack").at_path(path).times(2));
    let id = app.submit("u1", intent("slack", action).context(context).at(app.after(10))).await.scheduled();
    app.run_processor_after(11).await;
    for _ in 0..3 {
        app.run_processor_after(LOOKUPS_END).await;
    }
    app.task(&id).await.assert_completed();
}

#[tokio::test]
async fn a_channel_is_described_renamed_and_archived() {
    let app = app().await;
    run_action(&app, "u1", "create_channel", json!({ "name": "launch" })).await;
    app.advance(LIST_LAG_SECONDS);
    let topic = "R&D <!here> & <b> by <https://example.com>";
    let set = run_action(&app, "u1", "set_topic", json!({ "channel": "launch", "topic": topic })).await;
    assert_eq!((&set["topic"], &set["channel"]["name"]), (&json!(topic), &json!("launch")));
    run_action(&app, "u1", "set_purpose", json!({ "channel": "launch", "purpose": "Ship it" })).await;
    let described = channel(&app, "launch").await;
    assert_eq!((&described["topic"], &described["purpose"]), (&json!(topic), &json!("Ship it")), "as it was written");
    run_action(&app, "u1", "set_topic", json!({ "channel": "launch", "clear": true })).await;
    assert_eq!(channel(&app, "launch").await["topic"], Value::Null);

    let renamed = run_action(&app, "u1", "rename_channel", json!({ "channel": "launch", "name": "launch-2" })).await;
    assert_eq!(renamed["channel"], json!({ "id": described["id"], "name": "launch-2" }));
    fail_action(&app, "channel_info", json!({ "channel": "launch" }), "PROVIDER_NOT_FOUND").await;
    run_action(&app, "u1", "archive_channel", json!({ "channel": "launch-2" })).await;
    app.advance(LOOKUPS_END);
    // An archived channel is found, to be told so.
    run_action(&app, "u1", "archive_channel", json!({ "channel": "launch-2" })).await;
    let refused =
        fail_action(&app, "set_topic", json!({ "channel": "launch-2", "topic": "x" }), "PROVIDER_REJECTED").await;
    assert!(refused.contains("is_archived"), "{refused}");
}

#[tokio::test]
async fn what_slack_does_not_permit_is_said_with_its_reason() {
    let app = app().await;
    for (action, context, reason) in [
        ("rename_channel", json!({ "channel": "general", "name": "all" }), "not_authorized: only who created"),
        ("archive_channel", json!({ "channel": "general" }), "cant_archive_general"),
        ("leave_channel", json!({ "channel": "general" }), "cant_leave_general"),
    ] {
        let message = fail_action(&app, action, context, "PROVIDER_FORBIDDEN").await;
        assert!(message.contains(reason), "{action}: {message}");
    }
}

#[tokio::test]
async fn the_app_leaves_a_channel_and_joins_it_again() {
    let app = app().await;
    let leave = async || run_action(&app, "u1", "leave_channel", json!({ "channel": "project-updates" })).await;
    assert_eq!(leave().await["alreadyLeft"], false);
    assert_eq!(leave().await["alreadyLeft"], true);
    let joined = run_action(&app, "u1", "join_channel", json!({ "channel": "project-updates" })).await;
    assert_eq!(joined["alreadyMember"], false);
}

#[tokio::test]
async fn a_change_with_lost_answers_is_made_once() {
    for (action, path, context) in [
        ("set_topic", "/api/conversations.setTopic", json!({ "channel": "project-updates", "topic": "Soon" })),
        ("set_purpose", "/api/conversations.setPurpose", json!({ "channel": "project-updates", "purpose": "Soon" })),
        ("rename_channel", "/api/conversations.rename", json!({ "channel": "project-updates", "name": "news" })),
        ("rename_channel", "/api/conversations.rename", json!({ "channel": PROJECT_UPDATES, "name": "news" })),
        ("archive_channel", "/api/conversations.archive", json!({ "channel": "project-updates" })),
        ("leave_channel", "/api/conversations.leave", json!({ "channel": "project-updates" })),
    ] {
        let app = app().await;
        run_with_lost_answers(&app, action, path, context).await;
        let info = run_action(&app, "u1", "channel_info", json!({ "channel": PROJECT_UPDATES })).await;
        let changed = match action {
            "set_topic" => info["topic"] == "Soon",
            "set_purpose" => info["purpose"] == "Soon",
            "rename_channel" => info["name"] == "news",
            "archive_channel" => info["archived"] == true,
            _ => info["member"] == false,
        };
        assert!(changed, "{action}: {info}");
    }
}

#[tokio::test]
async fn a_private_channel_that_was_left_is_not_seen_any_more_and_counts_as_left() {
    let app = app().await;
    let created = run_action(&app, "u1", "create_channel", json!({ "name": "secret", "private": true })).await;
    run_with_lost_answers(&app, "leave_channel", "/api/conversations.leave", json!({ "channel": created["id"] })).await;
}

#[tokio::test]
async fn a_rename_that_was_never_made_is_not_taken_for_one() {
    let app = app().await;
    app.fault(Fault::status("slack", 503, json!({})).at_path("/api/users.conversations").times(2));
    let rename = intent("slack", "rename_channel").context(json!({ "channel": "unheard-of", "name": "general" }));
    let id = app.submit("u1", rename.at(app.after(10))).await.scheduled();
    app.run_processor_after(11).await;
    for _ in 0..3 {
        app.run_processor_after(LOOKUPS_END).await;
    }
    app.task(&id).await.last_error_code("PROVIDER_NOT_FOUND");
    let general = run_action(&app, "u1", "channel_info", json!({ "channel": GENERAL })).await;
    assert_eq!(general["name"], "general");
}
