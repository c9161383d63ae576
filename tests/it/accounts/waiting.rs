//! Work whose account needs a person: it waits, and goes on when that account is connected again.

use super::{sender, two_mailboxes};
use crate::support::builders::{email, every, message};
use crate::support::responses::TaskStatus;
use crate::support::{EffectKind, TestApp};
use sandbox::fixtures::{ALEX, SAM};
use serde_json::json;

const HOUR: i64 = 3600;

async fn disconnect(app: &TestApp, account: &str) {
    app.delete("u1", "/integrations", Some(json!({ "tool": "gmail", "account": account }))).await.ok();
}

/// A mail of Alex's in a minute, and its account disconnected before.
async fn waiting_mail(app: &TestApp) -> String {
    two_mailboxes(app).await;
    let task = app.schedule("u1", email().at(app.after(60)).account(ALEX)).await.scheduled();
    disconnect(app, ALEX).await;
    app.run_processor_after(61).await;
    let waiting = app.task(&task).await;
    waiting.assert_status(TaskStatus::AwaitingConnection).last_error_code("NOT_CONNECTED").attempts(0);
    app.effects(EffectKind::TaskAwaitingConnection).assert_count(1);
    task
}

/// The items of waiting tasks.
async fn waiting_items(app: &TestApp) -> usize {
    let rows = app.store.scan().table_name(&app.tables.tasks).send().await.unwrap().items.unwrap_or_default();
    app.calls.take_used_actions();
    rows.iter().filter(|row| row["sk"].as_s().is_ok_and(|sk| sk.starts_with("w#"))).count()
}

#[tokio::test]
async fn task_of_a_disconnected_account_goes_on_when_it_is_connected_again() {
    let app = TestApp::start().await;
    let task = waiting_mail(&app).await;
    assert_eq!(waiting_items(&app).await, 1);
    let seen = app.effects(EffectKind::ResumeRequested).len();
    // Another account does not wake it.
    app.connect_account("u1", "gmail", SAM).await;
    let seen = app.resume_requested(seen).await;
    app.task(&task).await.assert_status(TaskStatus::AwaitingConnection);
    app.advance(600);
    app.connect_account("u1", "gmail", ALEX).await;
    app.resume_requested(seen).await;
    app.task(&task).await.assert_completed().attempts(1);
    assert_eq!((sender(&app), waiting_items(&app).await), (ALEX.to_owned(), 0));
}

#[tokio::test]
async fn task_goes_on_within_an_hour_if_the_event_is_lost() {
    let app = TestApp::start().await;
    let task = waiting_mail(&app).await;
    app.run_processor_after(HOUR).await;
    let waiting = app.task(&task).await;
    waiting
        .assert_status(TaskStatus::AwaitingConnection)
        .history(&[TaskStatus::Scheduled, TaskStatus::AwaitingConnection]);
    assert_eq!(app.logged_errors("agentId=a").await.errors.len(), 1, "the wait is logged once");
    app.effects(EffectKind::TaskAwaitingConnection).assert_count(1);
    app.connect_account("u1", "gmail", ALEX).await;
    app.run_processor_after(HOUR).await;
    app.task(&task).await.assert_completed();
    assert_eq!(waiting_items(&app).await, 0);
}

#[tokio::test]
async fn waiting_task_of_a_stopped_agent_is_cancelled() {
    let app = TestApp::start().await;
    let task = waiting_mail(&app).await;
    assert_eq!(app.agents().await[0].tasks.awaiting_connection, 1);
    let stopped = app.stop_agent("a").await;
    assert_eq!((stopped.cancelled, stopped.running, waiting_items(&app).await), (1, 0, 0));
    app.task(&task).await.assert_status(TaskStatus::Cancelled);
}

#[tokio::test]
async fn consent_for_the_disconnected_account_of_a_waiting_task_can_be_requested_by_its_id() {
    let app = TestApp::start().await;
    let task = waiting_mail(&app).await;
    let bound = app.task(&task).await.account.clone();
    app.get("u1", "/oauth/authorize?tool=gmail&account=wrk").await.refused(400, "UNKNOWN_ACCOUNT");
    let seen = app.effects(EffectKind::ResumeRequested).len();
    let answer = app.get("u1", &format!("/oauth/authorize?tool=gmail&account={bound}")).await.ok();
    let back = app.browse(&format!("{}&auto=allow&account={ALEX}", answer["authUrl"].as_str().unwrap())).await;
    let landed = app.callback(&back).await;
    let code = crate::support::connect_code(&landed).unwrap();
    let connected = app.post("u1", "/integrations/connect", json!({ "connectCode": code })).await.ok();
    assert_eq!(connected.get("unchangedAccount"), None, "{connected}");
    app.resume_requested(seen).await;
    app.task(&task).await.assert_completed();
}

