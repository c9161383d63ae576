//! What a model can correct is an answer; what concerns the request is a status.

use super::{answer, call, code, connected, done, message};
use crate::support::TestApp;
use sandbox::Fault;
use sandbox::fixtures::slack::GENERAL;
use serde_json::{Value, json};

#[tokio::test]
async fn an_unknown_name_is_answered_with_the_nearest_ones() {
    let app = connected().await;
    for (name, nearest) in [
        ("gmail_send_emial", "gmail_send_email"),
        ("gmail.send_email", "gmail_send_email"),
        ("gmail_read_emails", "gmail_fetch_emails"),
        ("send_message", "slack_send_message"),
        ("add_comment", "notion_add_comment or asana_add_comment"),
        ("engine_list_task", "engine_list_tasks"),
        ("engine_schedule", "engine_schedule_action"),
    ] {
        let refused = answer(&app, call(name, json!({}))).await;
        assert_eq!(code(&refused), "UNKNOWN_NAME", "{name}");
        let says = refused.content.contains(nearest) && refused.content.contains("did you mean");
        assert!(says, "{name}: {}", refused.content);
    }
    let far = answer(&app, call("zzz", json!({}))).await;
    assert_eq!(code(&far), "UNKNOWN_NAME");
    assert!(!far.content.contains("did you mean"), "{}", far.content);
}

#[tokio::test]
async fn every_wrong_argument_is_named_with_what_is_allowed() {
    let app = connected().await;
    let wrong = answer(&app, call("gmail_send_email", json!({ "to": "nobody", "bodi": "x" }))).await;
    assert_eq!(code(&wrong), "MISSING_FIELDS");
    for part in ["- to: must be an e-mail address", "- subject: is required", "did you mean body?", "Nothing was done."]
    {
        assert!(wrong.content.contains(part), "{part}: {}", wrong.content);
    }
    assert!(!wrong.content.contains("context"), "{}", wrong.content);
    let planned =
        json!({ "name": "slack_send_message", "arguments": { "text": 5 }, "executeAt": "tomorrow", "limit": 1 });
    let planned = answer(&app, call("engine_schedule_action", planned)).await;
    for part in ["executeAt: must be an ISO 8601 time with a zone", "limit: unknown field"] {
        assert!(planned.content.contains(part), "{part}: {}", planned.content);
    }
    let inner =
        json!({ "name": "slack_send_message", "arguments": { "text": 5 }, "executeAt": app.after(60).to_string() });
    let inner = answer(&app, call("engine_schedule_action", inner)).await;
    for part in ["- arguments.channel: is required", "- arguments.text: must be a text"] {
        assert!(inner.content.contains(part), "{part}: {}", inner.content);
    }
    for arguments in [json!("{\"text\": "), json!("[1]"), json!([1]), json!(5), json!("hello")] {
        let refused = answer(&app, call("slack_send_message", arguments)).await;
        assert_eq!(code(&refused), "INVALID_FIELD");
        assert!(refused.content.contains("arguments: must be a JSON object, for example"), "{}", refused.content);
    }
    let long =
        answer(&app, call("slack_send_message", json!({ "channel": GENERAL, "text": "x".repeat(40_001) }))).await;
    assert_eq!(code(&long), "INVALID_FIELD");
    assert!(long.content.contains("at most 40000 characters; it has 40001"), "{}", long.content);
}

