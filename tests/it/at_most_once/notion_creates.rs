//! Notion's creates whose response is lost. A page and a database are prepared under a title with a key, so each has two calls that
//! can be lost.

use super::{AFTER_RECONCILE_GRACE, connected_app, schedule};
use crate::support::builders::{Intent, intent, page};
use crate::support::responses::TaskStatus;
use crate::support::{EffectKind, TestApp};
use sandbox::Fault;
use sandbox::fixtures::notion::{DATABASE, PAGE};
use sandbox::strangeness::LIST_LAG_SECONDS;
use serde_json::{Value, json};

fn database() -> Intent {
    intent("notion", "create_database").context(json!({ "title": "Once", "parent": PAGE }))
}

/// The titles of all pages and data sources that have `Once` in it.
async fn titles(app: &TestApp) -> Vec<Value> {
    app.advance(LIST_LAG_SECONDS);
    let found = app.submit("u1", intent("notion", "search").with("query", "once")).await.succeeded();
    found.data()["results"].as_array().unwrap().iter().map(|result| result["title"].clone()).collect()
}

#[tokio::test]
async fn a_lost_response_of_either_call_of_a_page_or_database_is_resolved_at_once() {
    for (intent, path) in [(page(PAGE), "/v1/pages"), (page(DATABASE), "/v1/pages"), (database(), "/v1/databases")] {
        for method in ["POST", "PATCH"] {
            let app = TestApp::as_documented("a current list resolves it in the request").await;
            app.connect("u1", "notion").await;
            app.fault(Fault::apply_then_drop("notion").at_path(path).on_method(method));
            let result = app.submit("u1", intent.clone()).await.succeeded();
            assert!(app.faults_occurred() && result.external_id.is_some());
            assert_eq!(titles(&app).await, ["Once"], "{path} {method}");
            app.task(&result.task_id()).await.assert_completed();
        }
    }
}

#[tokio::test]
async fn a_prepared_page_that_was_not_seen_is_found_by_the_next_attempt() {
    for (parent, list, method) in [(PAGE, "/v1/blocks", "GET"), (DATABASE, "/v1/data_sources", "POST")] {
        let app = connected_app("notion").await;
        app.fault(Fault::apply_then_drop("notion").at_path("/v1/pages").on_method("POST"));
        app.fault(Fault::status("notion", 503, Value::Null).at_path(list).on_method(method));
        let id = schedule(&app, page(parent)).await;
        app.run_processor_after(11).await;
        app.task(&id).await.assert_status(TaskStatus::Unknown);
        assert_eq!(titles(&app).await.len(), 1);
        app.run_processor_after(AFTER_RECONCILE_GRACE).await;
        app.task(&id).await.assert_completed().external_id(&app.effects(EffectKind::PageCreated).only().id);
        assert_eq!(titles(&app).await, ["Once"]);
    }
}

#[tokio::test]
async fn a_page_that_is_not_done_is_removed() {
    for intent in [page(PAGE), page(DATABASE)] {
        // The title was not set, and the caller is gone.
        let app = connected_app("notion").await;
        app.fault(Fault::status("notion", 504, Value::Null).at_path("/v1/pages").on_method("PATCH"));
        let id = app.submit("u1", intent.clone()).await.unresolved().task_id();
        assert_eq!(titles(&app).await.len(), 1);
        app.run_processor_after(AFTER_RECONCILE_GRACE).await;
        app.task(&id).await.assert_status(TaskStatus::Failed).last_error_code("ABORTED_NO_EFFECT");
        assert_eq!(titles(&app).await, [] as [Value; 0]);

        // The id of the prepared page was not stored.
        let app = connected_app("notion").await;
        app.fault(Fault::apply_then_drop("notion").at_path("/v1/pages").on_method("POST"));
        app.fault(Fault::status("notion", 503, Value::Null).at_path("/v1/blocks"));
        app.fault(Fault::status("notion", 503, Value::Null).at_path("/v1/data_sources").on_method("POST"));
        let id = app.submit("u1", intent).await.unresolved().task_id();
        app.run_processor_after(AFTER_RECONCILE_GRACE).await;
        app.run_processor_after(3600).await;
        app.task(&id).await.assert_status(TaskStatus::Failed).last_error_code("ABORTED_NO_EFFECT");
        assert_eq!(titles(&app).await, [] as [Value; 0]);
    }
}

#[tokio::test]
async fn a_page_not_applied_is_created_by_the_retry() {
    for (parent, method) in [(PAGE, "POST"), (DATABASE, "POST"), (PAGE, "PATCH"), (DATABASE, "PATCH")] {
        let app = connected_app("notion").await;
        app.fault(Fault::status("notion", 504, Value::Null).at_path("/v1/pages").on_method(method));
        let id = schedule(&app, page(parent)).await;
        app.run_processor_after(11).await;
        app.task(&id).await.assert_status(TaskStatus::Unknown);
        app.run_processor_after(AFTER_RECONCILE_GRACE).await;
        app.task(&id).await.assert_completed();
        app.effects(EffectKind::PageCreated).assert_count(1);
        assert_eq!(titles(&app).await, ["Once"]);
    }
}

fn content(markdown: &str) -> Intent {
    intent("notion", "append_content").context(json!({ "pageId": PAGE, "content": markdown }))
}

fn comment(text: &str) -> Intent {
    intent("notion", "add_comment").context(json!({ "pageId": PAGE, "text": text }))
}

/// The number of times that `Once` is on the page and in its comments.
async fn count_texts(app: &TestApp) -> usize {
    app.advance(LIST_LAG_SECONDS);
    let content = app.submit("u1", intent("notion", "get_page_content").with("pageId", PAGE)).await.succeeded();
    let comments = app.submit("u1", intent("notion", "list_comments").with("pageId", PAGE)).await.succeeded();
    format!("{}{}", content.data(), comments.data()).matches("Once").count()
}

#[tokio::test]
async fn lost_content_and_comments_are_resolved() {
    let content = content("## Once\n\n- [x] **again**");
    for (intent, path, method) in [(content, "/v1/pages", "PATCH"), (comment("Once"), "/v1/comments", "POST")] {
        let app = TestApp::as_documented("a current list resolves it in the request").await;
        app.connect("u1", "notion").await;
        // Equal ones of before and others of other people are not taken for it.
        app.submit("u1", intent.clone()).await.succeeded();
        app.advance(600);
        app.fault(Fault::apply_then_drop("notion").at_path(path).on_method(method));
        let result = app.submit("u1", intent.clone()).await.succeeded();
        app.task(&result.task_id()).await.assert_completed();
        assert_eq!(count_texts(&app).await, 2, "{path}");

        app.advance(600);
        app.fault(Fault::status("notion", 504, Value::Null).at_path(path).on_method(method));
        let id = schedule(&app, intent).await;
        app.run_processor_after(11).await;
        app.task(&id).await.assert_status(TaskStatus::Unknown);
        app.run_processor_after(AFTER_RECONCILE_GRACE).await;
        app.task(&id).await.assert_completed();
        assert_eq!(count_texts(&app).await, 3, "{path}");
    }
}
