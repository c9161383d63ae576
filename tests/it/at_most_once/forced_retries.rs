//! A person's decision to repeat an action whose prepared object is gone.

use super::{AFTER_RECONCILE_GRACE, connected_app, schedule};
use crate::support::builders::{Intent, email, intent, page};
use crate::support::responses::TaskStatus;
use crate::support::{EffectKind, TestApp};
use sandbox::Fault;
use sandbox::fixtures::notion::PAGE;
use serde_json::Value;

async fn run_for_hours(app: &TestApp) {
    for _ in 0..12 {
        app.run_processor_after(600).await;
    }
}

/// Loses the call that uses what was prepared, and removes it by `remove` of its id; then a person forces a retry.
async fn force_without_prepared(intent: Intent, lost: Fault, kind: EffectKind, remove: fn(&str) -> Intent) -> TestApp {
    let app = connected_app(&intent.tool()).await;
    app.fault(lost);
    let id = schedule(&app, intent).await;
    app.run_processor_after(11).await;
    let prepared = app.effects(kind).only().id.clone();
    app.submit("u1", remove(&prepared)).await.succeeded();
    app.run_processor_after(AFTER_RECONCILE_GRACE).await;
    run_for_hours(&app).await;
    app.task(&id).await.assert_status(TaskStatus::NeedsAttention);
    app.force_retry(&id).await.ok();
    run_for_hours(&app).await;
    app.task(&id).await.assert_completed();
    app.effects(kind).assert_count(2);
    app
}

#[tokio::test]
async fn a_forced_mail_without_its_draft_is_sent_by_a_new_draft() {
    let lost = Fault::status("gmail", 504, Value::Null).at_path("/gmail/v1/users/me/drafts/send");
    let remove = |id: &str| intent("gmail", "delete_draft").with("draftId", id);
    let app = force_without_prepared(email(), lost, EffectKind::DraftCreated, remove).await;
    app.effects(EffectKind::MessageSent).assert_count(1);
}

#[tokio::test]
async fn a_forced_page_that_was_moved_to_the_trash_is_created_again() {
    let lost = Fault::status("notion", 504, Value::Null).at_path("/v1/pages").on_method("PATCH");
    let remove = |id: &str| intent("notion", "archive_page").with("pageId", id);
    force_without_prepared(page(PAGE), lost, EffectKind::PageCreated, remove).await;
}
