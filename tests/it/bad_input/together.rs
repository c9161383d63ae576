//! Every fault of a request in one answer: of its envelope, its context, its recurrence, its retry policy, its query, its items.

use crate::support::TestApp;
use crate::support::TestResponse;
use engine::tool::Tool;
use serde_json::{Value, json};

/// The fields that a refusal names, in order of their names.
fn fields(answer: &TestResponse) -> Vec<String> {
    assert_eq!(answer.status, 400, "{}", answer.body);
    names(&answer.body["error"])
}

fn names(error: &Value) -> Vec<String> {
    let listed = error["fields"].as_array().unwrap_or_else(|| panic!("{error}"));
    let mut names: Vec<String> = listed.iter().map(|fault| fault["field"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

fn reason<'a>(error: &'a Value, field: &str) -> &'a str {
    let mut listed = error["fields"].as_array().unwrap().iter();
    let fault = listed.find(|fault| fault["field"] == field).unwrap_or_else(|| panic!("{field}: {error}"));
    fault["reason"].as_str().unwrap()
}

#[tokio::test]
async fn faults_of_envelope_context_and_recurrence_are_named_together() {
    let app = TestApp::start().await;
    app.calls.reset();
    let body = json!({ "tool": "slack", "intent": "send_message", "account": "a\nb", "saveAs": " x\u{7}", "foo": 1,
        "context": { "text": 5, "colour": "red" } });
    let answer = app.post("u1", "", body).await;
    assert_eq!(
        fields(&answer),
        ["account", "agentId", "context.channel", "context.colour", "context.text", "foo", "saveAs"]
    );
    assert_eq!(answer.body["error"]["code"], "MISSING_FIELDS");
    // The types are right, and several values are not.
    let body = json!({ "agentId": "a\nb", "tool": "slack", "intent": "send_massage", "context": {} });
    assert_eq!(fields(&app.post("u1", "", body).await), ["agentId", "intent"]);
    let past = (app.clock.now() - jiff::SignedDuration::from_hours(1)).to_string();
    let body = json!({ "agentId": "a", "tool": "gmail", "intent": "send_email", "executeAt": past,
        "context": { "to": ["kim@example.com", "not-an-address", 5], "subject": "Hi" },
        "recurrence": { "count": 0, "timezone": "Mars/Base", "cron": "61 * * * *", "until": "soon" } });
    assert_eq!(
        fields(&app.post("u1", "/tasks/schedule", body).await),
        [
            "context.body",
            "context.to[1]",
            "context.to[2]",
            "recurrence.count",
            "recurrence.cron",
            "recurrence.timezone",
            "recurrence.until"
        ]
    );
    let body = json!({ "agentId": "a", "tool": "slack", "intent": "send_message", "context": { "text": "x" }, "executeAt": past });
    assert_eq!(fields(&app.post("u1", "/tasks/schedule", body).await), ["context.channel", "executeAt"]);
    let retry = json!({ "maxAttempts": 9, "initialIntervalSeconds": 0, "maxIntervalSeconds": 90_000 });
    let body = json!({ "tool": "fax", "agentId": "a\nb", "retry": retry });
    assert_eq!(
        fields(&app.post("u1", "/errors/fallbacks", body).await),
        ["agentId", "retry.initialIntervalSeconds", "retry.maxAttempts", "retry.maxIntervalSeconds", "tool"]
    );
    assert!(app.calls.operations().is_empty(), "{:?}", app.calls.operations());
}

#[tokio::test]
async fn faults_of_a_query_are_named_together_and_an_empty_parameter_is_one() {
    let app = TestApp::start().await;
    app.calls.reset();
    for (path, expected) in [
        ("/tasks?limit=abc&cursor=xx&foo=1", &["cursor", "foo", "limit"][..]),
        ("/errors?limit=0&resolved=maybe&since=now", &["limit", "resolved", "since"]),
        ("/tasks?limit=1&limit=2", &["limit"]),
        ("/tasks?taskId=", &["taskId"]),
        ("/tasks?agentId=%20&status=", &["agentId", "status"]),
        ("/context-mappings?id=", &["id"]),
        ("/integrations/status?tool=", &["tool"]),
        ("/integrations?userId=", &["userId"]),
    ] {
        let answer = app.get("u1", path).await;
        assert_eq!(fields(&answer), expected, "{path}: {}", answer.body);
        assert_eq!(answer.body["error"]["code"], "INVALID_FIELD", "{path}: {}", answer.body);
    }
    let empty = app.get("u1", "/tasks?taskId=").await;
    assert_eq!(reason(&empty.body["error"], "taskId"), "must not be empty");
    let twice = app.get("u1", "/tasks?limit=1&limit=2").await;
    assert_eq!(reason(&twice.body["error"], "limit"), "must have one value; the query has two");
    let zero = app.get("u1", "/tasks?limit=x").await;
    assert_eq!(reason(&zero.body["error"], "limit"), "must be between 1 and 100, for example 50");
    assert!(app.calls.operations().is_empty(), "{:?}", app.calls.operations());
}

#[tokio::test]
async fn faults_of_a_header_a_parameter_and_a_context_with_references_are_named_together() {
    let app = TestApp::start().await;
    app.calls.reset();
    let send = async |path: &str, key: &str, body: Value| {
        let (token, body) = (app.token("u1"), Some(body.to_string()));
        app.send_with("POST", path, Some(&token), body, &[("idempotency-key", key)]).await
    };
    let key = &"k".repeat(300);
    let body = json!({ "agentId": "a", "tool": "gmail", "intent": "send_email", "context": { "to": "no-address", "subject": "s" } });
    assert_eq!(fields(&send("", key, body.clone()).await), ["Idempotency-Key", "context.body", "context.to"]);
    let expected = ["Idempotency-Key", "context.body", "context.to", "executeAt", "recurrence.cron"];
    assert_eq!(fields(&send("/tasks/schedule", key, body.clone()).await), expected);
    let mut misspelled = body;
    misspelled["colour"] = json!("red");
    assert_eq!(
        fields(&app.post("u1", "/tasks/schedule", misspelled.clone()).await),
        ["colour", "context.body", "context.to", "executeAt", "recurrence.cron"]
    );
    // A time that is wrong is not missing, and no other time is.
    misspelled["executeAt"] = json!("soon");
    assert_eq!(
        fields(&app.post("u1", "/tasks/schedule", misspelled).await),
        ["colour", "context.body", "context.to", "executeAt"]
    );
    for (path, expected) in [
        ("/errors?tool=fax&agentId=%07&limit=0", &["agentId", "limit", "tool"][..]),
        ("/errors/stats?days=0&agentId=%07&cursor=x", &["agentId", "cursor", "days"]),
        ("/context-mappings?agentId=%07&tool=fax&limit=0", &["agentId", "limit", "tool"]),
        ("/integrations/status?tool=fax&account=%07", &["account", "tool"]),
    ] {
        assert_eq!(fields(&app.get("u1", path).await), expected, "{path}");
    }
    let close = json!({ "agentId": "a\nb", "tool": "fax", "account": "x\u{7}" });
    assert_eq!(fields(&app.delete("u1", "/circuit-breakers", Some(close)).await), ["account", "agentId", "tool"]);
    let context = json!({ "channel": { "contextKey": "sales" }, "text": 5, "colour": "red" });
    let body = json!({ "agentId": "a", "tool": "slack", "intent": "send_message", "context": context });
    assert_eq!(fields(&app.post("u1", "", body).await), ["context.colour", "context.text"]);
    assert!(app.calls.operations().is_empty(), "{:?}", app.calls.operations());
}

#[tokio::test]
async fn a_missing_field_says_its_form() {
    let app = TestApp::start().await;
    let document = openapi::document(&crate::support::root());
    let tools: Vec<&str> = Tool::all().map(Tool::as_str).collect();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in ["post", "put", "patch", "delete"].iter().filter(|method| operations[**method].is_object()) {
            let path = path.strip_prefix(crate::support::BASE).unwrap();
            let answer = app.send(&method.to_uppercase(), path, Some(&app.token("u1")), Some("{}".to_owned())).await;
            let error = &answer.body["error"];
            for field in names(error) {
                let form = reason(error, &field);
                let is_complete = form.contains("for example") || form.contains("one of");
                assert!(is_complete, "{method} {path} {field}: {form}");
            }
        }
    }
    let answer = app.post("u1", "", json!({ "agentId": "a", "tool": 5, "intent": "x" })).await;
    assert_eq!(reason(&answer.body["error"], "tool"), format!("must be one of: {}", tools.join(", ")));
    let body =
        json!({ "agentId": "a", "tool": "slack", "intent": "send_message", "context": { "channel": "general" } });
    let answer = app.post("u1", "", body).await;
    let error = &answer.body["error"];
    assert_eq!(names(error), ["context.blocks", "context.markdown", "context.text"]);
    assert!(
        reason(error, "context.text").starts_with("one of text, markdown and blocks is required; must be a text, for"),
        "{error}"
    );
    assert_eq!(error["message"], "Missing required field: context.text or context.markdown or context.blocks");
}

