//! Tests of Notion: pages, rows, Markdown and queries.

use sandbox::Sandbox;
use sandbox::fixtures::notion;
use serde_json::{Value, json};

use crate::support::{TestRequest, TestResponse, access_token, effects_of_kind};

const VERSION: &str = "2026-03-11";

struct Notion {
    sandbox: Sandbox,
    token: String,
}

impl Notion {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let token = access_token(&sandbox, "notion", &[]);
        Self { sandbox, token }
    }

    async fn send(&self, request: TestRequest) -> TestResponse {
        request.bearer(&self.token).header("notion-version", VERSION).send(&self.sandbox).await
    }

    async fn ok(&self, request: TestRequest) -> Value {
        let reply = self.send(request).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()
    }

    async fn code(&self, request: TestRequest) -> (u16, String) {
        let reply = self.send(request).await;
        (reply.status.as_u16(), reply.json()["code"].as_str().unwrap_or("").to_owned())
    }

    async fn query(&self, body: Value) -> Vec<String> {
        let path = format!("/notion/v1/data_sources/{}/query", notion::DATA_SOURCE);
        let found = self.ok(TestRequest::post(&path, &body)).await;
        let title = |row: &Value| row["properties"]["Name"]["title"][0]["plain_text"].as_str().unwrap_or("").to_owned();
        found["results"].as_array().unwrap().iter().map(title).collect()
    }
}

