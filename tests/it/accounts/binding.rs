//! Accepted work stays with its account, whatever the person connects or names afterwards.

use super::{name, sender, two_mailboxes};
use crate::support::builders::{email, every, intent};
use crate::support::responses::TaskStatus;
use crate::support::{EffectKind, TestApp};
use sandbox::Fault;
use sandbox::fixtures::{ALEX, SAM};
use serde_json::json;

#[tokio::test]
async fn scheduled_mail_leaves_the_mailbox_it_was_accepted_for() {
    let app = TestApp::start().await;
    let alex = app.connect_account("u1", "gmail", ALEX).await;
    let task = app.schedule("u1", email().at(app.after(60))).await.scheduled();
    assert_eq!(app.task(&task).await.account, alex);
    // A new account, a label and a default move nothing.
    let sam = app.connect_account("u1", "gmail", SAM).await;
    name(&app, &sam, json!({ "label": "work", "default": true })).await;
    app.run_processor_after(61).await;
    app.task(&task).await.assert_completed();
    assert_eq!(sender(&app), ALEX);
}

#[tokio::test]
async fn occurrences_of_a_series_stay_with_its_account() {
    let app = TestApp::start().await;
    let [alex, sam] = two_mailboxes(&app).await;
    let series = email().at(app.after(60)).recurring(every("PT1H").count(3)).account(&alex);
    app.schedule("u1", series).await.scheduled();
    for _ in 0..3 {
        app.run_processor_after(3600).await;
        name(&app, &sam, json!({ "default": true })).await;
    }
    let mails = app.effects(EffectKind::MessageSent);
    assert!(mails.assert_count(3).iter().all(|mail| mail.account == ALEX));
}

#[tokio::test]
async fn lost_draft_is_reconciled_in_its_own_account_and_created_once() {
    let app = TestApp::start().await;
    app.connect_account("u1", "gmail", ALEX).await;
    let draft = intent("gmail", "create_draft");
    let draft = draft.context(json!({ "to": "kim@example.com", "subject": "Once", "body": "Once." }));
    app.fault(Fault::apply_then_drop("gmail").at_path("/gmail/v1/users/me/drafts"));
    let unavailable = json!({ "error": { "code": 500 } });
    app.fault(Fault::status("gmail", 500, unavailable).at_path("/gmail/v1/users/me/drafts"));
    let task = app.schedule("u1", draft.at(app.after(10))).await.scheduled();
    app.run_processor_after(11).await;
    app.task(&task).await.assert_status(TaskStatus::Unknown);
    app.connect_account("u1", "gmail", SAM).await;
    name(&app, SAM, json!({ "default": true })).await;
    app.run_processor_after(60).await;
    app.task(&task).await.assert_completed();
    assert_eq!(app.effects(EffectKind::DraftCreated).only().account, ALEX);
}

#[tokio::test]
async fn lost_draft_of_a_disconnected_account_is_reconciled_nowhere() {
    let app = TestApp::start().await;
    let alex = app.connect_account("u1", "gmail", ALEX).await;
    let draft = intent("gmail", "create_draft");
    let draft = draft.context(json!({ "to": "kim@example.com", "subject": "Once", "body": "Once." }));
    app.fault(Fault::apply_then_drop("gmail").at_path("/gmail/v1/users/me/drafts"));
    let unavailable = json!({ "error": { "code": 500 } });
    app.fault(Fault::status("gmail", 500, unavailable).at_path("/gmail/v1/users/me/drafts"));
    let task = app.schedule("u1", draft.at(app.after(10))).await.scheduled();
    app.run_processor_after(11).await;
    app.connect_account("u1", "gmail", SAM).await;
    app.delete("u1", "/integrations", Some(json!({ "tool": "gmail", "account": alex }))).await.ok();
    for _ in 0..3 {
        app.run_processor_after(600).await;
    }
    app.task(&task).await.assert_status(TaskStatus::NeedsAttention).last_error_code("OUTCOME_UNKNOWN");
    app.effects(EffectKind::DraftCreated).assert_count(1);
}

#[tokio::test]
async fn repeated_key_returns_the_first_accounts_result() {
    let app = TestApp::start().await;
    let alex = app.connect_account("u1", "gmail", ALEX).await;
    let first = app.submit("u1", email().key("k")).await.succeeded();
    let later = email().at(app.after(600)).key("s");
    let task = app.schedule("u1", later.clone()).await.scheduled();
    app.connect_account("u1", "gmail", SAM).await;
    // Ambiguous now; the key names the task that was accepted.
    let again = app.submit("u1", email().key("k")).await.succeeded();
    assert_eq!(again.metadata.unwrap().task_id, first.metadata.unwrap().task_id);
    assert_eq!(app.schedule("u1", later.clone()).await.scheduled(), task);
    name(&app, SAM, json!({ "default": true })).await;
    let again = app.submit("u1", email().key("k")).await.succeeded();
    assert_eq!(again.metadata.unwrap().account.as_deref(), Some(alex.as_str()));
    assert_eq!(sender(&app), ALEX);
    // After a disconnect too.
    for account in [ALEX, SAM] {
        app.delete("u1", "/integrations", Some(json!({ "tool": "gmail", "account": account }))).await.ok();
    }
    app.submit("u1", email().key("k")).await.succeeded();
    assert_eq!(app.schedule("u1", later).await.scheduled(), task);
}
