//! Asana: tasks with long descriptions.

use super::{app_with_long_content, assert_too_large, read_list};
use crate::support::builders::intent;
use sandbox::fixtures::asana::{LONG_PROJECT, LONGEST_PROJECT, TASK};

#[tokio::test]
async fn tasks_are_listed_and_found_in_parts() {
    let app = app_with_long_content("asana").await;
    let project = |action: &str| intent("asana", action).with("projectId", LONG_PROJECT).with("limit", 100);
    let listed = read_list(&app, &project("list_tasks"), "tasks", "id").await;
    assert_eq!((listed.ids.len(), listed.pages), (100, vec![50, 50]));
    let found = read_list(&app, &project("search_tasks"), "tasks", "id").await;
    assert_eq!((found.ids.len(), found.pages), (100, vec![50, 50]));
}

#[tokio::test]
async fn one_task_that_is_too_long_is_a_final_error() {
    let app = app_with_long_content("asana").await;
    let list = intent("asana", "list_tasks").with("projectId", LONGEST_PROJECT);
    assert_too_large(&app, list, "leave it out with `openOnly`, `completedSince` or `modifiedSince`").await;
    let get = intent("asana", "get_task").with("taskId", format!("{LONGEST_PROJECT}001"));
    assert_too_large(&app, get, "the provider has no smaller form of it").await;
    app.submit("u1", intent("asana", "get_task").with("taskId", TASK)).await.succeeded();
}
