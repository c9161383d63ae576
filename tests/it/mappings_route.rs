//! The route `/context-mappings` with its bulk and lookup routes.

mod model;

use crate::support::TestApp;
use serde_json::{Value, json};

fn mapping(key: &str, external: &str) -> Value {
    json!({ "agentId": "agent_123", "tool": "notion", "contextKey": key, "externalId": external })
}

async fn lookup(app: &TestApp, query: &str) -> Value {
    app.get("u1", &format!("/context-mappings/lookup?agentId=agent_123&tool=notion&{query}")).await.ok()
}

#[tokio::test]
async fn a_mapping_is_found_in_both_directions() {
    let app = TestApp::start().await;
    let mut new = mapping("project-x", "notion-page-id-123");
    new["friendlyName"] = "Project X".into();
    new["metadata"] = json!({ "type": "project", "status": "active" });
    let created = app.post("u1", "/context-mappings", new).await.ok();
    assert_eq!(created["success"], true);
    assert_eq!(lookup(&app, "contextKey=project-x").await, json!({ "externalId": "notion-page-id-123" }));
    let back = lookup(&app, "externalId=notion-page-id-123").await;
    assert_eq!(back, json!({ "contextKey": "project-x", "contextKeys": ["project-x"] }));
    let listed = app.get("u1", "/context-mappings?agentId=agent_123&tool=notion").await.ok();
    let first = &listed["mappings"][0];
    assert_eq!((&first["id"], &first["friendlyName"]), (&created["id"], &json!("Project X")));
    assert_eq!(first["metadata"], json!({ "type": "project", "status": "active" }));
}