#[tokio::test]
async fn faults_of_an_item_are_those_of_the_request_alone() {
    let app = TestApp::start().await;
    let wrong = json!({ "agentId": "a", "tool": "fax", "contextKey": "", "externalId": "x\u{7}", "other": 1 });
    let alone = app.post("u1", "/context-mappings", wrong.clone()).await;
    assert_eq!(fields(&alone), ["contextKey", "externalId", "other", "tool"]);
    let bulk = app.post("u1", "/context-mappings/bulk", json!({ "mappings": [5, wrong] })).await.ok();
    assert_eq!(names(&bulk["results"][0]["error"]), ["mappings[0]"]);
    assert_eq!(bulk["results"][1]["error"], alone.body["error"]);
    let answer = app.post("u1", "/context-mappings/bulk", json!({ "mappings": {} })).await;
    let form = reason(&answer.body["error"], "mappings").to_owned();
    let example: Value = serde_json::from_str(form.split_once("for example ").unwrap().1).unwrap();
    app.connect("u1", "slack").await;
    assert_eq!(app.post("u1", "/context-mappings/bulk", json!({ "mappings": example })).await.ok()["success"], true);
    let ids = app.delete("u1", "/context-mappings/bulk", Some(json!({ "ids": [5] }))).await.ok();
    assert_eq!(names(&ids["results"][0]["error"]), ["ids[0]"]);
}

