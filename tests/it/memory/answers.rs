//! Answers that would be longer than Lambda's.

use crate::support::TestApp;
use crate::support::builders::{Intent, fetch_emails, intent, message};
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use sandbox::Fault;
use sandbox::fixtures::gmail::INVOICE_MESSAGE;
use sandbox::fixtures::slack::GENERAL;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Lambda's limit of a response event.
const MAX_EVENT_BYTES: usize = 6_291_556;
const MIB: usize = 1024 * 1024;

/// Asserts that a body fits into the response event, in which it is a string of JSON.
#[track_caller]
fn assert_fits(body: &Value) {
    let event = json!({ "statusCode": 200, "headers": {}, "body": body.to_string(), "isBase64Encoded": false });
    let bytes = event.to_string().len();
    assert!(bytes < MAX_EVENT_BYTES, "{bytes} bytes");
}

/// A mail as Gmail returns it, with a text and an HTML.
fn mail(text: &str) -> Fault {
    let part = |kind: &str| json!({ "mimeType": kind, "body": { "size": text.len(), "data": URL_SAFE.encode(text) } });
    let payload = json!({ "mimeType": "multipart/alternative", "parts": [part("text/plain"), part("text/html")] });
    Fault::status("gmail", 200, json!({ "id": INVOICE_MESSAGE, "threadId": "t1", "payload": payload }))
        .at_path("/gmail/v1/users/me/messages/")
}

fn get_email() -> Intent {
    intent("gmail", "get_email").with("messageId", INVOICE_MESSAGE)
}

#[tokio::test]
async fn a_mail_of_characters_that_are_long_as_written_is_cut() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    for (character, least) in [("\u{1}", 0), ("\"", MIB / 2), ("\n", MIB / 2), ("a", MIB)] {
        app.fault(mail(&character.repeat(MIB)));
        let answer = app.submit("u1", get_email()).await;
        assert_fits(&answer.body);
        let read = answer.succeeded();
        let text = read.data()["text"].as_str().unwrap();
        assert!(text.len() >= least && text.chars().all(|shown| shown >= ' ' || shown == '\n'), "{character:?}");
        assert_eq!(read.data()["truncated"], text.len() < MIB && character != "\u{1}", "{character:?}");
    }
}

#[tokio::test]
async fn a_listed_mail_with_an_endless_header_has_its_beginning() {
    let headers =
        json!([{ "name": "To", "value": "kim@example.com, ".repeat(30_000) }, { "name": "Subject", "value": "Hi" }]);
    let mail =
        json!({ "id": INVOICE_MESSAGE, "threadId": "t1", "payload": { "mimeType": "text/plain", "headers": headers } });
    for full in [true, false] {
        let app = TestApp::start().await;
        app.connect("u1", "gmail").await;
        app.fault(Fault::status("gmail", 200, mail.clone()).at_path("/gmail/v1/users/me/messages/").times(50));
        let listed =
            app.submit("u1", fetch_emails().with("maxResults", 50).with("includeBody", full)).await.succeeded();
        let emails = listed.data()["emails"].as_array().unwrap();
        assert!(!emails.is_empty());
        for mail in emails {
            let people = mail["to"].as_array().unwrap();
            assert_eq!(
                (&mail["subject"], &people[0]),
                (&"Hi".into(), &json!({ "email": "kim@example.com" })),
                "{full}"
            );
            assert!(people.len() > 30 && mail["to"].to_string().len() < 1200, "{full}");
            assert_eq!(mail["truncated"], true);
        }
    }
}

#[tokio::test]
async fn control_characters_of_a_provider_are_in_no_result() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let text = "a\u{0}b\tc\u{1f}\nd";
    let page = json!({ "ok": true, "messages": [{ "type": "message", "ts": "1795600000.000100", "text": text }] });
    app.fault(Fault::status("slack", 200, page).at_path("/api/conversations.history"));
    let read = app.submit("u1", intent("slack", "fetch_messages").with("channel", GENERAL)).await.succeeded();
    assert_eq!(read.data()["messages"][0]["text"], "ab\tc\nd");
}

#[tokio::test]
async fn a_read_with_a_result_longer_than_an_answer_is_a_final_error() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let message = |number: i32| {
        let text = "\"".repeat(40_000);
        json!({ "type": "message", "ts": format!("17956000{number:02}.000100"), "text": text })
    };
    let page = json!({ "ok": true, "messages": (0..60).map(message).collect::<Vec<_>>(), "has_more": false });
    app.fault(Fault::status("slack", 200, page.clone()).at_path("/api/conversations.history").times(2));
    let error = app
        .submit("u1", intent("slack", "fetch_messages").with("channel", GENERAL).with("limit", 100))
        .await
        .failed("PROVIDER_RESPONSE_TOO_LARGE")
        .error;
    assert!(error.message.contains("longer than the 6 MB of an answer"), "{}", error.message);
    // A search has a place of its own for each message, from which the next one goes on.
    let search = intent("slack", "search_messages").with("channel", GENERAL).with("query", "\"").with("limit", 100);
    let found = app.submit("u1", search).await;
    assert_fits(&found.body);
    let found = found.succeeded();
    let messages = found.data()["messages"].as_array().unwrap();
    assert!((30..60).contains(&messages.len()), "{}", messages.len());
    assert_eq!(messages.last().unwrap()["ts"], found.data()["cursor"]);
}

#[tokio::test]
async fn a_page_of_tasks_with_long_results_is_shortened() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let id = app.schedule("u1", message().at(app.after(3600))).await.scheduled();
    let rows = app.store.scan().table_name(&app.tables.tasks).send().await.unwrap().items.unwrap();
    let is_task = |sort: &AttributeValue| sort.as_s().unwrap().starts_with("S#");
    let row = rows.into_iter().find(|row| is_task(&row["sk"])).unwrap();
    let result = json!({ "message": "Read.", "data": { "text": "x".repeat(64 * 1024 - 100) }, "link": null });
    let sort = row["sk"].as_s().unwrap().clone();
    // No copy has the id of the task itself.
    let (start, end) = sort.split_at(sort.len() - 3);
    let mark = if end.starts_with('Z') { 'Y' } else { 'Z' };
    for number in 0..100 {
        let mut copy = row.clone();
        let sort = format!("{start}{mark}{number:02}");
        copy.insert("sk".to_owned(), AttributeValue::S(sort));
        copy.insert("result".to_owned(), AttributeValue::S(result.to_string()));
        app.store.put_item().table_name(&app.tables.tasks).set_item(Some(copy)).send().await.unwrap();
    }
    app.calls.take_used_actions();
    for query in ["limit=100&agentId=a", "limit=100"] {
        let (mut ids, mut cursor, mut pages) = (BTreeSet::new(), String::new(), 0);
        loop {
            let page = app.get("u1", &format!("/tasks?{query}{cursor}")).await;
            assert_fits(&page.body);
            let page = page.ok();
            pages += 1;
            for task in page["tasks"].as_array().unwrap() {
                assert!(ids.insert(task["taskId"].as_str().unwrap().to_owned()));
            }
            let Some(next) = page["cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        ids.remove(&id);
        assert_eq!((ids.len(), pages > 1), (100, true), "{query}");
    }
}