#[tokio::test]
async fn a_failed_action_says_what_to_do_and_repeats_nothing_that_may_be_done() {
    let app = connected().await;
    app.fault(
        Fault::status("slack", 200, json!({ "ok": false, "error": "is_archived" })).at_path("/api/chat.postMessage"),
    );
    let refused = answer(&app, message("t")).await;
    assert_eq!(code(&refused), "PROVIDER_REJECTED");
    assert!(refused.content.contains("Nothing was done."), "{}", refused.content);
    assert!(refused.task_id.is_some() && refused.structured["fallbackMessage"].is_string());

    // The response to the post is lost, and the provider cannot be asked.
    app.fault(Fault::apply_then_drop("slack").at_path("/api/chat.postMessage"));
    app.fault(Fault::status("slack", 500, json!({})).at_path("/api/conversations.history"));
    let unknown = answer(&app, message("lost")).await;
    assert_eq!(code(&unknown), "OUTCOME_UNKNOWN");
    assert_eq!(unknown.structured["error"]["outcome"], "unknown");
    let content = unknown.content.to_lowercase();
    assert!(content.contains("do not repeat it") && content.contains("engine_show_task"), "{content}");
    assert!(!content.contains("again") && !content.contains("retry"), "{content}");
}

#[tokio::test]
async fn a_failure_has_the_link_where_the_person_connects() {
    let app =
        TestApp::start_with(&[("PLUGIN_ENGINE_CONNECT_PAGE_URL", "https://app.example.com/connect?tool={tool}")]).await;
    let refused = answer(&app, message("t")).await;
    let link = "https://app.example.com/connect?tool=slack";
    assert_eq!(code(&refused), "NOT_CONNECTED");
    assert_eq!(refused.structured["error"]["connectUrl"], link);
    assert!(
        refused
            .content
            .contains(&format!("Give the person this link to connect the account, and go on after that: {link}"))
    );
    let started = done(answer(&app, call("engine_start_connect", json!({ "tool": "slack" }))).await);
    assert_eq!(started.structured["connectUrl"], link);
    let unknown = answer(&app, call("engine_start_connect", json!({ "tool": "slak" }))).await;
    assert_eq!(code(&unknown), "UNKNOWN_TOOL");
}

#[tokio::test]
async fn what_concerns_the_request_is_refused_with_a_status() {
    let app = connected().await;
    app.send("POST", "/call", None, Some(message("t").to_string())).await.refused(401, "UNAUTHORIZED");
    app.send("POST", "/call", Some(&app.token("u1")), Some("{".to_owned())).await.refused(400, "MALFORMED_JSON");
    let with = |field: &str, value: Value| {
        let mut body = message("t");
        body[field] = value;
        body
    };
    for (field, value) in [
        ("agentId", json!("a\u{200b}")),
        ("name", json!("x".repeat(300))),
        ("account", json!("x".repeat(300))),
        ("callId", json!("x".repeat(300))),
        ("view", json!("short")),
        ("maxChars", json!(4000)),
        ("context", json!({})),
    ] {
        let message = app.post("u1", "/call", with(field, value)).await.refused(400, "INVALID_FIELD");
        assert!(message.starts_with(&format!("{field}: ")), "{message}");
    }
    app.post("u1", "/call", with("conversationId", json!("c"))).await.refused(400, "MISSING_FIELDS");
    app.post("u1", "/call", json!({ "agentId": "a" })).await.refused(400, "MISSING_FIELDS");
    let body = Some(with("callId", json!("c")).to_string());
    let token = app.token("u1");
    let both = app.send_with("POST", "/call", Some(&token), body, &[("idempotency-key", "k")]).await;
    assert!(both.refused(400, "INVALID_FIELD").contains("cannot be combined with Idempotency-Key"));
    app.effects(crate::support::EffectKind::MessagePosted).assert_none();
}

#[tokio::test]
async fn a_used_up_limit_is_a_429() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "1")]).await;
    app.connect("u1", "slack").await;
    done(answer(&app, message("one")).await);
    app.post("u1", "/call", message("two")).await.refused(429, "RATE_LIMITED");
    app.advance(60);
    done(answer(&app, message("three")).await);
}

#[tokio::test]
async fn an_unreachable_store_is_a_503() {
    let app = connected().await;
    let lists = call("engine_list_tasks", json!({}));
    done(answer(&app, lists.clone()).await);
    app.calls.kill_after(0);
    app.post("u1", "/call", lists).await.refused(503, "UNAVAILABLE");
}
