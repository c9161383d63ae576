//! The routes `/tasks` and `/tasks/schedule`, and the run that EventBridge starts.

use crate::support::builders::{fetch_messages, message};
use crate::support::responses::{Task, TaskStatus};
use crate::support::{EffectKind, TestApp};
use sandbox::Fault;
use sandbox::fixtures::slack::{GENERAL, PROJECT_UPDATES};
use serde_json::json;

/// A deployment with a Slack connection.
async fn slack_app() -> TestApp {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app
}

async fn schedule(app: &TestApp, seconds: i64) -> String {
    app.schedule("u1", message().at(app.after(seconds))).await.scheduled()
}

/// A fault that Slack reports for a message before it has any effect.
fn slack_down() -> Fault {
    Fault::status("slack", 200, json!({ "ok": false, "error": "service_unavailable" })).at_path("/api/chat.postMessage")
}

#[tokio::test]
async fn a_due_task_runs_once_at_its_time() {
    let app = slack_app().await;
    let id = schedule(&app, 120).await;
    app.task(&id).await.assert_status(TaskStatus::Scheduled);
    assert_eq!(app.run_processor().await.ran, 0, "not before its time");
    assert_eq!(app.run_processor_after(121).await.ran, 1);
    assert_eq!(app.run_processor().await.found, 0, "a completed task is no longer in the due index");
    let posted = app.effects(EffectKind::MessagePosted).only();
    app.task(&id).await.assert_completed().attempts(1).external_id(&posted.id);
    app.effects(EffectKind::TaskCompleted).assert_count(1);
}

#[tokio::test]
async fn an_intent_with_a_time_is_scheduled_by_the_main_endpoint_too() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let id = app.submit("u1", message().at(app.after(60))).await.scheduled();
    assert_eq!(app.tasks("agentId=a").await.tasks[0].task_id, Some(id));
}

#[tokio::test]
async fn each_task_runs_on_exactly_one_of_8_processors() {
    let app = slack_app().await;
    // Slack takes five messages at once in each channel.
    for channel in [GENERAL, PROJECT_UPDATES].repeat(5) {
        app.schedule("u1", message().with("channel", channel).at(app.after(30))).await.scheduled();
    }
    app.advance(31);
    let runs = futures::future::join_all((0..8).map(|_| app.run_processor())).await;
    assert_eq!(runs.iter().map(|run| run.ran).sum::<usize>(), 10);
    app.effects(EffectKind::MessagePosted).assert_count(10);
}

#[tokio::test]
async fn a_rate_limit_defers_a_task_without_consuming_an_attempt() {
    let app = slack_app().await;
    let limited = Fault::status("slack", 429, json!({ "ok": false, "error": "ratelimited" }));
    app.fault(limited.at_path("/api/chat.postMessage").header("retry-after", "30"));
    let id = schedule(&app, 10).await;
    app.run_processor_after(11).await;
    let waiting = app.task(&id).await;
    waiting.assert_status(TaskStatus::Retrying).attempts(0).last_error_code("PROVIDER_RATE_LIMITED");
    assert_eq!(app.run_processor_after(29).await.ran, 0, "not before `Retry-After`");
    app.run_processor_after(10).await;
    app.task(&id).await.assert_completed();
    app.effects(EffectKind::MessagePosted).assert_count(1);
}

#[tokio::test]
async fn a_rate_limit_defers_a_task_for_a_day() {
    let app = slack_app().await;
    let limited = Fault::status("slack", 429, json!({ "ok": false, "error": "ratelimited" }));
    app.fault(limited.at_path("/api/chat.postMessage").header("retry-after", "30").times(1000));
    let id = schedule(&app, 10).await;
    for _ in 0..72 {
        assert_eq!(app.run_processor_after(20 * 60).await.ran, 1);
        app.task(&id).await.assert_status(TaskStatus::Retrying).attempts(0);
    }
    let waiting = app.task(&id).await;
    let states: Vec<_> = waiting.history.iter().map(|entry| entry.status).collect();
    let (scheduled, retrying) = (TaskStatus::Scheduled, TaskStatus::Retrying);
    assert_eq!(states, [scheduled, retrying, retrying], "one entry for all the time, and the present state");
    app.run_processor_after(20 * 60).await;
    app.task(&id).await.assert_status(TaskStatus::Failed).last_error_code("PROVIDER_RATE_LIMITED");
    app.effects(EffectKind::MessagePosted).assert_none();
}

