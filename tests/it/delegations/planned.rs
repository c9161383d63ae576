//! What a service has planned: its user sees it, a revocation cancels it, and it runs only while the delegation holds.

use super::delegate;
use crate::support::builders::{ALL_TOOLS, Intent, email, every, message};
use crate::support::responses::{CreatorKind, Revoked, TaskStatus};
use crate::support::{EffectKind, TestApp, TestResponse};
use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::join_all;
use sandbox::Fault;
use serde_json::json;

/// Seconds after which a negative reconciliation is trusted.
const AFTER_RECONCILE_GRACE: i64 = 31;
const POST_MESSAGE: &str = "/api/chat.postMessage";

/// A deployment with a Slack connection of `u1`, who has delegated to the service `svc22`.
async fn delegating_app() -> TestApp {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    delegate(&app, json!({ "service": "svc22", "tools": ALL_TOOLS })).await;
    app
}

/// Schedules an intent for `u1` as the service `svc22`.
async fn plan(app: &TestApp, intent: Intent) -> TestResponse {
    let body = intent.user("u1").json().to_string();
    app.send("POST", "/tasks/schedule", Some(&app.service_token("svc22")), Some(body)).await
}

async fn revoke(app: &TestApp) -> (usize, usize, bool) {
    let revoked: Revoked = app.delete("u1", "/delegations", Some(json!({ "service": "svc22" }))).await.view();
    (revoked.cancelled, revoked.running, revoked.remaining)
}

/// Deletes the delegation's row and nothing else, as a revocation that was interrupted before it cancelled anything.
async fn delete_delegation_row(app: &TestApp) {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let delete = app.store.delete_item().table_name(&app.tables.integrations);
    delete.key("pk", text("u1")).key("sk", text("delegation#svc22")).send().await.unwrap();
    app.calls.take_used_actions();
}

/// Removes the creator from every task, so that the engine takes them for the user's own.
async fn remove_creators(app: &TestApp) {
    for mut row in app.store.scan().table_name(&app.tables.tasks).send().await.unwrap().items.unwrap_or_default() {
        if row.remove("createdBy").is_some() {
            app.store.put_item().table_name(&app.tables.tasks).set_item(Some(row)).send().await.unwrap();
        }
    }
    app.calls.take_used_actions();
}

#[tokio::test]
async fn a_task_names_its_creator() {
    let app = delegating_app().await;
    let planned = plan(&app, message().at(app.after(60))).await.scheduled();
    let own = app.schedule("u1", message().at(app.after(60))).await.scheduled();
    let body = message().user("u1").json().to_string();
    let sent = app.send("POST", "", Some(&app.service_token("svc22")), Some(body)).await.succeeded().task_id();
    for (id, kind, service) in [
        (&planned, CreatorKind::Service, Some("svc22")),
        (&sent, CreatorKind::Service, Some("svc22")),
        (&own, CreatorKind::User, None),
    ] {
        let creator = app.task(id).await.created_by;
        assert_eq!((creator.kind, creator.id.as_deref()), (kind, service));
    }
    // A service that acts for itself is its own user.
    app.connect("svc22", "slack").await;
    let own = message().at(app.after(60)).json().to_string();
    app.send("POST", "/tasks/schedule", Some(&app.service_token("svc22")), Some(own)).await.scheduled();
    let listed = app.send("GET", "/tasks", Some(&app.service_token("svc22")), None).await.ok();
    assert_eq!(listed["tasks"][0]["createdBy"], json!({ "kind": "user" }));
}

