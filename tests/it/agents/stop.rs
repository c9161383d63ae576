//! `DELETE /agents`: what is planned is cancelled, what runs ends, and nothing follows it.

use super::slack_app;
use crate::support::builders::{ALL_TOOLS, Intent, email, every, message};
use crate::support::responses::{AgentStopped, TaskStatus};
use crate::support::{EffectKind, TestApp};
use futures::StreamExt;
use sandbox::Fault;
use serde_json::json;

/// Seconds longer than any lease.
const LEASE_EXPIRY_SECONDS: i64 = 200;
const POST_MESSAGE: &str = "/api/chat.postMessage";

fn counts(stopped: &AgentStopped) -> (usize, usize, bool) {
    (stopped.cancelled, stopped.running, stopped.remaining)
}

/// A message of agent `a` in 10 seconds, and every hour from then on.
fn hourly(app: &TestApp) -> Intent {
    message().at(app.after(10)).recurring(every("PT1H"))
}

#[tokio::test]
async fn one_cancelled_task_is_one() {
    let app = slack_app().await;
    app.schedule("u1", message().at(app.after(60))).await.scheduled();
    let stopped = app.stop_agent("a").await;
    assert!(
        stopped.message.starts_with("1 task was cancelled; 0 with an unfinished attempt end"),
        "{}",
        stopped.message
    );
}

#[tokio::test]
async fn stopping_an_agent_cancels_its_tasks_and_series_and_no_others() {
    let app = slack_app().await;
    let series = app.schedule("u1", hourly(&app)).await.scheduled();
    app.run_processor_after(11).await;
    app.task(&series).await.assert_status(TaskStatus::Scheduled).occurrence(2);
    let retrying = app.schedule("u1", message().at(app.after(10))).await.scheduled();
    app.fault(
        Fault::status("slack", 200, json!({ "ok": false, "error": "service_unavailable" })).at_path(POST_MESSAGE),
    );
    app.run_processor_after(11).await;
    app.task(&retrying).await.assert_status(TaskStatus::Retrying);
    let once = app.schedule("u1", message().at(app.after(60))).await.scheduled();
    let other = app.schedule("u1", message().agent("b").at(app.after(60))).await.scheduled();
    let posted = app.effects(EffectKind::MessagePosted).len();

    let stopped = app.stop_agent("a").await;
    assert_eq!(counts(&stopped), (3, 0, false));
    assert!(stopped.message.starts_with("3 tasks were cancelled"), "{}", stopped.message);
    assert!(stopped.message.contains("New work of this agent is still accepted"), "{}", stopped.message);
    for id in [&retrying, &once, &series] {
        let task = app.task(id).await;
        task.assert_status(TaskStatus::Cancelled);
        assert_eq!(task.next_attempt_at, None);
    }
    assert_eq!(counts(&app.stop_agent("a").await), (0, 0, false), "a repetition finds nothing");
    app.run_processor_after(7200).await;
    app.task(&other).await.assert_completed();
    app.effects(EffectKind::MessagePosted).assert_count(posted + 1);
    // An agentId is a label and no fence.
    app.submit("u1", message()).await.succeeded();
    let new = app.schedule("u1", message().at(app.after(10))).await.scheduled();
    app.run_processor_after(11).await;
    app.task(&new).await.assert_completed();
}

#[tokio::test]
async fn an_unknown_agent_is_not_found() {
    let app = slack_app().await;
    app.connect("u2", "slack").await;
    app.schedule("u2", message().at(app.after(60))).await.scheduled();
    app.delete("u1", "/agents", Some(json!({ "agentId": "a" }))).await.refused(404, "NOT_FOUND");
    app.delete("u1", "/agents", Some(json!({ "agentId": " " }))).await.refused(400, "MISSING_FIELDS");
}

/// Stops agent `a` while the processor waits for a delayed response, of which so many planned faults are left.
async fn stop_during_the_call(app: &TestApp, faults_left: usize) -> AgentStopped {
    let stop = async {
        while app.sandbox.sandbox.pending_faults().len() > faults_left {
            tokio::task::yield_now().await;
        }
        // The processor's calls so far are not those of the function that stops.
        app.calls.take_used_actions();
        app.stop_agent("a").await
    };
    let (ran, stopped) = tokio::join!(app.run_processor(), stop);
    assert_eq!(ran.ran, 1);
    stopped
}

#[tokio::test]
async fn a_series_that_runs_while_its_agent_is_stopped_completes_and_ends() {
    let app = slack_app().await;
    let id = app.schedule("u1", hourly(&app)).await.scheduled();
    app.fault(Fault::delay("slack", 300).at_path(POST_MESSAGE));
    app.advance(11);
    assert_eq!(counts(&stop_during_the_call(&app, 0).await), (0, 1, false));
    app.task(&id).await.assert_completed().occurrence(1);
    assert_eq!(app.run_processor_after(7200).await.ran, 0, "no occurrence follows");
    app.effects(EffectKind::MessagePosted).assert_count(1);
    app.effects(EffectKind::TaskCompleted).assert_count(1);
}

