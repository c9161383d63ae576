//! Preparations of effects that do not happen: each is discarded, however the task ends, and a discard that fails is repeated
//! without a look for the effect.

use super::connected_app;
use crate::support::builders::{email, every, intent, page};
use crate::support::responses::TaskStatus;
use crate::support::{EffectKind, TestApp};
use sandbox::Fault;
use sandbox::fixtures::notion::PAGE;
use sandbox::strangeness::LIST_LAG_SECONDS;
use serde_json::{Value, json};

const DRAFTS: &str = "/gmail/v1/users/me/drafts";
const SEND: &str = "/gmail/v1/users/me/drafts/send";

/// Gmail refuses to send: https://developers.google.com/workspace/gmail/api/guides/handle-errors
fn refused_send() -> Fault {
    let refusal = json!({ "error": { "code": 403, "message": "off", "errors": [{ "reason": "domainPolicy" }] } });
    Fault::status("gmail", 403, refusal).at_path(SEND)
}

fn on_delete(fault: Fault) -> Fault {
    fault.at_path(DRAFTS).on_method("DELETE")
}

/// Notion refuses the title: https://developers.notion.com/reference/status-codes
fn refused_title() -> Fault {
    let refusal = json!({ "object": "error", "status": 400, "code": "validation_error", "message": "no" });
    Fault::status("notion", 400, refusal).at_path("/v1/pages").on_method("PATCH")
}

async fn run_for_an_hour(app: &TestApp) {
    for _ in 0..12 {
        app.run_processor_after(300).await;
    }
}

async fn assert_no_page(app: &TestApp) {
    app.advance(LIST_LAG_SECONDS);
    let found = app.submit("u1", intent("notion", "search").with("query", "once")).await;
    assert_eq!(found.succeeded().data()["results"], json!([]));
}

/// A mail that Gmail refuses to send; its task ends as that, and nothing stays.
async fn assert_refused_without_a_draft(app: &TestApp) {
    app.fault(refused_send());
    let id = app.submit("u1", email()).await.failed("PROVIDER_FORBIDDEN").task_id();
    assert!(app.faults_occurred());
    run_for_an_hour(app).await;
    app.task(&id).await.assert_status(TaskStatus::Failed).last_error_code("PROVIDER_FORBIDDEN");
    app.effects(EffectKind::MessageSent).assert_none();
    app.effects(EffectKind::DraftDeleted).assert_count(1);
}

#[tokio::test]
async fn a_draft_is_deleted_with_a_new_token_if_the_first_ended() {
    let app = connected_app("gmail").await;
    app.fault(on_delete(Fault::status("gmail", 401, json!({ "error": { "code": 401 } }))));
    assert_refused_without_a_draft(&app).await;
}

#[tokio::test]
async fn a_draft_with_a_lost_deletion_is_not_taken_for_a_sent_one() {
    let app = connected_app("gmail").await;
    app.fault(on_delete(Fault::apply_then_drop("gmail")));
    assert_refused_without_a_draft(&app).await;

    // A grant that does not allow reading the thread.
    let app = TestApp::start().await;
    let compose = "https://www.googleapis.com/auth/gmail.compose";
    let token = app.sandbox.sandbox.grant("google", sandbox::fixtures::ALEX, &[compose]).unwrap().access_token;
    let ready = json!({ "tool": "gmail", "accessToken": token, "scopes": [compose],
        "expiresAt": app.after(36_000).to_string() });
    app.post("u1", "/integrations", ready).await.ok();
    app.fault(on_delete(Fault::apply_then_drop("gmail")));
    assert_refused_without_a_draft(&app).await;
}

#[tokio::test]
async fn a_page_with_a_lost_discard_needs_no_person() {
    let app = connected_app("notion").await;
    app.fault(refused_title());
    app.fault(Fault::apply_then_drop("notion").at_path("/v1/pages").on_method("PATCH"));
    let id = app.submit("u1", page(PAGE)).await.failed("PROVIDER_REJECTED").task_id();
    assert!(app.faults_occurred());
    run_for_an_hour(&app).await;
    app.task(&id).await.assert_status(TaskStatus::Failed).last_error_code("PROVIDER_REJECTED");
    assert_no_page(&app).await;
}

#[tokio::test]
async fn a_failed_discard_does_not_repeat_the_action() {
    let app = connected_app("gmail").await;
    app.fault(refused_send());
    app.fault(on_delete(Fault::status("gmail", 503, Value::Null)));
    let id = app.submit("u1", email().at(app.after(10))).await.scheduled();
    run_for_an_hour(&app).await;
    app.task(&id).await.assert_status(TaskStatus::Failed).last_error_code("PROVIDER_FORBIDDEN");
    app.effects(EffectKind::MessageSent).assert_none();
    app.effects(EffectKind::DraftDeleted).assert_count(1);
}

