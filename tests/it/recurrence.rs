//! Recurring tasks: `recurrence` of `/tasks/schedule`.

use crate::support::builders::{RecurrenceBuilder, cron, every, message};
use crate::support::responses::TaskStatus;
use crate::support::{EffectKind, TestApp};
use jiff::{SignedDuration, Timestamp};
use sandbox::Fault;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

/// A deployment with a Slack connection.
async fn slack_app() -> TestApp {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app
}

/// Schedules a message whose first occurrence is in 10 seconds.
async fn schedule(app: &TestApp, recurrence: RecurrenceBuilder) -> String {
    app.schedule("u1", message().at(app.after(10)).recurring(recurrence)).await.scheduled()
}

#[tokio::test]
async fn a_series_ends_after_its_count_and_each_occurrence_has_its_own_effect() {
    let app = slack_app().await;
    let id = schedule(&app, every("PT1H").count(3)).await;
    let first = app.task(&id).await.next_attempt_at.unwrap();
    app.advance(11);
    for done in 1..=3_u32 {
        assert_eq!(app.run_processor().await.ran, 1);
        let now = app.task(&id).await;
        let posted = app.effects(EffectKind::MessagePosted);
        posted.assert_count(done as usize);
        now.external_id(&posted.last().unwrap().id);
        if done < 3 {
            now.assert_status(TaskStatus::Scheduled).occurrence(done + 1);
            assert_eq!(now.next_attempt_at, Some(first + SignedDuration::from_hours(done.into())), "no drift");
        } else {
            now.assert_completed();
            assert_eq!(now.next_attempt_at, None);
            let ran = now.history.iter().filter(|entry| entry.status == TaskStatus::Completed);
            assert_eq!(ran.map(|entry| entry.occurrence).collect::<Vec<_>>(), [1, 2, 3]);
        }
        app.advance(HOUR);
    }
    assert_eq!(app.run_processor().await.found, 0);
    let posted = app.effects(EffectKind::MessagePosted);
    let keys: BTreeSet<String> = posted.iter().map(|effect| effect.request["metadata"].to_string()).collect();
    assert_eq!(keys.len(), 3, "each occurrence has its own key");
}

/// The expiry of the only payload in an item of its own.
async fn payload_expiry(app: &TestApp) -> Timestamp {
    let items = app.store.scan().table_name(&app.tables.tasks).send().await.unwrap().items.unwrap();
    app.calls.take_used_actions();
    let payload = items.iter().find(|item| item["sk"].as_s().unwrap().starts_with("P#")).expect("a payload");
    Timestamp::from_second(payload["ttl"].as_n().unwrap().parse().unwrap()).unwrap()
}

#[tokio::test]
async fn a_long_payload_outlives_every_occurrence_and_expires_after_the_series() {
    for (interval, occurrences, periods) in [("P1D", 70, 3), ("P1M", 8, 8), ("P1Y", 3, 3)] {
        let app = slack_app().await;
        let series = message().at(app.after(10)).with("text", "x".repeat(3000)).recurring(every(interval));
        let id = app.schedule("u1", series).await.scheduled();
        let mut expiries = BTreeSet::new();
        for done in 1..=occurrences {
            let next = app.task(&id).await.next_attempt_at.unwrap();
            app.advance(next.as_second() - app.clock.now().as_second() + 1);
            assert_eq!(app.run_processor().await.ran, 1, "{interval} {done}");
            app.effects(EffectKind::MessagePosted).assert_count(done);
            let (next, expiry) = (app.task(&id).await.next_attempt_at.unwrap(), payload_expiry(&app).await);
            let days = expiry.duration_since(next).as_hours() / 24;
            assert!((90..=120).contains(&days), "{interval} {done}: {days} days after the next occurrence");
            expiries.insert(expiry);
        }
        assert!(expiries.len() <= periods + 1, "{interval}: one write in 30 days: {expiries:?}");
        app.cancel(&id).await.ok();
        assert_eq!(Some(&payload_expiry(&app).await), expiries.last(), "{interval}: it expires without another write");
    }
}

#[tokio::test]
async fn a_cron_expression_determines_its_first_time() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let nine = message().recurring(cron("0 9 * * MON-FRI").timezone("Europe/Berlin"));
    let id = app.schedule("u1", nine).await.scheduled();
    let at = app.task(&id).await.execute_at.unwrap().in_tz("Europe/Berlin").unwrap();
    assert!(at.timestamp() > app.clock.now(), "{at}");
    assert_eq!((at.hour(), at.minute(), at.weekday().to_monday_one_offset() < 6), (9, 0, true), "{at}");
}

