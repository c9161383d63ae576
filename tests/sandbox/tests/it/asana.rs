//! Tests of Asana: tasks, external ids, lists and scopes.

use sandbox::Sandbox;
use sandbox::fixtures::asana;
use serde_json::{Value, json};

use crate::support::{TestRequest, access_token, effects_of_kind};

const BASE: &str = "/asana/api/1.0";

pub(crate) async fn call(sandbox: &Sandbox, token: &str, request: TestRequest) -> (u16, Value) {
    let reply = request.bearer(token).send(sandbox).await;
    (reply.status.as_u16(), reply.json())
}

#[tokio::test]
async fn task_is_found_by_its_external_id() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "asana", &["default"]);
    let external = "ovr:task-1.0/é";
    let body = json!({"data": {
        "name": "Call the printer", "notes": "Soon", "projects": [asana::PROJECT], "assignee": "me", "due_on": "2026-12-01",
        "external": {"gid": external, "data": "x"},
    }});
    let (status, created) = call(&sandbox, &token, TestRequest::post(&format!("{BASE}/tasks"), &body)).await;
    assert_eq!((status, &created["data"]["assignee"]["gid"]), (201, &json!(asana::ALEX)));
    let gid = created["data"]["gid"].as_str().unwrap();

    let escaped = "external:ovr%3Atask-1.0%2F%C3%A9";
    let path = format!("{BASE}/tasks/{escaped}?opt_fields=name,external,memberships.section.name");
    let (status, found) = call(&sandbox, &token, TestRequest::get(&path)).await;
    assert_eq!(
        (status, &found["data"]["gid"], &found["data"]["external"]["gid"]),
        (200, &json!(gid), &json!(external))
    );
    assert_eq!(found["data"]["memberships"][0]["section"]["name"], "To do");
    assert_eq!(found["data"]["notes"], Value::Null, "only the requested fields are returned");
    let (status, _) = call(&sandbox, &token, TestRequest::get(&format!("{BASE}/tasks/external:other"))).await;
    assert_eq!(status, 404);

    let path = format!("{BASE}/tasks/{gid}");
    let (_, changed) =
        call(&sandbox, &token, TestRequest::json("PUT", &path, &json!({"data": {"completed": true}}))).await;
    assert_eq!((&changed["data"]["completed"], &changed["data"]["notes"]), (&json!(true), &json!("Soon")));
    assert!(changed["data"]["completed_at"].is_string());
    assert_eq!(call(&sandbox, &token, TestRequest::delete(&path)).await, (200, json!({"data": {}})));
    assert_eq!(call(&sandbox, &token, TestRequest::get(&path)).await.0, 404);
    let kinds: Vec<String> = sandbox.effects().into_iter().skip(1).map(|effect| effect.kind).collect();
    assert_eq!(kinds, ["task_created", "task_updated", "task_deleted"]);
    assert_eq!(effects_of_kind(&sandbox, "task_created")[0].request["external"]["gid"], external);
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "asana", &["default"]);
    let get = async |path: String| call(&sandbox, &token, TestRequest::get(&format!("{BASE}{path}"))).await;
    let (_, first) = get(format!("/tasks?project={}&limit=2", asana::PROJECT)).await;
    assert_eq!(first["data"].as_array().unwrap().len(), 2);
    let offset = first["next_page"]["offset"].as_str().unwrap();
    let (_, last) = get(format!("/tasks?project={}&limit=2&offset={offset}", asana::PROJECT)).await;
    assert_eq!((last["data"].as_array().unwrap().len(), &last["next_page"]), (1, &Value::Null));
    let (_, open) = get(format!("/tasks?project={}&completed_since=now", asana::PROJECT)).await;
    assert_eq!(open["data"].as_array().unwrap().len(), 2);
    let (_, done) = get(format!("/tasks?section={}", asana::SECTION_DONE)).await;
    assert_eq!(done["data"].as_array().unwrap().len(), 1);
    let (_, own_story) = get(format!("/tasks?assignee=me&workspace={}", asana::WORKSPACE)).await;
    assert_eq!(own_story["data"][0]["gid"], asana::TASK);
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
async fn missing_scope_body_wrapper_and_token_are_rejected() {
    let sandbox = Sandbox::new();
    let reader = access_token(&sandbox, "asana", &["tasks:read"]);
    let body = json!({"data": {"name": "x", "workspace": asana::WORKSPACE}});
    let (status, refused) = call(&sandbox, &reader, TestRequest::post(&format!("{BASE}/tasks"), &body)).await;
    assert_eq!((status, refused["errors"][0]["message"].is_string()), (403, true));
    let full = access_token(&sandbox, "asana", &["default"]);
    let loose = json!({"data": {"name": "x"}});
    assert_eq!(call(&sandbox, &full, TestRequest::post(&format!("{BASE}/tasks"), &loose)).await.0, 400);
    let bare = json!({"name": "x"});
    assert_eq!(
        call(&sandbox, &full, TestRequest::post(&format!("{BASE}/tasks"), &bare)).await.0,
        400,
        "data is required"
    );
    assert_eq!(call(&sandbox, "made-up", TestRequest::get(&format!("{BASE}/users/me"))).await.0, 401);
}

