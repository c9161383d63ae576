//! Notion across calls: the Markdown of pages and comments.

mod documents;
mod markdown;

use crate::support::TestApp;
use crate::support::builders::intent;
use serde_json::Value;

async fn app() -> TestApp {
    let app = TestApp::start().await;
    app.connect("u1", "notion").await;
    app
}

async fn run_action(app: &TestApp, action: &str, context: Value) -> Value {
    app.submit("u1", intent("notion", action).context(context)).await.succeeded().data().clone()
}
