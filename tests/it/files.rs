//! `/files`: what a user uploads, and what becomes of it.

mod holding;
mod lifetimes;
mod uploads;

use crate::support::builders::{Intent, intent};
use crate::support::{TestApp, TestResponse};
use sandbox::fixtures::slack::GENERAL;
use serde_json::json;

async fn slack_app() -> TestApp {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app
}

/// Shares a file in Slack.
fn share(file: &str) -> Intent {
    intent("slack", "upload_file").context(json!({ "channel": GENERAL, "file": { "file": file } }))
}

/// The keys of the copies that tasks have.
fn held(app: &TestApp) -> Vec<String> {
    app.sandbox.sandbox.object_keys("held/")
}

async fn delete(app: &TestApp, file: &str) -> TestResponse {
    app.delete("u1", &format!("/files?fileId={file}"), None).await
}
