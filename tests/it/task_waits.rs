//! `GET /tasks?taskId=&wait=`: the answer comes with the end of the task, or after the wait.

use crate::support::builders::{every, message};
use crate::support::responses::{SingleTask, TaskStatus};
use crate::support::{TestApp, TestResponse};
use jiff::SignedDuration;
use std::future::Future;
use std::pin::{Pin, pin};
use tokio::select;
use tokio::task::yield_now;

/// A deployment with a Slack connection, and a task that is due after `seconds`.
async fn app_with_task(changes: &[(&str, &str)], seconds: i64) -> (TestApp, String) {
    let app = TestApp::start_with(changes).await;
    app.connect("u1", "slack").await;
    let id = app.schedule("u1", message().at(app.after(seconds))).await.scheduled();
    (app, id)
}

async fn wait_for(app: &TestApp, id: &str, seconds: u32) -> SingleTask {
    app.get("u1", &format!("/tasks?taskId={id}&wait={seconds}")).await.view()
}

/// Waits until a request is held.
async fn held(app: &TestApp) {
    while !app.clock.has_sleepers() {
        yield_now().await;
    }
}

/// Runs the steps while a request is held; it must not be answered before they end.
async fn while_held<T>(app: &TestApp, request: &mut Pin<&mut impl Future<Output = T>>, steps: impl Future) {
    let steps = async {
        held(app).await;
        steps.await;
    };
    select! {
        biased;
        () = steps => {}
        _ = request => panic!("the request was answered"),
    }
}

/// Returns the answer to a request that is not held.
async fn at_once(app: &TestApp, id: &str, seconds: u32) -> SingleTask {
    select! {
        biased;
        answer = wait_for(app, id, seconds) => answer,
        () = held(app) => panic!("the request is held"),
    }
}

/// Polls a request until it is held, whatever other requests are.
async fn poll_until_held<T>(app: &TestApp, request: &mut Pin<&mut impl Future<Output = T>>) {
    let reads = app.calls.completed("GetItem", &app.tables.tasks);
    let read = async {
        while app.calls.completed("GetItem", &app.tables.tasks) == reads {
            yield_now().await;
        }
        for _ in 0..100 {
            yield_now().await;
        }
    };
    select! {
        biased;
        _ = request => panic!("the request was answered"),
        () = read => {}
    }
}

#[tokio::test]
async fn a_held_request_is_answered_when_the_task_has_ended() {
    let (app, id) = app_with_task(&[], 10).await;
    let start = app.clock.now();
    let mut request = pin!(wait_for(&app, &id, 20));
    while_held(&app, &mut request, app.run_processor_after(11)).await;
    let SingleTask { task, retry_after_ms } = app.with_advancing_clock(request).await;
    task.assert_completed();
    assert_eq!(retry_after_ms, None);
    let passed = app.clock.now().duration_since(start);
    assert!(passed < SignedDuration::from_secs(14), "{passed:?}");
}

#[tokio::test]
async fn a_held_request_is_answered_when_the_task_is_cancelled_or_needs_its_account() {
    let (app, id) = app_with_task(&[], 10).await;
    let mut request = pin!(wait_for(&app, &id, 20));
    while_held(&app, &mut request, app.cancel(&id)).await;
    let answer = app.with_advancing_clock(request).await;
    answer.task.assert_status(TaskStatus::Cancelled);
    assert_eq!(answer.retry_after_ms, None);

    let id = app.schedule("u1", message().at(app.after(10))).await.scheduled();
    app.delete("u1", "/integrations?tool=slack", None).await.ok();
    let mut request = pin!(wait_for(&app, &id, 20));
    while_held(&app, &mut request, app.run_processor_after(11)).await;
    let answer = app.with_advancing_clock(request).await;
    answer.task.assert_status(TaskStatus::AwaitingConnection);
    assert_eq!(answer.retry_after_ms, None);
}

#[tokio::test]
async fn a_held_request_is_answered_after_its_wait() {
    let (app, id) = app_with_task(&[], 5).await;
    let start = app.clock.now();
    let answer = app.with_advancing_clock(wait_for(&app, &id, 20)).await;
    assert_eq!(app.clock.now().duration_since(start), SignedDuration::from_secs(20));
    answer.task.assert_status(TaskStatus::Scheduled);
    assert_eq!(answer.retry_after_ms, Some(0), "another request may follow at once");

    let answer = app.with_advancing_clock(wait_for(&app, &id, 3)).await;
    assert_eq!(app.clock.now().duration_since(start), SignedDuration::from_secs(23));
    answer.task.assert_status(TaskStatus::Scheduled);
}

