//! Slack's creates with lost responses, where texts are rewritten, lists lag behind and histories come in few small pages.

use super::{connected_app, file, schedule};
use crate::support::builders::{Intent, intent, message};
use crate::support::responses::TaskStatus;
use crate::support::{EffectKind, TestApp};
use sandbox::fixtures::slack::GENERAL;
use sandbox::{Fault, Strangeness};
use serde_json::{Value, json};

/// A deployment with a workspace of an app outside the Marketplace.
async fn strange_workspace() -> TestApp {
    let app = connected_app("slack").await;
    app.sandbox.sandbox.set_strangeness(Strangeness::strict());
    app
}

fn scheduled_message(app: &TestApp) -> Intent {
    let text = "Look at https://example.com/a?b=1&c=2 & ask ann@example.com 🎉";
    intent("slack", "schedule_message")
        .context(json!({ "channel": GENERAL, "text": text, "post_at": app.after(7200).to_string() }))
}

/// Posts messages to the channel, as fast as the provider takes them.
async fn post_others(app: &TestApp, count: usize) {
    for _ in 0..count {
        app.advance(2);
        app.submit("u1", message().with("text", "Another")).await.succeeded();
    }
}

#[tokio::test]
async fn every_create_with_a_lost_response_is_applied_once() {
    let channel = || intent("slack", "create_channel").with("name", "once");
    for (path, kind) in [
        ("/api/chat.postMessage", EffectKind::MessagePosted),
        ("/api/chat.scheduleMessage", EffectKind::MessageScheduled),
        ("/api/conversations.create", EffectKind::ChannelCreated),
        ("/api/files.completeUploadExternal", EffectKind::FileShared),
    ] {
        let app = strange_workspace().await;
        let create = match kind {
            EffectKind::MessagePosted => message(),
            EffectKind::MessageScheduled => scheduled_message(&app),
            EffectKind::ChannelCreated => channel(),
            _ => file(),
        };
        app.fault(Fault::apply_then_drop("slack").at_path(path));
        let id = schedule(&app, create).await;
        app.run_processor_after(11).await;
        for _ in 0..2 {
            app.run_processor_after(120).await;
        }
        app.task(&id).await.assert_completed().external_id(&app.effects(kind).only().id);
    }
}

#[tokio::test]
async fn a_lost_message_is_found_below_pages_of_newer_ones_one_a_minute() {
    let app = strange_workspace().await;
    app.fault(Fault::apply_then_drop("slack").at_path("/api/chat.postMessage"));
    app.fault(Fault::rate_limited("slack", Some(1)).at_path("/api/conversations.history"));
    let lost = app.submit("u1", message().with("text", "Lost")).await.unresolved().task_id();
    let posted = app.effects(EffectKind::MessagePosted).only().id;
    post_others(&app, 40).await;
    for _ in 0..8 {
        app.with_advancing_clock(app.run_processor_after(61)).await;
        // Newer messages do not push the search back.
        post_others(&app, 4).await;
    }
    app.task(&lost).await.assert_completed().external_id(&posted);
}

#[tokio::test]
async fn a_message_that_was_not_posted_to_a_busy_channel_is_posted_once() {
    let app = strange_workspace().await;
    app.fault(Fault::status("slack", 500, json!({})).at_path("/api/chat.postMessage"));
    let id = schedule(&app, message().with("text", "Lost")).await;
    app.run_processor_after(11).await;
    app.task(&id).await.assert_status(TaskStatus::Unknown);
    post_others(&app, 20).await;
    for _ in 0..6 {
        app.run_processor_after(61).await;
    }
    app.task(&id).await.assert_completed();
    app.effects(EffectKind::MessagePosted).assert_count(21);
}

#[tokio::test]
async fn another_text_for_the_same_time_is_never_taken_for_absent() {
    let app = strange_workspace().await;
    let create = scheduled_message(&app);
    let post_at: jiff::Timestamp = create.json()["context"]["post_at"].as_str().unwrap().parse().unwrap();
    let other = json!({ "id": "Q9", "channel_id": GENERAL, "post_at": post_at.as_second(),
        "date_created": app.after(11).as_second(), "text": "Rewritten beyond recognition" });
    let list = json!({ "ok": true, "scheduled_messages": [other], "response_metadata": { "next_cursor": "" } });
    app.fault(Fault::apply_then_drop("slack").at_path("/api/chat.scheduleMessage"));
    app.fault(Fault::status("slack", 200, list).at_path("/api/chat.scheduledMessages.list").times(9));
    let id = schedule(&app, create).await;
    app.run_processor_after(11).await;
    for _ in 0..5 {
        app.run_processor_after(600).await;
    }
    app.task(&id).await.assert_status(TaskStatus::NeedsAttention);
    app.effects(EffectKind::MessageScheduled).assert_count(1);
}

#[tokio::test]
async fn a_file_that_is_shared_late_completes_its_task() {
    let app = strange_workspace().await;
    let unshared = json!({ "ok": true, "file": { "id": "F1", "channels": [], "shares": {} } });
    app.fault(Fault::apply_then_drop("slack").at_path("/api/files.completeUploadExternal"));
    app.fault(Fault::status("slack", 200, unshared).at_path("/api/files.info").times(3));
    let id = schedule(&app, file()).await;
    app.run_processor_after(11).await;
    for _ in 0..3 {
        app.task(&id).await.assert_status(TaskStatus::Unknown);
        app.run_processor_after(600).await;
    }
    app.task(&id).await.assert_completed();
    app.effects(EffectKind::FileShared).assert_count(1);
}

#[tokio::test]
async fn a_lost_reply_is_found_in_its_thread() {
    let app = strange_workspace().await;
    let parent = app.submit("u1", message()).await.succeeded().external_id.unwrap();
    app.advance(60);
    app.fault(Fault::apply_then_drop("slack").at_path("/api/chat.postMessage"));
    let id = schedule(&app, message().with("threadTs", Value::from(parent))).await;
    app.run_processor_after(11).await;
    for _ in 0..2 {
        app.run_processor_after(120).await;
    }
    let posted = app.effects(EffectKind::MessagePosted);
    posted.assert_count(2);
    app.task(&id).await.assert_completed().external_id(&posted[1].id);
}
