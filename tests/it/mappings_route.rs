//! The route `/context-mappings` with its bulk and lookup routes.

mod model;

use crate::support::TestApp;
use crate::support::builders::mapping as mapping_of_tool;
use crate::support::responses::{
    Bulk, BulkItem, MappedId, Mapping, MappingCreated, MappingKeys, MappingList, SingleMapping, View,
};
use serde_json::{Value, json};

/// A deployment in which `u1` has connected Notion.
async fn notion_app() -> TestApp {
    let app = TestApp::start().await;
    app.connect("u1", "notion").await;
    app
}

fn mapping(key: &str, external: &str) -> Value {
    mapping_of_tool("notion", key, external)
}

async fn create(app: &TestApp, mapping: Value) -> String {
    let created: MappingCreated = app.post("u1", "/context-mappings", mapping).await.view();
    assert!(created.success);
    created.id
}

async fn lookup<V: View>(app: &TestApp, query: &str) -> V {
    app.get("u1", &format!("/context-mappings/lookup?agentId=a&tool=notion&{query}")).await.view()
}

async fn list(app: &TestApp, query: &str) -> MappingList {
    app.get("u1", &format!("/context-mappings?agentId=a&tool=notion&{query}")).await.view()
}

fn keys(mappings: &[Mapping]) -> Vec<&str> {
    mappings.iter().map(|mapping| mapping.context_key.as_str()).collect()
}

#[tokio::test]
async fn a_mapping_is_found_in_both_directions() {
    let app = notion_app().await;
    let mut new = mapping("project-x", "notion-page-id-123");
    new["friendlyName"] = "Project X".into();
    new["metadata"] = json!({ "type": "project", "status": "active" });
    let id = create(&app, new).await;
    let MappedId { external_id } = lookup(&app, "contextKey=project-x").await;
    assert_eq!(external_id, "notion-page-id-123");
    let back: MappingKeys = lookup(&app, "externalId=notion-page-id-123").await;
    assert_eq!((back.context_key.as_deref(), back.context_keys), (Some("project-x"), vec!["project-x".to_owned()]));
    let listed = list(&app, "").await.mappings;
    assert_eq!((&listed[0].id, listed[0].friendly_name.as_deref()), (&id, Some("Project X")));
    assert_eq!(listed[0].metadata, json!({ "type": "project", "status": "active" }));
}

