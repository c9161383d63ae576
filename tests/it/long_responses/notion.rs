//! Notion: wide rows and a long page.

use super::{TOO_LARGE, app_with_long_content, assert_too_large, read_list};
use crate::support::builders::{Intent, intent};
use sandbox::fixtures::notion::{LONG_DATABASE, LONG_PAGE};
use serde_json::{Value, json};

const ROWS: usize = 40;

fn rows() -> Intent {
    intent("notion", "query_database").with("databaseId", LONG_DATABASE)
}

#[tokio::test]
async fn rows_are_read_in_parts_up_to_one_that_is_too_long() {
    let app = app_with_long_content("notion").await;
    let (mut cursor, mut read) = (None::<Value>, vec![]);
    while read.len() < ROWS - 1 {
        let page = rows().with("limit", 100);
        let page = app
            .submit("u1", cursor.into_iter().fold(page, |page, cursor| page.with("cursor", cursor)))
            .await
            .succeeded();
        read.extend(page.data()["rows"].as_array().unwrap().iter().map(|row| row["title"].clone()));
        cursor = Some(page.data()["cursor"].clone()).filter(|cursor| !cursor.is_null());
        assert!(cursor.is_some(), "the long row is left");
    }
    let expected: Vec<Value> = (2..=ROWS).rev().map(|number| format!("Minutes {number}").into()).collect();
    assert_eq!(read, expected);
    let long = rows().with("cursor", cursor.unwrap());
    assert_too_large(&app, long.clone(), "name the `properties` to return").await;
    let narrow = app.submit("u1", long.with("properties", json!(["Part 7"]))).await.succeeded();
    let properties = narrow.data()["rows"][0]["properties"].as_object().unwrap();
    assert_eq!(properties.keys().collect::<Vec<_>>(), ["Name", "Part 7"]);
    assert!(properties["Part 7"].as_str().unwrap().len() > 90_000);
    let unknown = app.submit("u1", rows().with("properties", json!(["Part 77"]))).await.failed("PROVIDER_REJECTED");
    assert!(unknown.error.message.contains("existing properties are"), "{}", unknown.error.message);
}

#[tokio::test]
async fn rows_with_few_properties_are_one_page() {
    let app = app_with_long_content("notion").await;
    let titles = read_list(&app, &rows().with("limit", 100).with("properties", json!(["Name"])), "rows", "id").await;
    assert_eq!(titles.ids.len(), ROWS);
}

#[tokio::test]
async fn a_page_that_is_too_long_is_read_block_by_block() {
    let app = app_with_long_content("notion").await;
    let content = |id: &str| intent("notion", "get_page_content").with("pageId", id);
    let page = app.submit("u1", content(LONG_PAGE)).await.succeeded();
    assert_eq!((&page.data()["content"], &page.data()["truncated"]), (&Value::Null, &true.into()));
    let blocks = page.data()["unreadBlockIds"].as_array().unwrap();
    assert_eq!(blocks.len(), 60);
    let block = app.submit("u1", content(blocks[59].as_str().unwrap())).await.succeeded();
    assert!(block.data()["content"].as_str().unwrap().len() > 90_000);
    let long_row = intent("notion", "get_page").with("pageId", "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c2001");
    let error = app.submit("u1", long_row).await.failed(TOO_LARGE).error;
    assert!(error.message.contains("query_database"), "{}", error.message);
}
