//! The setups of apps and workspaces: full permissions, closed sections, organizations, personal tokens, announced changes.

use super::{app, app_with, fail_action, run_action};
use crate::support::builders::intent;
use crate::support::{EffectKind, TestApp};
use sandbox::Fault;
use sandbox::fixtures::ALEX;
use sandbox::fixtures::asana::{PROJECT, SECOND_TEAM, SECTION_DONE, SECTION_TO_DO, TASK, TEAM};
use sandbox::strangeness::LIST_LAG_SECONDS;
use serde_json::{Value, json};

#[tokio::test]
async fn an_app_with_full_permissions_requests_them_by_a_setting() {
    let variables = sandbox::settings::engine_variables("", "");
    let mut clients: Value = serde_json::from_str(&variables["PLUGIN_ENGINE_CLIENTS"]).unwrap();
    clients["asana"]["scopes"] = json!(["default"]);
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_CLIENTS", &clients.to_string())]).await;
    let mut strangeness = app.sandbox.sandbox.strangeness();
    strangeness.asana.has_closed_sections = true;
    app.sandbox.sandbox.set_strangeness(strangeness);
    app.connect("u1", "asana").await;
    let listed = run_action(&app, "list_sections", json!({ "projectId": PROJECT })).await;
    assert_eq!(listed["sections"].as_array().unwrap().len(), 2);
    run_action(&app, "create_section", json!({ "projectId": PROJECT, "name": "Later" })).await;
}

#[tokio::test]
async fn sections_without_a_scope_are_those_of_the_tasks() {
    let app = app_with(|strangeness| strangeness.asana.has_closed_sections = true).await;
    let listed = app.submit("u1", intent("asana", "list_sections").with("projectId", PROJECT)).await.succeeded();
    let ids: Vec<&Value> = listed.data()["sections"].as_array().unwrap().iter().map(|section| &section["id"]).collect();
    assert_eq!(ids, [SECTION_TO_DO, SECTION_DONE]);
    assert!(listed.message.contains("Sections without tasks are missing"), "{}", listed.message);
    let moved = run_action(&app, "add_task_to_section", json!({ "taskId": TASK, "sectionId": "Done" })).await;
    assert_eq!(moved["section"]["id"], SECTION_DONE);
    let context = json!({ "projectId": PROJECT, "name": "Later" });
    let refused = app.submit("u1", intent("asana", "create_section").context(context)).await;
    let message = refused.body["error"]["message"].as_str().unwrap();
    assert!(message.contains("full permissions") && message.contains("scopes"), "{message}");
}

#[tokio::test]
async fn a_project_of_an_organization_gets_its_only_team() {
    let app = app().await;
    let project = run_action(&app, "create_project", json!({ "name": "Web" })).await;
    assert_eq!(project["team"]["id"], TEAM);
    let teams = run_action(&app, "list_teams", json!({})).await;
    assert_eq!(teams["teams"][0]["name"], "Sandbox team");
}

#[tokio::test]
async fn an_organization_with_several_teams_needs_the_name_of_one() {
    let app = app_with(|strangeness| strangeness.asana.has_second_team = true).await;
    let message = fail_action(&app, "create_project", json!({ "name": "Web" }), "INVALID_FIELD").await;
    let teams = format!("Sandbox team ({TEAM}), Field team ({SECOND_TEAM})");
    assert!(message.starts_with("context.teamId: ") && message.contains(&teams), "{message}");
    let project = run_action(&app, "create_project", json!({ "name": "Web", "teamId": "Field team" })).await;
    assert_eq!(project["team"]["id"], SECOND_TEAM);
    app.effects(EffectKind::ProjectCreated).assert_count(1);
}

#[tokio::test]
async fn a_workspace_without_teams_needs_none() {
    let app = app_with(|strangeness| strangeness.asana.is_organization = false).await;
    let project = run_action(&app, "create_project", json!({ "name": "Web" })).await;
    assert_eq!(project["team"], Value::Null);
}

#[tokio::test]
async fn a_lost_task_of_a_personal_token_is_found_without_an_external_id() {
    for (place, path) in [
        (json!({ "projectId": PROJECT }), "/api/1.0/tasks".to_owned()),
        (json!({ "assigneeId": "me" }), "/api/1.0/tasks".to_owned()),
        (json!({ "taskId": TASK }), format!("/api/1.0/tasks/{TASK}/subtasks")),
    ] {
        let app = TestApp::as_documented("a current list resolves it in the request").await;
        let mut strangeness = app.sandbox.sandbox.strangeness();
        strangeness.asana.has_personal_token = true;
        app.sandbox.sandbox.set_strangeness(strangeness);
        let token = app.sandbox.sandbox.grant("asana", ALEX, &["default"]).unwrap().access_token;
        app.post("u1", "/integrations", json!({ "tool": "asana", "accessToken": token })).await.ok();
        let action = if place["taskId"].is_null() { "create_task" } else { "create_subtask" };
        let mut context = place.clone();
        context["name"] = json!("Ship");
        app.submit("u1", intent("asana", action).context(context.clone())).await.succeeded();
        app.advance(600);
        app.fault(Fault::apply_then_drop("asana").at_path(&path).on_method("POST"));
        let found = app.submit("u1", intent("asana", action).context(context)).await.succeeded();
        let effects = app.effects(EffectKind::TaskCreated);
        effects.assert_count(2);
        assert_eq!(found.external_id.as_ref(), Some(&effects[1].id), "{place}");
    }
}

#[tokio::test]
async fn an_announced_change_is_logged_with_its_name() {
    let app = app().await;
    let log = app.capture_log();
    run_action(&app, "create_project", json!({ "name": "Web" })).await;
    let lines = log.lines();
    let change = lines.iter().find(|line| line["change"].is_string()).expect("a change is logged");
    assert!(change["change"].as_str().unwrap().starts_with("name=project_team_sharing;"), "{change}");
    app.advance(LIST_LAG_SECONDS);
}