#[tokio::test]
async fn a_key_is_unique_and_a_replaced_id_is_not_found() {
    let app = notion_app().await;
    let id = create(&app, mapping("k", "old")).await;
    app.post("u1", "/context-mappings", mapping("k", "other")).await.refused(409, "CONFLICT");
    app.put("u1", "/context-mappings", json!({ "id": id, "externalId": "new" })).await.ok();
    assert_eq!(lookup::<MappedId>(&app, "contextKey=k").await.external_id, "new");
    assert_eq!(lookup::<MappingKeys>(&app, "externalId=new").await.context_key.as_deref(), Some("k"));
    let path = "/context-mappings/lookup?agentId=a&tool=notion&externalId=old";
    app.get("u1", path).await.refused(404, "NOT_FOUND");
    app.delete("u1", &format!("/context-mappings?id={id}"), None).await.ok();
    app.delete("u1", &format!("/context-mappings?id={id}"), None).await.refused(404, "NOT_FOUND");
    app.put("u1", "/context-mappings", json!({ "id": id, "externalId": "x" })).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn several_keys_may_map_to_one_id_and_the_oldest_comes_first() {
    let app = notion_app().await;
    create(&app, mapping("z-first", "page")).await;
    app.advance(1);
    create(&app, mapping("a-second", "page")).await;
    let found: MappingKeys = lookup(&app, "externalId=page").await;
    assert_eq!(
        (found.context_key.as_deref(), found.context_keys),
        (Some("z-first"), vec!["z-first".into(), "a-second".into()])
    );
}

#[tokio::test]
async fn an_expired_mapping_does_not_count_and_frees_its_key() {
    let app = notion_app().await;
    let mut new = mapping("k", "page");
    new["expiresAt"] = app.after(60).to_string().into();
    create(&app, new).await;
    app.advance(61);
    for query in ["contextKey=k", "externalId=page"] {
        let path = format!("/context-mappings/lookup?agentId=a&tool=notion&{query}");
        app.get("u1", &path).await.refused(404, "NOT_FOUND");
    }
    assert_eq!(list(&app, "").await.mappings, []);
    create(&app, mapping("k", "again")).await;
}

#[tokio::test]
async fn bulk_items_succeed_and_fail_individually() {
    let app = notion_app().await;
    let items = json!([mapping("a", "1"), mapping_of_tool("fax", "k", "e"), {}, mapping("b", "2")]);
    let bulk: Bulk = app.post("u1", "/context-mappings/bulk", json!({ "mappings": items })).await.view();
    assert_eq!((bulk.success, bulk.count), (false, 2), "{bulk:?}");
    let codes: Vec<Option<&str>> = bulk.results.iter().map(BulkItem::code).collect();
    assert_eq!(codes, [None, Some("UNKNOWN_TOOL"), Some("MISSING_FIELDS"), None]);
    let messages = [1, 2].map(|at: usize| bulk.results[at].error().unwrap().message.as_str());
    assert!(
        messages[0].contains("fax") && messages[1] == "Missing required fields: agentId, contextKey, externalId, tool",
        "{messages:?}"
    );
    let ids = json!([bulk.results[0].id(), bulk.results[3].id(), "map_nonsense", 7]);
    let deleted: Bulk = app.delete("u1", "/context-mappings/bulk", Some(json!({ "ids": ids }))).await.view();
    let codes: Vec<Option<&str>> = deleted.results.iter().map(BulkItem::code).collect();
    assert_eq!((deleted.count, codes), (2, vec![None, None, Some("NOT_FOUND"), Some("INVALID_FIELD")]));

    app.post("u1", "/context-mappings/bulk", json!({ "mappings": [] })).await.refused(400, "INVALID_FIELD");
    let many: Vec<Value> = (0..101).map(|n| mapping(&n.to_string(), "e")).collect();
    app.post("u1", "/context-mappings/bulk", json!({ "mappings": many })).await.refused(400, "INVALID_FIELD");
}

#[tokio::test]
async fn mapping_lists_are_paged() {
    let app = notion_app().await;
    let items: Vec<Value> = (0..5).map(|n| mapping(&format!("k{n}"), "e")).collect();
    app.post("u1", "/context-mappings/bulk", json!({ "mappings": items })).await.ok();
    let (mut found, mut query) = (vec![], "limit=2".to_owned());
    loop {
        let page = list(&app, &query).await;
        found.extend(keys(&page.mappings).into_iter().map(ToOwned::to_owned));
        match page.cursor {
            Some(next) => query = format!("limit=2&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(found, ["k0", "k1", "k2", "k3", "k4"]);
}

#[tokio::test]
async fn a_mapping_is_read_by_id_and_lists_are_filtered() {
    let app = notion_app().await;
    let items = [mapping("crm/a", "1"), mapping("crm/b", "2"), mapping("wiki", "1")];
    let created: Bulk = app.post("u1", "/context-mappings/bulk", json!({ "mappings": items })).await.view();
    let id = created.results[1].id().unwrap();
    let SingleMapping { mapping } = app.get("u1", &format!("/context-mappings?id={id}")).await.view();
    assert_eq!((mapping.id.as_str(), mapping.context_key.as_str()), (id, "crm/b"));
    app.get("u1", "/context-mappings?id=map_nonsense").await.refused(404, "NOT_FOUND");
    for (filter, expected) in [
        ("prefix=crm/", vec!["crm/a", "crm/b"]),
        ("externalId=1", vec!["crm/a", "wiki"]),
        ("prefix=crm/&externalId=1", vec!["crm/a"]),
        ("prefix=x", vec![]),
    ] {
        assert_eq!(keys(&list(&app, filter).await.mappings), expected, "{filter}");
    }
    for bad in ["prefix=%00", "externalId=%00"] {
        let path = format!("/context-mappings?agentId=a&tool=notion&{bad}");
        app.get("u1", &path).await.refused(400, "INVALID_FIELD");
    }
}

#[tokio::test]
async fn expired_keys_do_not_hide_valid_ones() {
    let app = notion_app().await;
    let soon = app.after(5).to_string();
    let passing = |n: usize| {
        let mut passing = mapping(&format!("a{n}"), "page");
        passing["expiresAt"] = soon.clone().into();
        passing
    };
    let items: Vec<Value> = (0..100).map(passing).collect();
    app.post("u1", "/context-mappings/bulk", json!({ "mappings": items })).await.ok();
    create(&app, mapping("z", "page")).await;
    app.advance(6);
    assert_eq!(lookup::<MappingKeys>(&app, "externalId=page").await.context_keys, ["z"]);
    // An expired mapping cannot be changed or deleted.
    let account = app.account("u1", "notion").await;
    let (agent, tool) = (engine::ids::AgentId::parse("a").unwrap(), "notion".to_owned());
    let id = engine::ids::MappingId { agent, tool, account, context_key: "a7".to_owned() }.to_string();
    app.put("u1", "/context-mappings", json!({ "id": id, "externalId": "x" })).await.refused(404, "NOT_FOUND");
    app.delete("u1", &format!("/context-mappings?id={id}"), None).await.refused(404, "NOT_FOUND");
}
