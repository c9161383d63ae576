//! Processes killed between claim and finish: the next claim after the lease expires reconciles their effect.

use super::{email, message, schedule, task};
use crate::support::TestApp;
use sandbox::Fault;
use serde_json::json;

/// Seconds longer than any lease.
pub(super) const LEASE_EXPIRY_SECONDS: i64 = 200;

/// Starts a request or a run and drops it when a condition holds, as if the process were killed.
pub(super) async fn run_until_killed<T: std::fmt::Debug>(
    app: &TestApp,
    future: impl Future<Output = T>,
    when: impl Fn() -> bool,
) {
    tokio::pin!(future);
    while !when() {
        tokio::select! {
            biased;
            ended = &mut future => panic!("ended: {ended:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
    // The calls of the killed process are not checked against the next function's role.
    app.calls.take_used_actions();
}

#[tokio::test]
async fn a_crash_after_the_claim_is_reconciled() {
    for path in ["/gmail/v1/users/me/drafts", "/gmail/v1/users/me/drafts/send"] {
        let app = TestApp::start().await;
        app.connect("u1", "gmail").await;
        app.sandbox.sandbox.fault(Fault::delay("gmail", 60_000).at_path(path).on_method("POST"));
        let id = schedule(&app, email()).await;
        app.advance(11);
        run_until_killed(&app, app.run_processor(), || app.sandbox.sandbox.pending_faults().is_empty()).await;
        assert_eq!(task(&app, &id).await["status"], "processing");
        assert_eq!(app.run_processor().await.ran, 0, "its lease is still valid");
        app.advance(LEASE_EXPIRY_SECONDS);
        assert_eq!(app.run_processor().await.ran, 1);
        let done = task(&app, &id).await;
        assert_eq!((&done["status"], &done["attempts"]), (&json!("completed"), &json!(2)), "{path}: {done}");
        assert_eq!(app.effects("message_sent").len(), 1, "{path}");
    }
}

#[tokio::test]
async fn a_task_that_kills_its_processor_fails_after_5_attempts() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let id = schedule(&app, message()).await;
    for _ in 0..5 {
        app.advance(LEASE_EXPIRY_SECONDS);
        app.sandbox.sandbox.fault(Fault::delay("slack", 60_000).at_path("/api/chat.postMessage"));
        run_until_killed(&app, app.run_processor(), || app.sandbox.sandbox.pending_faults().is_empty()).await;
    }
    app.advance(LEASE_EXPIRY_SECONDS);
    app.run_processor().await;
    let exhausted = task(&app, &id).await;
    assert_eq!(
        (&exhausted["status"], &exhausted["lastError"]["code"], &exhausted["attempts"]),
        (&json!("failed"), &json!("ATTEMPTS_EXHAUSTED"), &json!(5)),
        "{exhausted}"
    );
    assert_eq!((app.effects("message_posted").len(), app.effects("task.failed").len()), (0, 1));
}

#[tokio::test]
async fn an_exhausted_mail_deletes_its_draft_and_a_crashing_reconciliation_ends() {
    // The sixth claim only reconciles; if that kills the processor too, the outcome stays unknown.
    for (kills, status, code) in [(5, "failed", "ATTEMPTS_EXHAUSTED"), (6, "needs_attention", "OUTCOME_UNKNOWN")] {
        let app = TestApp::start().await;
        app.connect("u1", "gmail").await;
        let id = schedule(&app, email()).await;
        for kill in 1..=kills {
            app.advance(LEASE_EXPIRY_SECONDS);
            let (path, method) = if kill > 5 {
                ("/gmail/v1/users/me/drafts/", "GET")
            } else {
                ("/gmail/v1/users/me/drafts/send", "POST")
            };
            app.sandbox.sandbox.fault(Fault::delay("gmail", 60_000).at_path(path).on_method(method));
            run_until_killed(&app, app.run_processor(), || app.sandbox.sandbox.pending_faults().is_empty()).await;
        }
        app.advance(LEASE_EXPIRY_SECONDS);
        app.run_processor().await;
        let ended = task(&app, &id).await;
        assert_eq!((&ended["status"], &ended["lastError"]["code"]), (&json!(status), &json!(code)), "{kills}: {ended}");
        assert_eq!(app.effects("message_sent").len(), 0);
        if status == "failed" {
            assert_eq!(app.effects("draft_deleted").len(), app.effects("draft_created").len());
        }
    }
}

#[tokio::test]
async fn a_draft_without_a_checkpoint_is_found_and_deleted() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    run_until_killed(&app, app.post("u1", "", email()), || !app.effects("draft_created").is_empty()).await;
    app.advance(LEASE_EXPIRY_SECONDS);
    app.run_processor().await;
    let ended = app.get("u1", "/tasks?agentId=a&kind=immediate").await.ok()["tasks"][0].clone();
    assert_eq!(
        (&ended["status"], &ended["lastError"]["code"]),
        (&json!("failed"), &json!("ABORTED_NO_EFFECT")),
        "{ended}"
    );
    assert_eq!((app.effects("draft_deleted").len(), app.effects("message_sent").len()), (1, 0));
}
