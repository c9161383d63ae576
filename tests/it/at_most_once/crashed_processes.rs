//! Processes that die between the claim and the finish: what they began is found when their lease lapses.

use super::{email, message, schedule, task};
use crate::support::TestApp;
use sandbox::Fault;
use serde_json::json;

/// Longer than any lease.
pub(super) const LEASE_EXPIRY_SECONDS: i64 = 200;

/// Begins a request or a run and drops it when a condition holds: the process dies.
pub(super) async fn run_until_killed<T: std::fmt::Debug>(
    app: &TestApp,
    work: impl Future<Output = T>,
    when: impl Fn() -> bool,
) {
    tokio::pin!(work);
    while !when() {
        tokio::select! {
            biased;
            ended = &mut work => panic!("ended: {ended:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
    // What it used before it died is not the next function's.
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
        assert_eq!(app.run_processor().await.ran, 0, "its lease still stands");
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
    let poison = task(&app, &id).await;
    assert_eq!(
        (&poison["status"], &poison["lastError"]["code"], &poison["attempts"]),
        (&json!("failed"), &json!("ATTEMPTS_EXHAUSTED"), &json!(5)),
        "{poison}"
    );
    assert_eq!((app.effects("message_posted").len(), app.effects("task.failed").len()), (0, 1));
}

#[tokio::test]
async fn an_exhausted_mail_deletes_its_draft_and_a_crashing_reconciliation_ends() {
    // Up to the sixth claim the provider is asked; where even that kills the processor, nobody will know.
    for (deaths, status, code) in [(5, "failed", "ATTEMPTS_EXHAUSTED"), (6, "needs_attention", "OUTCOME_UNKNOWN")] {
        let app = TestApp::start().await;
        app.connect("u1", "gmail").await;
        let id = schedule(&app, email()).await;
        for death in 1..=deaths {
            app.advance(LEASE_EXPIRY_SECONDS);
            let (path, method) = if death > 5 {
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
        assert_eq!(
            (&ended["status"], &ended["lastError"]["code"]),
            (&json!(status), &json!(code)),
            "{deaths}: {ended}"
        );
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
