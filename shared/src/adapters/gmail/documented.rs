//! Responses as Gmail's reference shows them, and the same with surprises.

use serde_json::{Value, json};

use super::ADAPTER;
use crate::adapters::testing::{self, SentRequest};

/// <https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages#Message>
fn message(id: &str) -> Value {
    let headers = [
        ("From", "Ann Lee <ann@example.com>"),
        ("To", "me@example.com, Bob <bob@example.com>"),
        ("Cc", "cara@example.com"),
        ("Reply-To", "list@example.com"),
        ("Subject", "Minutes"),
        ("Date", "Wed, 25 Nov 2026 10:46:40 +0100"),
    ];
    let headers: Vec<Value> = headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    json!({
        "id": id,
        "threadId": "18f000000000000a",
        "labelIds": ["INBOX", "UNREAD", "Label_12"],
        "snippet": "The minutes of Monday",
        "historyId": "987654",
        "internalDate": "1795600000000",
        "payload": {
            "partId": "",
            "mimeType": "multipart/mixed",
            "headers": headers,
            "body": { "size": 0 },
            "parts": [
                { "partId": "0", "mimeType": "text/plain",
                    "headers": [{ "name": "Content-Type", "value": "text/plain; charset=\"UTF-8\"" }],
                    "body": { "size": 2, "data": "SGk=" } },
                { "partId": "1", "mimeType": "text/html", "headers": [],
                    "body": { "size": 9, "data": "PHA-SGk8L3A-" } },
                { "partId": "2", "mimeType": "application/pdf", "filename": "minutes.pdf", "headers": [],
                    "body": { "attachmentId": "ANGjdJ8", "size": 70_000 } },
            ],
        },
        "sizeEstimate": 98_000,
        "classificationLabelValues": [{ "labelId": "c1", "fields": [{ "fieldId": "f1", "selection": "s1" }] }],
    })
}

/// A message as changes and sends return it.
fn changed(id: &str, label: &str) -> Value {
    json!({ "id": id, "threadId": "18f000000000000a", "labelIds": [label, "UNREAD"] })
}

/// <https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts#Draft>
fn draft(id: &str) -> Value {
    json!({ "id": id, "message": message("18f0000000000003") })
}

/// <https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels#Label>
fn label(id: &str, name: &str, kind: &str) -> Value {
    json!({ "id": id, "name": name, "messageListVisibility": "show", "labelListVisibility": "labelShow", "type": kind,
        "messagesTotal": 4, "messagesUnread": 1, "threadsTotal": 3, "threadsUnread": 1,
        "color": { "textColor": "#000000", "backgroundColor": "#ffffff" } })
}

/// <https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings.filters#Filter>
fn filter(id: &str) -> Value {
    json!({ "id": id,
        "criteria": { "from": "ann@example.com", "to": "me", "subject": "Minutes", "query": "is:big", "negatedQuery": "is:small",
            "hasAttachment": true, "excludeChats": true, "size": 5000, "sizeComparison": "larger" },
        "action": { "addLabelIds": ["Label_12"], "removeLabelIds": ["INBOX"], "forward": "bob@example.com" } })
}

fn respond(sent: &SentRequest) -> (u16, Value) {
    let path = sent.line.replace("/gmail/v1/users/me", "");
    let segments: Vec<&str> = path.split(['/', ' ']).filter(|segment| !segment.is_empty()).collect();
    let body = match segments.as_slice() {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users/getProfile
        ["GET", "profile"] => {
            json!({ "emailAddress": "me@example.com", "messagesTotal": 120, "threadsTotal": 80, "historyId": "9" })
        }
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/list
        ["GET", "messages"] => {
            let entry = |id: &str| json!({ "id": id, "threadId": "18f000000000000a" });
            json!({ "messages": [entry("18f0000000000001"), entry("18f0000000000002")],
                "nextPageToken": "09876", "resultSizeEstimate": 201 })
        }
        ["GET", "messages", id] => message(id),
        ["POST", "messages", "send"] => changed("18f0000000000009", "SENT"),
        ["POST", "drafts", "send"] => changed("18f0000000000009", "SENT"),
        ["POST", "messages", id, "modify"] => changed(id, "STARRED"),
        ["POST", "messages", id, "trash"] => changed(id, "TRASH"),
        ["POST", "messages", id, "untrash"] => changed(id, "INBOX"),
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.threads#Thread
        ["GET", "threads", id] => {
            let messages = [message("18f0000000000001"), message("18f0000000000002")];
            json!({ "id": id, "snippet": "The minutes", "historyId": "987654", "messages": messages })
        }
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/list
        ["GET", "drafts"] => {
            let entry =
                |id: &str| json!({ "id": id, "message": { "id": "18f0000000000003", "threadId": "18f000000000000a" } });
            json!({ "drafts": [entry("r-1"), entry("r-2")], "nextPageToken": "09876", "resultSizeEstimate": 2 })
        }
        ["GET", "drafts", id] => draft(id),
        ["POST", "drafts"] => draft("r-1"),
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/batchModify
        ["POST", "messages", "batchModify"] => Value::Null,
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.threads/list
        ["GET", "threads"] => {
            let entry = |id: &str| json!({ "id": id, "snippet": "The minutes", "historyId": "987654" });
            json!({ "threads": [entry("18f000000000000a"), entry("18f000000000000b")], "nextPageToken": "09876",
                "resultSizeEstimate": 201 })
        }
        ["POST", "threads", id, _] => {
            json!({ "id": id, "messages": [changed("18f0000000000001", "STARRED"), changed("18f0000000000002", "STARRED")] })
        }
        others => labels_or_settings(others).unwrap_or_else(|| panic!("{}", sent.line)),
    };
    (200, body)
}

