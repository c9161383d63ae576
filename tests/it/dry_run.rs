//! `dryRun`: returns the request an intent would send, without sending it.

use crate::support::builders::{Intent, intent, message};
use crate::support::{EffectKind, TestApp};
use sandbox::fixtures;

fn dry_message() -> Intent {
    message().with("channel", "general").dry_run()
}

#[tokio::test]
async fn a_dry_run_returns_the_resolved_request_and_sends_nothing() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let dry = app.submit("u1", dry_message()).await.succeeded();
    assert_eq!(dry.metadata.as_ref().unwrap().dry_run, Some(true));
    let request = &dry.data()["request"];
    assert_eq!(request["method"], "POST");
    assert!(request["url"].as_str().unwrap().ends_with("/api/chat.postMessage"), "{request}");
    assert_eq!(request["body"]["channel"], fixtures::slack::GENERAL, "the name is resolved");
    assert!(request["headers"]["authorization"].is_null() && !format!("{dry:?}").contains("xox"), "{dry:?}");
    app.effects(EffectKind::MessagePosted).assert_none();
    assert_eq!(app.tasks("agentId=a&kind=immediate").await.tasks, [], "nothing is journaled");
}

#[tokio::test]
async fn a_dry_run_reports_failures_and_logs_none() {
    let app = TestApp::start().await;
    app.submit("u1", dry_message()).await.failed("NOT_CONNECTED");
    app.connect("u1", "slack").await;
    app.submit("u1", dry_message().with("channel", "nowhere")).await.failed("PROVIDER_NOT_FOUND");
    let without_text = intent("slack", "send_message").with("channel", "general").dry_run();
    app.submit("u1", without_text).await.refused(400, "MISSING_FIELDS");
    let later = dry_message().at(app.after(60));
    assert!(app.submit("u1", later).await.refused(400, "INVALID_FIELD").contains("dryRun"));
    assert_eq!(app.logged_errors("agentId=a").await.errors, [], "a dry run is no failure of anything");
}
