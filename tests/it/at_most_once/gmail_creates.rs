//! Gmail's creates with lost responses, where drafts lose their headers and lists lag behind.

use super::crashed_processes::LEASE_EXPIRY_SECONDS;
use super::{AFTER_RECONCILE_GRACE, connected_app, schedule};
use crate::support::builders::{Intent, email, intent};
use crate::support::responses::TaskStatus;
use crate::support::{EffectKind, TestApp};
use sandbox::fixtures::gmail::DRAFT;
use sandbox::{Fault, Strangeness};
use serde_json::json;

const DRAFTS: &str = "/gmail/v1/users/me/drafts";
const SEND: &str = "/gmail/v1/users/me/drafts/send";

/// A deployment with a mailbox that drops the headers of drafts and lists them late.
async fn strange_mailbox() -> TestApp {
    let app = connected_app("gmail").await;
    app.sandbox.sandbox.set_strangeness(Strangeness::content());
    app
}

/// Asserts that each draft that was created was sent or deleted.
fn assert_no_draft_stays(app: &TestApp) {
    let ended = app.effects(EffectKind::MessageSent).len() + app.effects(EffectKind::DraftDeleted).len();
    app.effects(EffectKind::DraftCreated).assert_count(ended);
}

fn reply(action: &str) -> Intent {
    intent("gmail", action).context(json!({ "messageId": "18f0000000000006", "body": "Yes." }))
}

fn draft() -> Intent {
    intent("gmail", "create_draft").context(json!({ "to": "kim@example.com", "subject": "S", "body": "One\ntwo" }))
}

#[tokio::test]
async fn a_lost_send_is_reconciled_by_its_thread_for_every_mail() {
    let forward = reply("forward").with("to", "kim@example.com");
    let draft = intent("gmail", "send_draft").with("draftId", DRAFT);
    for mail in [email(), reply("reply"), reply("reply_all"), forward, draft] {
        let app = strange_mailbox().await;
        app.fault(Fault::apply_then_drop("gmail").at_path(SEND));
        // The thread shows the mail a few seconds later.
        let id = app.submit("u1", mail.clone()).await.unresolved().task_id();
        app.run_processor_after(AFTER_RECONCILE_GRACE).await;
        app.task(&id).await.assert_completed().external_id(&app.effects(EffectKind::MessageSent).only().id);
        app.effects(EffectKind::DraftDeleted).assert_none();
    }
}

#[tokio::test]
async fn a_scheduled_mail_is_sent_from_the_draft_of_a_lost_response() {
    for mail in [email(), reply("reply")] {
        let app = strange_mailbox().await;
        app.fault(Fault::apply_then_drop("gmail").at_path(DRAFTS).on_method("POST"));
        let id = schedule(&app, mail).await;
        app.run_processor_after(11).await;
        app.task(&id).await.assert_status(TaskStatus::Unknown);
        app.run_processor_after(AFTER_RECONCILE_GRACE).await;
        app.task(&id).await.assert_completed().attempts(2);
        app.effects(EffectKind::DraftCreated).assert_count(1);
        app.effects(EffectKind::MessageSent).assert_count(1);
    }
}

#[tokio::test]
async fn an_immediate_mail_deletes_the_draft_of_a_lost_response() {
    for search_fails in [false, true] {
        let app = strange_mailbox().await;
        app.fault(Fault::apply_then_drop("gmail").at_path(DRAFTS).on_method("POST"));
        if search_fails {
            app.fault(Fault::status("gmail", 503, json!({})).at_path(DRAFTS).on_method("GET"));
        }
        let id = app.submit("u1", email()).await.unresolved().task_id();
        app.run_processor_after(AFTER_RECONCILE_GRACE).await;
        app.task(&id).await.assert_status(TaskStatus::Failed).last_error_code("ABORTED_NO_EFFECT");
        app.effects(EffectKind::MessageSent).assert_none();
        app.effects(EffectKind::DraftDeleted).assert_count(1);
        assert_no_draft_stays(&app);
    }
}

