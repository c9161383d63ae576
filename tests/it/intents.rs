//! `POST /api/plugin-engine`: immediate intents.

use crate::support::TestApp;
use sandbox::{Fault, fixtures};
use serde_json::{Value, json};

fn email() -> Value {
    json!({
        "agentId": "agent_123",
        "intent": "send_email",
        "tool": "gmail",
        "context": {
            "to": "recipient@example.com",
            "subject": "Hello from AgentOS",
            "body": "This is a test email sent via the Plugin Engine."
        },
        "userId": "u1"
    })
}

#[tokio::test]
async fn every_tool_is_listed_with_its_actions() {
    let app = TestApp::start().await;
    let body = app.get("u1", "").await.ok();
    let tools: Vec<&str> =
        body["tools"].as_array().unwrap().iter().map(|tool| tool["tool"].as_str().unwrap()).collect();
    assert_eq!(tools, ["gmail", "notion", "slack", "asana"]);
    for tool in body["tools"].as_array().unwrap() {
        for field in ["name", "description", "version", "author", "scopes"] {
            assert!(!tool[field].is_null(), "{field} of {}", tool["tool"]);
        }
        for action in tool["actions"].as_array().unwrap() {
            assert!(action["description"].is_string(), "{action}");
            assert_eq!(action["contextSchema"]["type"], "object", "{action}");
        }
    }
}

#[tokio::test]
async fn the_documented_email_is_sent_once() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    let result = app.post("u1", "", email()).await.ok();
    assert_eq!((&result["success"], &result["error"]), (&json!(true), &Value::Null), "{result}");
    let sent = app.effects("message_sent");
    assert_eq!(sent.len(), 1);
    assert_eq!(result["externalId"], sent[0].id);
    assert_eq!(sent[0].account, fixtures::ALEX);
    assert_eq!(sent[0].request["subject"], "Hello from AgentOS");
    assert!(sent[0].request["to"].to_string().contains("recipient@example.com"), "{}", sent[0].request);

    let task = app.get("u1", &format!("/tasks?taskId={}", result["metadata"]["taskId"].as_str().unwrap())).await.ok();
    assert_eq!((&task["task"]["status"], &task["task"]["attempts"]), (&json!("completed"), &json!(1)), "{task}");
    let events = app.effects("task.completed");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].request["Detail"]["taskId"], result["metadata"]["taskId"]);
}

#[tokio::test]
async fn the_documented_draft_and_search_work() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    let draft = json!({
        "agentId": "agent_123", "intent": "create_draft", "tool": "gmail",
        "context": { "to": "recipient@example.com", "subject": "Draft Email", "body": "This is a draft email." }
    });
    assert_eq!(app.post("u1", "", draft).await.ok()["success"], true);
    assert_eq!((app.effects("draft_created").len(), app.effects("message_sent").len()), (1, 0));

    let search = json!({
        "agentId": "agent_123", "intent": "fetch_emails", "tool": "gmail",
        "context": { "query": "is:unread", "maxResults": 10 }
    });
    let found = app.post("u1", "", search).await.ok();
    let emails = found["data"]["emails"].as_array().unwrap();
    assert!(!emails.is_empty());
    assert!(emails.iter().all(|email| email["unread"] == true), "{found}");
    assert_eq!(found["metadata"], Value::Null, "a read is not journaled: {found}");
}

#[tokio::test]
async fn the_documented_slack_examples_work() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let send = json!({
        "agentId": "agent_123", "intent": "send_message", "tool": "slack",
        "context": { "channel": "general", "text": "Hello team! This is an automated message from your agent." }
    });
    let sent = app.post("u1", "", send).await.ok();
    assert_eq!(sent["data"]["channel"], fixtures::slack::GENERAL, "{sent}");
    assert_eq!(app.effects("message_posted").len(), 1);

    let post_at = app.clock.now() + jiff::SignedDuration::from_mins(15);
    let schedule = json!({
        "agentId": "agent_123", "intent": "schedule_message", "tool": "slack",
        "context": { "channel": "project-updates", "text": "Reminder", "post_at": post_at.to_string() }
    });
    assert_eq!(app.post("u1", "", schedule).await.ok()["success"], true);
    assert_eq!(app.effects("message_scheduled").len(), 1);

    let oldest = app.clock.now() - jiff::SignedDuration::from_hours(24);
    let fetch = json!({
        "agentId": "agent_123", "intent": "fetch_messages", "tool": "slack",
        "context": { "channel": "general", "limit": 10, "oldest": oldest.to_string() }
    });
    let fetched = app.post("u1", "", fetch).await.ok();
    let texts = fetched["data"]["messages"].to_string();
    assert!(texts.contains("Hello team! This is an automated message"), "{fetched}");
}

