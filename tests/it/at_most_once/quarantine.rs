//! Quarantine: after a crash each of the tasks that were in flight runs alone, so that a task that kills its processor ends and its
//! neighbours are done.

use super::crashed_processes::LEASE_EXPIRY_SECONDS;
use super::schedule;
use crate::support::builders::{every, intent, message};
use crate::support::responses::{SingleTask, TaskStatus};
use crate::support::{EffectKind, TestApp};
use engine::processor::{self, DueEvent, Job, Summary};
use engine::retry::MAX_CRASHES;
use sandbox::{Effect, Fault};
use serde_json::json;

/// Tasks of another user that are in flight when the killer kills.
const NEIGHBOURS: usize = 9;
/// Suspects of one requested run, at most.
const SUSPECTS_PER_RUN: usize = 8;

/// A deployment in which `u1` has the killer's tool and `u2` that of its neighbours, whose calls take a while.
async fn shared_app() -> TestApp {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app.connect("u2", "asana").await;
    app.fault(Fault::delay("asana", 200).at_path("/api/1.0/tasks").on_method("POST").times(1_000));
    app
}

/// Schedules the neighbours in 10 seconds.
async fn schedule_neighbours(app: &TestApp) -> Vec<String> {
    let mut ids = vec![];
    for number in 0..NEIGHBOURS {
        let neighbour = intent("asana", "create_task").with("name", format!("neighbour {number}"));
        ids.push(app.schedule("u2", neighbour.at(app.after(10))).await.scheduled());
    }
    ids
}

/// Plans the death of the process that next posts a message, and says whether it is due.
fn plan_kill(app: &TestApp) -> impl Fn() -> bool {
    app.fault(Fault::delay("slack", 60_000).at_path("/api/chat.postMessage"));
    || !app.sandbox.sandbox.pending_faults().iter().any(|fault| fault.provider == "slack")
}

/// Runs the processor until the killer kills it.
async fn run_until_the_killer_kills(app: &TestApp) {
    let kills = plan_kill(app);
    app.run_until_killed(app.run_processor(), kills).await;
}

/// Runs the processor until the killer kills it while all tasks are in flight.
async fn crash_with_all_in_flight(app: &TestApp) {
    let (kills, tasks) = (plan_kill(app), &app.tables.tasks);
    app.calls.reset();
    let all_claimed = || app.calls.completed("UpdateItem", tasks) > NEIGHBOURS;
    app.run_until_killed(app.run_processor(), || kills() && all_claimed()).await;
}

/// Runs a processor that polls for some seconds.
async fn run_for(app: &TestApp, seconds: u8) -> Summary {
    let event: DueEvent = serde_json::from_value(json!({ "windowSeconds": seconds })).unwrap();
    let summary = app.with_advancing_clock(processor::run(app.engine, event, app.shell().deadline(0))).await;
    app.check_role("process-due-tasks");
    summary.unwrap()
}

/// The job of a requested run.
fn job_of(requested: &Effect) -> Job {
    serde_json::from_value(requested.request["Detail"].clone()).unwrap()
}

async fn assert_done(app: &TestApp, neighbours: &[String]) {
    for id in neighbours {
        let found: SingleTask = app.get("u2", &format!("/tasks?taskId={id}")).await.view();
        found.task.assert_completed().attempts(1);
    }
    app.effects(EffectKind::TaskCreated).assert_count(neighbours.len());
}

#[tokio::test]
async fn neighbours_of_a_task_that_kills_its_processor_are_done_after_the_first_crash() {
    let app = shared_app().await;
    let killer = schedule(&app, message()).await;
    let neighbours = schedule_neighbours(&app).await;
    app.advance(11);
    crash_with_all_in_flight(&app).await;
    app.advance(LEASE_EXPIRY_SECONDS);
    run_until_the_killer_kills(&app).await;
    // Those behind the killer, while its lease holds.
    app.run_processor_after(60).await;
    assert_done(&app, &neighbours).await;
    app.task(&killer).await.assert_status(TaskStatus::Processing).attempts(1);
    for _ in 1..MAX_CRASHES {
        app.advance(LEASE_EXPIRY_SECONDS);
        run_until_the_killer_kills(&app).await;
    }
    app.run_processor_after(LEASE_EXPIRY_SECONDS).await;
    app.task(&killer).await.assert_status(TaskStatus::Failed).last_error_code("ATTEMPTS_EXHAUSTED");
    app.effects(EffectKind::MessagePosted).assert_none();
    app.effects(EffectKind::TaskFailed).assert_count(1);
}

