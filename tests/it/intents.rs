//! `POST /api/plugin-engine`: immediate intents.

use crate::support::builders::{Intent, email, fetch_emails, intent, message};
use crate::support::responses::{Outcome, ToolList};
use crate::support::{EffectKind, TestApp};
use sandbox::strangeness::LIST_LAG_SECONDS;
use sandbox::{Fault, fixtures};
use serde_json::json;

/// The original documentation's example of an email.
fn documented_email() -> Intent {
    let context = json!({
        "to": "recipient@example.com",
        "subject": "Hello from AgentOS",
        "body": "This is a test email sent via the Plugin Engine."
    });
    intent("gmail", "send_email").agent("agent_123").context(context).user("u1")
}

#[tokio::test]
async fn every_tool_is_listed_with_its_actions() {
    let app = TestApp::start().await;
    let list: ToolList = app.get("u1", "").await.view();
    let tools: Vec<&str> = list.tools.iter().map(|tool| tool.tool.as_str()).collect();
    assert_eq!(tools, ["gmail", "notion", "slack", "asana"]);
    for tool in &list.tools {
        let texts = [&tool.name, &tool.description, &tool.version, &tool.author];
        assert!(texts.iter().all(|text| !text.is_empty()), "{tool:?}");
        let names: Vec<&str> = tool.actions.iter().map(|action| action.name.as_str()).collect();
        let adapter = engine::adapters::find(&tool.tool).unwrap();
        assert_eq!(tool.scopes, adapter.oauth.scopes);
        assert_eq!(names, adapter.actions.iter().map(|action| action.name).collect::<Vec<_>>());
        for action in &tool.actions {
            assert!(!action.description.is_empty(), "{action:?}");
            assert_eq!(action.context_schema["type"], "object", "{action:?}");
        }
    }
}

#[tokio::test]
async fn the_documented_email_is_sent_once() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    let result = app.submit("u1", documented_email()).await.succeeded();
    let sent = app.effects(EffectKind::MessageSent).only();
    assert_eq!(result.external_id.as_ref(), Some(&sent.id));
    assert_eq!(sent.account, fixtures::ALEX);
    assert_eq!(sent.request["subject"], "Hello from AgentOS");
    assert_eq!(sent.request["to"], json!(["recipient@example.com"]));

    app.task(&result.task_id()).await.assert_completed().attempts(1);
    let event = app.effects(EffectKind::TaskCompleted).only();
    assert_eq!(event.request["Detail"]["taskId"], result.task_id());
}

#[tokio::test]
async fn the_documented_draft_and_search_work() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    let draft = json!({ "to": "recipient@example.com", "subject": "Draft Email", "body": "This is a draft email." });
    app.submit("u1", intent("gmail", "create_draft").agent("agent_123").context(draft)).await.succeeded();
    app.effects(EffectKind::DraftCreated).assert_count(1);
    app.effects(EffectKind::MessageSent).assert_none();

    let search = intent("gmail", "fetch_emails").agent("agent_123");
    let search = search.context(json!({ "query": "is:unread", "maxResults": 10 }));
    let found = app.submit("u1", search).await.succeeded();
    let emails = found.data()["emails"].as_array().unwrap();
    assert!(!emails.is_empty());
    assert!(emails.iter().all(|email| email["unread"] == true), "{found:?}");
    assert_eq!(found.metadata.unwrap().task_id, None, "a read is not journaled");
}

