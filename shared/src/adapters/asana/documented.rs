//! Responses as Asana's reference shows them, and the same with surprises. Its objects have the fields that the actions request.

use serde_json::{Value, json};

use super::ADAPTER;
use crate::adapters::testing::{self, SentRequest};

fn user(gid: &str) -> Value {
    json!({ "gid": gid, "resource_type": "user", "name": "Greg Sanchez" })
}

fn workspace() -> Value {
    json!({ "gid": "1331", "resource_type": "workspace", "name": "My Company Workspace" })
}

/// <https://developers.asana.com/reference/gettask>
fn task(gid: &str) -> Value {
    json!({
        "gid": gid,
        "resource_type": "task",
        "name": "Buy catnip",
        "completed": false,
        "completed_at": null,
        "created_at": "2012-02-22T02:06:58.147Z",
        "modified_at": "2012-02-22T02:06:58.147Z",
        "due_on": "2019-09-15",
        "due_at": "2019-09-15T02:06:58.147Z",
        "start_on": "2019-09-14",
        "start_at": "2019-09-14T02:06:58.147Z",
        "resource_subtype": "default_task",
        "assignee": user("14641"),
        "followers": [user("14641"), user("14642")],
        "tags": [{ "gid": "59746", "resource_type": "tag", "name": "Grade A" }],
        "parent": { "gid": "12340", "resource_type": "task", "name": "Bug task", "resource_subtype": "default_task" },
        "num_subtasks": 3,
        "memberships": [{
            "project": { "gid": "1231", "resource_type": "project", "name": "Stuff to buy" },
            "section": { "gid": "1232", "resource_type": "section", "name": "Next Actions" },
        }],
        "workspace": workspace(),
        "permalink_url": "https://app.asana.com/0/resource/123456789/list",
        "notes": "Mittens really likes the stuff from Humboldt.",
        "html_notes": "<body>Mittens <em>really</em> likes the stuff from Humboldt.</body>",
        "custom_fields": [
            { "gid": "1233", "resource_type": "custom_field", "name": "Status", "representation_type": "enum",
                "display_value": "blue", "enum_options": [enum_option("1236")] },
            { "gid": "1234", "resource_type": "custom_field", "name": "Estimate", "representation_type": "number",
                "display_value": null },
        ],
    })
}

fn enum_option(gid: &str) -> Value {
    json!({ "gid": gid, "resource_type": "enum_option", "name": "Low", "enabled": true, "color": "blue" })
}

/// <https://developers.asana.com/reference/getcustomfieldsettingsforproject>
fn custom_field_setting(gid: &str) -> Value {
    json!({
        "gid": "1001",
        "resource_type": "custom_field_setting",
        "custom_field": {
            "gid": gid,
            "resource_type": "custom_field",
            "name": "Status",
            "representation_type": "enum",
            "description": "Development team priority",
            "enum_options": [enum_option("1236")],
            "is_value_read_only": false,
            "precision": 2,
            "currency_code": "EUR",
        },
    })
}

/// <https://developers.asana.com/reference/getteamsforworkspace>
fn team(gid: &str) -> Value {
    json!({
        "gid": gid,
        "resource_type": "team",
        "name": "Marketing",
        "description": "All developers should be members of this team.",
        "visibility": "public",
        "organization": workspace(),
        "permalink_url": "https://app.asana.com/0/resource/123456789/list",
    })
}

/// <https://developers.asana.com/reference/getstoriesfortask>
fn story(gid: &str) -> Value {
    json!({
        "gid": gid,
        "resource_type": "story",
        "created_at": "2012-02-22T02:06:58.147Z",
        "created_by": user("14641"),
        "resource_subtype": "comment_added",
        "text": "This is a comment.",
        "html_text": "<body>This is a <em>comment</em>.</body>",
    })
}

/// <https://developers.asana.com/reference/getproject>
fn project(gid: &str) -> Value {
    json!({
        "gid": gid,
        "resource_type": "project",
        "name": "Stuff to buy",
        "archived": false,
        "completed": false,
        "created_at": "2012-02-22T02:06:58.147Z",
        "modified_at": "2012-02-22T02:06:58.147Z",
        "due_on": "2019-09-15",
        "start_on": "2019-09-14",
        "owner": user("14641"),
        "team": { "gid": "14643", "resource_type": "team", "name": "Marketing" },
        "workspace": workspace(),
        "permalink_url": "https://app.asana.com/0/resource/123456789/list",
        "notes": "These are things we need to purchase.",
        "html_notes": "<body>These are <em>things</em> we need to purchase.</body>",
        "custom_fields": [{ "gid": "1233", "resource_type": "custom_field", "name": "Status",
            "representation_type": "enum", "display_value": "blue", "enum_options": [enum_option("1236")] }],
    })
}