#[tokio::test]
async fn notion_and_asana_actions_create_objects() {
    let app = TestApp::start().await;
    app.connect("u1", "notion").await;
    app.connect("u1", "asana").await;
    for parent in [fixtures::notion::PAGE, fixtures::notion::DATABASE] {
        let page = json!({
            "agentId": "a", "intent": "create_page", "tool": "notion",
            "context": {
                "title": "Meeting Notes",
                "content": "# Meeting Notes\n\n## Agenda\n\n- Project updates\n- Timeline discussion",
                "parent": parent
            }
        });
        let created = app.post("u1", "", page).await.ok();
        assert_eq!(created["success"], true, "{created}");
        assert!(created["metadata"]["link"].is_string(), "{created}");
    }
    assert_eq!(app.effects("page_created").len(), 2);

    let task = json!({
        "agentId": "a", "intent": "create_task", "tool": "asana",
        "context": { "name": "Write the report", "projectId": fixtures::asana::PROJECT, "notes": "soon" }
    });
    let created = app.post("u1", "", task).await.ok();
    assert_eq!(created["externalId"], app.effects("task_created")[0].id, "{created}");
}

#[tokio::test]
async fn an_unconnected_tool_returns_not_connected() {
    let app = TestApp::start().await;
    let result = app.post("u1", "", email()).await.ok();
    assert_eq!(result["success"], false);
    assert_eq!(result["error"]["code"], "NOT_CONNECTED");
    assert_eq!(result["error"]["outcome"], "none");
    assert_eq!(result["error"]["connectUrl"], "http://localhost:3000/connect?tool=gmail");
    assert!(result["fallbackMessage"].is_string());
    let logged = app.get("u1", "/errors?agentId=agent_123").await.ok();
    assert_eq!(logged["errors"][0]["errorCode"], "NOT_CONNECTED");
}

#[tokio::test]
async fn a_provider_error_returns_a_fallback_message_and_is_logged() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let mut message = json!({
        "agentId": "agent_123", "intent": "send_message", "tool": "slack",
        "context": { "channel": "no-such-channel", "text": "hi" }
    });
    let result = app.post("u1", "", message.clone()).await.ok();
    assert_eq!(result["success"], false, "{result}");
    assert_eq!(result["error"]["code"], "PROVIDER_NOT_FOUND", "{result}");

    let fallback = json!({ "tool": "slack", "agentId": "agent_123", "message": "Slack is paused." });
    app.post("u1", "/errors/fallbacks", fallback).await.ok();
    message["context"]["channel"] = "general".into();
    app.advance(1);
    app.sandbox.sandbox.fault(
        Fault::status("slack", 200, json!({ "ok": false, "error": "not_in_channel" })).at_path("/api/chat.postMessage"),
    );
    let result = app.post("u1", "", message).await.ok();
    assert_eq!(result["fallbackMessage"], "Slack is paused.", "{result}");
    let logged = app.get("u1", "/errors?agentId=agent_123").await.ok();
    assert_eq!(logged["errors"].as_array().unwrap().len(), 2);
    assert_eq!(logged["errors"][0]["payload"], json!({ "channel": "general", "text": "[redacted]" }));
    assert_eq!(logged["errors"][0]["attempt"], 1);
    assert_eq!(app.effects("message_posted").len(), 0);
    assert_eq!(app.effects("task.failed").len(), 2);
}

#[tokio::test]
async fn expired_and_rejected_tokens_are_refreshed() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    app.advance(2 * 3600);
    assert_eq!(app.post("u1", "", email()).await.ok()["success"], true);
    assert_eq!(app.effects("token_refreshed").len(), 1);
    app.sandbox.sandbox.expire_tokens("google");
    assert_eq!(app.post("u1", "", email()).await.ok()["success"], true);
    assert_eq!(app.effects("token_refreshed").len(), 2);
    assert_eq!(app.effects("message_sent").len(), 2);
}

#[tokio::test]
async fn a_failed_token_refresh_is_retried_by_the_next_intent() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    app.advance(2 * 3600);
    app.sandbox.sandbox.fault(Fault::status("google", 503, json!({})).at_path("/token"));
    let result = app.post("u1", "", email()).await.ok();
    assert_eq!(
        (&result["error"]["code"], &result["error"]["outcome"]),
        (&json!("PROVIDER_UNAVAILABLE"), &json!("none"))
    );
    assert_eq!(app.post("u1", "", email()).await.ok()["success"], true);
    assert_eq!(app.effects("message_sent").len(), 1);
}