#[tokio::test]
async fn subtasks_comments_followers_and_sections_update_the_task() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "asana", &["default"]);
    let post = async |path: &str, data: Value| {
        call(&sandbox, &token, TestRequest::post(&format!("{BASE}{path}"), &json!({"data": data}))).await
    };
    let get = async |path: &str| call(&sandbox, &token, TestRequest::get(&format!("{BASE}{path}"))).await.1;
    let task = format!("/tasks/{}", asana::TASK);

    let (status, created) = post(&format!("{task}/subtasks"), json!({"name": "Pick a picture"})).await;
    assert_eq!((status, &created["data"]["parent"]["gid"]), (201, &json!(asana::TASK)));
    assert_eq!(get(&format!("{task}/subtasks")).await["data"].as_array().unwrap().len(), 2);
    assert_eq!(get(&task).await["data"]["num_subtasks"], 2);

    let (status, created) = post(&format!("{task}/stories"), json!({"text": "Ready."})).await;
    assert_eq!((status, &created["data"]["created_by"]["gid"]), (201, &json!(asana::ALEX)));
    let stories = get(&format!("{task}/stories?opt_fields=text,resource_subtype&limit=10")).await;
    assert_eq!(stories["data"][1]["gid"], asana::COMMENT);
    assert_eq!(stories["data"][2]["text"], "Ready.");

    for _ in 0..2 {
        let (_, followed) = post(&format!("{task}/addFollowers"), json!({"followers": ["me", asana::SAM]})).await;
        assert_eq!(followed["data"]["followers"].as_array().unwrap().len(), 2);
        let path = format!("/sections/{}/addTask", asana::SECTION_DONE);
        assert_eq!(post(&path, json!({"task": asana::TASK})).await, (200, json!({"data": {}})));
        let moved = get(&task).await;
        assert_eq!(moved["data"]["memberships"].as_array().unwrap().len(), 1);
        assert_eq!(moved["data"]["memberships"][0]["section"]["gid"], asana::SECTION_DONE);
    }
    let kinds: Vec<String> = sandbox.effects().into_iter().skip(1).map(|effect| effect.kind).collect();
    let expected = ["task_created", "comment_added", "followers_added", "task_moved", "followers_added", "task_moved"];
    assert_eq!(kinds, expected);

    assert_eq!(call(&sandbox, &token, TestRequest::delete(&format!("{BASE}{task}"))).await.0, 200);
    assert_eq!(call(&sandbox, &token, TestRequest::get(&format!("{BASE}/tasks/{}", asana::SUBTASK))).await.0, 404);
}