/// <https://developers.asana.com/reference/getsectionsforproject>
fn section(gid: &str) -> Value {
    json!({ "gid": gid, "resource_type": "section", "name": "Next Actions", "created_at": "2012-02-22T02:06:58.147Z" })
}

/// <https://developers.asana.com/reference/gettag>
fn tag(gid: &str) -> Value {
    json!({
        "gid": gid,
        "resource_type": "tag",
        "name": "Stuff to buy",
        "color": "light-green",
        "created_at": "2012-02-22T02:06:58.147Z",
        "workspace": workspace(),
        "permalink_url": "https://app.asana.com/0/resource/123456789/list",
    })
}

/// <https://developers.asana.com/reference/getattachment>
fn attachment(gid: &str) -> Value {
    json!({
        "gid": gid,
        "resource_type": "attachment",
        "name": "Screenshot.png",
        "size": 12345,
        "host": "asana",
        "created_at": "2012-02-22T02:06:58.147Z",
        "parent": { "gid": "12345", "resource_type": "task", "name": "Bug Task", "resource_subtype": "default_task" },
        "permanent_url": "https://app.asana.com/app/asana/-/get_asset?asset_id=1234567890",
        "view_url": "https://www.dropbox.com/s/123/Screenshot.png",
    })
}

/// A response with one object.
fn one(object: Value) -> (u16, Value) {
    (200, json!({ "data": object }))
}

/// A page: <https://developers.asana.com/docs/pagination>
fn page(objects: [Value; 2]) -> (u16, Value) {
    let next = json!({
        "offset": "eyJ0eXAiOiJKV1Qi",
        "path": "/tasks?project=1337&limit=2&offset=eyJ0eXAiOiJKV1Qi",
        "uri": "https://app.asana.com/api/1.0/tasks?project=1337&limit=2&offset=eyJ0eXAiOiJKV1Qi",
    });
    (200, json!({ "data": objects, "next_page": next }))
}

async fn assert_degrades(intent: &'static str, context: Value, responses: fn(&SentRequest) -> (u16, Value)) {
    testing::assert_surprises_degrade(&ADAPTER, intent, context, responses).await;
}

#[tokio::test]
async fn a_surprise_in_a_task_costs_its_field() {
    let id = json!({ "taskId": "12345" });
    let due = json!({ "taskId": "12345", "dueOn": "2019-09-15" });
    assert_degrades("get_task", id.clone(), |_| one(task("12345"))).await;
    assert_degrades("create_task", json!({ "name": "Buy catnip", "projectId": "1231" }), |_| one(task("12345"))).await;
    assert_degrades("create_subtask", json!({ "taskId": "12340", "name": "Buy" }), |_| one(task("12345"))).await;
    assert_degrades("update_task", due, |_| one(task("12345"))).await;
    assert_degrades("complete_task", id.clone(), |_| one(task("12345"))).await;
    let followers = json!({ "taskId": "12345", "followerIds": ["me"] });
    assert_degrades("add_followers", followers, |_| one(task("12345"))).await;
    // https://developers.asana.com/reference/deletetask, https://developers.asana.com/reference/addtaskforsection
    assert_degrades("delete_task", id, |_| one(json!({}))).await;
    let place = json!({ "taskId": "12345", "sectionId": "1232" });
    assert_degrades("add_task_to_section", place, |_| one(json!({}))).await;
}

#[tokio::test]
async fn a_surprise_in_a_list_of_tasks_costs_its_field_or_its_task() {
    let tasks = |_: &SentRequest| page([task("12345"), task("12346")]);
    assert_degrades("list_tasks", json!({ "projectId": "1231", "limit": 2 }), tasks).await;
    assert_degrades("list_subtasks", json!({ "taskId": "12340" }), tasks).await;
    let search = json!({ "text": "catnip", "workspaceId": "1331" });
    assert_degrades("search_tasks", search, |_| one(json!([task("12345"), task("12346")]))).await;
}

#[tokio::test]
async fn a_surprise_in_a_comment_costs_its_field() {
    let context = json!({ "taskId": "12345", "text": "This is a comment." });
    assert_degrades("add_comment", context, |_| one(story("12347"))).await;
}