#[tokio::test]
async fn the_documented_slack_examples_work() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let action = |name: &str| intent("slack", name).agent("agent_123");
    let text = "Hello team! This is an automated message from your agent.";
    let send = json!({ "channel": "general", "text": text });
    let sent = app.submit("u1", action("send_message").context(send)).await.succeeded();
    assert_eq!(sent.data()["channel"]["id"], fixtures::slack::GENERAL);
    app.effects(EffectKind::MessagePosted).assert_count(1);

    let post_at = app.after(15 * 60).to_string();
    let schedule = json!({ "channel": "project-updates", "text": "Reminder", "post_at": post_at });
    app.submit("u1", action("schedule_message").context(schedule)).await.succeeded();
    app.effects(EffectKind::MessageScheduled).assert_count(1);

    app.advance(LIST_LAG_SECONDS);
    let oldest = app.after(-24 * 3600).to_string();
    let fetch = json!({ "channel": "general", "limit": 10, "oldest": oldest });
    let fetched = app.submit("u1", action("fetch_messages").context(fetch)).await.succeeded();
    let messages = fetched.data()["messages"].as_array().unwrap();
    assert!(messages.iter().any(|message| message["text"] == text), "{fetched:?}");
}

#[tokio::test]
async fn notion_and_asana_actions_create_objects() {
    let app = TestApp::start().await;
    app.connect("u1", "notion").await;
    app.connect("u1", "asana").await;
    for parent in [fixtures::notion::PAGE, fixtures::notion::DATABASE] {
        let page = json!({
            "title": "Meeting Notes",
            "content": "# Meeting Notes\n\n## Agenda\n\n- Project updates\n- Timeline discussion",
            "parent": parent
        });
        let created = app.submit("u1", intent("notion", "create_page").context(page)).await.succeeded();
        let link = created.metadata.unwrap().link.unwrap();
        assert!(link.starts_with("https://"), "{link}");
    }
    app.effects(EffectKind::PageCreated).assert_count(2);

    let task = json!({ "name": "Write the report", "projectId": fixtures::asana::PROJECT, "notes": "soon" });
    let created = app.submit("u1", intent("asana", "create_task").context(task)).await.succeeded();
    assert_eq!(created.external_id, Some(app.effects(EffectKind::TaskCreated).only().id));
}

#[tokio::test]
async fn an_unconnected_tool_returns_not_connected() {
    let app = TestApp::start().await;
    let result = app.submit("u1", email()).await.failed("NOT_CONNECTED");
    assert_eq!(result.error.outcome, Outcome::None);
    assert_eq!(result.error.connect_url.as_deref(), Some("http://localhost:3000/connect?tool=gmail"));
    assert!(!result.fallback_message.is_empty());
    assert_eq!(app.logged_errors("agentId=a").await.errors[0].error_code, "NOT_CONNECTED");
}

#[tokio::test]
async fn a_provider_error_returns_a_fallback_message_and_is_logged() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app.submit("u1", message().with("channel", "no-such-channel")).await.failed("PROVIDER_NOT_FOUND");

    let fallback = json!({ "tool": "slack", "agentId": "a", "message": "Slack is paused." });
    app.post("u1", "/errors/fallbacks", fallback).await.ok();
    app.advance(1);
    let refusal = json!({ "ok": false, "error": "not_in_channel" });
    app.fault(Fault::status("slack", 200, refusal).at_path("/api/chat.postMessage"));
    let alone = message().with("channel", "general").with("joinChannel", false);
    let result = app.submit("u1", alone).await.failed("PROVIDER_REJECTED");
    assert!(result.error.message.contains("join_channel lets the app into a public channel"), "{:?}", result.error);
    assert_eq!(result.fallback_message, "Slack is paused.");
    let logged = app.logged_errors("agentId=a").await.errors;
    assert_eq!(logged.len(), 2);
    // A channel's name is the caller's word, as its text is.
    let payload = json!({ "channel": "[redacted]", "joinChannel": "[redacted]", "text": "[redacted]" });
    assert_eq!(logged[0].payload, payload);
    assert_eq!(logged[0].attempt, Some(1));
    app.effects(EffectKind::MessagePosted).assert_none();
    app.effects(EffectKind::TaskFailed).assert_count(2);
}

#[tokio::test]
async fn expired_and_rejected_tokens_are_refreshed() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    app.advance(2 * 3600);
    app.submit("u1", email()).await.succeeded();
    app.effects(EffectKind::TokenRefreshed).assert_count(1);
    app.sandbox.sandbox.expire_tokens("google");
    app.submit("u1", email()).await.succeeded();
    app.effects(EffectKind::TokenRefreshed).assert_count(2);
    app.effects(EffectKind::MessageSent).assert_count(2);
}

