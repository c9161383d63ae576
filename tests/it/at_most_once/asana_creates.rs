//! Asana's creates whose response is lost. Only a task can carry a key; the others are found by their content, time and author.

use super::{AFTER_RECONCILE_GRACE, assert_applied_once, connected_app, schedule};
use crate::support::builders::{Intent, intent};
use crate::support::responses::TaskStatus;
use crate::support::{EffectKind, TestApp};
use sandbox::Fault;
use sandbox::fixtures::asana::{PROJECT, TASK, TEAM};
use serde_json::json;

/// Each create with the path of its call.
fn creates() -> [(String, EffectKind, Intent); 4] {
    let comment = json!({ "taskId": TASK, "text": "Q&A  is ready,\nsee https://app.asana.com/0/1/2 please" });
    let section = json!({ "projectId": PROJECT, "name": "Ship" });
    [
        (
            format!("/api/1.0/tasks/{TASK}/stories"),
            EffectKind::CommentAdded,
            intent("asana", "add_comment").context(comment),
        ),
        (
            format!("/api/1.0/projects/{PROJECT}/sections"),
            EffectKind::SectionCreated,
            intent("asana", "create_section").context(section),
        ),
        (
            "/api/1.0/projects".to_owned(),
            EffectKind::ProjectCreated,
            intent("asana", "create_project").with("name", "Ship"),
        ),
        ("/api/1.0/tags".to_owned(), EffectKind::TagCreated, intent("asana", "create_tag").with("name", "Ship")),
    ]
}

#[tokio::test]
async fn a_lost_create_is_reconciled_at_once() {
    for (path, kind, intent) in creates() {
        let app = TestApp::as_documented("a current list resolves it in the request").await;
        app.connect("u1", "asana").await;
        app.fault(Fault::apply_then_drop("asana").at_path(&path).on_method("POST"));
        assert_applied_once(&app, kind, intent).await;
        assert!(app.faults_occurred(), "{path} was not called");
    }
}

#[tokio::test]
async fn a_lost_create_is_found_beside_an_equal_one_of_before() {
    for (path, kind, intent) in creates() {
        let app = TestApp::as_documented("a current list resolves it in the request").await;
        app.connect("u1", "asana").await;
        app.submit("u1", intent.clone()).await.succeeded();
        app.advance(600);
        app.fault(Fault::apply_then_drop("asana").at_path(&path).on_method("POST"));
        let result = app.submit("u1", intent).await.succeeded();
        let effects = app.effects(kind);
        effects.assert_count(2);
        assert_eq!(result.external_id.as_ref(), Some(&effects[1].id), "{path}");
    }
}

#[tokio::test]
async fn a_create_that_was_not_applied_is_repeated() {
    for (path, kind, intent) in creates() {
        let app = connected_app("asana").await;
        app.fault(Fault::status("asana", 504, json!({})).at_path(&path).on_method("POST"));
        // The workspace is an organization.
        let is_project = kind == EffectKind::ProjectCreated;
        let intent = if is_project { intent.with("teamId", TEAM) } else { intent };
        let id = schedule(&app, intent).await;
        app.run_processor_after(11).await;
        app.task(&id).await.assert_status(TaskStatus::Unknown);
        app.run_processor_after(AFTER_RECONCILE_GRACE).await;
        app.task(&id).await.assert_completed().external_id(&app.effects(kind).only().id);
    }
}

#[tokio::test]
async fn a_long_list_of_projects_is_read_to_its_end() {
    let app = connected_app("asana").await;
    // The typeahead is not granted, and the list has more than the ten pages that are read at once.
    app.fault(Fault::status("asana", 403, json!({})).at_path("/api/1.0/workspaces/").times(9));
    let page =
        json!({ "data": [], "next_page": { "offset": "page-0", "path": "/projects", "uri": "https://a.example" } });
    app.fault(Fault::status("asana", 200, page).at_path("/api/1.0/projects").on_method("GET").times(25));
    app.fault(Fault::apply_then_drop("asana").at_path("/api/1.0/projects").on_method("POST"));
    let id = schedule(&app, intent("asana", "create_project").with("name", "Ship").with("teamId", TEAM)).await;
    app.run_processor_after(11).await;
    app.task(&id).await.assert_status(TaskStatus::Unknown);
    for _ in 0..3 {
        app.run_processor_after(3600).await;
    }
    let done = app.task(&id).await;
    done.assert_completed().external_id(&app.effects(EffectKind::ProjectCreated).only().id);
    // Ten pages within the first attempt, ten by the first reconciliation, and the rest by the second.
    done.history(&[TaskStatus::Scheduled, TaskStatus::Unknown, TaskStatus::Unknown, TaskStatus::Completed]);
}
