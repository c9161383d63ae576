//! Responses as Notion's reference documents them, shortened, and again with each surprise. The reference gives rich text also as
//! `text.content`, which is left out: it would stand in for a missing `plain_text`. Actions that decide by a schema take only a documented
//! one, so they are not here.

use serde_json::{Value, json};

use super::ADAPTER;
use crate::adapters::testing::{SentRequest, assert_surprises_degrade};

const PAGE: &str = "be633bf1-dfa0-436d-b259-571129a590e5";
const SOURCE: &str = "c174b72c-d782-432f-8dc0-b647e1c96df6";
const DATABASE: &str = "2f26ee68-df30-4251-aad4-8ddc420cba3d";

/// <https://developers.notion.com/reference/rich-text>
fn rich_text(plain: &str) -> Value {
    json!([{ "type": "text", "plain_text": plain, "href": null }])
}

/// <https://developers.notion.com/reference/user>
fn user(id: &str, name: &str) -> Value {
    json!({ "object": "user", "id": id, "type": "person", "name": name, "avatar_url": "https://example.com/avatar.jpg",
        "person": { "email": format!("{name}@example.org") } })
}

/// <https://developers.notion.com/reference/page>, with values of
/// <https://developers.notion.com/reference/page-property-values>
fn page(id: &str) -> Value {
    json!({
        "object": "page", "id": id, "created_time": "2022-10-24T22:54:00.000Z", "last_edited_time": "2023-03-08T18:25:00.000Z",
        "created_by": { "object": "user", "id": "c2f20311-9e54-4d11-8c79-7398424ae41e" },
        "last_edited_by": { "object": "user", "id": "9188c6a5-7381-452f-b3dc-d4865aa89bdf" },
        "cover": null, "icon": { "type": "emoji", "emoji": "🐞" }, "in_trash": true, "is_locked": false,
        "parent": { "type": "data_source_id", "data_source_id": SOURCE, "database_id": DATABASE },
        "properties": {
            "Due date": { "id": "M%3BBw", "type": "date", "date": { "start": "2023-02-23", "end": null, "time_zone": null } },
            "Status": { "id": "Z%3ClH", "type": "status", "status": { "id": "86dd", "name": "Not started", "color": "default" } },
            "Tags": { "id": "uyn%40", "type": "multi_select", "multi_select": [{ "id": "1", "name": "TypeScript" }] },
            "Stakeholders": { "id": "%7BLUX", "type": "people", "people": [user("u1", "Kimberlee"), user("u2", "Jean")] },
            "Related tasks": { "id": "hgMz", "type": "relation", "relation": [{ "id": "dd456007" }], "has_more": false },
            "Blueprint": { "id": "tJPS", "type": "files", "files": [{ "name": "Blueprint", "type": "external",
                "external": { "url": "https://www.example.com/blueprint" } }] },
            "Days until launch": { "id": "CSoE", "type": "formula", "formula": { "type": "number", "number": 56 } },
            "created_by": { "id": "%5BJCR", "type": "created_by", "created_by": user("u3", "Avo") },
            "test-ID": { "id": "tqqd", "type": "unique_id", "unique_id": { "number": 3, "prefix": "RL" } },
            "Title": { "id": "title", "type": "title", "title": rich_text("Bug bash") },
        },
        "url": "https://www.notion.so/Bug-bash-be633bf1dfa0436db259571129a590e5", "public_url": null,
    })
}

/// <https://developers.notion.com/reference/database>
fn database() -> Value {
    json!({
        "object": "database", "id": DATABASE, "data_sources": [{ "id": SOURCE, "name": "Tasks data source" }],
        "created_time": "2020-03-17T19:10:04.968Z", "last_edited_time": "2020-03-17T21:49:37.913Z", "is_inline": false,
        "title": rich_text("Can I create a URL property"), "description": rich_text("Grocery list"), "in_trash": false,
        "icon": { "type": "emoji", "emoji": "🎉" }, "cover": null,
        "parent": { "type": "page_id", "page_id": "af5f89b5-a8ff-4c56-a5e8-69797d11b9f8" },
        "url": "https://www.notion.so/668d797c76fa49349b05ad288df2d136",
    })
}

