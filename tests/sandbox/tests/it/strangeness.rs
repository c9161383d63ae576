//! Tests of the strangeness of Gmail, Notion and Asana, and of the faults that belong to it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sandbox::fixtures::{asana, notion, slack};
use sandbox::{Fault, Sandbox, Strangeness};
use serde_json::{Value, json};

use crate::asana::call;
use crate::support::{MODIFY_SCOPE, TestRequest, TestResponse, access_token, effects_of_kind};

const GMAIL: &str = "/gmail/gmail/v1/users/me";
const ASANA: &str = "/asana/api/1.0";

fn strange(provider: &str, scopes: &[&str]) -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    sandbox.set_strangeness(Strangeness::content());
    let token = access_token(&sandbox, provider, scopes);
    (sandbox, token)
}

fn mail_text(text: &str) -> String {
    let head = "To: Sam <sam@example.com>\r\nSubject: Hello\r\nX-Key: k1\r\nContent-Type: text/plain";
    format!("{head}\r\n\r\n{text}\r\n")
}

fn mail(text: &str) -> Value {
    json!({"raw": URL_SAFE_NO_PAD.encode(mail_text(text))})
}

async fn ok(sandbox: &Sandbox, token: &str, request: TestRequest) -> Value {
    let reply = request.bearer(token).header("notion-version", "2026-03-11").send(sandbox).await;
    assert!(reply.status.is_success(), "{}", reply.text);
    reply.json()
}

