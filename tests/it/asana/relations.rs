//! Tags, projects, parents and dependencies of tasks, copies of tasks, projects that change, and searches by name; and what becomes of a
//! change when its answers are lost.

use super::{app, fail_action, run_action};
use crate::support::TestApp;
use crate::support::builders::intent;
use sandbox::Fault;
use sandbox::fixtures::asana::{ALEX, PROJECT, QUOTES, SECTION_DONE, SUBTASK, TAG, TASK};
use sandbox::strangeness::LIST_LAG_SECONDS;
use serde_json::{Value, json};

/// Time after which no look-up is remembered.
const LOOKUPS_END: i64 = 301;

async fn task(app: &TestApp, gid: &str) -> Value {
    run_action(app, "get_task", json!({ "taskId": gid })).await
}

/// Runs an action whose first answers are lost, as a task that runs again when nothing is remembered.
async fn run_with_lost_answers(app: &TestApp, action: &str, path: &str, context: Value, lost: u32) {
    app.fault(Fault::apply_then_drop("asana").at_path(path).times(lost));
    let id = app.submit("u1", intent("asana", action).context(context).at(app.after(10))).await.scheduled();
    app.run_processor_after(11).await;
    for _ in 0..3 {
        app.run_processor_after(LOOKUPS_END).await;
    }
    app.task(&id).await.assert_completed();
    assert!(app.faults_occurred(), "{action}: {path} was not called");
}

#[tokio::test]
async fn relations_of_a_task_change_by_name_and_by_link() {
    let app = app().await;
    let link = format!("https://app.asana.com/0/{PROJECT}/{TASK}/f");
    run_action(&app, "add_tag_to_task", json!({ "taskId": link, "tagId": "launch" })).await;
    assert_eq!(task(&app, TASK).await["tags"], json!([{ "id": TAG, "name": "Launch" }]));
    run_action(&app, "remove_tag_from_task", json!({ "taskId": TASK, "tagId": TAG })).await;
    assert_eq!(task(&app, TASK).await["tags"], json!([]));

    let placed = json!({ "taskId": SUBTASK, "projectId": "Website relaunch", "sectionId": "Done" });
    let placed = run_action(&app, "add_task_to_project", placed).await;
    assert_eq!(placed["section"]["id"], SECTION_DONE);
    assert_eq!(task(&app, SUBTASK).await["memberships"][0]["section"]["id"], SECTION_DONE);
    run_action(&app, "remove_task_from_project", json!({ "taskId": SUBTASK, "projectId": PROJECT })).await;
    assert_eq!(task(&app, SUBTASK).await["memberships"], json!([]));

    run_action(&app, "set_parent", json!({ "taskId": SUBTASK, "clear": true })).await;
    assert_eq!(task(&app, SUBTASK).await["parent"], Value::Null);
    let moved = run_action(&app, "set_parent", json!({ "taskId": SUBTASK, "parentId": QUOTES })).await;
    assert_eq!(moved["parent"]["id"], QUOTES);
}

#[tokio::test]
async fn a_change_with_lost_answers_is_made_once() {
    for (action, path, context) in [
        ("add_tag_to_task", "addTag", json!({ "taskId": TASK, "tagId": TAG })),
        ("remove_tag_from_task", "removeTag", json!({ "taskId": QUOTES, "tagId": TAG })),
        ("add_task_to_project", "addProject", json!({ "taskId": SUBTASK, "projectId": PROJECT })),
        ("remove_task_from_project", "removeProject", json!({ "taskId": QUOTES, "projectId": PROJECT })),
        ("add_dependencies", "addDependencies", json!({ "taskId": TASK, "dependencyIds": [QUOTES] })),
        ("add_dependencies", "addDependents", json!({ "taskId": TASK, "dependentIds": [QUOTES] })),
        ("set_parent", "setParent", json!({ "taskId": QUOTES, "parentId": TASK })),
    ] {
        let app = app().await;
        let path = format!("/api/1.0/tasks/{}/{path}", context["taskId"].as_str().unwrap());
        // The second call is refused, because the change is made.
        run_with_lost_answers(&app, action, &path, context, 1).await;
    }
}