#[tokio::test]
async fn every_unmapped_context_key_is_named() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let context = json!({ "channel": { "contextKey": "sales" }, "text": "x", "threadTs": { "contextKey": "thread" } });
    let body = json!({ "agentId": "a", "tool": "slack", "intent": "send_message", "context": context });
    let answer = app.post("u1", "", body).await;
    assert_eq!(fields(&answer), ["context.channel", "context.threadTs"]);
    let form = reason(&answer.body["error"], "context.channel");
    assert!(form.contains("'sales'") && form.contains("POST /context-mappings"), "{form}");
}

#[tokio::test]
async fn an_empty_number_or_time_of_a_context_and_a_slash_in_an_id_are_refused() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    app.calls.reset();
    for (tool, intent, context, field) in [
        ("gmail", "fetch_emails", json!({ "limit": "" }), "context.limit"),
        ("gmail", "fetch_emails", json!({ "maxResults": "" }), "context.maxResults"),
        ("gmail", "fetch_emails", json!({ "maxResults": 900 }), "context.maxResults"),
        ("asana", "create_task", json!({ "name": "x", "projectId": "1", "dueOn": "" }), "context.dueOn"),
        ("asana", "update_task", json!({ "taskId": "1", "dueOn": "" }), "context.dueOn"),
        ("slack", "fetch_messages", json!({ "channel": "general", "oldest": "" }), "context.oldest"),
        (
            "slack",
            "schedule_message",
            json!({ "channel": "general", "text": "x", "post_at": "later" }),
            "context.post_at",
        ),
        ("gmail", "get_email", json!({ "messageId": "../drafts" }), "context.messageId"),
        ("gmail", "get_email", json!({ "id": "a/b" }), "context.id"),
        ("gmail", "send_draft", json!({ "draftId": "a/b" }), "context.draftId"),
        ("slack", "cancel_scheduled_message", json!({ "channel": "general", "id": "a/b" }), "context.id"),
    ] {
        let body = json!({ "agentId": "a", "tool": tool, "intent": intent, "context": context });
        let answer = app.post("u1", "", body).await;
        assert_eq!(fields(&answer), [field], "{tool}.{intent}: {}", answer.body);
        assert!(answer.body["error"]["message"].as_str().unwrap().contains("for example"), "{}", answer.body);
    }
    assert!(app.calls.operations().is_empty(), "{:?}", app.calls.operations());
}