#[tokio::test]
async fn a_dismissed_services_endless_series_of_an_unknown_agent_is_found_and_stops() {
    let app = delegating_app().await;
    let series = message().agent("x7f3-unguessable-9c1e").at(app.after(60)).recurring(every("PT1M"));
    let id = plan(&app, series).await.scheduled();
    app.run_processor_after(61).await;
    app.effects(EffectKind::MessagePosted).assert_count(1);

    // Its user finds it without knowing the agent.
    let agents = app.agents().await;
    assert_eq!((agents[0].agent_id.as_str(), agents[0].tasks.series), ("x7f3-unguessable-9c1e", 1));
    let found = app.tasks("status=scheduled").await.tasks.remove(0);
    assert_eq!((found.task_id.as_ref(), found.created_by.id.as_deref()), (Some(&id), Some("svc22")));

    assert_eq!(revoke(&app).await, (1, 0, false));
    app.task(&id).await.assert_status(TaskStatus::Cancelled).last_error_code("DELEGATION_ENDED");
    assert_eq!(app.run_processor_after(3600).await.ran, 0);
    app.effects(EffectKind::MessagePosted).assert_count(1);
    plan(&app, message().at(app.after(60))).await.refused(403, "FORBIDDEN");
}

#[tokio::test]
async fn a_revocation_cancels_what_its_service_planned_over_all_agents_and_nothing_else() {
    let app = delegating_app().await;
    delegate(&app, json!({ "service": "other", "tools": ALL_TOOLS })).await;
    // 30 agents: more than are read at a time.
    let plans = (0..30).map(|agent| plan(&app, message().agent(&format!("agent-{agent}")).at(app.after(60))));
    let planned: Vec<String> = join_all(plans).await.into_iter().map(TestResponse::scheduled).collect();
    let own = app.schedule("u1", message().agent("agent-1").at(app.after(60))).await.scheduled();
    let body = message().agent("agent-1").user("u1").at(app.after(60)).json().to_string();
    let others = app.send("POST", "/tasks/schedule", Some(&app.service_token("other")), Some(body)).await.scheduled();
    assert_eq!(revoke(&app).await, (30, 0, false));
    for id in &planned {
        app.task(id).await.assert_status(TaskStatus::Cancelled);
    }
    app.run_processor_after(61).await;
    app.task(&own).await.assert_completed();
    app.task(&others).await.assert_completed();
    app.effects(EffectKind::MessagePosted).assert_count(2);
    app.delete("u1", "/delegations", Some(json!({ "service": "svc22" }))).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_repeated_revocation_completes_an_interrupted_one() {
    let app = delegating_app().await;
    let id = plan(&app, message().at(app.after(60))).await.scheduled();
    delete_delegation_row(&app).await;
    assert_eq!(revoke(&app).await, (1, 0, false));
    app.task(&id).await.assert_status(TaskStatus::Cancelled);
    app.delete("u1", "/delegations", Some(json!({ "service": "svc22" }))).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_due_task_of_a_service_without_a_delegation_is_cancelled_and_not_called() {
    let app = delegating_app().await;
    let once = plan(&app, message().at(app.after(60))).await.scheduled();
    let series = plan(&app, message().at(app.after(60)).recurring(every("PT1M"))).await.scheduled();
    delete_delegation_row(&app).await;
    assert_eq!(app.run_processor_after(61).await.ran, 2);
    for id in [&once, &series] {
        app.task(id).await.assert_status(TaskStatus::Cancelled).last_error_code("DELEGATION_ENDED");
    }
    assert_eq!(app.run_processor_after(3600).await.ran, 0, "the series has ended");
    app.effects(EffectKind::MessagePosted).assert_none();
    let failed = app.effects(EffectKind::TaskFailed);
    failed.assert_count(2);
    assert_eq!(failed[0].request["Detail"]["errorCode"], "DELEGATION_ENDED");
    let logged = app.logged_errors("errorCode=DELEGATION_ENDED").await.errors;
    assert_eq!(logged.len(), 2);
}

#[tokio::test]
async fn a_task_without_a_stored_creator_is_called() {
    // Negative control: without the creator, the same tasks run after the delegation has gone.
    let app = delegating_app().await;
    plan(&app, message().at(app.after(60))).await.scheduled();
    delete_delegation_row(&app).await;
    remove_creators(&app).await;
    assert_eq!(app.run_processor_after(61).await.ran, 1);
    app.effects(EffectKind::MessagePosted).assert_count(1);
}

#[tokio::test]
async fn a_services_task_runs_until_its_delegation_expires_and_after_it_was_extended() {
    let app = delegating_app().await;
    delegate(&app, json!({ "service": "svc22", "tools": ALL_TOOLS, "expiresAt": app.after(90).to_string() })).await;
    let series = plan(&app, message().at(app.after(60)).recurring(every("PT1M"))).await.scheduled();
    app.run_processor_after(61).await;
    app.task(&series).await.assert_status(TaskStatus::Scheduled).occurrence(2);
    delegate(&app, json!({ "service": "svc22", "tools": ALL_TOOLS, "expiresAt": app.after(90).to_string() })).await;
    app.run_processor_after(60).await;
    app.task(&series).await.assert_status(TaskStatus::Scheduled).occurrence(3);
    app.run_processor_after(60).await;
    app.task(&series).await.assert_status(TaskStatus::Cancelled).last_error_code("DELEGATION_ENDED");
    app.effects(EffectKind::MessagePosted).assert_count(2);
}

#[tokio::test]
async fn an_unresolved_attempt_of_a_dismissed_service_is_reconciled_and_not_repeated() {
    for applied in [true, false] {
        let app = delegating_app().await;
        let id = plan(&app, message().at(app.after(10)).recurring(every("PT1H"))).await.scheduled();
        let fault = match applied {
            true => Fault::apply_then_drop("slack"),
            false => Fault::status("slack", 503, json!({})),
        };
        app.fault(fault.at_path(POST_MESSAGE));
        app.fault(Fault::status("slack", 503, json!({})).at_path("/api/conversations.history"));
        app.run_processor_after(11).await;
        app.task(&id).await.assert_status(TaskStatus::Unknown);
        assert_eq!(revoke(&app).await, (0, 1, false));
        assert_eq!(app.run_processor_after(AFTER_RECONCILE_GRACE).await.ran, 1);
        let ended = app.task(&id).await;
        match applied {
            true => ended.assert_completed(),
            false => ended.assert_status(TaskStatus::Cancelled).last_error_code("DELEGATION_ENDED"),
        };
        assert_eq!(app.run_processor_after(7200).await.ran, 0, "no occurrence follows");
        app.effects(EffectKind::MessagePosted).assert_count(usize::from(applied));
    }
}

#[tokio::test]
async fn a_cancelled_mail_of_a_dismissed_service_leaves_no_draft() {
    let app = delegating_app().await;
    app.connect("u1", "gmail").await;
    let id = plan(&app, email().at(app.after(10))).await.scheduled();
    app.fault(Fault::status("gmail", 503, json!({})).at_path("/gmail/v1/users/me/drafts/send"));
    app.run_processor_after(11).await;
    app.task(&id).await.assert_status(TaskStatus::Unknown);
    delete_delegation_row(&app).await;
    app.run_processor_after(AFTER_RECONCILE_GRACE).await;
    app.task(&id).await.assert_status(TaskStatus::Cancelled).last_error_code("DELEGATION_ENDED");
    app.effects(EffectKind::MessageSent).assert_none();
    app.effects(EffectKind::DraftDeleted).assert_count(1);
}

#[tokio::test]
async fn a_change_with_a_lost_response_is_not_repeated_for_a_dismissed_service() {
    let app = delegating_app().await;
    let posted = app.submit("u1", message()).await.succeeded().external_id.unwrap();
    let update = crate::support::builders::intent("slack", "update_message").context(json!({
        "channel": sandbox::fixtures::slack::GENERAL, "ts": posted, "text": "Changed"
    }));
    let id = plan(&app, update.at(app.after(10))).await.scheduled();
    app.fault(Fault::delay("slack", 60_000).at_path("/api/chat.update"));
    app.advance(11);
    app.run_until_killed(app.run_processor(), || app.faults_occurred()).await;
    delete_delegation_row(&app).await;
    app.run_processor_after(200).await;
    // Whether it was changed is not known; a repetition would change it now.
    app.task(&id).await.assert_status(TaskStatus::NeedsAttention).last_error_code("OUTCOME_UNKNOWN");
}
