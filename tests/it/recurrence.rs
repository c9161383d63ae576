//! Recurring tasks: `recurrence` of `/tasks/schedule`.

use crate::support::TestApp;
use jiff::{SignedDuration, Timestamp};
use sandbox::Fault;
use sandbox::fixtures::slack::GENERAL;
use serde_json::{Value, json};

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

fn series(app: &TestApp, recurrence: Value) -> Value {
    json!({
        "agentId": "a", "tool": "slack", "intent": "send_message",
        "context": { "channel": GENERAL, "text": "again" },
        "executeAt": (app.clock.now() + SignedDuration::from_secs(10)).to_string(),
        "recurrence": recurrence
    })
}

async fn schedule(app: &TestApp, recurrence: Value) -> String {
    let accepted = app.post("u1", "/tasks/schedule", series(app, recurrence)).await.accepted();
    accepted["taskId"].as_str().unwrap().to_owned()
}

async fn task(app: &TestApp, id: &str) -> Value {
    app.get("u1", &format!("/tasks?taskId={id}")).await.ok()["task"].clone()
}

fn instant(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_series_ends_after_its_count_and_each_occurrence_has_its_own_effect() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let id = schedule(&app, json!({ "every": "PT1H", "count": 3 })).await;
    let first = instant(&task(&app, &id).await["nextAttemptAt"]);
    app.advance(11);
    for done in 1..=3_u32 {
        assert_eq!(app.run_processor().await.ran, 1);
        let now = task(&app, &id).await;
        let posted = app.effects("message_posted");
        assert_eq!((posted.len(), &now["externalId"]), (done as usize, &json!(posted.last().unwrap().id)), "{now}");
        if done < 3 {
            assert_eq!((&now["status"], &now["occurrence"]), (&json!("scheduled"), &json!(done + 1)), "{now}");
            assert_eq!(instant(&now["nextAttemptAt"]), first + SignedDuration::from_hours(done.into()), "no drift");
        } else {
            assert_eq!((&now["status"], &now["nextAttemptAt"]), (&json!("completed"), &Value::Null), "{now}");
            let lines = now["history"].as_array().unwrap();
            let ran = lines.iter().filter(|line| line["status"] == "completed");
            assert_eq!(ran.map(|line| line["occurrence"].clone()).collect::<Vec<_>>(), [json!(1), json!(2), json!(3)]);
        }
        app.advance(HOUR);
    }
    assert_eq!(app.run_processor().await.found, 0);
    let keys: std::collections::BTreeSet<String> =
        app.effects("message_posted").iter().map(|effect| effect.request["metadata"].to_string()).collect();
    assert_eq!(keys.len(), 3, "each occurrence has its own key");
}

#[tokio::test]
async fn a_cron_expression_determines_its_first_time() {
    let app = TestApp::start().await;
    let mut nine = series(&app, json!({ "cron": "0 9 * * MON-FRI", "timezone": "Europe/Berlin" }));
    nine.as_object_mut().unwrap().remove("executeAt");
    let id = app.post("u1", "/tasks/schedule", nine).await.accepted()["taskId"].as_str().unwrap().to_owned();
    let at = instant(&task(&app, &id).await["executeAt"]).in_tz("Europe/Berlin").unwrap();
    assert!(
        at.timestamp() > app.clock.now()
            && (at.hour(), at.minute(), at.weekday().to_monday_one_offset() < 6) == (9, 0, true)
    );
}

#[tokio::test]
async fn cancelling_ends_the_series() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let id = schedule(&app, json!({ "every": "PT1H" })).await;
    app.advance(11);
    app.run_processor().await;
    app.delete("u1", "/tasks", Some(json!({ "taskId": id }))).await.ok();
    app.advance(10 * HOUR);
    assert_eq!(app.run_processor().await.found, 0);
    let ended = task(&app, &id).await;
    assert_eq!((&ended["status"], app.effects("message_posted").len()), (&json!("cancelled"), 1), "{ended}");
}