#[tokio::test]
async fn suspects_run_in_requested_runs_of_their_own_while_other_tasks_go_on() {
    let app = shared_app().await;
    let killer = schedule(&app, message()).await;
    let neighbours = schedule_neighbours(&app).await;
    app.advance(11);
    crash_with_all_in_flight(&app).await;
    app.advance(LEASE_EXPIRY_SECONDS);
    let requests = || app.effects(EffectKind::RunRequested);
    app.run_until_killed(run_for(&app, 10), || requests().len() == 2).await;
    let requests = requests();
    let suspects: Vec<usize> = requests.iter().map(|request| job_of(request).suspects.len()).collect();
    assert!(suspects.iter().all(|count| *count <= SUSPECTS_PER_RUN), "{suspects:?}");
    assert_eq!(suspects.iter().sum::<usize>(), NEIGHBOURS + 1);
    app.effects(EffectKind::TaskCreated).assert_none();
    for request in requests.iter() {
        let event: DueEvent = serde_json::from_value(json!({ "detail": request.request["Detail"] })).unwrap();
        processor::run(app.engine, event, app.shell().deadline(0)).await.unwrap();
        app.check_role("process-due-tasks");
    }
    assert_done(&app, &neighbours).await;
    app.task(&killer).await.assert_completed();
}

#[tokio::test]
async fn a_run_without_the_bus_runs_its_suspects_last_and_one_at_a_time() {
    let app = shared_app().await;
    app.fault(Fault::refuse("aws").times(100_000));
    let killer = schedule(&app, message()).await;
    let neighbours = schedule_neighbours(&app).await;
    app.advance(11);
    crash_with_all_in_flight(&app).await;
    app.advance(LEASE_EXPIRY_SECONDS - 10);
    let other = app.schedule("u2", intent("asana", "create_task").with("name", "another").at(app.after(10)));
    let other = other.await.scheduled();
    app.advance(11);
    run_until_the_killer_kills(&app).await;
    let found: SingleTask = app.get("u2", &format!("/tasks?taskId={other}")).await.view();
    found.task.assert_completed();
    app.run_processor_after(60).await;
    assert_done(&app, &[neighbours, vec![other]].concat()).await;
    app.task(&killer).await.assert_status(TaskStatus::Processing);
}

#[tokio::test]
async fn each_occurrence_after_one_that_crashed_runs_alone_from_its_start() {
    let app = shared_app().await;
    let series = message().recurring(every("PT30M").count(3)).at(app.after(10));
    let killer = app.schedule("u1", series).await.scheduled();
    app.advance(11);
    for crash in 0..=MAX_CRASHES {
        app.advance(LEASE_EXPIRY_SECONDS * i64::from(crash > 0));
        run_until_the_killer_kills(&app).await;
    }
    app.run_processor_after(LEASE_EXPIRY_SECONDS).await;
    app.task(&killer).await.assert_status(TaskStatus::Scheduled).occurrence(2);
    app.advance(1_800 - 11 - LEASE_EXPIRY_SECONDS * i64::from(MAX_CRASHES + 1));
    let neighbours = schedule_neighbours(&app).await;
    app.advance(11);
    run_until_the_killer_kills(&app).await;
    assert_done(&app, &neighbours).await;
    // One crash alone is enough now.
    app.run_processor_after(LEASE_EXPIRY_SECONDS).await;
    app.task(&killer).await.assert_status(TaskStatus::Scheduled).occurrence(3);
    // An occurrence that ends without a crash ends the quarantine.
    app.run_processor_after(1_800).await;
    app.task(&killer).await.assert_completed();
    app.effects(EffectKind::MessagePosted).assert_count(1);
}

#[tokio::test]
async fn a_crash_by_another_task_consumes_no_attempt() {
    let app = shared_app().await;
    let retry = json!({ "maxAttempts": 1, "initialIntervalSeconds": 60, "maxIntervalSeconds": 60 });
    app.post("u1", "/errors/fallbacks", json!({ "tool": "slack", "agentId": "a", "retry": retry })).await.ok();
    let id = schedule(&app, message()).await;
    app.advance(11);
    run_until_the_killer_kills(&app).await;
    app.run_processor_after(LEASE_EXPIRY_SECONDS).await;
    app.task(&id).await.assert_completed().attempts(1);
    app.effects(EffectKind::MessagePosted).assert_count(1);
}
