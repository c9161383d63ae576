//! A cursor that a provider refuses: a fault of the caller's field, and not the provider's words about a parameter of its own.

use crate::support::TestApp;
use crate::support::builders::intent;
use sandbox::fixtures::{asana, notion};
use serde_json::json;

#[tokio::test]
async fn a_cursor_that_a_provider_refuses_is_a_fault_of_the_cursor() {
    let app = TestApp::start().await;
    for tool in ["gmail", "notion", "slack", "asana"] {
        app.connect("u1", tool).await;
    }
    for request in [
        intent("gmail", "fetch_emails"),
        intent("gmail", "list_drafts"),
        intent("notion", "search").with("query", "x"),
        intent("notion", "list_users"),
        intent("notion", "query_database").with("databaseId", notion::DATABASE),
        intent("slack", "list_channels"),
        intent("slack", "fetch_messages").with("channel", "general"),
        intent("asana", "list_tasks").with("projectId", asana::PROJECT),
        intent("asana", "list_workspaces"),
    ] {
        let failed = app.submit("u1", request.with("cursor", "bm8gc3VjaCBwYWdl")).await.failed("INVALID_FIELD");
        let error = failed.error;
        let fault = error.fields.unwrap().remove(0);
        assert_eq!(fault.field, "context.cursor", "{}", error.message);
        assert!(fault.reason.contains("use the `cursor` of the previous page"), "{}", fault.reason);
        assert_eq!(error.action, crate::support::responses::ErrorAction::Fix);
    }
    // Another refusal of a request with a cursor is no fault of it.
    let unknown = intent("slack", "fetch_messages").with("channel", "C0NOSUCH001").with("cursor", "x");
    app.submit("u1", unknown).await.failed("PROVIDER_NOT_FOUND");
    let reads = app.logged_errors("agentId=a").await.errors;
    assert!(reads.iter().all(|error| error.payload != json!({ "cursor": "bm8gc3VjaCBwYWdl" })));
}