#[tokio::test]
async fn an_attempt_that_fails_while_its_agent_is_stopped_is_not_repeated() {
    let app = slack_app().await;
    app.connect("u1", "gmail").await;
    let id = app.schedule("u1", email().at(app.after(10)).recurring(every("PT1H"))).await.scheduled();
    // The stop comes while the draft is created; sending it fails without an effect.
    app.fault(Fault::delay("gmail", 300).at_path("/gmail/v1/users/me/drafts"));
    app.fault(Fault::rate_limited("gmail", Some(60)).at_path("/gmail/v1/users/me/drafts/send"));
    app.advance(11);
    assert_eq!(counts(&stop_during_the_call(&app, 1).await), (0, 1, false));
    // The draft is deleted before the task ends.
    app.with_advancing_clock(app.run_processor_after(60)).await;
    app.task(&id).await.assert_status(TaskStatus::Cancelled).last_error_code("PROVIDER_RATE_LIMITED");
    app.effects(EffectKind::DraftDeleted).assert_count(1);
    assert_eq!(app.run_processor_after(7200).await.ran, 0);
    app.effects(EffectKind::MessageSent).assert_none();
}

#[tokio::test]
async fn a_crashed_attempt_of_a_stopped_agent_is_reconciled_and_not_repeated() {
    for applied in [false, true] {
        let app = slack_app().await;
        let id = app.schedule("u1", hourly(&app)).await.scheduled();
        app.advance(11);
        let slow = if applied { Fault::apply_then_delay("slack", 60_000) } else { Fault::delay("slack", 60_000) };
        app.fault(slow.at_path(POST_MESSAGE));
        let arrived = || match applied {
            true => !app.effects(EffectKind::MessagePosted).is_empty(),
            false => app.faults_occurred(),
        };
        app.run_until_killed(app.run_processor(), arrived).await;
        assert_eq!(counts(&app.stop_agent("a").await), (0, 1, false));
        app.run_processor_after(LEASE_EXPIRY_SECONDS).await;
        let ended = app.task(&id).await;
        match applied {
            true => ended.assert_completed(),
            false => ended.assert_status(TaskStatus::Failed).last_error_code("ABORTED_NO_EFFECT"),
        };
        assert_eq!(app.run_processor_after(7200).await.ran, 0);
        app.effects(EffectKind::MessagePosted).assert_count(usize::from(applied));
    }
}

#[tokio::test]
async fn a_retried_task_of_a_stopped_agent_runs_like_any_other() {
    let app = slack_app().await;
    let id = app.schedule("u1", hourly(&app)).await.scheduled();
    app.advance(11);
    app.fault(Fault::delay("slack", 60_000).at_path(POST_MESSAGE));
    app.run_until_killed(app.run_processor(), || app.faults_occurred()).await;
    app.stop_agent("a").await;
    app.run_processor_after(LEASE_EXPIRY_SECONDS).await;
    app.task(&id).await.assert_status(TaskStatus::Failed);
    // A person's own decision: the series goes on.
    app.retry(&id).await.ok();
    app.run_processor().await;
    app.task(&id).await.assert_status(TaskStatus::Scheduled).occurrence(2);
}

#[tokio::test]
async fn a_stop_that_runs_out_of_time_says_so_and_a_repetition_completes_it() {
    // A page is 200 tasks; with one second no second page is read.
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_TIMEOUT_SECONDS", "1")]).await;
    app.connect("u1", "slack").await;
    let schedules = (0..230).map(|_| app.schedule("u1", message().at(app.after(60))));
    let ids: Vec<String> =
        futures::stream::iter(schedules).buffer_unordered(8).map(|it| it.scheduled()).collect().await;
    let first = app.stop_agent("a").await;
    assert_eq!(counts(&first), (200, 0, true));
    assert!(first.message.contains("Further tasks remain; repeat the request."), "{}", first.message);
    assert_eq!(counts(&app.stop_agent("a").await), (30, 0, false));
    for id in ids {
        app.task(&id).await.assert_status(TaskStatus::Cancelled);
    }
}

#[tokio::test]
async fn a_lost_response_of_a_stop_changes_no_count() {
    let app = slack_app().await;
    app.schedule("u1", message().at(app.after(60))).await.scheduled();
    app.calls.reset();
    app.calls.lose_responses("UpdateItem", &app.tables.tasks);
    assert_eq!(counts(&app.stop_agent("a").await), (1, 0, false));
    app.calls.assert_responses_lost();
}

#[tokio::test]
async fn a_service_cannot_stop_an_agent() {
    let app = slack_app().await;
    app.post("u1", "/delegations", json!({ "service": "helper", "tools": ALL_TOOLS })).await.ok();
    let id = app.schedule("u1", message().at(app.after(60))).await.scheduled();
    let body = json!({ "userId": "u1", "agentId": "a" }).to_string();
    app.send("DELETE", "/agents", Some(&app.service_token("helper")), Some(body)).await.refused(403, "FORBIDDEN");
    app.task(&id).await.assert_status(TaskStatus::Scheduled);
    // It may see what acts for its user.
    app.send("GET", "/agents?userId=u1", Some(&app.service_token("helper")), None).await.ok();
}
