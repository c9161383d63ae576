//! `Idempotency-Key`: a repeated request does not repeat the effect.

use super::connected_app;
use super::crashed_processes::LEASE_EXPIRY_SECONDS;
use crate::support::builders::{list_channels, message};
use crate::support::responses::Outcome;
use crate::support::{EffectKind, TestApp};
use sandbox::Fault;

#[tokio::test]
async fn a_repeated_request_with_the_same_key_runs_once() {
    let app = connected_app("slack").await;
    let first = app.submit("u1", message().key("k1")).await;
    assert!(!first.headers.contains_key("idempotent-replayed"));
    let again = app.submit("u1", message().key("k1")).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(first.succeeded(), again.succeeded());
    app.effects(EffectKind::MessagePosted).assert_count(1);

    let other = || message().with("text", "Another.");
    app.submit("u1", other().key("k1")).await.refused(422, "IDEMPOTENCY_KEY_REUSED");
    app.submit("u1", message().key(" ")).await.refused(400, "INVALID_FIELD");
    app.submit("u1", message().key("k2")).await.succeeded();
    app.advance(24 * 3600 + 1);
    app.submit("u2", message()).await.ok();
    app.submit("u1", other().key("k1")).await.succeeded();
    // A key expires after a day.
    app.effects(EffectKind::MessagePosted).assert_count(3);
}

#[tokio::test]
async fn a_key_in_progress_is_409_and_a_failed_request_can_be_repeated() {
    let app = TestApp::start().await;
    app.submit("u1", message().key("k")).await.failed("NOT_CONNECTED");
    app.connect("u1", "slack").await;
    app.fault(Fault::delay("slack", 60_000).at_path("/api/chat.postMessage"));
    app.run_until_killed(app.submit("u1", message().key("k")), || app.faults_occurred()).await;
    let again = app.submit("u1", message().key("k")).await;
    let seconds: u64 = again.headers["retry-after"].to_str().unwrap().parse().unwrap();
    let wait = again.refusal(409, "IDEMPOTENCY_IN_PROGRESS").retry_after_ms.unwrap();
    assert!((60_000..65_000).contains(&wait) && seconds == wait.div_ceil(1000), "{wait} ms, {seconds} s");
    app.run_processor_after(LEASE_EXPIRY_SECONDS).await;
    let lost = app.submit("u1", message().key("k")).await.failed("ABORTED_NO_EFFECT");
    assert_eq!(lost.error.outcome, Outcome::None);
}

/// Kills a request with a key while its post is under way, or when it has arrived; then moves the clock to the end of its lease.
async fn killed_request(app: &TestApp, after_effect: bool) {
    if after_effect {
        let has_effect = || !app.effects(EffectKind::MessagePosted).is_empty();
        app.run_until_killed(app.submit("u1", message().key("k")), has_effect).await;
    } else {
        app.fault(Fault::delay("slack", 60_000).at_path("/api/chat.postMessage"));
        app.run_until_killed(app.submit("u1", message().key("k")), || app.faults_occurred()).await;
    }
    let again = app.submit("u1", message().key("k")).await;
    let wait = again.refusal(409, "IDEMPOTENCY_IN_PROGRESS").retry_after_ms.unwrap();
    app.advance(i64::try_from(wait.div_ceil(1000)).unwrap());
}

#[tokio::test]
async fn the_repetition_of_a_killed_request_reconciles_it_after_its_lease() {
    for after_effect in [false, true] {
        let app = connected_app("slack").await;
        killed_request(&app, after_effect).await;
        let (one, other) = futures::join!(app.submit("u1", message().key("k")), app.submit("u1", message().key("k")),);
        // The claim admits one of two at once; the other waits for it, or has its result.
        let reconciled = if one.status == 409 { other } else { one };
        assert_eq!(reconciled.headers["idempotent-replayed"], "true");
        if after_effect {
            reconciled.succeeded();
        } else {
            assert_eq!(reconciled.failed("ABORTED_NO_EFFECT").error.outcome, Outcome::None);
        }
        app.effects(EffectKind::MessagePosted).assert_count(usize::from(after_effect));
        assert_eq!(app.run_processor_after(LEASE_EXPIRY_SECONDS).await.ran, 0, "nothing is left");
    }
}

#[tokio::test]
async fn the_repetition_of_a_killed_request_is_unknown_while_its_provider_fails() {
    let app = connected_app("slack").await;
    killed_request(&app, true).await;
    app.fault(Fault::status("slack", 500, serde_json::json!({})).at_path("/api/conversations.history"));
    let pending = app.submit("u1", message().key("k")).await;
    assert_eq!(pending.body["error"]["outcome"], "unknown", "{}", pending.body);
    app.run_processor_after(LEASE_EXPIRY_SECONDS).await;
    app.submit("u1", message().key("k")).await.succeeded();
    app.effects(EffectKind::MessagePosted).assert_count(1);
}

#[tokio::test]
async fn scheduling_twice_with_one_key_creates_one_task_and_completes_a_lost_write() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let later = message().at(app.after(60)).key("k");
    app.calls.reset();
    // The process is killed after the key is written and before the task is.
    let is_key_written = || app.calls.completed("PutItem", &app.tables.tasks) > 0;
    app.run_until_killed(app.schedule("u1", later.clone()), is_key_written).await;
    let listed = async || app.tasks("agentId=a").await.tasks.len();
    assert_eq!(listed().await, 0);
    let first = app.schedule("u1", later.clone()).await.scheduled();
    app.advance(120);
    let again = app.schedule("u1", later).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!((first, listed().await), (again.scheduled(), 1), "also after its time has passed");
}

#[tokio::test]
async fn a_half_accepted_request_is_completed_after_its_time_has_passed() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    // The agent has its row.
    app.submit("u1", list_channels()).await.succeeded();
    app.schedule("u1", message().at(app.after(3600))).await.scheduled();
    let soon = message().at(app.after(10));
    app.calls.reset();
    let is_key_written = || app.calls.completed("PutItem", &app.tables.tasks) > 0;
    app.run_until_killed(app.schedule("u1", soon.clone().key("k")), is_key_written).await;
    app.advance(60);
    // A request whose key is not reserved did not come in time.
    app.schedule("u1", soon.clone().key("other")).await.refused(400, "INVALID_FIELD");
    let task = app.schedule("u1", soon.clone().key("k")).await.scheduled();
    let again = app.schedule("u1", soon.key("k")).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.scheduled(), task);
    assert_eq!(app.run_processor().await.ran, 1);
    app.effects(EffectKind::MessagePosted).assert_count(1);
}

#[tokio::test]
async fn exactly_one_of_many_requests_with_one_key_acts() {
    let app = connected_app("slack").await;
    let answers = futures::future::join_all((0..32).map(|_| app.submit("u1", message().key("k")))).await;
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 409)), "{answers:?}");
    app.effects(EffectKind::MessagePosted).assert_count(1);
}
