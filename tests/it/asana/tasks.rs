//! The fields of tasks and subtasks: start times, milestones, and what Asana would refuse.

use super::{app, run_action};
use crate::support::builders::intent;
use sandbox::fixtures::asana::{PROJECT, SECTION_DONE, TAG, TASK};
use serde_json::json;

#[tokio::test]
async fn a_subtask_has_every_field_of_a_task() {
    let app = app().await;
    let context = json!({ "taskId": TASK, "name": "Ship", "projectId": PROJECT, "sectionId": "Done", "tagIds": ["Launch"],
        "followerIds": ["Kim Larsen"], "dueAt": "2026-12-02T10:00:00Z", "startAt": "2026-12-01T10:00:00Z",
        "htmlNotes": "<body>Now</body>", "assigneeId": "me" });
    let created = run_action(&app, "create_subtask", context).await;
    assert_eq!((&created["parent"]["id"], &created["tags"][0]["id"]), (&json!(TASK), &json!(TAG)), "{created}");
    assert_eq!(created["memberships"][0]["section"]["id"], SECTION_DONE);
    assert_eq!(created["startAt"], "2026-12-01T10:00:00Z");
    let read = run_action(&app, "get_task", json!({ "taskId": created["id"] })).await;
    assert_eq!((&read["notes"], &read["type"]), (&json!("Now"), &json!("default_task")));
}

#[tokio::test]
async fn a_milestone_is_created_and_a_task_becomes_one() {
    let app = app().await;
    let milestone = json!({ "name": "Launch", "projectId": PROJECT, "type": "milestone", "dueOn": "2026-12-24" });
    assert_eq!(run_action(&app, "create_task", milestone).await["type"], "milestone");
    assert_eq!(
        run_action(&app, "update_task", json!({ "taskId": TASK, "type": "milestone" })).await["type"],
        "milestone"
    );
}

#[tokio::test]
async fn a_start_that_asana_would_refuse_is_refused_by_its_name() {
    let app = app().await;
    for (field, fields) in [
        ("startOn", json!({ "startOn": "2026-12-03", "dueOn": "2026-12-02" })),
        ("startOn", json!({ "startOn": "2026-12-04", "dueAt": "2026-12-02T10:00:00Z" })),
        ("startOn", json!({ "startOn": "2026-12-01" })),
        ("startAt", json!({ "startAt": "2026-12-03T10:00:00Z", "dueAt": "2026-12-02T10:00:00Z" })),
        ("startAt", json!({ "startAt": "2026-12-01T10:00:00Z", "dueOn": "2026-12-02" })),
        ("startAt", json!({ "startAt": "2026-12-01T10:00:00Z", "startOn": "2026-12-01", "dueOn": "2026-12-02" })),
        ("startOn", json!({ "startOn": "2026-12-01", "dueOn": "2026-12-02", "type": "milestone" })),
    ] {
        for (action, place) in [("create_task", "name"), ("create_subtask", "name"), ("update_task", "name")] {
            let mut context = fields.clone();
            context[place] = json!("Ship");
            if action != "create_task" {
                context["taskId"] = json!(TASK);
            }
            let message =
                app.submit("u1", intent("asana", action).context(context)).await.refused(400, "INVALID_FIELD");
            assert!(message.starts_with(&format!("context.{field}: ")), "{action} {fields}: {message}");
        }
    }
    app.effects(crate::support::EffectKind::TaskCreated).assert_none();
}