fn labels_or_settings(segments: &[&str]) -> Option<Value> {
    let body = match segments {
        ["GET", "labels", _] | ["PATCH", "labels", _] => label("Label_12", "Travel", "user"),
        ["DELETE", "labels", _] => Value::Null,
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings.sendAs#SendAs
        ["GET", "settings", "sendAs"] => {
            let sender = |email: &str, primary: bool| {
                json!({ "sendAsEmail": email, "displayName": "Me", "replyToAddress": "us@example.com", "signature": "<b>Me</b>",
                    "isPrimary": primary, "isDefault": primary, "treatAsAlias": true, "verificationStatus": "accepted",
                    "smtpMsa": { "host": "smtp.example.com", "port": 587, "securityMode": "starttls" } })
            };
            json!({ "sendAs": [sender("me@example.com", true), sender("sales@example.com", false)] })
        }
        ["GET", "settings", "filters"] => json!({ "filter": [filter("f1"), filter("f2")] }),
        ["GET", "settings", "filters", id] => filter(id),
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/VacationSettings
        ["GET", "settings", "vacation"] => {
            json!({ "enableAutoReply": true, "responseSubject": "Away", "responseBodyPlainText": "Monday",
                "responseBodyHtml": "<p>Monday</p>", "restrictToContacts": true, "restrictToDomain": true,
                "startTime": "1795600000000", "endTime": "1795700000000" })
        }
        ["POST", "labels"] => label("Label_12", "Travel", "user"),
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels/list
        ["GET", "labels"] => {
            json!({ "labels": [label("INBOX", "INBOX", "system"), label("Label_12", "Travel", "user")] })
        }
        _ => return None,
    };
    Some(body)
}

async fn assert_surprises_degrade(intent: &'static str, context: Value) {
    testing::assert_surprises_degrade(&ADAPTER, intent, context, respond).await;
}

#[tokio::test]
async fn surprises_in_an_email_cost_a_field() {
    for full in [true, false] {
        assert_surprises_degrade("get_email", json!({ "messageId": "18f0000000000001", "includeBody": full })).await;
        assert_surprises_degrade("fetch_emails", json!({ "includeBody": full })).await;
        assert_surprises_degrade("get_thread", json!({ "threadId": "18f000000000000a", "includeBody": full })).await;
    }
}

#[tokio::test]
async fn surprises_in_a_draft_cost_a_field() {
    // Not `update_draft`: before a change, a read is taken only as documented.
    let mail = json!({ "to": "bob@example.com", "subject": "Minutes", "body": "Hi" });
    assert_surprises_degrade("create_draft", mail).await;
    assert_surprises_degrade("list_drafts", json!({})).await;
}

#[tokio::test]
async fn surprises_in_the_response_of_a_change_cost_a_field() {
    let mail = json!({ "to": "bob@example.com", "subject": "Minutes", "body": "Hi" });
    assert_surprises_degrade("send_email", mail).await;
    assert_surprises_degrade("send_draft", json!({ "draftId": "r-1" })).await;
    let message = json!({ "messageId": "18f0000000000001" });
    assert_surprises_degrade("trash_email", message.clone()).await;
    assert_surprises_degrade("untrash_email", message.clone()).await;
    let mut star = message;
    star["actions"] = json!(["star"]);
    assert_surprises_degrade("modify_labels", star).await;
}

#[tokio::test]
async fn surprises_in_labels_and_the_profile_cost_a_field() {
    assert_surprises_degrade("list_labels", json!({})).await;
    assert_surprises_degrade("create_label", json!({ "name": "Travel" })).await;
    assert_surprises_degrade("update_label", json!({ "label": "travel", "name": "Trips" })).await;
    assert_surprises_degrade("delete_label", json!({ "label": "travel" })).await;
    assert_surprises_degrade("get_profile", json!({})).await;
}

#[tokio::test]
async fn surprises_in_threads_cost_a_field() {
    assert_surprises_degrade("list_threads", json!({})).await;
    let thread = json!({ "threadId": "18f000000000000a" });
    assert_surprises_degrade("trash_thread", thread.clone()).await;
    assert_surprises_degrade("untrash_thread", thread.clone()).await;
    let mut star = thread;
    star["actions"] = json!(["star"]);
    assert_surprises_degrade("modify_thread", star).await;
    let many = json!({ "messageIds": ["18f0000000000001"], "actions": ["star"] });
    assert_surprises_degrade("batch_modify", many).await;
}

#[tokio::test]
async fn surprises_in_drafts_labels_and_settings_that_are_read_cost_a_field() {
    assert_surprises_degrade("get_draft", json!({ "draftId": "r-1" })).await;
    assert_surprises_degrade("get_label", json!({ "label": "inbox" })).await;
    assert_surprises_degrade("list_send_as", json!({})).await;
    assert_surprises_degrade("list_filters", json!({})).await;
    assert_surprises_degrade("get_filter", json!({ "filterId": "f1" })).await;
    assert_surprises_degrade("get_vacation", json!({})).await;
}
