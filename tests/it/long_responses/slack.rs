//! Slack: channels and threads of long messages.

use super::{TOO_LARGE, app_with_long_content, assert_too_large, read_list};
use crate::support::builders::intent;
use sandbox::fixtures::slack::{LONG, LONG_THREAD, LONGEST};
use serde_json::Value;

#[tokio::test]
async fn messages_and_replies_are_read_in_parts() {
    let app = app_with_long_content("slack").await;
    let channel = intent("slack", "fetch_messages").with("channel", LONG).with("limit", 100);
    let messages = read_list(&app, &channel, "messages", "ts").await;
    assert_eq!((messages.ids.len(), messages.pages), (121, vec![50, 71]), "with the first message of the thread");
    let thread = intent("slack", "fetch_thread").with("channel", LONG).with("threadTs", LONG_THREAD).with("limit", 100);
    assert_eq!(app.submit("u1", thread).await.succeeded().data()["messages"].as_array().unwrap().len(), 50);
}

#[tokio::test]
async fn long_messages_are_searched_in_parts() {
    let app = app_with_long_content("slack").await;
    let search = intent("slack", "search_messages").with("channel", LONG).with("query", "Minutes 119");
    let found = app.submit("u1", search.clone()).await.succeeded();
    let found = found.data()["messages"].as_array().unwrap();
    assert_eq!(found.len(), 1);
    let oldest = app.submit("u1", search.with("query", "Minutes 1")).await.succeeded();
    assert!(!oldest.data()["messages"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn one_message_that_is_too_long_is_a_final_error() {
    let app = app_with_long_content("slack").await;
    let fetch = intent("slack", "fetch_messages").with("channel", LONGEST);
    let newest = app.submit("u1", fetch.clone()).await.succeeded();
    let texts = |page: &Value| {
        page["messages"].as_array().unwrap().iter().map(|message| message["text"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(texts(newest.data()), ["Transcript 3"], "the page ends before it");
    let next = fetch.clone().with("cursor", newest.data()["cursor"].clone());
    assert_too_large(&app, next, "pass over it with `latest` before its time").await;
    let search = intent("slack", "search_messages").with("channel", LONGEST).with("query", "transcript");
    app.submit("u1", search).await.failed(TOO_LARGE);
    let time: jiff::Timestamp = newest.data()["messages"][0]["createdAt"].as_str().unwrap().parse().unwrap();
    let before = time - jiff::SignedDuration::from_secs(90);
    let older = app.submit("u1", fetch.with("latest", before.to_string())).await.succeeded();
    assert_eq!(texts(older.data()), ["Transcript 1"]);
}