#[tokio::test]
async fn lost_store_responses_during_a_due_task_change_nothing() {
    let app = slack_app().await;
    app.fault(slack_down());
    let tasks = &app.tables.tasks;
    app.calls.lose_responses("PutItem", tasks);
    let id = schedule(&app, 10).await;
    app.calls.assert_responses_lost();
    // The second attempt succeeds.
    for status in [TaskStatus::Retrying, TaskStatus::Completed] {
        // The claim and the finish.
        app.calls.lose_responses("UpdateItem", tasks);
        assert_eq!(app.run_processor_after(60).await.ran, 1);
        app.calls.assert_responses_lost();
        app.task(&id).await.assert_status(status);
    }
    app.task(&id).await.attempts(2);
    app.effects(EffectKind::MessagePosted).assert_count(1);
    app.effects(EffectKind::TaskCompleted).assert_count(1);
}

#[tokio::test]
async fn lost_store_responses_during_an_intent_change_nothing() {
    let app = slack_app().await;
    // The claim and the finish.
    app.calls.lose_responses("PutItem", &app.tables.tasks);
    app.calls.lose_responses("UpdateItem", &app.tables.tasks);
    let id = app.submit("u1", message()).await.succeeded().task_id();
    app.calls.assert_responses_lost();
    app.task(&id).await.assert_completed();
    app.effects(EffectKind::MessagePosted).assert_count(1);
    app.effects(EffectKind::TaskCompleted).assert_count(1);
}

#[tokio::test]
async fn an_open_circuit_breaker_defers_tasks() {
    let app = slack_app().await;
    app.fault(Fault::status("slack", 503, json!({})).at_path("/api/conversations.history").times(11));
    for _ in 0..11 {
        app.submit("u1", fetch_messages()).await.failed("PROVIDER_UNAVAILABLE");
    }
    let id = schedule(&app, 10).await;
    app.run_processor_after(11).await;
    let waiting = app.task(&id).await;
    waiting.assert_status(TaskStatus::Retrying).attempts(0).last_error_code("CIRCUIT_BREAKER_OPEN");
    app.run_processor_after(16 * 60).await;
    app.task(&id).await.assert_completed();
    app.effects(EffectKind::BreakerClosed).assert_count(1);
}

#[tokio::test]
async fn a_failing_task_follows_its_retry_policy() {
    let app = slack_app().await;
    let retry = json!({ "maxAttempts": 2, "initialIntervalSeconds": 900, "maxIntervalSeconds": 900 });
    app.post("u1", "/errors/fallbacks", json!({ "tool": "slack", "agentId": "a", "retry": retry })).await.ok();
    app.fault(slack_down().times(2));
    let id = schedule(&app, 10).await;
    app.run_processor_after(11).await;
    app.task(&id).await.assert_status(TaskStatus::Retrying).attempts(1);
    app.run_processor_after(20 * 60).await;
    app.task(&id).await.assert_status(TaskStatus::Failed).attempts(2);
}

#[tokio::test]
async fn a_failing_task_ends_after_5_attempts_and_can_be_retried_manually() {
    let app = slack_app().await;
    app.fault(slack_down().times(5));
    let id = schedule(&app, 10).await;
    for _ in 0..5 {
        app.run_processor_after(20 * 60).await;
    }
    app.task(&id).await.assert_status(TaskStatus::Failed).attempts(5);
    app.effects(EffectKind::TaskFailed).assert_count(1);
    assert_eq!(app.run_processor_after(3600).await.found, 0, "it is not retried automatically");
    app.retry(&id).await.ok();
    app.run_processor().await;
    app.task(&id).await.assert_completed();
}

#[tokio::test]
async fn a_task_of_an_unconnected_tool_is_refused() {
    let app = TestApp::start().await;
    app.schedule("u1", message().at(app.after(10))).await.refused(424, "NOT_CONNECTED");
    app.submit("u1", message().at(app.after(10))).await.refused(424, "NOT_CONNECTED");
    assert!(app.tasks("agentId=a").await.tasks.is_empty());
}