#[tokio::test]
async fn a_key_is_unique_and_a_replaced_id_is_not_found() {
    let app = TestApp::start().await;
    let created = app.post("u1", "/context-mappings", mapping("k", "old")).await.ok();
    app.post("u1", "/context-mappings", mapping("k", "other")).await.refused(409, "CONFLICT");
    app.put("u1", "/context-mappings", json!({ "id": created["id"], "externalId": "new" })).await.ok();
    assert_eq!(lookup(&app, "contextKey=k").await["externalId"], "new");
    assert_eq!(lookup(&app, "externalId=new").await["contextKey"], "k");
    let path = "/context-mappings/lookup?agentId=agent_123&tool=notion&externalId=old";
    app.get("u1", path).await.refused(404, "NOT_FOUND");
    let id = created["id"].as_str().unwrap();
    app.delete("u1", &format!("/context-mappings?id={id}"), None).await.ok();
    app.delete("u1", &format!("/context-mappings?id={id}"), None).await.refused(404, "NOT_FOUND");
    app.put("u1", "/context-mappings", json!({ "id": id, "externalId": "x" })).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn several_keys_may_map_to_one_id_and_the_oldest_comes_first() {
    let app = TestApp::start().await;
    app.post("u1", "/context-mappings", mapping("z-first", "page")).await.ok();
    app.advance(1);
    app.post("u1", "/context-mappings", mapping("a-second", "page")).await.ok();
    let found = lookup(&app, "externalId=page").await;
    assert_eq!(found, json!({ "contextKey": "z-first", "contextKeys": ["z-first", "a-second"] }));
}

#[tokio::test]
async fn an_expired_mapping_does_not_count_and_frees_its_key() {
    let app = TestApp::start().await;
    let mut new = mapping("k", "page");
    new["expiresAt"] = (app.clock.now() + jiff::SignedDuration::from_secs(60)).to_string().into();
    app.post("u1", "/context-mappings", new).await.ok();
    app.advance(61);
    for query in ["contextKey=k", "externalId=page"] {
        let path = format!("/context-mappings/lookup?agentId=agent_123&tool=notion&{query}");
        app.get("u1", &path).await.refused(404, "NOT_FOUND");
    }
    let listed = app.get("u1", "/context-mappings?agentId=agent_123&tool=notion").await.ok();
    assert_eq!(listed["mappings"], json!([]));
    app.post("u1", "/context-mappings", mapping("k", "again")).await.ok();
}

#[tokio::test]
async fn bulk_items_succeed_and_fail_individually() {
    let app = TestApp::start().await;
    let bad = json!({ "agentId": "agent_123", "tool": "fax", "contextKey": "k", "externalId": "e" });
    let items = json!([mapping("a", "1"), bad, {}, mapping("b", "2")]);
    let body = app.post("u1", "/context-mappings/bulk", json!({ "mappings": items })).await.ok();
    assert_eq!((&body["success"], &body["count"]), (&json!(false), &json!(2)), "{body}");
    let codes: Vec<&Value> =
        body["results"].as_array().unwrap().iter().map(|result| &result["error"]["code"]).collect();
    assert_eq!(codes, [&Value::Null, &json!("UNKNOWN_TOOL"), &json!("INVALID_FIELD"), &Value::Null]);
    let fields: Vec<&str> = [1, 2].map(|at| body["results"][at]["error"]["message"].as_str().unwrap()).to_vec();
    assert!(fields[0].contains("fax") && fields[1].starts_with("agentId: "), "{fields:?}");
    let ids = [&body["results"][0]["id"], &body["results"][3]["id"], &json!("map_nonsense"), &json!(7)];
    let deleted = app.delete("u1", "/context-mappings/bulk", Some(json!({ "ids": ids }))).await.ok();
    assert_eq!(
        (&deleted["count"], &deleted["results"][2]["error"]["code"]),
        (&json!(2), &json!("NOT_FOUND")),
        "{deleted}"
    );
    assert_eq!(deleted["results"][3]["error"]["code"], "INVALID_FIELD", "{deleted}");

    app.post("u1", "/context-mappings/bulk", json!({ "mappings": [] })).await.refused(400, "INVALID_FIELD");
    let many: Vec<Value> = (0..101).map(|n| mapping(&n.to_string(), "e")).collect();
    app.post("u1", "/context-mappings/bulk", json!({ "mappings": many })).await.refused(400, "INVALID_FIELD");
}

#[tokio::test]
async fn mapping_lists_are_paged() {
    let app = TestApp::start().await;
    let items: Vec<Value> = (0..5).map(|n| mapping(&format!("k{n}"), "e")).collect();
    app.post("u1", "/context-mappings/bulk", json!({ "mappings": items })).await.ok();
    let mut keys = vec![];
    let mut cursor = String::new();
    loop {
        let path = format!("/context-mappings?agentId=agent_123&tool=notion&limit=2{cursor}");
        let page = app.get("u1", &path).await.ok();
        keys.extend(
            page["mappings"].as_array().unwrap().iter().map(|it| it["contextKey"].as_str().unwrap().to_owned()),
        );
        match page["cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(keys, ["k0", "k1", "k2", "k3", "k4"]);
}

#[tokio::test]
async fn a_mapping_is_read_by_id_and_lists_are_filtered() {
    let app = TestApp::start().await;
    let items = [mapping("crm/a", "1"), mapping("crm/b", "2"), mapping("wiki", "1")];
    let created = app.post("u1", "/context-mappings/bulk", json!({ "mappings": items })).await.ok();
    let id = created["results"][1]["id"].as_str().unwrap().to_owned();
    let read = app.get("u1", &format!("/context-mappings?id={id}")).await.ok();
    assert_eq!((&read["mapping"]["id"], &read["mapping"]["contextKey"]), (&json!(id), &json!("crm/b")));
    app.get("u1", "/context-mappings?id=map_nonsense").await.refused(404, "NOT_FOUND");
    for (filter, expected) in [
        ("prefix=crm/", vec!["crm/a", "crm/b"]),
        ("externalId=1", vec!["crm/a", "wiki"]),
        ("prefix=crm/&externalId=1", vec!["crm/a"]),
        ("prefix=x", vec![]),
    ] {
        let listed = app.get("u1", &format!("/context-mappings?agentId=agent_123&tool=notion&{filter}")).await.ok();
        let keys: Vec<&Value> = listed["mappings"].as_array().unwrap().iter().map(|it| &it["contextKey"]).collect();
        assert_eq!(keys, expected, "{filter}");
    }
    for bad in ["prefix=", "externalId=%00"] {
        let path = format!("/context-mappings?agentId=agent_123&tool=notion&{bad}");
        app.get("u1", &path).await.refused(400, "INVALID_FIELD");
    }
}

#[tokio::test]
async fn expired_keys_do_not_hide_valid_ones() {
    let app = TestApp::start().await;
    let soon = (app.clock.now() + jiff::SignedDuration::from_secs(5)).to_string();
    let passing = |n: usize| {
        let mut passing = mapping(&format!("a{n}"), "page");
        passing["expiresAt"] = soon.clone().into();
        passing
    };
    let items: Vec<Value> = (0..100).map(passing).collect();
    app.post("u1", "/context-mappings/bulk", json!({ "mappings": items })).await.ok();
    app.post("u1", "/context-mappings", mapping("z", "page")).await.ok();
    app.advance(6);
    assert_eq!(lookup(&app, "externalId=page").await["contextKeys"], json!(["z"]));
    // An expired mapping cannot be changed or deleted.
    let id = engine::ids::AgentId::parse("agent_123").map(|agent| engine::ids::MappingId {
        agent,
        tool: "notion".to_owned(),
        context_key: "a7".to_owned(),
    });
    let id = id.unwrap().to_string();
    app.put("u1", "/context-mappings", json!({ "id": id, "externalId": "x" })).await.refused(404, "NOT_FOUND");
    app.delete("u1", &format!("/context-mappings?id={id}"), None).await.refused(404, "NOT_FOUND");
}