/// <https://developers.notion.com/reference/data-source>, with properties of
/// <https://developers.notion.com/reference/property-object>
fn data_source() -> Value {
    json!({
        "object": "data_source", "id": SOURCE, "title": rich_text("Tasks data source"),
        "parent": { "type": "database_id", "database_id": DATABASE },
        "database_parent": { "type": "page_id", "page_id": "af5f89b5-a8ff-4c56-a5e8-69797d11b9f8" },
        "last_edited_time": "2020-03-17T21:49:37.913Z", "url": "https://www.notion.so/842a0286cef046a8abbaeac4c8ca644e",
        "properties": {
            "Task": { "id": "title", "name": "Task", "type": "title", "title": {} },
            "Status": { "id": "biOx", "name": "Status", "type": "status", "status": {
                "options": [{ "id": "034e", "name": "Not started", "color": "default" }, { "id": "3d4a", "name": "Done" }],
                "groups": [] } },
            "Price": { "id": "%7B%5D_P", "name": "Price", "type": "number", "number": { "format": "dollar" } },
            "Updated price": { "id": "YU%7C%40", "name": "Updated price", "type": "formula",
                "formula": { "expression": "prop(\"Price\")/2" } },
            "Projects": { "id": "~pex", "name": "Projects", "type": "relation",
                "relation": { "data_source_id": "6c4240a9", "type": "single_property", "single_property": {} } },
        },
    })
}

/// <https://developers.notion.com/reference/comment-object>
fn comment(id: &str) -> Value {
    json!({
        "object": "comment", "id": id, "parent": { "type": "page_id", "page_id": "5c6a2821-6bb1-4a7e-b6e1-c50111515c3d" },
        "discussion_id": "f4be6752-a539-4da2-a8a9-c3953e13bc0b", "created_time": "2022-07-15T21:17:00.000Z",
        "last_edited_time": "2022-07-15T21:17:00.000Z",
        "created_by": { "object": "user", "id": "e450a39e-9051-4d36-bc4e-8581611fc592" }, "rich_text": rich_text("Hello world"),
        "display_name": { "type": "user", "resolved_name": "Avo Cado" },
    })
}

/// <https://developers.notion.com/reference/retrieve-page-markdown>
fn page_markdown() -> Value {
    json!({ "object": "page_markdown", "id": PAGE, "markdown": "# Bug bash", "truncated": true,
        "unknown_block_ids": ["3c90c3cc-0d44-4b50-8888-8dd25736052a", "9bc30ad4-9373-46a5-84ab-0a7845ee52e6"] })
}

/// <https://developers.notion.com/reference/intro#pagination>
fn list(results: Value) -> (u16, Value) {
    (
        200,
        json!({ "object": "list", "results": results, "has_more": true, "next_cursor": "33e19cb9-751f-4993-b74d-234d67d0d534" }),
    )
}

/// <https://developers.notion.com/reference/status-codes>
fn not_found() -> (u16, Value) {
    (404, json!({ "object": "error", "status": 404, "code": "object_not_found", "message": "Could not find it." }))
}

#[tokio::test]
async fn pages() {
    for intent in ["get_page", "archive_page"] {
        assert_surprises_degrade(&ADAPTER, intent, json!({ "pageId": PAGE }), |_| (200, page(PAGE))).await;
    }
}

#[tokio::test]
async fn rows() {
    assert_surprises_degrade(&ADAPTER, "query_database", json!({ "databaseId": SOURCE }), |sent| {
        match sent.line.rsplit('/').next() {
            Some("query") => list(json!([page(PAGE), page("f4be6752-a539-4da2-a8a9-c3953e13bc0b")])),
            _ if sent.line.starts_with("GET /v1/data_sources/") => (200, data_source()),
            _ => not_found(),
        }
    })
    .await;
}

#[tokio::test]
async fn page_contents() {
    let context = json!({ "pageId": PAGE });
    assert_surprises_degrade(&ADAPTER, "get_page_content", context.clone(), |_| (200, page_markdown())).await;
    let context = json!({ "pageId": PAGE, "content": "# Bug bash" });
    assert_surprises_degrade(&ADAPTER, "append_content", context, |_| (200, page_markdown())).await;
}

/// <https://developers.notion.com/reference/block#image>
fn image(id: &str) -> Value {
    let url = "https://prod-files-secure.s3.us-west-2.amazonaws.com/a/b/cat.png?X-Amz-Algorithm=AWS4-HMAC-SHA256";
    json!({
        "object": "block", "id": id, "type": "image", "created_time": "2022-10-24T22:54:00.000Z", "has_children": false,
        "created_by": { "object": "user", "id": "c2f20311-9e54-4d11-8c79-7398424ae41e" },
        "image": { "type": "file", "file": { "url": url, "expiry_time": "2022-10-24T22:49:22.765Z" },
            "caption": rich_text("A cat") },
    })
}