#[tokio::test]
async fn a_surprise_in_a_project_or_a_section_costs_its_field() {
    let context = json!({ "name": "Stuff to buy", "workspaceId": "1331", "teamId": "14643" });
    assert_degrades("create_project", context, |_| one(project("12345"))).await;
    assert_degrades("get_project", json!({ "projectId": "12345" }), |_| one(project("12345"))).await;
    assert_degrades("list_projects", json!({ "workspaceId": "1331" }), |_| page([project("1"), project("2")])).await;
    let fields = |_: &SentRequest| page([custom_field_setting("1"), custom_field_setting("2")]);
    assert_degrades("list_custom_fields", json!({ "projectId": "12345" }), fields).await;
    assert_degrades("list_teams", json!({ "workspaceId": "1331" }), |_| page([team("1"), team("2")])).await;
    let context = json!({ "projectId": "12345", "name": "Next Actions" });
    assert_degrades("create_section", context, |_| one(section("321654"))).await;
    assert_degrades("list_sections", json!({ "projectId": "12345" }), |_| page([section("1"), section("2")])).await;
}

#[tokio::test]
async fn a_surprise_in_a_tag_a_user_or_a_workspace_costs_its_field() {
    let context = json!({ "name": "Stuff to buy", "workspaceId": "1331" });
    assert_degrades("create_tag", context, |_| one(tag("12345"))).await;
    assert_degrades("list_tags", json!({ "workspaceId": "1331" }), |_| page([tag("12345"), tag("12346")])).await;
    assert_degrades("list_users", json!({}), |_| {
        // https://developers.asana.com/reference/getusers
        let with_email = |gid: &str| {
            let mut user = user(gid);
            user["email"] = json!("gsanchez@example.com");
            user
        };
        page([with_email("14641"), with_email("14642")])
    })
    .await;
    assert_degrades("list_workspaces", json!({}), |_| {
        // https://developers.asana.com/reference/getworkspaces
        let workspace = |gid: &str| {
            json!({ "gid": gid, "resource_type": "workspace", "name": "My Company Workspace", "is_organization": false })
        };
        page([workspace("1331"), workspace("1332")])
    })
    .await;
}

#[tokio::test]
async fn a_surprise_in_an_attachment_costs_its_field() {
    let file = json!({ "filename": "Screenshot.png", "text": "A cat" });
    let context = json!({ "taskId": "12345", "file": file });
    assert_degrades("upload_attachment", context, |_| one(attachment("12348"))).await;
    assert_degrades("list_attachments", json!({ "taskId": "12345" }), |_| page([attachment("1"), attachment("2")]))
        .await;
}

#[tokio::test]
async fn a_surprise_in_a_list_of_comments_costs_its_field() {
    assert_degrades("list_comments", json!({ "taskId": "12345" }), |_| page([story("1"), story("2")])).await;
}

#[tokio::test]
async fn a_surprise_in_a_changed_relation_costs_nothing() {
    // https://developers.asana.com/reference/addtagfortask and its like answer with an empty object.
    for (intent, context) in [
        ("add_tag_to_task", json!({ "taskId": "12345", "tagId": "59746" })),
        ("remove_tag_from_task", json!({ "taskId": "12345", "tagId": "59746" })),
        ("add_task_to_project", json!({ "taskId": "12345", "projectId": "1231" })),
        ("remove_task_from_project", json!({ "taskId": "12345", "projectId": "1231" })),
        ("add_dependencies", json!({ "taskId": "12345", "dependencyIds": ["133713", "184253"] })),
        ("remove_dependencies", json!({ "taskId": "12345", "dependentIds": ["133713", "184253"] })),
        ("delete_project", json!({ "projectId": "12345" })),
    ] {
        assert_degrades(intent, context, |_| one(json!({}))).await;
    }
    let parent = json!({ "taskId": "12345", "parentId": "12340" });
    assert_degrades("set_parent", parent, |_| one(task("12345"))).await;
    assert_degrades("duplicate_task", json!({ "taskId": "12345", "name": "New Task Name" }), |_| {
        let new_task = json!({ "gid": "12346", "resource_type": "task", "name": "New Task Name" });
        one(json!({ "gid": "1", "resource_type": "job", "status": "in_progress", "new_task": new_task }))
    })
    .await;
}

#[tokio::test]
async fn a_surprise_in_a_changed_comment_or_project_or_in_a_person_costs_its_field() {
    let comment = json!({ "commentId": "12347", "markdown": "This is a *comment*." });
    assert_degrades("update_comment", comment, |_| one(story("12347"))).await;
    let project_change = json!({ "projectId": "12345", "name": "Stuff to buy" });
    assert_degrades("update_project", project_change, |_| one(project("12345"))).await;
    let person = |_: &SentRequest| {
        let mut person = user("14641");
        person["email"] = json!("gsanchez@example.com");
        person["workspaces"] = json!([workspace()]);
        one(person)
    };
    assert_degrades("get_me", json!({}), person).await;
    assert_degrades("get_user", json!({ "userId": "14641" }), person).await;
    let search = json!({ "query": "catnip", "type": "task", "workspaceId": "1331" });
    assert_degrades("search", search, |_| one(json!([user("12345"), user("12346")]))).await;
}