#[tokio::test]
async fn projects_sections_and_tags_are_created() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "asana", &["default"]);
    let post = async |path: &str, data: Value| {
        call(&sandbox, &token, TestRequest::post(&format!("{BASE}{path}"), &json!({"data": data}))).await
    };
    let get = async |path: &str| call(&sandbox, &token, TestRequest::get(&format!("{BASE}{path}"))).await.1;
    let (status, created) = post("/projects", json!({"name": "Spring", "workspace": asana::WORKSPACE})).await;
    let project = created["data"]["gid"].as_str().unwrap();
    assert_eq!((status, get("/projects?archived=false").await["data"].as_array().unwrap().len()), (201, 2));

    let first = get(&format!("/projects/{project}/sections")).await["data"][0]["gid"].clone();
    let (_, created) =
        post(&format!("/projects/{project}/sections"), json!({"name": "Ideas", "insert_before": first})).await;
    let section = &created["data"]["gid"];
    assert_eq!(get(&format!("/projects/{project}/sections")).await["data"][0]["gid"], *section);

    let (status, tag) = post("/tags", json!({"name": "Blocked", "workspace": asana::WORKSPACE})).await;
    assert_eq!((status, get("/tags").await["data"].as_array().unwrap().len()), (201, 2));
    let placed = json!([{"project": project, "section": section}]);
    let tags = json!([tag["data"]["gid"]]);
    let fields = json!({asana::ESTIMATE: 2.5});
    let task = json!({"name": "x", "memberships": placed, "tags": tags, "custom_fields": fields, "due_at": "2026-12-01T09:00:00Z"});
    let (_, created) = post("/tasks", task).await;
    let created = &created["data"];
    assert_eq!(
        (&created["memberships"][0]["section"]["name"], &created["tags"][0]["name"]),
        (&json!("Ideas"), &json!("Blocked"))
    );
    assert_eq!(
        (&created["custom_fields"][0]["display_value"], &created["due_on"]),
        (&json!("2.5"), &json!("2026-12-01"))
    );
    let placed = get(&format!("/sections/{}/tasks", section.as_str().unwrap())).await;
    assert_eq!(placed["data"][0]["gid"], created["gid"]);
}

#[tokio::test]
async fn search_filters_and_sorts_without_pages() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "asana", &["tasks:read"]);
    let search = async |query: &str| {
        let path = format!("{BASE}/workspaces/{}/tasks/search?{query}&opt_fields=name,created_at", asana::WORKSPACE);
        let (status, found) = call(&sandbox, &token, TestRequest::get(&path)).await;
        assert_eq!((status, &found["next_page"]), (200, &Value::Null), "{found}");
        found["data"].as_array().unwrap().clone()
    };
    assert_eq!(search("text=landing+page").await[0]["gid"], asana::TASK);
    assert_eq!(search("completed=true").await.len(), 1);
    assert_eq!(search(&format!("assignee.any={}&projects.any={}", asana::SAM, asana::PROJECT)).await.len(), 1);
    let newest = search("sort_by=created_at&limit=2").await;
    assert_eq!((newest.len(), &newest[0]["gid"]), (2, &json!(asana::SUBTASK)));
    let before = newest[1]["created_at"].as_str().unwrap();
    let next_page = search(&format!("sort_by=created_at&created_at.before={before}")).await;
    assert_eq!((next_page.len(), &next_page[0]["gid"]), (2, &json!(asana::QUOTES)));
}