#[tokio::test]
async fn files() {
    assert_surprises_degrade(&ADAPTER, "list_files", json!({ "pageId": PAGE }), |_| {
        list(json!([image("3c90c3cc-0d44-4b50-8888-8dd25736052a"), image("9bc30ad4-9373-46a5-84ab-0a7845ee52e6")]))
    })
    .await;
}

/// <https://developers.notion.com/reference/block#paragraph>
fn paragraph(id: &str) -> Value {
    json!({
        "object": "block", "id": id, "type": "paragraph", "created_time": "2022-03-01T19:05:00.000Z",
        "parent": { "type": "page_id", "page_id": PAGE }, "last_edited_time": "2022-07-06T19:41:00.000Z",
        "created_by": { "object": "user", "id": "ee5f0f84-409a-440f-983a-a5315961c6e4" }, "has_children": false, "in_trash": false,
        "paragraph": { "rich_text": rich_text("Lacinato kale"), "color": "default" },
    })
}

#[tokio::test]
async fn blocks() {
    const ONE: &str = "c02fc1d3-db8b-45c5-a222-27595b15aea7";
    const TWO: &str = "acc7eb06-05cd-4603-a384-5e1e4f1f4e72";
    assert_surprises_degrade(&ADAPTER, "list_blocks", json!({ "pageId": PAGE }), |_| {
        list(json!([paragraph(ONE), paragraph(TWO)]))
    })
    .await;
    assert_surprises_degrade(&ADAPTER, "get_block", json!({ "blockId": ONE }), |_| (200, paragraph(ONE))).await;
}

#[tokio::test]
async fn databases() {
    let respond = |sent: &SentRequest| match sent.line.as_str() {
        "POST /v1/databases" => (200, database()),
        line if line.ends_with(DATABASE) => (200, database()),
        line if line.ends_with(SOURCE) => (200, data_source()),
        _ => not_found(),
    };
    assert_surprises_degrade(&ADAPTER, "get_database", json!({ "databaseId": DATABASE }), respond).await;
    assert_surprises_degrade(&ADAPTER, "create_database", json!({ "title": "Tasks", "parent": PAGE }), respond).await;
}

#[tokio::test]
async fn search_results() {
    assert_surprises_degrade(&ADAPTER, "search", json!({}), |_| list(json!([page(PAGE), data_source()]))).await;
    assert_surprises_degrade(&ADAPTER, "list_databases", json!({}), |_| {
        let mut other = data_source();
        other["id"] = "6c4240a9-a3ce-413e-9fd0-8a51a4d0a49b".into();
        other["parent"]["database_id"] = "842a0286-cef0-46a8-abba-eac4c8ca644e".into();
        list(json!([data_source(), other]))
    })
    .await;
}

#[tokio::test]
async fn comments() {
    assert_surprises_degrade(&ADAPTER, "list_comments", json!({ "pageId": PAGE }), |_| {
        list(json!([comment("7a793800-3e55-4d5e-8009-2261de026179"), comment("94cc56ab-9f02-409d-9f99-1037e9fe502f")]))
    })
    .await;
    let on_page =
        json!({ "pageId": format!("https://www.notion.so/{}", PAGE.replace('-', "")), "text": "Hello world" });
    assert_surprises_degrade(&ADAPTER, "add_comment", on_page, |_| {
        (200, comment("7a793800-3e55-4d5e-8009-2261de026179"))
    })
    .await;
}

#[tokio::test]
async fn users() {
    assert_surprises_degrade(&ADAPTER, "list_users", json!({}), |_| {
        list(json!([user("u1", "Avo"), user("u2", "Jean")]))
    })
    .await;
    assert_surprises_degrade(&ADAPTER, "get_me", json!({}), |_| {
        let bot = json!({ "workspace_name": "Works", "owner": { "type": "user", "user": user("u1", "Avo") }, "workspace_id": "w1" });
        (200, json!({ "object": "user", "id": "b1", "type": "bot", "name": "Us", "bot": bot }))
    })
    .await;
    assert_surprises_degrade(&ADAPTER, "get_user", json!({ "user": PAGE }), |_| (200, user(PAGE, "Avo"))).await;
}
