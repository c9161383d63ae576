//! Asana across calls: custom fields, names and links as ids, the setups of apps and workspaces, searches.

mod custom_fields;
mod names;
mod notes;
mod relations;
mod search;
mod setups;
mod tasks;

use crate::support::TestApp;
use crate::support::builders::intent;
use sandbox::strangeness::Strangeness;
use serde_json::Value;

async fn app() -> TestApp {
    let app = TestApp::start().await;
    app.connect("u1", "asana").await;
    app
}

/// A deployment whose Asana differs from the strange one.
async fn app_with(change: impl Fn(&mut Strangeness)) -> TestApp {
    let app = app().await;
    let mut strangeness = app.sandbox.sandbox.strangeness();
    change(&mut strangeness);
    app.sandbox.sandbox.set_strangeness(strangeness);
    app
}

async fn run_action(app: &TestApp, action: &str, context: Value) -> Value {
    app.submit("u1", intent("asana", action).context(context)).await.succeeded().data().clone()
}

/// The message of the error with which an action fails.
async fn fail_action(app: &TestApp, action: &str, context: Value, code: &str) -> String {
    app.submit("u1", intent("asana", action).context(context)).await.failed(code).error.message
}