#[tokio::test]
async fn waiting_task_can_be_cancelled() {
    let app = TestApp::start().await;
    let task = waiting_mail(&app).await;
    app.cancel(&task).await.ok();
    app.task(&task).await.assert_status(TaskStatus::Cancelled);
    assert_eq!(waiting_items(&app).await, 0);
    let seen = app.effects(EffectKind::ResumeRequested).len();
    app.connect_account("u1", "gmail", ALEX).await;
    app.resume_requested(seen).await;
    app.run_processor_after(2 * HOUR).await;
    app.effects(EffectKind::MessageSent).assert_none();
}

#[tokio::test]
async fn single_task_waits_for_30_days_and_a_series_for_ever() {
    let app = TestApp::start().await;
    let task = waiting_mail(&app).await;
    app.connect_account("u1", "gmail", ALEX).await;
    let series = email().at(app.after(60)).recurring(every("P1D")).account(ALEX);
    let series = app.schedule("u1", series).await.scheduled();
    disconnect(&app, ALEX).await;
    for _ in 0..3 {
        app.run_processor_after(11 * 24 * HOUR).await;
    }
    app.task(&task).await.assert_status(TaskStatus::Failed).last_error_code("NOT_CONNECTED");
    app.task(&series).await.assert_status(TaskStatus::AwaitingConnection).occurrence(1);
    for _ in 0..40 {
        app.run_processor_after(11 * 24 * HOUR).await;
    }
    let waiting = app.task(&series).await;
    assert_eq!(waiting.assert_status(TaskStatus::AwaitingConnection).history.len(), 2);
    let seen = app.effects(EffectKind::ResumeRequested).len();
    app.connect_account("u1", "gmail", ALEX).await;
    app.resume_requested(seen).await;
    // What was missed runs once; the next occurrence is on its own time again.
    app.effects(EffectKind::MessageSent).assert_count(1);
    app.task(&series).await.assert_status(TaskStatus::Scheduled).occurrence(2);
}

#[tokio::test]
async fn misfire_policy_decides_about_the_occurrence_that_was_missed() {
    let app = TestApp::start().await;
    app.connect_account("u1", "gmail", ALEX).await;
    let series = |misfire| email().at(app.after(60)).recurring(every("PT1H").misfire(misfire));
    let skips = app.schedule("u1", series("skip")).await.scheduled();
    disconnect(&app, ALEX).await;
    app.run_processor_after(61).await;
    app.task(&skips).await.assert_status(TaskStatus::AwaitingConnection);
    app.advance(3 * HOUR - 30 * 60);
    let seen = app.effects(EffectKind::ResumeRequested).len();
    app.connect_account("u1", "gmail", ALEX).await;
    app.resume_requested(seen).await;
    app.effects(EffectKind::MessageSent).assert_none();
    app.task(&skips).await.assert_status(TaskStatus::Scheduled).last_error_code("MISFIRED");
    app.run_processor_after(30 * 60).await;
    app.effects(EffectKind::MessageSent).assert_count(1);
}

#[tokio::test]
async fn revoked_grant_makes_a_task_wait_and_a_new_consent_ends_it() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let task = app.schedule("u1", message().at(app.after(60))).await.scheduled();
    app.sandbox.sandbox.revoke_grants("slack");
    app.run_processor_after(61).await;
    app.task(&task).await.assert_status(TaskStatus::AwaitingConnection).attempts(0);
    let seen = app.effects(EffectKind::ResumeRequested).len();
    app.connect("u1", "slack").await;
    app.resume_requested(seen).await;
    app.task(&task).await.assert_completed();
}

#[tokio::test]
async fn task_of_an_agent_with_the_longest_id_is_woken() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let agent = "\u{1F600}".repeat(64);
    let task = app.schedule("u1", message().agent(&agent).at(app.after(60))).await.scheduled();
    app.delete("u1", "/integrations", Some(json!({ "tool": "slack" }))).await.ok();
    app.run_processor_after(61).await;
    assert_eq!(waiting_items(&app).await, 1);
    let seen = app.effects(EffectKind::ResumeRequested).len();
    app.connect("u1", "slack").await;
    app.resume_requested(seen).await;
    app.task(&task).await.assert_completed();
}

#[tokio::test]
async fn two_hundred_waiting_tasks_go_on_together() {
    let app = TestApp::as_documented("the test is about waiting tasks, not about the limit of a channel").await;
    app.connect("u1", "slack").await;
    for _ in 0..200 {
        app.schedule("u1", message().at(app.after(60))).await.scheduled();
    }
    app.delete("u1", "/integrations", Some(json!({ "tool": "slack" }))).await.ok();
    app.run_processor_after(61).await;
    assert_eq!(waiting_items(&app).await, 200);
    let seen = app.effects(EffectKind::ResumeRequested).len();
    app.connect("u1", "slack").await;
    app.resume_requested(seen).await;
    app.effects(EffectKind::MessagePosted).assert_count(200);
    assert_eq!(waiting_items(&app).await, 0);
}
