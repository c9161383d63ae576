//! The actions over a recorded way out, to a provider whose ids are chosen by the test.

use engine::adapters::Adapter;
use engine::adapters::action::ActionDef;
use engine::adapters::api::Api;
use engine::clock::Clock;
use engine::http::{Http, Request};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use url::Url;

/// Contexts that together have every field an action has.
pub(super) fn contexts(tool: &str, action: &str) -> Vec<Value> {
    let ts = "1512085950.000216";
    let context = match (tool, action) {
        ("gmail", "send_email" | "create_draft") => json!({
            "to": ["Ann <ann@example.com>"], "cc": "c@example.com", "bcc": ["b@example.com"], "replyTo": "r@example.com",
            "subject": "S", "body": "B", "html": "<p>B</p>"
        }),
        ("gmail", "fetch_emails") => {
            json!({ "query": "is:unread", "maxResults": 5, "labelIds": ["INBOX"], "cursor": "p2" })
        }
        ("slack", "send_message") => json!({
            "channel": "general", "text": "T", "threadTs": ts, "replyBroadcast": true,
            "blocks": [{ "type": "image", "image_url": "https://example.com/a.png" }]
        }),
        ("slack", "schedule_message") => {
            json!({ "channel": "general", "text": "T", "threadTs": ts, "post_at": "2026-11-24T10:00:00Z" })
        }
        ("slack", "fetch_messages") => {
            json!({ "channel": "general", "limit": 5, "oldest": ts, "latest": "2026-11-24T10:00:00Z", "cursor": "p2" })
        }
        ("notion", "create_page") => json!({
            "title": "T", "content": "C", "parent": "1429989f-e8ac-4eff-bc8f-57f56486db54",
            "properties": { "Status": { "status": { "name": "Done" } } }
        }),
        ("asana", "create_task") => json!({
            "name": "N", "projectId": "42", "workspaceId": "7", "notes": "n", "dueOn": "2026-11-24", "assigneeId": "me"
        }),
        other => panic!("{other:?} has no context here: add one with every field it has"),
    };
    match tool {
        "asana" => vec![context, json!({ "name": "N", "dueAt": "2026-11-24T10:00:00Z" })],
        _ => vec![context],
    }
}

/// One answer that every call can be read from, all its ids and cursors being `id`.
pub(super) fn answer(path: &str, id: &str) -> Value {
    let data = json!({ "gid": id, "permalink_url": id });
    let mut answer = json!({
        "ok": true, "id": id, "threadId": id, "message": { "id": id, "threadId": id },
        "drafts": [{ "id": id }], "messages": [{ "id": id, "ts": id }], "nextPageToken": id,
        "channels": [{ "id": id, "name": "general" }], "response_metadata": { "next_cursor": id },
        "channel": id, "ts": id, "scheduled_message_id": id, "scheduled_messages": [],
        "data_sources": [{ "id": id }], "properties": { "Name": { "type": "title" } }, "data": data
    });
    if path.ends_with("/workspaces") {
        answer["data"] = json!([data]);
    }
    answer
}

/// Runs every step of an action and returns what left. The provider answers with `id` wherever it gives an id, or, where
/// `hides` is a part of the path, that there is no such thing.
pub(super) async fn outside_calls(
    adapter: &'static Adapter,
    action: &ActionDef,
    context: &Value,
    (id, hides): (&str, &'static str),
) -> Vec<Request> {
    let handle = format!("{id}/{id}");
    let calls = Arc::new(Mutex::new(vec![]));
    let (log, id) = (Arc::clone(&calls), id.to_owned());
    let http = Http::new(move |request| {
        let hidden = !hides.is_empty() && request.uri().path().contains(hides);
        let (status, body) = match hidden {
            true => (404, json!({ "code": "object_not_found" })),
            false => (200, answer(request.uri().path(), &id)),
        };
        log.lock().unwrap().push(request);
        let answer = http::Response::builder().status(status).body(body.to_string().into()).unwrap();
        Box::pin(std::future::ready(Ok(answer)))
    });
    let clock = Clock::manual("2026-11-23T10:00:00Z".parse().unwrap());
    let token = "token-1".to_owned().into();
    for handle in [None, Some(handle.as_str())] {
        let api = Api {
            http: &http,
            adapter,
            base_url: Url::parse(adapter.api.url).unwrap(),
            token: &token,
            given: context,
            effect: action.effect,
            effect_key: "01J0000000000000000000000.1".to_owned(),
            handle,
            repeated: true,
            previous: None,
            planned: clock.now(),
            until: Timestamp::MAX,
            clock: &clock,
        };
        // What the steps make of it is for other tests: here only what leaves counts.
        let _ = action.prepare(&api, context).await;
        let _ = action.run(&api, context).await;
        let _ = action.reconcile(&api, context).await;
        let _ = action.discard(&api, context).await;
    }
    std::mem::take(&mut *calls.lock().unwrap())
}