#[tokio::test]
async fn invalid_fields_and_parameters_are_rejected() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "asana", &["default"]);
    for (path, data) in [
        ("/tasks", json!({"name": "x", "projects": [asana::PROJECT], "colour": "red"})),
        ("/tasks", json!({"name": "x", "projects": [asana::PROJECT], "created_at": "2026-11-23T10:00:00Z"})),
        ("/tasks", json!({"name": 1, "projects": [asana::PROJECT]})),
        ("/tasks", json!({"name": "x", "projects": asana::PROJECT})),
        ("/tasks", json!({"name": "x", "projects": [asana::PROJECT], "due_on": "soon"})),
        (
            "/tasks",
            json!({"name": "x", "projects": [asana::PROJECT], "due_on": "2026-12-01", "due_at": "2026-12-01T09:00:00Z"}),
        ),
        ("/tasks", json!({"name": "x", "projects": [asana::PROJECT], "start_on": "2026-12-01"})),
        ("/tasks", json!({"name": "x", "projects": [asana::PROJECT], "html_notes": "Soon"})),
        ("/tasks", json!({"name": "x", "projects": [asana::PROJECT], "tags": ["1"]})),
        ("/tasks", json!({"name": "x", "projects": [asana::PROJECT], "custom_fields": {"1": 2}})),
        ("/tasks", json!({"name": "x", "memberships": [{"project": asana::PROJECT, "section": "1"}]})),
        ("/projects", json!({"name": "x"})),
        ("/projects", json!({"name": "x", "workspace": asana::WORKSPACE, "default_view": "gantt"})),
        ("/tags", json!({"name": "x"})),
        (&format!("/projects/{}/sections", asana::PROJECT), json!({"name": ""})),
        (&format!("/tasks/{}/stories", asana::TASK), json!({"text": " "})),
        (&format!("/tasks/{}/stories", asana::TASK), json!({"html_text": "<body><h1>x</h1></body>"})),
        (&format!("/tasks/{}/stories", asana::TASK), json!({"html_text": "<body>a & b</body>"})),
        (&format!("/tasks/{}/stories", asana::TASK), json!({"html_text": "<body><a>x</a></body>"})),
        (&format!("/tasks/{}/duplicate", asana::TASK), json!({"name": "x", "include": "likes"})),
        (&format!("/tasks/{}/addDependencies", asana::TASK), json!({"dependencies": [asana::TASK]})),
        (&format!("/tasks/{}/addFollowers", asana::TASK), json!({"followers": ["nobody@example.com"]})),
        (&format!("/sections/{}/addTask", asana::SECTION_DONE), json!({"task": "1"})),
    ] {
        let (status, refused) =
            call(&sandbox, &token, TestRequest::post(&format!("{BASE}{path}"), &json!({"data": data}))).await;
        assert_eq!((status, refused["errors"][0]["message"].is_string()), (400, true), "{path} {data}: {refused}");
    }
    let moved = json!({"data": {"projects": [asana::PROJECT]}});
    let path = format!("{BASE}/tasks/{}", asana::TASK);
    assert_eq!(
        call(&sandbox, &token, TestRequest::json("PUT", &path, &moved)).await.0,
        400,
        "projects can be set on create only"
    );
    for (path, expected) in [
        ("/tasks?project=1200000000000010&colour=red", 400),
        ("/tasks?project=1200000000000010&completed_since=soon", 400),
        ("/tasks?project=1", 404),
        ("/projects?archived=maybe", 400),
        ("/projects?limit=101", 400),
        ("/tags?workspace=1", 404),
        ("/workspaces/1200000000000001/tasks/search?sort_by=name", 400),
        ("/nothing", 404),
    ] {
        assert_eq!(call(&sandbox, &token, TestRequest::get(&format!("{BASE}{path}"))).await.0, expected, "{path}");
    }
    let reader = crate::support::access_token(&sandbox, "asana", &["tasks:read"]);
    for path in ["/tags", "/projects", "/users", "/tasks/1200000000000021/stories"] {
        assert_eq!(call(&sandbox, &reader, TestRequest::get(&format!("{BASE}{path}"))).await.0, 403, "{path}");
    }
}

