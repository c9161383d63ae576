//! Pages of all that grows with the data: a request reads a bounded amount, and a page without a match has a cursor.

use crate::support::TestApp;
use crate::support::builders::{mapping, message, report};
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use std::collections::HashMap;

/// The most reads of one request.
const MAX_READS: usize = 4;

type Row = HashMap<String, AttributeValue>;

/// Puts copies of the only row of a table that has an attribute, each changed by `change`.
async fn copy_row(app: &TestApp, table: &str, attribute: &str, copies: usize, change: impl Fn(&mut Row, usize)) {
    let rows = app.store.scan().table_name(table).send().await.unwrap().items.unwrap_or_default();
    let original = rows.into_iter().find(|row| row.contains_key(attribute)).expect("a row");
    let copies: Vec<Row> = (0..copies)
        .map(|number| {
            let mut row = original.clone();
            change(&mut row, number);
            row
        })
        .collect();
    for batch in copies.chunks(25) {
        let put = |row: &Row| {
            WriteRequest::builder()
                .put_request(PutRequest::builder().set_item(Some(row.clone())).build().unwrap())
                .build()
        };
        app.store.batch_write_item().request_items(table, batch.iter().map(put).collect()).send().await.unwrap();
    }
    app.calls.take_used_actions();
}

fn text(value: String) -> AttributeValue {
    AttributeValue::S(value)
}

/// Follows a list to its end: each page is bounded. Returns the number of rows and of requests.
async fn follow(app: &TestApp, path: &str, list: &str) -> (usize, usize) {
    let (mut cursor, mut rows, mut requests) = (None::<String>, 0, 0);
    loop {
        app.calls.reset();
        let more = cursor.map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
        let page = app.get("u1", &format!("{path}{more}")).await.ok();
        let reads = app.calls.operations().iter().filter(|call| *call == "Query").count();
        // A list over all agents or of an account reads those as well.
        assert!(reads <= MAX_READS + 1, "{path}: {reads} reads");
        rows += page[list].as_array().unwrap().len();
        requests += 1;
        cursor = page["cursor"].as_str().map(ToOwned::to_owned);
        if cursor.is_none() {
            return (rows, requests);
        }
    }
}

#[tokio::test]
async fn a_filter_without_a_match_reads_a_bounded_amount() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app.post("u1", "/errors", report("slack", "E")).await.ok();
    copy_row(&app, &app.tables.errors, "errorCode", 4_000, |row, number| {
        let ulid = format!("01J{number:023}");
        row.insert("sk".to_owned(), text(format!("E#{ulid}")));
        row.insert("agentAt".to_owned(), text(format!("a#{ulid}")));
    })
    .await;
    for path in ["/errors?errorCode=NONE", "/errors?resolved=true", "/errors?agentId=a&errorCode=NONE"] {
        assert_eq!(follow(&app, path, "errors").await, (0, 3), "{path}");
    }
    app.schedule("u1", message().at(app.after(3600))).await.scheduled();
    copy_row(&app, &app.tables.tasks, "payload", 4_000, |row, number| {
        row.insert("sk".to_owned(), text(format!("S#000001900000000#01J{number:023}")));
    })
    .await;
    assert_eq!(follow(&app, "/tasks?agentId=a&status=failed", "tasks").await, (0, 3));
    let (rows, _) = follow(&app, "/tasks?status=failed&limit=100", "tasks").await;
    assert_eq!(rows, 0);
}

#[tokio::test]
async fn mappings_of_an_external_id_are_found_in_the_index() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app.post("u1", "/context-mappings", mapping("slack", "other", "other")).await.ok();
    copy_row(&app, &app.tables.mappings, "contextKey", 3_000, |row, number| {
        let AttributeValue::S(account) = row["account"].clone() else { panic!() };
        row.insert("sk".to_owned(), text(format!("k{number:05}\u{1f}{account}")));
        row.insert("contextKey".to_owned(), text(format!("k{number:05}")));
    })
    .await;
    app.post("u1", "/context-mappings", mapping("slack", "z", "wanted")).await.ok();
    let path = "/context-mappings?agentId=a&tool=slack&externalId=wanted";
    assert_eq!(follow(&app, path, "mappings").await, (1, 1), "one request, whatever else is mapped");
    assert_eq!(follow(&app, &format!("{path}&prefix=z"), "mappings").await, (1, 1));
    assert_eq!(follow(&app, &format!("{path}&prefix=k"), "mappings").await, (0, 1));
    // All of them, page by page, each once.
    let all = "/context-mappings?agentId=a&tool=slack&externalId=other&limit=100";
    assert_eq!(follow(&app, all, "mappings").await, (3_001, 31));
    let keys = "/context-mappings/lookup?agentId=a&tool=slack&externalId=other";
    assert_eq!(follow(&app, keys, "contextKeys").await, (3_001, 31));
}

#[tokio::test]
async fn expired_keys_of_an_external_id_are_passed_in_bounded_pages() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let mut passing = mapping("slack", "passing", "page");
    passing["expiresAt"] = app.after(5).to_string().into();
    app.post("u1", "/context-mappings", passing).await.ok();
    copy_row(&app, &app.tables.mappings, "contextKey", 4_000, |row, number| {
        let AttributeValue::S(account) = row["account"].clone() else { panic!() };
        row.insert("sk".to_owned(), text(format!("k{number:05}\u{1f}{account}")));
    })
    .await;
    app.post("u1", "/context-mappings", mapping("slack", "z", "page")).await.ok();
    app.advance(6);
    let path = "/context-mappings/lookup?agentId=a&tool=slack&externalId=page";
    let first = app.get("u1", path).await.ok();
    assert!(first["contextKey"].is_null() && first["cursor"].is_string(), "{first}");
    assert_eq!(follow(&app, path, "contextKeys").await, (1, 3));
    app.get("u1", &format!("{path}&cursor=nonsense")).await.refused(400, "INVALID_FIELD");
    app.get("u1", "/context-mappings/lookup?agentId=a&tool=slack&contextKey=z&cursor=x")
        .await
        .refused(400, "INVALID_FIELD");
}

#[tokio::test]
async fn the_mappings_of_a_full_agent_are_counted_once_a_minute() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_MAPPINGS_PER_AGENT_AND_TOOL", "1")]).await;
    app.connect("u1", "slack").await;
    app.post("u1", "/context-mappings", mapping("slack", "a", "e")).await.ok();
    app.advance(60);
    for counted in [true, false] {
        app.calls.reset();
        app.post("u1", "/context-mappings", mapping("slack", "b", "e")).await.refused(409, "LIMIT_REACHED");
        let refused = ["Query", "UpdateItem", "GetItem", "Query", "UpdateItem"];
        let expected = if counted { &refused[..] } else { &refused[..3] };
        assert_eq!(app.calls.operations(), expected, "accounts; no place; the counter; the rows; the counter");
    }
}