#[tokio::test]
async fn a_draft_without_a_stored_id_is_sent_once() {
    let app = strange_mailbox().await;
    let id = schedule(&app, email()).await;
    app.advance(11);
    app.run_until_killed(app.run_processor(), || !app.effects(EffectKind::DraftCreated).is_empty()).await;
    app.run_processor_after(LEASE_EXPIRY_SECONDS).await;
    app.task(&id).await.assert_completed();
    app.effects(EffectKind::DraftCreated).assert_count(1);
    app.effects(EffectKind::MessageSent).assert_count(1);
}

#[tokio::test]
async fn a_lost_draft_is_found_by_its_content() {
    let app = strange_mailbox().await;
    app.fault(Fault::apply_then_drop("gmail").at_path(DRAFTS).on_method("POST"));
    let id = app.submit("u1", draft()).await.unresolved().task_id();
    app.run_processor_after(AFTER_RECONCILE_GRACE).await;
    app.task(&id).await.assert_completed().external_id(&app.effects(EffectKind::DraftCreated).only().id);
}

#[tokio::test]
async fn a_lost_draft_that_a_person_edited_needs_a_person_and_is_not_doubled() {
    let app = strange_mailbox().await;
    app.fault(Fault::apply_then_drop("gmail").at_path(DRAFTS).on_method("POST"));
    let id = schedule(&app, draft()).await;
    app.run_processor_after(11).await;
    let created = app.effects(EffectKind::DraftCreated).only().id;
    app.sandbox.sandbox.edit_gmail_draft(&created, "Three").unwrap();
    for _ in 0..5 {
        app.run_processor_after(3600).await;
    }
    app.task(&id).await.assert_status(TaskStatus::NeedsAttention);
    app.effects(EffectKind::DraftCreated).assert_count(1);
}

#[tokio::test]
async fn a_draft_of_a_killed_request_is_deleted_though_its_id_was_not_stored() {
    let app = strange_mailbox().await;
    app.run_until_killed(app.submit("u1", email()), || !app.effects(EffectKind::DraftCreated).is_empty()).await;
    app.run_processor_after(LEASE_EXPIRY_SECONDS).await;
    let ended = app.tasks("agentId=a&kind=immediate").await.tasks.remove(0);
    ended.assert_status(TaskStatus::Failed).last_error_code("ABORTED_NO_EFFECT");
    app.effects(EffectKind::DraftDeleted).assert_count(1);
    assert_no_draft_stays(&app);
}

#[tokio::test]
async fn a_list_of_drafts_that_does_not_go_on_ends_with_a_person() {
    let app = connected_app("gmail").await;
    app.fault(Fault::status("gmail", 504, json!({})).at_path(DRAFTS).on_method("POST"));
    let same_page = json!({ "drafts": [], "nextPageToken": "again" });
    app.fault(Fault::status("gmail", 200, same_page).at_path(DRAFTS).on_method("GET").times(u32::MAX));
    let id = app.submit("u1", draft()).await.unresolved().task_id();
    for _ in 0..60 {
        app.run_processor_after(3600).await;
    }
    app.task(&id).await.assert_status(TaskStatus::NeedsAttention);
}

#[tokio::test]
async fn a_created_changed_or_deleted_label_with_a_lost_response_is_settled() {
    let label = "/gmail/v1/users/me/labels/Label_1";
    for (action, method, path, context, kind) in [
        ("create_label", "POST", "/gmail/v1/users/me/labels", json!({ "name": "Travel" }), EffectKind::LabelCreated),
        ("update_label", "PATCH", label, json!({ "label": "receipts", "name": "Bills" }), EffectKind::LabelUpdated),
        ("delete_label", "DELETE", label, json!({ "label": "receipts" }), EffectKind::LabelDeleted),
    ] {
        let app = strange_mailbox().await;
        app.fault(Fault::apply_then_drop("gmail").at_path(path).on_method(method));
        let id = schedule(&app, intent("gmail", action).context(context)).await;
        app.run_processor_after(11).await;
        app.effects(kind).assert_count(1);
        app.run_processor_after(AFTER_RECONCILE_GRACE).await;
        app.task(&id).await.assert_completed().attempts(2);
    }
}