#[tokio::test]
async fn task_relations_can_be_removed() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "asana", &["default"]);
    let send = async |method: &'static str, path: &str, data: Value| {
        let request = TestRequest::json(method, &format!("{BASE}{path}"), &json!({"data": data}));
        call(&sandbox, &token, request).await
    };
    let get =
        async |path: &str| call(&sandbox, &token, TestRequest::get(&format!("{BASE}{path}"))).await.1["data"].clone();
    let quotes = format!("/tasks/{}", asana::QUOTES);
    let post_relation = async |what: &str, data: Value| send("POST", &format!("{quotes}/{what}"), data).await.0;

    assert_eq!(post_relation("addTag", json!({"tag": asana::TAG})).await, 200);
    assert_eq!(get(&format!("{quotes}/tags")).await[0]["gid"], asana::TAG);
    assert_eq!(get(&format!("/tags/{}/tasks", asana::TAG)).await[0]["gid"], asana::QUOTES);
    assert_eq!(post_relation("removeTag", json!({"tag": asana::TAG})).await, 200);
    assert_eq!(post_relation("removeProject", json!({"project": asana::PROJECT})).await, 200);
    assert_eq!(post_relation("setParent", json!({"parent": asana::TASK})).await, 200);
    assert_eq!(post_relation("addFollowers", json!({"followers": [asana::KIM]})).await, 200);
    assert_eq!(post_relation("removeFollowers", json!({"followers": [asana::ALEX]})).await, 200);
    let task = get(&quotes).await;
    assert_eq!((&task["tags"], &task["memberships"], &task["projects"]), (&json!([]), &json!([]), &json!([])));
    assert_eq!((&task["parent"]["gid"], &task["followers"][0]["gid"]), (&json!(asana::TASK), &json!(asana::KIM)));
    assert_eq!(get(&format!("/tasks/{}", asana::TASK)).await["num_subtasks"], 2);
    assert_eq!(
        post_relation("addProject", json!({"project": asana::PROJECT, "section": asana::SECTION_DONE})).await,
        200
    );
    assert_eq!(get(&quotes).await["memberships"][0]["section"]["name"], "Done");
    for (what, data) in
        [("addTag", json!({"tag": "1"})), ("setParent", json!({})), ("addProject", json!({"project": "1"}))]
    {
        assert_eq!(post_relation(what, data.clone()).await, 400, "{what} {data}");
    }

    let others_story = format!("/stories/{}", asana::COMMENT);
    assert_eq!(send("PUT", &others_story, json!({"text": "Mine now"})).await.0, 403, "a comment of another author");
    let (_, own_story) = send("POST", &format!("{quotes}/stories"), json!({"text": "Mine"})).await;
    let own_story = format!("/stories/{}", own_story["data"]["gid"].as_str().unwrap());
    assert_eq!(send("PUT", &own_story, json!({"text": "Still mine"})).await.1["data"]["text"], "Still mine");
    assert_eq!(call(&sandbox, &token, TestRequest::delete(&format!("{BASE}{own_story}"))).await.0, 200);
    assert_eq!(get(&own_story).await, Value::Null);
    assert_eq!(send("PUT", &format!("/sections/{}", asana::SECTION_DONE), json!({"name": "Over"})).await.0, 200);
    let full = format!("{BASE}/sections/{}", asana::SECTION_DONE);
    assert_eq!(call(&sandbox, &token, TestRequest::delete(&full)).await.0, 400, "the section has tasks");
    assert_eq!(send("PUT", &format!("/projects/{}", asana::PROJECT), json!({"archived": true})).await.0, 200);
    assert_eq!(get("/projects?archived=False").await, json!([]), "Python's spelling of false");
    let project_path = format!("{BASE}/projects/{}", asana::PROJECT);
    assert_eq!(call(&sandbox, &token, TestRequest::delete(&project_path)).await.0, 200);
    assert_eq!(get(&quotes).await["memberships"], json!([]));
    assert_eq!(send("PATCH", &quotes, json!({})).await.0, 404, "the route does not exist");
}