#[tokio::test]
async fn missed_occurrences_run_once_or_are_skipped() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let once = schedule(&app, json!({ "every": "PT1H" })).await;
    let skip = schedule(&app, json!({ "every": "PT1H", "misfire": "skip" })).await;
    let first = instant(&task(&app, &once).await["nextAttemptAt"]);
    // The processor did not run for five and a half hours.
    app.advance(10 + 5 * HOUR + 30 * MINUTE);
    app.run_processor().await;
    for (id, outcome) in [(&once, "completed"), (&skip, "failed")] {
        let now = task(&app, id).await;
        assert_eq!(instant(&now["nextAttemptAt"]), first + SignedDuration::from_hours(6), "{now}");
        assert_eq!(now["history"][1]["status"], outcome, "{now}");
    }
    assert_eq!(task(&app, &skip).await["lastError"]["code"], "MISFIRED");
    assert_eq!(app.effects("message_posted").len(), 1);
    app.advance(30 * MINUTE);
    app.run_processor().await;
    assert_eq!(app.effects("message_posted").len(), 3, "both are on time again");
}

#[tokio::test]
async fn a_failed_occurrence_does_not_end_a_series_and_a_missing_connection_pauses_it() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let refused = json!({ "ok": false, "error": "is_archived" });
    app.sandbox.sandbox.fault(Fault::status("slack", 200, refused).at_path("/api/chat.postMessage"));
    let id = schedule(&app, json!({ "every": "PT1H" })).await;
    app.advance(11);
    app.run_processor().await;
    let now = task(&app, &id).await;
    assert_eq!(
        (&now["status"], &now["lastError"]["code"]),
        (&json!("scheduled"), &json!("PROVIDER_REJECTED")),
        "{now}"
    );
    assert_eq!(app.effects("task.failed").len(), 1);

    app.delete("u1", "/integrations", Some(json!({ "tool": "slack" }))).await.ok();
    app.advance(HOUR);
    app.run_processor().await;
    assert_eq!(task(&app, &id).await["status"], "needs_attention");
    app.connect("u1", "slack").await;
    app.advance(30 * MINUTE);
    app.post("u1", "/tasks", json!({ "taskId": id, "force": true })).await.ok();
    app.run_processor().await;
    let now = task(&app, &id).await;
    assert_eq!(
        (&now["status"], &now["occurrence"], app.effects("message_posted").len()),
        (&json!("scheduled"), &json!(3), 1)
    );
}

#[tokio::test]
async fn a_lost_response_in_a_series_is_reconciled_by_occurrence() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let id = schedule(&app, json!({ "every": "PT1H", "count": 2 })).await;
    app.advance(11);
    app.run_processor().await;
    app.sandbox.sandbox.fault(Fault::apply_then_drop("slack").at_path("/api/chat.postMessage"));
    app.advance(HOUR);
    app.run_processor().await;
    let (now, posted) = (task(&app, &id).await, app.effects("message_posted"));
    // The first occurrence's message exists too, with another key.
    assert_eq!((&now["status"], posted.len(), &now["externalId"]), (&json!("completed"), 2, &json!(posted[1].id)));
}

#[tokio::test]
async fn invalid_recurrences_are_rejected() {
    let app = TestApp::start().await;
    for (recurrence, field) in [
        (json!({}), "recurrence:"),
        (json!({ "cron": "* * * * *", "every": "P1D" }), "recurrence:"),
        (json!({ "cron": "0 0 30 2 *" }), "recurrence.cron:"),
        (json!({ "every": "PT1S" }), "recurrence.every:"),
        (json!({ "every": "P1D", "timezone": "Mars/Olympus" }), "recurrence.timezone:"),
        (json!({ "every": "P1D", "until": "2020-01-01T00:00:00Z" }), "recurrence.until:"),
        (json!({ "every": "P1D", "count": 0 }), "recurrence.count:"),
        (json!({ "every": "P1D", "misfire": "explode" }), "recurrence.misfire:"),
        (json!({ "every": "P1D", "rrule": "x" }), "rrule:"),
    ] {
        let error =
            app.post("u1", "/tasks/schedule", series(&app, recurrence.clone())).await.refused(400, "INVALID_FIELD");
        assert!(error.starts_with(field), "{recurrence}: {error}");
    }
    let mut timeless = series(&app, json!({ "every": "P1D" }));
    timeless.as_object_mut().unwrap().remove("executeAt");
    app.post("u1", "/tasks/schedule", timeless).await.refused(400, "MISSING_FIELDS");
}