#[tokio::test]
async fn a_change_that_is_made_already_is_done() {
    let app = app().await;
    for (action, context) in [
        ("remove_tag_from_task", json!({ "taskId": TASK, "tagId": TAG })),
        ("add_tag_to_task", json!({ "taskId": QUOTES, "tagId": TAG })),
        ("add_task_to_project", json!({ "taskId": TASK, "projectId": PROJECT })),
        ("remove_task_from_project", json!({ "taskId": SUBTASK, "projectId": PROJECT })),
        ("remove_dependencies", json!({ "taskId": TASK, "dependencyIds": [QUOTES] })),
        ("set_parent", json!({ "taskId": SUBTASK, "parentId": TASK })),
    ] {
        run_action(&app, action, context).await;
    }
    let unknown = json!({ "taskId": TASK, "tagId": "1200000000009999" });
    fail_action(&app, "add_tag_to_task", unknown, "PROVIDER_REJECTED").await;
    let itself = json!({ "taskId": TASK, "dependencyIds": [TASK] });
    app.submit("u1", intent("asana", "add_dependencies").context(itself)).await.refused(400, "INVALID_FIELD");
}

#[tokio::test]
async fn a_project_that_was_renamed_or_deleted_by_its_name_is_found_after_lost_answers() {
    let path = format!("/api/1.0/projects/{PROJECT}");
    let named = |app: TestApp, action: &'static str, context: Value| {
        let path = path.clone();
        async move {
            run_with_lost_answers(&app, action, &path, context, 2).await;
            app
        }
    };
    let rename = json!({ "projectId": "Website relaunch", "name": "Relaunch" });
    let app_of_rename = named(app().await, "update_project", rename).await;
    let renamed = run_action(&app_of_rename, "get_project", json!({ "projectId": PROJECT })).await;
    assert_eq!(renamed["name"], "Relaunch");
    let app_of_deletion = named(app().await, "delete_project", json!({ "projectId": "Website relaunch" })).await;
    fail_action(&app_of_deletion, "get_project", json!({ "projectId": PROJECT }), "PROVIDER_NOT_FOUND").await;
}

#[tokio::test]
async fn a_copy_is_found_among_the_tasks_of_its_project() {
    let app = app().await;
    let path = format!("/api/1.0/tasks/{TASK}/duplicate");
    let context = json!({ "taskId": TASK, "name": "Draft it again" });
    run_with_lost_answers(&app, "duplicate_task", &path, context, 1).await;
    app.advance(LIST_LAG_SECONDS);
    let listed = run_action(&app, "list_tasks", json!({ "projectId": PROJECT })).await;
    let copies = listed["tasks"].as_array().unwrap().iter().filter(|task| task["name"] == "Draft it again");
    assert_eq!(copies.count(), 1);
}

#[tokio::test]
async fn people_own_tasks_and_objects_are_found_by_name() {
    let app = app().await;
    let me = run_action(&app, "get_me", json!({})).await;
    assert_eq!((&me["id"], &me["email"]), (&json!(ALEX), &json!("alex@example.com")));
    for named in ["sam@example.com", "Sam Okafor", "me"] {
        let user = run_action(&app, "get_user", json!({ "userId": named })).await;
        assert_eq!(user["id"] == ALEX, named == "me", "{user}");
    }
    let mine = run_action(&app, "list_my_tasks", json!({})).await;
    assert_eq!(mine["tasks"][0]["id"], TASK);
    for (query, kind) in [("relaunch", "project"), ("headline", "task"), ("sam", "user"), ("Launch", "tag")] {
        let found = run_action(&app, "search", json!({ "query": query, "type": kind })).await;
        let objects = found["objects"].as_array().unwrap();
        assert_eq!((objects.len(), &objects[0]["type"]), (1, &json!(kind)), "{query}");
    }
}