#[tokio::test]
async fn page_is_created_from_markdown() {
    let notion = Notion::new();
    let body = json!({
        "parent": {"page_id": notion::PAGE.replace('-', "")},
        "markdown": "# Minutes\n\nWe met.\n\n## To do\n- [ ] Write\n- [x] Read\n1. One\n```rust\nfn main() {}\n```\n---",
    });
    let page = notion.ok(TestRequest::post("/notion/v1/pages", &body)).await;
    assert_eq!(page["properties"]["title"]["title"][0]["plain_text"], "Minutes", "the first heading is the title");
    let id = page["id"].as_str().unwrap();
    let children = notion.ok(TestRequest::get(&format!("/notion/v1/blocks/{id}/children"))).await;
    let kinds: Vec<&str> =
        children["results"].as_array().unwrap().iter().map(|one| one["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["paragraph", "heading_2", "to_do", "to_do", "numbered_list_item", "code", "divider"]);
    let text = notion.ok(TestRequest::get(&format!("/notion/v1/pages/{id}/markdown"))).await;
    assert!(text["markdown"].as_str().unwrap().contains("- [x] Read"));

    let on_home = notion.ok(TestRequest::get(&format!("/notion/v1/blocks/{}/children", notion::PAGE))).await;
    let last = on_home["results"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["type"], &last["child_page"]["title"], &last["id"]),
        (&json!("child_page"), &json!("Minutes"), &page["id"])
    );

    let both = json!({"parent": {"page_id": notion::PAGE}, "markdown": "x", "children": []});
    assert_eq!(notion.code(TestRequest::post("/notion/v1/pages", &both)).await, (400, "validation_error".into()));
    let replace = json!({"type": "replace_content", "replace_content": {"new_str": "Only this."}});
    let replaced = notion.ok(TestRequest::json("PATCH", &format!("/notion/v1/pages/{id}/markdown"), &replace)).await;
    assert_eq!(replaced["markdown"], "Only this.");
    let effects = effects_of_kind(&notion.sandbox, "page_created");
    assert_eq!((effects.len(), effects[0].account.as_str(), effects[0].id.as_str()), (1, notion::WORKSPACE, id));
}

#[tokio::test]
async fn rows_are_checked_against_the_schema() {
    let notion = Notion::new();
    let database = notion.ok(TestRequest::get(&format!("/notion/v1/databases/{}", notion::DATABASE))).await;
    assert_eq!(database["data_sources"][0]["id"], notion::DATA_SOURCE);
    let source = notion.ok(TestRequest::get(&format!("/notion/v1/data_sources/{}", notion::DATA_SOURCE))).await;
    assert_eq!(source["properties"]["Status"]["type"], "status");

    let row = |properties: Value| {
        TestRequest::post(
            "/notion/v1/pages",
            &json!({"parent": {"data_source_id": notion::DATA_SOURCE}, "properties": properties}),
        )
    };
    let name = json!({"title": [{"text": {"content": "Invite the press"}}]});
    let created = notion
        .ok(row(
            json!({"Name": name, "Status": {"status": {"name": "Done"}}, "Priority": {"select": {"name": "Urgent"}}}),
        ))
        .await;
    assert_eq!(created["properties"]["Priority"]["select"]["name"], "Urgent", "unknown options are added");
    assert_eq!(
        notion.code(row(json!({"Status": {"status": {"name": "Nope"}}}))).await,
        (400, "validation_error".into())
    );
    assert_eq!(
        notion.code(row(json!({"Colour": {"select": {"name": "Red"}}}))).await,
        (400, "validation_error".into())
    );

    let done = json!({"filter": {"property": "Status", "status": {"equals": "Done"}}});
    assert_eq!(notion.query(done).await, ["Invite the press", "Pick a launch date"]);
    let sorted = json!({"sorts": [{"property": "Name", "direction": "ascending"}], "page_size": 2});
    assert_eq!(notion.query(sorted).await, ["Invite the press", "Order stickers"]);
    let both = json!({"filter": {"and": [
        {"property": "Name", "title": {"contains": "launch"}}, {"timestamp": "created_time", "created_time": {"before": "2100-01-01"}},
    ]}});
    assert_eq!(notion.query(both).await.len(), 2);

    let path = format!("/notion/v1/pages/{}", notion::ROW);
    let update = json!({"properties": {"Status": {"status": {"name": "Done"}}}});
    assert_eq!(
        notion.ok(TestRequest::json("PATCH", &path, &update)).await["properties"]["Status"]["status"]["name"],
        "Done"
    );
    notion.ok(TestRequest::json("PATCH", &path, &json!({"in_trash": true}))).await;
    assert_eq!(notion.query(json!({})).await.len(), 3);

    let schema = json!({"properties": {"Overseer key": {"rich_text": {}}}});
    notion.ok(TestRequest::json("PATCH", &format!("/notion/v1/data_sources/{}", notion::DATA_SOURCE), &schema)).await;
    let key = json!({"Name": name, "Overseer key": {"rich_text": [{"text": {"content": "k1"}}]}});
    notion.ok(row(key)).await;
    let keyed = json!({"filter": {"property": "Overseer key", "rich_text": {"equals": "k1"}}});
    assert_eq!(notion.query(keyed).await.len(), 1);
}

#[tokio::test]
async fn blocks_are_appended_and_invalid_requests_rejected() {
    let notion = Notion::new();
    let path = format!("/notion/v1/blocks/{}/children", notion::PAGE);
    let paragraph = |text: &str| json!({"paragraph": {"rich_text": [{"text": {"content": text}}]}});
    let appended =
        notion.ok(TestRequest::json("PATCH", &path, &json!({"children": [paragraph("one"), paragraph("two")]}))).await;
    assert_eq!(appended["results"].as_array().unwrap().len(), 2);
    let long = json!({"children": [paragraph(&"x".repeat(2_001))]});
    assert_eq!(notion.code(TestRequest::json("PATCH", &path, &long)).await, (400, "validation_error".into()));
    let many = json!({"children": vec![paragraph("x"); 101]});
    assert_eq!(notion.code(TestRequest::json("PATCH", &path, &many)).await, (400, "validation_error".into()));
    let page = notion.ok(TestRequest::get(&format!("{path}?page_size=3"))).await;
    assert_eq!(page["has_more"], true);
    let next = page["next_cursor"].as_str().unwrap();
    let last_page = notion.ok(TestRequest::get(&format!("{path}?start_cursor={next}"))).await;
    assert_eq!(last_page["results"].as_array().unwrap().len(), 1);

    let found = notion.ok(TestRequest::post("/notion/v1/search", &json!({"query": "launch"}))).await;
    assert_eq!(found["results"].as_array().unwrap().len(), 2);
    let sources = json!({"filter": {"property": "object", "value": "data_source"}});
    let sources = notion.ok(TestRequest::post("/notion/v1/search", &sources)).await;
    assert_eq!(sources["results"][0]["id"], notion::DATA_SOURCE);

    let unversioned = TestRequest::get("/notion/v1/users/me").bearer(&notion.token).send(&notion.sandbox).await;
    assert_eq!((unversioned.status.as_u16(), &unversioned.json()["code"]), (400, &json!("missing_version")));
    let unknown = "/notion/v1/pages/00000000-0000-4000-8000-000000000000";
    assert_eq!(notion.code(TestRequest::get(unknown)).await, (404, "object_not_found".into()));
    assert_eq!(notion.code(TestRequest::get("/notion/v1/pages/nonsense")).await, (400, "validation_error".into()));
    notion.sandbox.expire_tokens("notion");
    assert_eq!(notion.code(TestRequest::get("/notion/v1/users/me")).await, (401, "unauthorized".into()));
}

#[tokio::test]
async fn comments_and_users_are_listed_and_created() {
    let notion = Notion::new();
    let path = format!("/notion/v1/comments?block_id={}", notion::ROW);
    let open = notion.ok(TestRequest::get(&path)).await;
    assert_eq!(open["results"][0]["rich_text"][0]["plain_text"], "Looks good to me.");
    let text = json!([{"text": {"content": "Thanks"}}]);
    let reply = json!({"discussion_id": notion::THREAD, "rich_text": text});
    let replied = notion.ok(TestRequest::post("/notion/v1/comments", &reply)).await;
    assert_eq!(
        (&replied["parent"]["page_id"], &replied["display_name"]["type"]),
        (&json!(notion::ROW), &json!("integration"))
    );
    let on_page = json!({"parent": {"page_id": notion::ROW}, "markdown": "New"});
    let started = notion.ok(TestRequest::post("/notion/v1/comments", &on_page)).await;
    assert_ne!(started["discussion_id"], notion::THREAD);
    let open = notion.ok(TestRequest::get(&path)).await;
    assert_eq!(open["results"].as_array().unwrap().len(), 3);
    assert_eq!(effects_of_kind(&notion.sandbox, "comment_created").len(), 2);
    for wrong in [
        json!({"rich_text": text}),
        json!({"discussion_id": notion::THREAD, "parent": {"page_id": notion::ROW}, "rich_text": text}),
        json!({"discussion_id": notion::THREAD, "rich_text": text, "markdown": "x"}),
        json!({"discussion_id": notion::THREAD, "text": "x"}),
    ] {
        assert_eq!(notion.code(TestRequest::post("/notion/v1/comments", &wrong)).await.0, 400, "{wrong}");
    }
    assert_eq!(notion.code(TestRequest::get("/notion/v1/comments")).await, (400, "validation_error".into()));

    let users = notion.ok(TestRequest::get("/notion/v1/users?page_size=3")).await;
    assert_eq!(
        (&users["results"][1]["person"]["email"], &users["has_more"]),
        (&json!(sandbox::fixtures::SAM), &json!(true))
    );
    for query in ["page_size=many", "limit=3"] {
        assert_eq!(notion.code(TestRequest::get(&format!("/notion/v1/users?{query}"))).await.0, 400, "{query}");
    }
}

#[tokio::test]
async fn database_is_created_on_a_page() {
    let notion = Notion::new();
    let body = |properties: Value| {
        json!({
            "parent": {"type": "page_id", "page_id": notion::PAGE}, "title": [{"text": {"content": "Books"}}],
            "initial_data_source": {"properties": properties},
        })
    };
    let created = body(json!({"Title": {"title": {}}, "Read": {"checkbox": {}}}));
    let database = notion.ok(TestRequest::post("/notion/v1/databases", &created)).await;
    let source = database["data_sources"][0]["id"].as_str().unwrap();
    let schema = notion.ok(TestRequest::get(&format!("/notion/v1/data_sources/{source}"))).await;
    assert_eq!(
        (&schema["properties"]["Read"]["type"], &schema["database_parent"]["page_id"]),
        (&json!("checkbox"), &json!(notion::PAGE))
    );
    let row = json!({"parent": {"data_source_id": source}, "properties": {"Read": {"checkbox": true}}});
    notion.ok(TestRequest::post("/notion/v1/pages", &row)).await;
    let children = notion.ok(TestRequest::get(&format!("/notion/v1/blocks/{}/children", notion::PAGE))).await;
    assert_eq!(children["results"].as_array().unwrap().last().unwrap()["child_database"]["title"], "Books");
    for wrong in [
        json!({"Read": {"checkbox": {}}}),
        json!({"A": {"title": {}}, "B": {"title": {}}}),
        json!({"A": {"colour": {}}}),
    ] {
        assert_eq!(notion.code(TestRequest::post("/notion/v1/databases", &body(wrong))).await.0, 400);
    }
}

#[tokio::test]
async fn trashed_pages_and_child_pages_are_protected() {
    let notion = Notion::new();
    let row = format!("/notion/v1/pages/{}", notion::TRASHED_ROW);
    assert_eq!(notion.ok(TestRequest::get(&row)).await["in_trash"], true);
    let icon = json!({"icon": {"emoji": "🚀"}});
    assert_eq!(notion.code(TestRequest::json("PATCH", &row, &icon)).await, (400, "validation_error".into()));
    assert_eq!(notion.ok(TestRequest::json("PATCH", &row, &json!({"in_trash": false}))).await["in_trash"], false);
    notion.ok(TestRequest::json("PATCH", &row, &icon)).await;
    assert_eq!(
        notion.code(TestRequest::json("PATCH", &row, &json!({"colour": "red"}))).await,
        (400, "validation_error".into())
    );

    let home = format!("/notion/v1/pages/{}/markdown", notion::PAGE);
    let replace = |text: &str| json!({"type": "replace_content", "replace_content": {"new_str": text}});
    assert_eq!(notion.code(TestRequest::json("PATCH", &home, &replace("New"))).await, (400, "validation_error".into()));
    let preserving = replace(&format!("New\n<page id=\"{}\">Roadmap</page>", notion::DATABASE));
    notion.ok(TestRequest::json("PATCH", &home, &preserving)).await;
}