#[tokio::test]
async fn a_request_waits_only_for_an_attempt_in_its_time() {
    let (app, id) = app_with_task(&[], 60).await;
    let answer = at_once(&app, &id, 20).await;
    answer.task.assert_status(TaskStatus::Scheduled);
    assert_eq!(answer.retry_after_ms, Some(60_000), "the time until it is due");
    app.run_processor_after(61).await;
    let answer = at_once(&app, &id, 20).await;
    answer.task.assert_completed();
    assert_eq!(answer.retry_after_ms, None);
}

#[tokio::test]
async fn a_request_for_a_series_is_answered_with_the_end_of_the_occurrence() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let series = message().at(app.after(10)).recurring(every("PT1H").count(3));
    let id = app.schedule("u1", series).await.scheduled();
    let mut request = pin!(wait_for(&app, &id, 20));
    while_held(&app, &mut request, app.run_processor_after(11)).await;
    let answer = app.with_advancing_clock(request).await;
    answer.task.assert_status(TaskStatus::Scheduled).occurrence(2);
    assert!(answer.retry_after_ms > Some(3_500_000), "{:?}", answer.retry_after_ms);
}

#[tokio::test]
async fn two_requests_of_a_user_are_held_at_a_time() {
    let (app, id) = app_with_task(&[], 15).await;
    app.connect("u2", "slack").await;
    let other = app.schedule("u2", message().at(app.after(15))).await.scheduled();
    let mut first = pin!(wait_for(&app, &id, 20));
    poll_until_held(&app, &mut first).await;
    let mut second = Box::pin(wait_for(&app, &id, 20));
    poll_until_held(&app, &mut second.as_mut()).await;
    let third = wait_for(&app, &id, 20).await;
    assert_eq!(third.retry_after_ms, Some(15_000), "answered as it is");
    // The other user's request waits: the held ones do not count for it.
    let path = format!("/tasks?taskId={other}&wait=20");
    let mut other = pin!(app.get("u2", &path));
    poll_until_held(&app, &mut other).await;
    // A caller who leaves makes room.
    drop(second);
    let mut next = pin!(wait_for(&app, &id, 20));
    poll_until_held(&app, &mut next).await;
    app.cancel(&id).await.ok();
    app.with_advancing_clock(next).await.task.assert_status(TaskStatus::Cancelled);
}

#[tokio::test]
async fn a_deployment_can_answer_at_once_and_no_request_exceeds_its_function() {
    let (app, id) = app_with_task(&[("PLUGIN_ENGINE_TASK_WAIT_SECONDS", "0")], 10).await;
    let answer = at_once(&app, &id, 20).await;
    assert_eq!(answer.retry_after_ms, Some(10_000));

    let (app, id) = app_with_task(&[("PLUGIN_ENGINE_TIMEOUT_SECONDS", "10")], 5).await;
    let start = app.clock.now();
    app.with_advancing_clock(wait_for(&app, &id, 20)).await.task.assert_status(TaskStatus::Scheduled);
    assert_eq!(app.clock.now().duration_since(start), SignedDuration::from_secs(8));
}

#[tokio::test]
async fn a_wait_is_a_number_of_seconds_for_one_task() {
    let app = TestApp::start().await;
    for wait in ["0", "21"] {
        let message = app.get("u1", &format!("/tasks?taskId=task_x&wait={wait}")).await.refused(400, "INVALID_FIELD");
        assert_eq!(message, "wait: must be between 1 and 20, for example 20");
    }
    app.get("u1", "/tasks?taskId=task_x&wait=soon").await.refused(400, "INVALID_FIELD");
    let missing: TestResponse = app.get("u1", "/tasks?agentId=a&wait=20").await;
    assert_eq!(missing.refused(400, "MISSING_FIELDS"), "Missing required field: taskId");
    app.get("u1", "/tasks?taskId=task_x&wait=20").await.refused(404, "NOT_FOUND");
}
