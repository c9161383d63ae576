//! Tasks, their external ids, lists and scopes.

use sandbox::Sandbox;
use sandbox::world::asana;
use serde_json::{Value, json};

use crate::support::{Req, of_kind, token};

const BASE: &str = "/asana/api/1.0";

async fn call(sandbox: &Sandbox, token: &str, request: Req) -> (u16, Value) {
    let reply = request.bearer(token).send(sandbox).await;
    (reply.status.as_u16(), reply.json())
}

#[tokio::test]
async fn a_task_and_its_external_id() {
    let sandbox = Sandbox::new();
    let token = token(&sandbox, "asana", &["default"]);
    let external = "ovr:task-1.0/é";
    let body = json!({"data": {
        "name": "Call the printer", "notes": "Soon", "projects": [asana::PROJECT], "assignee": "me", "due_on": "2026-12-01",
        "external": {"gid": external, "data": "x"},
    }});
    let (status, made) = call(&sandbox, &token, Req::post(&format!("{BASE}/tasks"), &body)).await;
    assert_eq!((status, &made["data"]["assignee"]["gid"]), (201, &json!(asana::ALEX)));
    let gid = made["data"]["gid"].as_str().unwrap();

    let escaped = "external:ovr%3Atask-1.0%2F%C3%A9";
    let path = format!("{BASE}/tasks/{escaped}?opt_fields=name,external,memberships.section.name");
    let (status, found) = call(&sandbox, &token, Req::get(&path)).await;
    assert_eq!(
        (status, &found["data"]["gid"], &found["data"]["external"]["gid"]),
        (200, &json!(gid), &json!(external))
    );
    assert_eq!(found["data"]["memberships"][0]["section"]["name"], "To do");
    assert_eq!(found["data"]["notes"], Value::Null, "only what was asked for");
    let (status, _) = call(&sandbox, &token, Req::get(&format!("{BASE}/tasks/external:other"))).await;
    assert_eq!(status, 404);

    let path = format!("{BASE}/tasks/{gid}");
    let (_, changed) = call(&sandbox, &token, Req::json("PUT", &path, &json!({"data": {"completed": true}}))).await;
    assert_eq!((&changed["data"]["completed"], &changed["data"]["notes"]), (&json!(true), &json!("Soon")));
    assert!(changed["data"]["completed_at"].is_string());
    assert_eq!(call(&sandbox, &token, Req::delete(&path)).await, (200, json!({"data": {}})));
    assert_eq!(call(&sandbox, &token, Req::get(&path)).await.0, 404);
    let kinds: Vec<String> = sandbox.effects().into_iter().skip(1).map(|effect| effect.kind).collect();
    assert_eq!(kinds, ["task_created", "task_updated", "task_deleted"]);
    assert_eq!(of_kind(&sandbox, "task_created")[0].request["external"]["gid"], external);
}

#[tokio::test]
async fn lists_and_pages() {
    let sandbox = Sandbox::new();
    let token = token(&sandbox, "asana", &["default"]);
    let get = async |path: String| call(&sandbox, &token, Req::get(&format!("{BASE}{path}"))).await;
    let (_, first) = get(format!("/tasks?project={}&limit=2", asana::PROJECT)).await;
    assert_eq!(first["data"].as_array().unwrap().len(), 2);
    let offset = first["next_page"]["offset"].as_str().unwrap();
    let (_, last) = get(format!("/tasks?project={}&limit=2&offset={offset}", asana::PROJECT)).await;
    assert_eq!((last["data"].as_array().unwrap().len(), &last["next_page"]), (1, &Value::Null));
    let (_, open) = get(format!("/tasks?project={}&completed_since=now", asana::PROJECT)).await;
    assert_eq!(open["data"].as_array().unwrap().len(), 2);
    let (_, done) = get(format!("/tasks?section={}", asana::SECTION_DONE)).await;
    assert_eq!(done["data"].as_array().unwrap().len(), 1);
    let (_, mine) = get(format!("/tasks?assignee=me&workspace={}", asana::WORKSPACE)).await;
    assert_eq!(mine["data"][0]["gid"], asana::TASK);
    assert_eq!(get("/tasks".to_owned()).await.0, 400);
    assert_eq!(get("/workspaces".to_owned()).await.1["data"][0]["gid"], asana::WORKSPACE);
    assert_eq!(get("/projects".to_owned()).await.1["data"][0]["gid"], asana::PROJECT);
    let (_, sections) = get(format!("/projects/{}/sections", asana::PROJECT)).await;
    assert_eq!(sections["data"].as_array().unwrap().len(), 2);
    let (_, people) = get(format!("/workspaces/{}/typeahead?resource_type=user&query=sam", asana::WORKSPACE)).await;
    assert_eq!(people["data"], json!([{"gid": asana::SAM, "name": "Sam Okafor", "resource_type": "user"}]));
    assert_eq!(get("/users/me".to_owned()).await.1["data"]["email"], "alex@example.com");
}

#[tokio::test]
async fn refusals() {
    let sandbox = Sandbox::new();
    let reader = token(&sandbox, "asana", &["tasks:read"]);
    let body = json!({"data": {"name": "x", "workspace": asana::WORKSPACE}});
    let (status, refused) = call(&sandbox, &reader, Req::post(&format!("{BASE}/tasks"), &body)).await;
    assert_eq!((status, refused["errors"][0]["message"].is_string()), (403, true));
    let full = token(&sandbox, "asana", &["default"]);
    let loose = json!({"data": {"name": "x"}});
    assert_eq!(call(&sandbox, &full, Req::post(&format!("{BASE}/tasks"), &loose)).await.0, 400);
    let bare = json!({"name": "x"});
    assert_eq!(call(&sandbox, &full, Req::post(&format!("{BASE}/tasks"), &bare)).await.0, 400, "data is required");
    assert_eq!(call(&sandbox, "made-up", Req::get(&format!("{BASE}/users/me"))).await.0, 401);
}