async fn count(sandbox: &Sandbox, token: &str, path: &str, list: &str) -> usize {
    ok(sandbox, token, TestRequest::get(path)).await[list].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn drafts_lose_unknown_headers_and_appear_late() {
    let (sandbox, token) = strange("google", &[MODIFY_SCOPE]);
    let before = count(&sandbox, &token, &format!("{GMAIL}/drafts"), "drafts").await;
    let body = json!({"message": mail("Good morning.")});
    let draft = ok(&sandbox, &token, TestRequest::post(&format!("{GMAIL}/drafts"), &body)).await;
    let id = draft["id"].as_str().unwrap();
    let shown = ok(&sandbox, &token, TestRequest::get(&format!("{GMAIL}/drafts/{id}?format=metadata"))).await;
    assert!(!shown.to_string().contains("X-Key") && shown.to_string().contains("Hello"), "{shown}");
    assert_eq!(effects_of_kind(&sandbox, "draft_created")[0].request["headers"]["X-Key"], "k1", "the ledger has them");
    assert_eq!(count(&sandbox, &token, &format!("{GMAIL}/drafts"), "drafts").await, before);
    sandbox.advance_clock(8);
    assert_eq!(count(&sandbox, &token, &format!("{GMAIL}/drafts"), "drafts").await, before + 1);

    let edited = sandbox.edit_gmail_draft(id, "Edited by a person.").unwrap();
    assert_ne!(draft["message"]["id"], edited.as_str());
    let raw = ok(&sandbox, &token, TestRequest::get(&format!("{GMAIL}/drafts/{id}"))).await;
    assert_eq!(raw["message"]["id"], edited.as_str());
    assert_eq!(raw["message"]["snippet"], "Edited by a person.");
    assert_eq!(sandbox.edit_gmail_draft("r-0", ""), None);
}

#[tokio::test]
async fn sent_messages_appear_late_and_big_ones_are_big() {
    let (sandbox, token) = strange("google", &[MODIFY_SCOPE]);
    let text = "A long line of a long message.\r\n".repeat(200_000);
    let upload = "/gmail/upload/gmail/v1/users/me/messages/send";
    let sent = ok(&sandbox, &token, TestRequest::upload("POST", upload, &json!({}), &mail_text(&text))).await;
    let (id, thread) = (sent["id"].as_str().unwrap(), sent["threadId"].as_str().unwrap());
    let path = format!("{GMAIL}/messages/{id}");
    let read = TestRequest::get(&path).bearer(&token).send(&sandbox).await;
    assert!(read.status == 200 && read.text.len() > 5 << 20, "a read by id has it at once: {}", read.text.len());
    let found = format!("{GMAIL}/messages?q=in:sent+subject:Hello");
    let thread = format!("{GMAIL}/threads/{thread}");
    assert_eq!(count(&sandbox, &token, &found, "messages").await, 0);
    assert_eq!(TestRequest::get(&thread).bearer(&token).send(&sandbox).await.status, 404);
    sandbox.advance_clock(8);
    assert_eq!(count(&sandbox, &token, &found, "messages").await, 1);
    assert_eq!(count(&sandbox, &token, &thread, "messages").await, 1);
}

#[tokio::test]
async fn notion_lists_lag_and_have_short_pages() {
    let (sandbox, token) = strange("notion", &[]);
    let row = |name: &str| {
        let title = json!([{"text": {"content": name}}]);
        json!({"parent": {"data_source_id": notion::DATA_SOURCE}, "properties": {"Name": {"title": title}}})
    };
    let created = ok(&sandbox, &token, TestRequest::post("/notion/v1/pages", &row("Late"))).await;
    assert!(created["created_time"].as_str().unwrap().ends_with(":00.000Z"), "{created}");
    let page = format!("/notion/v1/pages/{}", created["id"].as_str().unwrap());
    assert_eq!(ok(&sandbox, &token, TestRequest::get(&page)).await["id"], created["id"], "a read by id is exact");
    let path = format!("/notion/v1/data_sources/{}/query", notion::DATA_SOURCE);
    let query = |cursor: &Value| TestRequest::post(&path, &json!({"start_cursor": cursor}));
    let first = ok(&sandbox, &token, query(&Value::Null)).await;
    assert_eq!(
        (first["results"].as_array().unwrap().len(), &first["has_more"]),
        (2, &json!(true)),
        "3 rows, 100 asked"
    );
    assert_eq!(first["request_status"], json!({"type": "complete"}));
    let second = ok(&sandbox, &token, query(&first["next_cursor"])).await;
    assert_eq!((second["results"].as_array().unwrap().len(), &second["has_more"]), (1, &json!(false)));
    let search = || TestRequest::post("/notion/v1/search", &json!({"query": "Late"}));
    assert_eq!(ok(&sandbox, &token, search()).await["results"], json!([]));
    sandbox.advance_clock(8);
    assert_eq!(ok(&sandbox, &token, search()).await["results"][0]["id"], created["id"]);
    assert_eq!(ok(&sandbox, &token, query(&Value::Null)).await["results"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn notion_query_ends_at_its_limit() {
    let (sandbox, token) = strange("notion", &[]);
    let mut strangeness = Strangeness::documented();
    strangeness.notion.query_limit = Some(2);
    sandbox.set_strangeness(strangeness);
    let path = format!("/notion/v1/data_sources/{}/query", notion::DATA_SOURCE);
    let found = ok(&sandbox, &token, TestRequest::post(&path, &json!({}))).await;
    assert_eq!((found["results"].as_array().unwrap().len(), &found["has_more"]), (2, &json!(false)));
    assert_eq!(
        found["request_status"],
        json!({"type": "incomplete", "incomplete_reason": "query_result_limit_reached"})
    );
}

#[tokio::test]
async fn notion_children_and_comments_appear_late_with_their_author() {
    let (sandbox, token) = strange("notion", &[]);
    let children = format!("/notion/v1/blocks/{}/children", notion::PAGE);
    let comments = format!("/notion/v1/comments?block_id={}", notion::PAGE);
    let words = json!([{"text": {"content": "New"}}]);
    let block = json!({"children": [{"paragraph": {"rich_text": words}}]});
    let appended = ok(&sandbox, &token, TestRequest::json("PATCH", &children, &block)).await;
    let comment = json!({"parent": {"page_id": notion::PAGE}, "rich_text": words});
    let commented = ok(&sandbox, &token, TestRequest::post("/notion/v1/comments", &comment)).await;
    let me = ok(&sandbox, &token, TestRequest::get("/notion/v1/users/me")).await;
    assert_eq!((&appended["results"][0]["created_by"]["id"], &commented["created_by"]["id"]), (&me["id"], &me["id"]));
    let counts = async || {
        [count(&sandbox, &token, &children, "results").await, count(&sandbox, &token, &comments, "results").await]
    };
    assert_eq!(counts().await, [2, 0]);
    let after = json!({"children": block["children"], "position": {"type": "after_block", "after_block": {"id": appended["results"][0]["id"]}}});
    ok(&sandbox, &token, TestRequest::json("PATCH", &children, &after)).await;
    sandbox.advance_clock(8);
    // Four children: the page of the list is one short.
    assert_eq!(counts().await, [3, 1]);
}

#[tokio::test]
async fn asana_lists_lag() {
    let (sandbox, token) = strange("asana", &["default"]);
    let data = |data: Value| json!({ "data": data });
    let task = data(json!({"name": "Late", "projects": [asana::PROJECT], "external": {"gid": "k1"}}));
    let made = [
        (format!("{ASANA}/tasks"), task),
        (format!("{ASANA}/tasks/{}/stories", asana::TASK), data(json!({"text": "Late"}))),
        (format!("{ASANA}/projects/{}/sections", asana::PROJECT), data(json!({"name": "Late"}))),
        (format!("{ASANA}/tags"), data(json!({"name": "Late", "workspace": asana::WORKSPACE}))),
        (
            format!("{ASANA}/projects"),
            data(json!({"name": "Late", "workspace": asana::WORKSPACE, "team": asana::TEAM})),
        ),
    ];
    let lists = [
        format!("{ASANA}/projects/{}/tasks", asana::PROJECT),
        made[1].0.clone(),
        made[2].0.clone(),
        made[3].0.clone(),
        made[4].0.clone(),
        format!("{ASANA}/workspaces/{}/typeahead?resource_type=task&query=Late", asana::WORKSPACE),
        format!("{ASANA}/workspaces/{}/tasks/search?text=Late", asana::WORKSPACE),
    ];
    for (path, body) in &made {
        ok(&sandbox, &token, TestRequest::post(path, body)).await;
    }
    assert_eq!(call(&sandbox, &token, TestRequest::get(&format!("{ASANA}/tasks/external:k1"))).await.0, 200);
    let counts = async || {
        let mut counts = vec![];
        for path in &lists {
            counts.push(count(&sandbox, &token, path, "data").await);
        }
        counts
    };
    assert_eq!(counts().await, [3, 2, 2, 1, 1, 0, 0]);
    sandbox.advance_clock(8);
    assert_eq!(counts().await, [4, 3, 3, 2, 2, 1, 1]);
}

#[tokio::test]
async fn asana_organization_needs_a_team_and_a_private_project_is_refused() {
    let (sandbox, token) = strange("asana", &["default"]);
    let (_, found) = call(&sandbox, &token, TestRequest::get(&format!("{ASANA}/workspaces"))).await;
    assert_eq!(found["data"][0]["is_organization"], Value::Null, "a list is compact");
    let path = format!("{ASANA}/workspaces/{}", asana::WORKSPACE);
    let (_, found) = call(&sandbox, &token, TestRequest::get(&path)).await;
    assert_eq!(found["data"]["is_organization"], true);
    let project = json!({"data": {"name": "New", "workspace": asana::WORKSPACE}});
    let (status, refused) = call(&sandbox, &token, TestRequest::post(&format!("{ASANA}/projects"), &project)).await;
    assert_eq!((status, &refused["errors"][0]["message"]), (400, &json!("team: Missing input")));

    let private = asana::PRIVATE_PROJECT;
    let task = json!({"data": {"name": "New", "projects": [private]}});
    for request in [
        TestRequest::get(&format!("{ASANA}/projects/{private}")),
        TestRequest::get(&format!("{ASANA}/tasks?project={private}")),
        TestRequest::post(&format!("{ASANA}/tasks"), &task),
    ] {
        assert_eq!(call(&sandbox, &token, request).await.0, 403);
    }
    let foreign = TestRequest::get(&format!("{ASANA}/tasks/{}", asana::FOREIGN_TASK));
    let (status, refused) = call(&sandbox, &token, foreign).await;
    let message = "Forbidden: You do not have access to this task.";
    assert_eq!((status, &refused["errors"][0]["message"]), (403, &json!(message)));
    sandbox.set_strangeness(Strangeness::documented());
    assert_eq!(call(&sandbox, &token, TestRequest::get(&format!("{ASANA}/projects/{private}"))).await.0, 404);
}

#[tokio::test]
async fn strangeness_outlives_a_reset() {
    let (sandbox, _) = strange("slack", &[]);
    sandbox.reset();
    let shown = TestRequest::get("/_control/strangeness").send(&sandbox).await.json();
    assert_eq!(shown, json!(Strangeness::content()));
    let changed = TestRequest::post("/_control/strangeness", &json!(Strangeness::strict())).send(&sandbox).await;
    assert_eq!(changed.json()["slack"]["limits"], "outsideMarketplace");
}

async fn post(sandbox: &Sandbox, token: &str) -> TestResponse {
    let body = json!({"channel": slack::GENERAL, "text": "Hi"});
    TestRequest::post("/slack/api/chat.postMessage", &body).bearer(token).send(sandbox).await
}

#[tokio::test]
async fn fault_skips_the_requests_before_it() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "slack", &["chat:write"]);
    sandbox.fault(Fault::refuse("slack").after(2).at_path("/api/chat.postMessage"));
    let mut dropped = vec![];
    for _ in 0..4 {
        dropped.push(post(&sandbox, &token).await.dropped);
    }
    assert_eq!(dropped, [false, false, true, false]);
    let fault: Fault = serde_json::from_value(json!({"provider": "slack", "times": 1, "kind": "refuse"})).unwrap();
    assert_eq!(fault, Fault::refuse("slack"), "no request is skipped by default");
}

#[tokio::test]
async fn oversized_answers_and_limits_without_a_time() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "slack", &["chat:write"]);
    sandbox.fault(Fault::oversize("slack"));
    let big = post(&sandbox, &token).await;
    assert!(big.text.len() > 5 << 20 && big.json()["ok"] == true);
    assert_eq!(effects_of_kind(&sandbox, "message_posted").len(), 1);
    for (seconds, expected) in [(Some(7), Some("7")), (None, None)] {
        sandbox.fault(Fault::rate_limited("slack", seconds));
        let limited = post(&sandbox, &token).await;
        assert_eq!((limited.status.as_u16(), limited.json()["error"].as_str()), (429, Some("ratelimited")));
        assert_eq!(limited.headers.get("retry-after").map(|time| time.to_str().unwrap()), expected);
    }
    sandbox.fault(Fault::rate_limited("gmail", None));
    let limited = TestRequest::get(&format!("{GMAIL}/labels")).send(&sandbox).await;
    assert_eq!(limited.status, 403);
    assert_eq!(limited.json()["error"]["errors"][0]["reason"], "userRateLimitExceeded");
}