#[tokio::test]
async fn a_failed_token_refresh_is_retried_by_the_next_intent() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    app.advance(2 * 3600);
    app.fault(Fault::status("google", 503, json!({})).at_path("/token"));
    let result = app.submit("u1", email()).await.failed("PROVIDER_UNAVAILABLE");
    assert_eq!(result.error.outcome, Outcome::None);
    app.submit("u1", email()).await.succeeded();
    app.effects(EffectKind::MessageSent).assert_count(1);
}

#[tokio::test]
async fn a_revoked_grant_requires_reauthorization() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    app.sandbox.sandbox.revoke_grants("google");
    app.submit("u1", email()).await.failed("REAUTH_REQUIRED");
    let status = app.connection_status("gmail").await;
    assert_eq!((status.connected, status.needs_reauth), (false, true));
    app.effects(EffectKind::ConnectionNeedsReauth).assert_count(1);
    app.connect("u1", "gmail").await;
    app.submit("u1", email()).await.succeeded();
}

#[tokio::test]
async fn a_scope_missing_from_a_ready_token_is_named_before_any_call() {
    let app = TestApp::start().await;
    // A ready token that was granted only the scope to write.
    let compose = "https://www.googleapis.com/auth/gmail.compose";
    let token = app.sandbox.sandbox.grant("google", fixtures::ALEX, &[compose]).unwrap().access_token;
    let integration = json!({ "tool": "gmail", "accessToken": token, "scopes": [compose],
        "expiresAt": app.after(3600).to_string() });
    app.post("u1", "/integrations", integration).await.ok();
    app.submit("u1", email()).await.succeeded();
    let result = app.submit("u1", fetch_emails()).await.failed("MISSING_SCOPE");
    assert!(result.error.message.contains("gmail.readonly"), "{}", result.error.message);
}

#[tokio::test]
async fn a_scope_denied_at_consent_is_named_before_any_call() {
    let app = TestApp::start().await;
    let code = app.consent("u1", "slack", "&deny_scopes=chat:write").await;
    app.post("u1", "/integrations/connect", json!({ "connectCode": code })).await.ok();
    let result = app.submit("u1", message()).await.failed("MISSING_SCOPE");
    assert!(result.error.message.contains("chat:write"), "{}", result.error.message);
}

#[tokio::test]
async fn the_circuit_breaker_opens_per_agent_and_closes_after_a_probe() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    let down = json!({ "error": { "code": 503, "message": "backend", "errors": [{ "reason": "backendError" }] } });
    app.fault(Fault::status("gmail", 503, down).times(11));
    for _ in 0..11 {
        app.submit("u1", fetch_emails()).await.failed("PROVIDER_UNAVAILABLE");
    }
    app.effects(EffectKind::BreakerOpened).assert_count(1);
    let open = app.submit("u1", fetch_emails()).await.failed("CIRCUIT_BREAKER_OPEN");
    let wait = open.error.retry_after_ms.unwrap();
    assert!((1..=900_000).contains(&wait), "{wait}");
    // Another agent's breaker stays closed.
    app.submit("u1", fetch_emails().agent("b")).await.succeeded();
    app.advance(16 * 60);
    app.submit("u1", fetch_emails()).await.succeeded();
    app.effects(EffectKind::BreakerClosed).assert_count(1);
}

#[tokio::test]
async fn intents_per_minute_are_limited_per_user() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "3")]).await;
    for _ in 0..3 {
        app.submit("u1", email()).await.ok();
    }
    let answer = app.submit("u1", email()).await;
    let wait: u32 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    answer.refused(429, "RATE_LIMITED");
    app.submit("u2", email()).await.ok();
    app.advance(60);
    app.submit("u1", email()).await.ok();
}
