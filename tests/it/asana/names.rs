//! Projects, sections, tags, people, teams and workspaces by name, and every object by a link.

use super::{app, fail_action, run_action};
use crate::support::builders::intent;
use sandbox::fixtures::asana::{PROJECT, SAM, SECTION_DONE, SUBTASK, TAG, TASK, TEAM, WORKSPACE};
use sandbox::strangeness::LIST_LAG_SECONDS;
use serde_json::json;

#[tokio::test]
async fn a_task_is_created_by_names_alone() {
    let app = app().await;
    let context = json!({ "name": "Ship", "projectId": "website relaunch", "sectionId": "Done", "tagIds": ["Launch"],
        "assigneeId": "Sam Okafor", "followerIds": ["Kim Larsen", "me"], "workspaceId": "Sandbox Works" });
    let created = run_action(&app, "create_task", context.clone()).await;
    assert_eq!(created["memberships"][0]["section"]["id"], SECTION_DONE, "{created}");
    assert_eq!((&created["assignee"]["id"], &created["tags"][0]["id"]), (&json!(SAM), &json!(TAG)));
    let dry = app.submit("u1", intent("asana", "create_task").context(context).dry_run()).await.succeeded();
    let project = json!({ "kind": "project", "id": PROJECT, "name": "Website relaunch" });
    assert_eq!(dry.data()["targets"][0], project);
}

#[tokio::test]
async fn a_name_is_looked_up_once_for_a_burst() {
    let app = app().await;
    for _ in 0..3 {
        run_action(&app, "create_task", json!({ "name": "Ship", "projectId": "Website relaunch" })).await;
    }
    assert_eq!(app.sandbox.sandbox.call_count("/asana/api/1.0/projects"), 1);
    assert_eq!(app.sandbox.sandbox.call_count("/asana/api/1.0/workspaces"), 1);
}

#[tokio::test]
async fn reading_actions_take_names_and_links() {
    let app = app().await;
    let link = format!("https://app.asana.com/1/{WORKSPACE}/project/{PROJECT}/list/7");
    let task = format!("https://app.asana.com/1/{WORKSPACE}/project/{PROJECT}/task/{TASK}?focus=true");
    for (action, context) in [
        ("get_project", json!({ "projectId": "Website relaunch" })),
        ("get_project", json!({ "projectId": link })),
        ("get_task", json!({ "taskId": task })),
        ("get_task", json!({ "taskId": format!("https://app.asana.com/0/{PROJECT}/{TASK}/f") })),
        ("list_tasks", json!({ "projectId": "Website relaunch", "sectionId": "To do" })),
        ("list_tasks", json!({ "assigneeId": "Sam Okafor" })),
        ("list_sections", json!({ "projectId": "Website relaunch" })),
        ("list_custom_fields", json!({ "projectId": link })),
        ("list_subtasks", json!({ "taskId": task })),
        ("list_comments", json!({ "taskId": task })),
        ("list_attachments", json!({ "taskId": task })),
        ("list_tags", json!({ "workspaceId": "sandbox works" })),
        ("list_teams", json!({ "workspaceId": "Sandbox Works" })),
        ("list_users", json!({ "workspaceId": format!("https://app.asana.com/1/{WORKSPACE}/home") })),
        ("search_tasks", json!({ "projectId": "Website relaunch", "tagId": "Launch", "assigneeId": "Kim Larsen" })),
    ] {
        run_action(&app, action, context).await;
    }
}

#[tokio::test]
async fn changes_take_names_and_links() {
    let app = app().await;
    let task = format!("https://app.asana.com/0/0/{SUBTASK}");
    let moved = json!({ "taskId": format!("https://app.asana.com/0/inbox/1/{TASK}/2"), "sectionId": "done" });
    let moved = run_action(&app, "add_task_to_section", moved).await;
    assert_eq!(moved["section"]["id"], SECTION_DONE);
    run_action(&app, "add_followers", json!({ "taskId": task, "followerIds": ["Sam Okafor"] })).await;
    let changed = run_action(&app, "update_task", json!({ "taskId": task, "assigneeId": "Kim Larsen" })).await;
    assert_eq!(changed["assignee"]["name"], "Kim Larsen");
    run_action(&app, "create_section", json!({ "projectId": "Website relaunch", "name": "Later" })).await;
    run_action(&app, "add_comment", json!({ "taskId": task, "text": "Hi" })).await;
    run_action(&app, "complete_task", json!({ "taskId": task })).await;
    let project = run_action(&app, "create_project", json!({ "name": "Web", "teamId": "sandbox team" })).await;
    assert_eq!(project["team"]["id"], TEAM);
}

#[tokio::test]
async fn several_objects_of_a_name_are_listed_with_their_ids() {
    let app = app().await;
    let mut ids = vec![];
    for name in ["Web", "Web", "Webshop"] {
        ids.push(run_action(&app, "create_project", json!({ "name": name })).await["id"].clone());
    }
    app.advance(LIST_LAG_SECONDS);
    let create = |project: &str| json!({ "name": "Ship", "projectId": project });
    let message = fail_action(&app, "create_task", create("web"), "INVALID_FIELD").await;
    let candidates = format!("Web ({}), Web ({})", ids[0].as_str().unwrap(), ids[1].as_str().unwrap());
    assert!(message.starts_with("context.projectId: several projects") && message.contains(&candidates), "{message}");
    run_action(&app, "create_task", create("Webshop")).await;
    let message = fail_action(&app, "create_task", create("Website relauch"), "INVALID_FIELD").await;
    assert!(message.contains("did you mean Website relaunch?"), "{message}");
}

#[tokio::test]
async fn a_link_to_something_else_is_refused_by_its_kind() {
    let app = app().await;
    for (action, context, field, reason) in [
        (
            "get_task",
            json!({ "taskId": format!("https://app.asana.com/0/{PROJECT}/list") }),
            "taskId",
            "it is one to a project",
        ),
        (
            "get_project",
            json!({ "projectId": format!("https://app.asana.com/0/{PROJECT}/{TASK}") }),
            "projectId",
            "it is one to a task",
        ),
        (
            "get_project",
            json!({ "projectId": "https://app.asana.com/0/portfolio/7/list" }),
            "projectId",
            "it is one to a portfolio",
        ),
        (
            "list_tasks",
            json!({ "assigneeId": format!("https://app.asana.com/0/{PROJECT}/{TASK}") }),
            "assigneeId",
            "it is one to a task",
        ),
        ("get_task", json!({ "taskId": "https://example.com/0/1/2" }), "taskId", "app.asana.com"),
        ("get_task", json!({ "taskId": "Ship it" }), "taskId", "or a link to it"),
    ] {
        let message = app.submit("u1", intent("asana", action).context(context)).await.refused(400, "INVALID_FIELD");
        assert!(message.contains(&format!("context.{field}")) && message.contains(reason), "{message}");
    }
}