#[tokio::test]
async fn a_cancelled_task_never_runs_and_a_finished_one_cannot_be_cancelled() {
    let app = slack_app().await;
    let (cancelled, done) = (schedule(&app, 10).await, schedule(&app, 10).await);
    app.cancel(&cancelled).await.ok();
    app.cancel(&cancelled).await.ok();
    app.run_processor_after(11).await;
    app.task(&cancelled).await.assert_status(TaskStatus::Cancelled);
    app.cancel(&done).await.refused(409, "CONFLICT");
    app.retry(&cancelled).await.refused(409, "CONFLICT");
    app.effects(EffectKind::MessagePosted).assert_count(1);
}

#[tokio::test]
async fn task_lists_are_ordered_by_time_filtered_by_status_and_paged() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let mut ids = vec![];
    for seconds in [30, 10, 20] {
        ids.push(schedule(&app, seconds).await);
    }
    app.cancel(&ids[1]).await.ok();
    let listed = |tasks: Vec<Task>| -> Vec<String> { tasks.into_iter().map(|task| task.task_id.unwrap()).collect() };
    let all = app.tasks("agentId=a").await;
    assert_eq!(listed(all.tasks), [&*ids[1], &*ids[2], &*ids[0]], "by time of execution");
    let open = app.tasks("agentId=a&status=scheduled").await;
    assert_eq!(listed(open.tasks), [&*ids[2], &*ids[0]]);

    let first = app.tasks("agentId=a&limit=2").await;
    assert_eq!(listed(first.tasks), [&*ids[1], &*ids[2]]);
    let second = app.tasks(&format!("agentId=a&limit=2&cursor={}", first.cursor.unwrap())).await;
    assert_eq!((listed(second.tasks), second.cursor), (vec![ids[0].clone()], None));
}

#[tokio::test]
async fn immediate_intents_are_listed_separately() {
    let app = slack_app().await;
    let id = app.submit("u1", message()).await.succeeded().task_id();
    let listed = app.tasks("agentId=a&kind=immediate").await.tasks;
    assert_eq!(listed[0].task_id, Some(id));
    assert_eq!(app.tasks("agentId=a").await.tasks, []);
}

#[tokio::test]
async fn every_sample_event_of_the_processor_is_read_and_an_unknown_job_is_not() {
    for kind in ["", ".detail", ".refresh_tokens", ".resume_waiting", ".run_suspects", ".sweep"] {
        let file = format!("process-due-tasks{kind}.json");
        let path = format!("{}/../events/{file}", env!("CARGO_MANIFEST_DIR"));
        let event = std::fs::read_to_string(&path).unwrap();
        let read: Result<engine::processor::DueEvent, _> = serde_json::from_str(&event);
        assert!(read.is_ok(), "{file}: {read:?}");
    }
    let wrong: Result<engine::processor::DueEvent, _> = serde_json::from_str(r#"{"job":"mine_bitcoins"}"#);
    assert!(wrong.is_err());
}

#[tokio::test]
async fn nothing_starts_without_enough_time_left() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_TIMEOUT_SECONDS", "10")]).await;
    app.connect("u1", "slack").await;
    let id = schedule(&app, 10).await;
    assert_eq!(app.run_processor_after(11).await.ran, 0);
    app.task(&id).await.assert_status(TaskStatus::Scheduled).attempts(0);
    app.submit("u1", message()).await.refused(503, "UNAVAILABLE");
    app.effects(EffectKind::MessagePosted).assert_none();
}

#[tokio::test]
async fn a_deadline_is_the_configured_timeout_or_an_earlier_runtime_deadline() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_TIMEOUT_SECONDS", "29")]).await;
    let now = app.clock.now();
    let left =
        |deadline_ms: i64| app.shell().deadline(u64::try_from(deadline_ms).unwrap()).duration_since(now).as_secs();
    assert_eq!(left(now.as_millisecond() + 12_000), 12);
    assert_eq!(left(now.as_millisecond() + 90_000), 29, "never later than configured");
    // A duration instead of an instant, or zero.
    assert_eq!((left(29_000), left(0)), (29, 29));
}