#[tokio::test]
async fn a_task_without_its_account_at_the_discard_ends_as_it_was_decided() {
    let app = connected_app("gmail").await;
    app.fault(refused_send());
    app.fault(on_delete(Fault::status("gmail", 503, Value::Null)));
    let id = app.submit("u1", email()).await.failed("PROVIDER_FORBIDDEN").task_id();
    app.delete("u1", "/integrations", Some(json!({ "tool": "gmail" }))).await.ok();
    run_for_an_hour(&app).await;
    app.task(&id).await.assert_status(TaskStatus::Failed).last_error_code("PROVIDER_FORBIDDEN");
}

#[tokio::test]
async fn a_page_of_an_occurrence_that_is_skipped_after_a_wait_is_removed() {
    let app = TestApp::start().await;
    app.store_token("u1", "notion", json!({})).await.ok();
    let unauthorized = json!({ "object": "error", "status": 401, "code": "unauthorized", "message": "no" });
    app.fault(Fault::status("notion", 401, unauthorized).at_path("/v1/pages").on_method("PATCH"));
    let series = page(PAGE).at(app.after(10)).recurring(every("P1D").count(2).misfire("skip"));
    let id = app.schedule("u1", series).await.scheduled();
    app.run_processor_after(11).await;
    app.task(&id).await.assert_status(TaskStatus::AwaitingConnection);
    app.advance(600);
    app.store_token("u1", "notion", json!({})).await.ok();
    app.run_processor_after(3600).await;
    app.run_processor_after(60).await;
    app.task(&id).await.assert_status(TaskStatus::Scheduled).occurrence(2);
    assert_no_page(&app).await;
}

/// A mail whose draft is made, and that waits for the next attempt to send it.
async fn retrying_mail(app: &TestApp) -> String {
    app.fault(Fault::rate_limited("gmail", Some(60)).at_path(SEND));
    let id = app.schedule("u1", email().at(app.after(10))).await.scheduled();
    app.run_processor_after(11).await;
    app.task(&id).await.assert_status(TaskStatus::Retrying);
    id
}

async fn assert_cancelled_without_a_draft(app: &TestApp, id: &str) {
    app.task(id).await.assert_status(TaskStatus::Unknown);
    // After the limit that made it wait.
    app.with_advancing_clock(app.run_processor_after(61)).await;
    app.task(id).await.assert_status(TaskStatus::Cancelled);
    app.effects(EffectKind::MessageSent).assert_none();
    app.effects(EffectKind::DraftDeleted).assert_count(1);
}

#[tokio::test]
async fn a_cancelled_task_deletes_its_draft() {
    let app = connected_app("gmail").await;
    let id = retrying_mail(&app).await;
    app.cancel(&id).await.ok();
    app.cancel(&id).await.ok();
    assert_cancelled_without_a_draft(&app, &id).await;
}

#[tokio::test]
async fn a_stopped_agent_deletes_its_draft() {
    let app = connected_app("gmail").await;
    let id = retrying_mail(&app).await;
    app.stop_agent("a").await;
    assert_cancelled_without_a_draft(&app, &id).await;
}

#[tokio::test]
async fn a_cancelled_series_deletes_its_page() {
    let app = connected_app("notion").await;
    app.fault(Fault::rate_limited("notion", Some(600)).at_path("/v1/pages").on_method("PATCH"));
    let series = page(PAGE).at(app.after(10)).recurring(every("P1D").count(2));
    let id = app.schedule("u1", series).await.scheduled();
    app.run_processor_after(11).await;
    app.task(&id).await.assert_status(TaskStatus::Retrying);
    app.cancel(&id).await.ok();
    run_for_an_hour(&app).await;
    app.task(&id).await.assert_status(TaskStatus::Cancelled);
    assert_no_page(&app).await;
}

#[tokio::test]
async fn a_cancelled_task_without_its_account_ends() {
    let app = connected_app("gmail").await;
    let id = retrying_mail(&app).await;
    app.delete("u1", "/integrations", Some(json!({ "tool": "gmail" }))).await.ok();
    app.run_processor_after(70).await;
    app.task(&id).await.assert_status(TaskStatus::AwaitingConnection);
    app.cancel(&id).await.ok();
    run_for_an_hour(&app).await;
    app.task(&id).await.assert_status(TaskStatus::Cancelled);
}

#[tokio::test]
async fn a_forced_retry_that_is_cancelled_deletes_its_draft() {
    let app = connected_app("gmail").await;
    app.fault(Fault::refuse("gmail").at_path(DRAFTS).on_method("GET").times(100));
    app.fault(Fault::apply_then_drop("gmail").at_path(SEND));
    let id = app.schedule("u1", email().at(app.after(10))).await.scheduled();
    app.run_processor_after(11).await;
    for _ in 0..40 {
        app.run_processor_after(900).await;
    }
    app.task(&id).await.assert_status(TaskStatus::NeedsAttention);
    app.force_retry(&id).await.ok();
    app.cancel(&id).await.ok();
    app.task(&id).await.assert_status(TaskStatus::Unknown);
    run_for_an_hour(&app).await;
    app.task(&id).await.assert_status(TaskStatus::Cancelled);
}
