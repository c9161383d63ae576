//! Processes killed between claim and finish: the next claim after the lease expires reconciles their effect.

use super::{connected_app, schedule};
use crate::support::builders::{email, message};
use crate::support::responses::TaskStatus;
use crate::support::{EffectKind, TestApp};
use engine::retry::MAX_CRASHES;
use sandbox::Fault;

/// Seconds longer than any lease.
pub(super) const LEASE_EXPIRY_SECONDS: i64 = 200;

/// Runs the processor and kills it while the next call of a method below a path waits for the provider.
async fn run_and_kill_during_call(app: &TestApp, provider: &str, method: &str, path: &str) {
    app.fault(Fault::delay(provider, 60_000).at_path(path).on_method(method));
    app.run_until_killed(app.run_processor(), || app.faults_occurred()).await;
}

#[tokio::test]
async fn a_crash_after_the_claim_is_reconciled() {
    for path in ["/gmail/v1/users/me/drafts", "/gmail/v1/users/me/drafts/send"] {
        let app = connected_app("gmail").await;
        let id = schedule(&app, email()).await;
        app.advance(11);
        run_and_kill_during_call(&app, "gmail", "POST", path).await;
        app.task(&id).await.assert_status(TaskStatus::Processing);
        assert_eq!(app.run_processor().await.ran, 0, "its lease is still valid");
        assert_eq!(app.run_processor_after(LEASE_EXPIRY_SECONDS).await.ran, 1);
        app.task(&id).await.assert_completed().attempts(1);
        app.effects(EffectKind::MessageSent).assert_count(1);
    }
}

#[tokio::test]
async fn a_task_that_kills_its_processor_fails_after_3_crashes_alone() {
    let app = connected_app("slack").await;
    let id = schedule(&app, message()).await;
    for _ in 0..=MAX_CRASHES {
        app.advance(LEASE_EXPIRY_SECONDS);
        run_and_kill_during_call(&app, "slack", "POST", "/api/chat.postMessage").await;
    }
    app.run_processor_after(LEASE_EXPIRY_SECONDS).await;
    app.task(&id).await.assert_status(TaskStatus::Failed).last_error_code("ATTEMPTS_EXHAUSTED").attempts(1);
    app.effects(EffectKind::MessagePosted).assert_none();
    app.effects(EffectKind::TaskFailed).assert_count(1);
}

#[tokio::test]
async fn an_exhausted_mail_deletes_its_draft_and_a_crashing_reconciliation_ends() {
    // The claim after the last crash only reconciles; if that kills the processor too, the outcome stays unknown.
    let crashes = 1 + MAX_CRASHES;
    for (kills, status, code) in [
        (crashes, TaskStatus::Failed, "ATTEMPTS_EXHAUSTED"),
        (crashes + 1, TaskStatus::NeedsAttention, "OUTCOME_UNKNOWN"),
    ] {
        let app = connected_app("gmail").await;
        let id = schedule(&app, email()).await;
        for kill in 1..=kills {
            app.advance(LEASE_EXPIRY_SECONDS);
            let (method, path) = if kill > crashes {
                ("GET", "/gmail/v1/users/me/drafts/")
            } else {
                ("POST", "/gmail/v1/users/me/drafts/send")
            };
            run_and_kill_during_call(&app, "gmail", method, path).await;
        }
        app.run_processor_after(LEASE_EXPIRY_SECONDS).await;
        app.task(&id).await.assert_status(status).last_error_code(code);
        app.effects(EffectKind::MessageSent).assert_none();
        if status == TaskStatus::Failed {
            app.effects(EffectKind::DraftDeleted).assert_count(app.effects(EffectKind::DraftCreated).len());
        }
    }
}

#[tokio::test]
async fn a_draft_without_a_checkpoint_is_found_and_deleted() {
    let app = connected_app("gmail").await;
    let sent = app.submit("u1", email());
    app.run_until_killed(sent, || !app.effects(EffectKind::DraftCreated).is_empty()).await;
    app.run_processor_after(LEASE_EXPIRY_SECONDS).await;
    let ended = app.tasks("agentId=a&kind=immediate").await.tasks.remove(0);
    ended.assert_status(TaskStatus::Failed).last_error_code("ABORTED_NO_EFFECT");
    app.effects(EffectKind::DraftDeleted).assert_count(1);
    app.effects(EffectKind::MessageSent).assert_none();
}
