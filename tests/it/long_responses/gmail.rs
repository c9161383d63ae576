//! Gmail: long threads and mails.

use super::{app_with_long_content, assert_too_large};
use crate::support::builders::{fetch_emails, intent};
use sandbox::fixtures::gmail::{LONG_MESSAGE, LONG_THREAD};
use serde_json::Value;

const LISTED_TEXT_BYTES: usize = 20 * 1024;

fn thread(id: &str) -> crate::support::builders::Intent {
    intent("gmail", "get_thread").with("threadId", id)
}

#[tokio::test]
async fn a_thread_is_read_mail_by_mail() {
    let app = app_with_long_content("gmail").await;
    let read = app.submit("u1", thread(LONG_THREAD)).await.succeeded();
    let messages = read.data()["emails"].as_array().unwrap();
    assert_eq!((messages.len(), &read.data()["id"]), (6, &LONG_THREAD.into()));
    for (message, number) in messages.iter().zip(1..) {
        assert_eq!(
            (&message["subject"], &message["truncated"]),
            (&format!("Minutes 100{number}").into(), &true.into())
        );
        assert_eq!(message["text"].as_str().unwrap().len(), LISTED_TEXT_BYTES);
        assert_eq!(message["attachments"].as_array().unwrap().len(), 0);
    }
}

#[tokio::test]
async fn a_mail_that_is_too_long_is_listed_without_its_text() {
    let app = app_with_long_content("gmail").await;
    let read = app.submit("u1", thread(LONG_MESSAGE)).await.succeeded();
    let alone = &read.data()["emails"][0];
    let listed = app.submit("u1", fetch_emails().with("includeBody", true).with("maxResults", 50)).await.succeeded();
    let emails = listed.data()["emails"].as_array().unwrap();
    assert!(emails.len() > 10);
    for mail in [alone, emails.iter().find(|mail| mail["id"] == LONG_MESSAGE).unwrap()] {
        assert_eq!((&mail["text"], &mail["attachments"]), (&Value::Null, &Value::Null));
        assert_eq!((&mail["truncated"], &mail["subject"]), (&true.into(), &"Minutes 1010".into()));
    }
}

#[tokio::test]
async fn one_mail_that_is_too_long_is_a_final_error() {
    let app = app_with_long_content("gmail").await;
    let get = intent("gmail", "get_email").with("messageId", LONG_MESSAGE);
    assert_too_large(&app, get.clone(), "`includeBody` false").await;
    let without_body = app.submit("u1", get.with("includeBody", false)).await.succeeded();
    assert_eq!((&without_body.data()["subject"], without_body.data().get("text")), (&"Minutes 1010".into(), None));
}