#[tokio::test]
async fn a_cancelled_series_never_runs_again() {
    let app = slack_app().await;
    let id = schedule(&app, every("PT1H")).await;
    app.run_processor_after(11).await;
    app.cancel(&id).await.ok();
    assert_eq!(app.run_processor_after(10 * HOUR).await.found, 0);
    app.task(&id).await.assert_status(TaskStatus::Cancelled);
    app.effects(EffectKind::MessagePosted).assert_count(1);
}

#[tokio::test]
async fn missed_occurrences_run_once_or_are_skipped() {
    let app = slack_app().await;
    let once = schedule(&app, every("PT1H")).await;
    let skip = schedule(&app, every("PT1H").misfire("skip")).await;
    let first = app.task(&once).await.next_attempt_at.unwrap();
    // The processor did not run for five and a half hours.
    app.run_processor_after(10 + 5 * HOUR + 30 * MINUTE).await;
    for (id, outcome) in [(&once, TaskStatus::Completed), (&skip, TaskStatus::Failed)] {
        let now = app.task(id).await;
        assert_eq!(now.next_attempt_at, Some(first + SignedDuration::from_hours(6)));
        now.history(&[TaskStatus::Scheduled, outcome, TaskStatus::Scheduled]);
    }
    app.task(&skip).await.last_error_code("MISFIRED");
    app.effects(EffectKind::MessagePosted).assert_count(1);
    app.run_processor_after(30 * MINUTE).await;
    // Both are on time again.
    app.effects(EffectKind::MessagePosted).assert_count(3);
}

#[tokio::test]
async fn a_failed_occurrence_does_not_end_a_series_and_a_missing_connection_pauses_it() {
    let app = slack_app().await;
    let refused = json!({ "ok": false, "error": "is_archived" });
    app.fault(Fault::status("slack", 200, refused).at_path("/api/chat.postMessage"));
    let id = schedule(&app, every("PT1H")).await;
    app.run_processor_after(11).await;
    app.task(&id).await.assert_status(TaskStatus::Scheduled).last_error_code("PROVIDER_REJECTED");
    app.effects(EffectKind::TaskFailed).assert_count(1);

    app.delete("u1", "/integrations", Some(json!({ "tool": "slack" }))).await.ok();
    app.run_processor_after(HOUR).await;
    app.task(&id).await.assert_status(TaskStatus::AwaitingConnection);
    app.advance(30 * MINUTE);
    let seen = app.effects(EffectKind::ResumeRequested).len();
    app.connect("u1", "slack").await;
    app.resume_requested(seen).await;
    app.task(&id).await.assert_status(TaskStatus::Scheduled).occurrence(3);
    app.effects(EffectKind::MessagePosted).assert_count(1);
}

#[tokio::test]
async fn a_lost_response_in_a_series_is_reconciled_by_occurrence() {
    let app = slack_app().await;
    let id = schedule(&app, every("PT1H").count(2)).await;
    app.run_processor_after(11).await;
    app.fault(Fault::apply_then_drop("slack").at_path("/api/chat.postMessage"));
    app.run_processor_after(HOUR).await;
    // The channel's history is read once a minute.
    app.run_processor_after(2 * MINUTE).await;
    // The first occurrence's message exists too, with another key.
    let posted = app.effects(EffectKind::MessagePosted);
    posted.assert_count(2);
    app.task(&id).await.assert_completed().external_id(&posted[1].id);
}

#[tokio::test]
async fn an_invalid_recurrence_is_400_and_names_its_field() {
    let app = TestApp::start().await;
    let schedule =
        async |recurrence: &Value| app.schedule("u1", message().at(app.after(10)).recurring(recurrence.clone())).await;
    for (recurrence, field) in [
        (json!({}), "recurrence:"),
        (json!({ "cron": "* * * * *", "every": "P1D" }), "recurrence:"),
        (json!({ "cron": "0 0 30 2 *" }), "recurrence.cron:"),
        (json!({ "every": "PT1S" }), "recurrence.every:"),
        (json!({ "every": "P1D", "timezone": "Mars/Olympus" }), "recurrence.timezone:"),
        (json!({ "every": "P1D", "until": "2020-01-01T00:00:00Z" }), "recurrence.until:"),
        (json!({ "every": "P1D", "count": 0 }), "recurrence.count:"),
        (json!({ "every": "P1D", "misfire": "explode" }), "recurrence.misfire:"),
        (json!({ "every": "P1D", "rrule": "x" }), "recurrence.rrule:"),
    ] {
        let error = schedule(&recurrence).await.refused(400, "INVALID_FIELD");
        assert!(error.starts_with(field), "{recurrence}: {error}");
    }
    app.schedule("u1", message().recurring(every("P1D"))).await.refused(400, "MISSING_FIELDS");
}