#[tokio::test]
async fn a_revoked_grant_requires_reauthorization() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    app.sandbox.sandbox.revoke_grants("google");
    let result = app.post("u1", "", email()).await.ok();
    assert_eq!(result["error"]["code"], "REAUTH_REQUIRED", "{result}");
    let status = app.get("u1", "/integrations/status?tool=gmail").await.ok();
    assert_eq!((&status["connected"], &status["needsReauth"]), (&json!(false), &json!(true)), "{status}");
    assert_eq!(app.effects("integration.needs_reauth").len(), 1);
    app.connect("u1", "gmail").await;
    assert_eq!(app.post("u1", "", email()).await.ok()["success"], true);
}

#[tokio::test]
async fn a_scope_missing_from_a_ready_token_is_named_before_any_call() {
    let app = TestApp::start().await;
    // A ready token that was granted only the scope to write.
    let compose = "https://www.googleapis.com/auth/gmail.compose";
    let token = app.sandbox.sandbox.grant("google", sandbox::fixtures::ALEX, &[compose]).unwrap().access_token;
    let integration = json!({ "tool": "gmail", "accessToken": token, "scopes": [compose],
        "expiresAt": (app.clock.now() + jiff::SignedDuration::from_hours(1)).to_string() });
    app.post("u1", "/integrations", integration).await.ok();
    assert_eq!(app.post("u1", "", email()).await.ok()["success"], true);
    let fetch = json!({ "agentId": "a", "intent": "fetch_emails", "tool": "gmail" });
    let result = app.post("u1", "", fetch).await.ok();
    assert_eq!(result["error"]["code"], "MISSING_SCOPE", "{result}");
    assert!(result["error"]["message"].as_str().unwrap().contains("gmail.readonly"), "{result}");
}

#[tokio::test]
async fn a_scope_denied_at_consent_is_named_before_any_call() {
    let app = TestApp::start().await;
    let code = app.consent("u1", "slack", "&deny_scopes=chat:write").await;
    app.post("u1", "/integrations", json!({ "connectCode": code })).await.ok();
    let context = json!({ "channel": "general", "text": "Hi" });
    let send = json!({ "agentId": "a", "intent": "send_message", "tool": "slack", "context": context });
    let result = app.post("u1", "", send).await.ok();
    assert_eq!(result["error"]["code"], "MISSING_SCOPE", "{result}");
    assert!(result["error"]["message"].as_str().unwrap().contains("chat:write"), "{result}");
}

#[tokio::test]
async fn the_circuit_breaker_opens_per_agent_and_closes_after_a_probe() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    let down = json!({ "error": { "code": 503, "message": "backend", "errors": [{ "reason": "backendError" }] } });
    app.sandbox.sandbox.fault(Fault::status("gmail", 503, down).times(11));
    let fetch = || json!({ "agentId": "a", "intent": "fetch_emails", "tool": "gmail" });
    for _ in 0..11 {
        assert_eq!(app.post("u1", "", fetch()).await.ok()["error"]["code"], "PROVIDER_UNAVAILABLE");
    }
    assert_eq!(app.effects("circuit_breaker.opened").len(), 1);
    let open = app.post("u1", "", fetch()).await.ok();
    assert_eq!(open["error"]["code"], "CIRCUIT_BREAKER_OPEN");
    assert!((1..=900_000).contains(&open["error"]["retryAfterMs"].as_u64().unwrap()), "{open}");
    let mut other = fetch();
    other["agentId"] = "b".into();
    assert_eq!(app.post("u1", "", other).await.ok()["success"], true, "another agent's breaker stays closed");
    app.advance(16 * 60);
    assert_eq!(app.post("u1", "", fetch()).await.ok()["success"], true);
    assert_eq!(app.effects("circuit_breaker.closed").len(), 1);
}

#[tokio::test]
async fn intents_per_minute_are_limited_per_user() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "3")]).await;
    for _ in 0..3 {
        app.post("u1", "", email()).await.ok();
    }
    let answer = app.post("u1", "", email()).await;
    let wait: u32 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    answer.refused(429, "RATE_LIMITED");
    app.post("u2", "", email()).await;
    app.advance(60);
    app.post("u1", "", email()).await.ok();
}
