//! Repeated calls: the same call has one effect.

use super::{answer, call, code, connected, done, message, text};
use crate::support::responses::{CallAnswer, TaskStatus};
use crate::support::{EffectKind, TestApp};
use sandbox::Fault;
use sandbox::fixtures::slack::GENERAL;
use serde_json::{Value, json};

/// A call with an id, in a conversation or in none.
fn with_id(mut body: Value, id: &str, conversation: Option<&str>) -> Value {
    body["callId"] = id.into();
    body["conversationId"] = conversation.into();
    body
}

#[tokio::test]
async fn the_same_call_is_answered_once_more_and_other_arguments_are_another_call() {
    let app = connected().await;
    let one = with_id(message("Once."), "call_1", Some("c1"));
    let first = done(answer(&app, one.clone()).await);
    assert_eq!(first.replayed, None);
    // Other forms of the same arguments.
    let texts = [
        format!("{{\"text\":\"Once.\", \"channel\":\"{GENERAL}\"}}"),
        json!({ "channel": GENERAL, "text": "Once." }).to_string(),
    ];
    for arguments in texts.map(Value::from).into_iter().chain([one["arguments"].clone()]) {
        let mut again = one.clone();
        again["arguments"] = arguments;
        let replayed = app.post("u1", "/call", again).await;
        assert_eq!(replayed.headers["idempotent-replayed"], "true");
        let replayed: CallAnswer = replayed.view();
        assert_eq!(replayed.replayed, Some(true));
        assert_eq!(
            (&replayed.content, &replayed.structured, &replayed.task_id),
            (&first.content, &first.structured, &first.task_id)
        );
    }
    app.effects(EffectKind::MessagePosted).assert_count(1);
    for other in [
        with_id(message("Twice."), "call_1", Some("c1")),
        with_id(message("Once."), "call_2", Some("c1")),
        with_id(message("Once."), "call_1", Some("c2")),
        with_id(message("Once."), "call_1", None),
        message("Once."),
    ] {
        // Slack takes one message a second.
        app.advance(2);
        assert_eq!(done(answer(&app, other).await).replayed, None);
    }
    app.effects(EffectKind::MessagePosted).assert_count(6);
}

/// What counts as absent, and the form of a number, make no other call.
#[tokio::test]
async fn a_call_in_another_writing_is_the_same_call() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    let mail = |more: Value| {
        let mut arguments = json!({ "to": "kim@example.com", "subject": "Once", "body": "Hi." });
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        with_id(call("gmail_send_email", arguments), "call_1", Some("c"))
    };
    done(answer(&app, mail(json!({}))).await);
    for more in [json!({ "cc": null }), json!({ "cc": "" }), json!({ "cc": [], "attachments": [] })] {
        assert_eq!(done(answer(&app, mail(more)).await).replayed, Some(true));
    }
    app.effects(EffectKind::MessageSent).assert_count(1);
}

#[tokio::test]
async fn a_call_with_an_expired_context_key_is_answered_once_more() {
    let app = connected().await;
    let expires_at = app.after(60).to_string();
    let key = json!({ "tool": "slack", "contextKey": "home", "externalId": GENERAL, "expiresAt": expires_at });
    done(answer(&app, call("engine_save_key", key)).await);
    let post = call("slack_send_message", json!({ "channel": { "contextKey": "home" }, "text": "Once." }));
    let first = done(answer(&app, with_id(post.clone(), "call_1", Some("c"))).await);
    app.advance(61);
    let again = done(answer(&app, with_id(post.clone(), "call_1", Some("c"))).await);
    assert_eq!((again.replayed, again.task_id), (Some(true), first.task_id));
    assert_eq!(code(&answer(&app, with_id(post, "call_2", Some("c"))).await), "INVALID_FIELD");
    app.effects(EffectKind::MessagePosted).assert_count(1);
}

#[tokio::test]
async fn an_id_without_a_conversation_counts_for_ten_minutes_and_one_in_it_for_a_day() {
    let app = connected().await;
    let (alone, within) =
        (with_id(message("Alone."), "call_0", None), with_id(message("Within."), "call_0", Some("c")));
    assert_eq!(done(answer(&app, within.clone()).await).replayed, None);
    app.advance(2);
    assert_eq!(done(answer(&app, alone.clone()).await).replayed, None);
    app.advance(599);
    for body in [&alone, &within] {
        assert_eq!(done(answer(&app, body.clone()).await).replayed, Some(true));
    }
    app.advance(1);
    assert_eq!(done(answer(&app, alone.clone()).await).replayed, None);
    assert_eq!(done(answer(&app, alone).await).replayed, Some(true), "the new call has an id of its own");
    assert_eq!(done(answer(&app, within).await).replayed, Some(true));
    app.effects(EffectKind::MessagePosted).assert_count(3);
}

#[tokio::test]
async fn two_calls_at_once_have_one_effect() {
    let app = connected().await;
    let body = with_id(message("Once."), "call_1", Some("c"));
    let (one, other) = futures::join!(app.post("u1", "/call", body.clone()), app.post("u1", "/call", body.clone()));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", one.body, other.body);
    assert_eq!(done(answer(&app, body).await).replayed, Some(true));
    app.effects(EffectKind::MessagePosted).assert_count(1);
}

#[tokio::test]
async fn a_call_that_was_killed_and_is_made_once_more_has_one_effect() {
    for after_effect in [true, false] {
        let app = connected().await;
        let body = with_id(message("Once."), "call_1", Some("c"));
        let killed = app.post("u1", "/call", body.clone());
        if after_effect {
            app.run_until_killed(killed, || !app.effects(EffectKind::MessagePosted).is_empty()).await;
        } else {
            app.fault(Fault::delay("slack", 60_000).at_path("/api/chat.postMessage"));
            app.run_until_killed(killed, || app.faults_occurred()).await;
        }
        let wait = app.post("u1", "/call", body.clone()).await.refusal(409, "IDEMPOTENCY_IN_PROGRESS").retry_after_ms;
        app.advance(i64::try_from(wait.unwrap().div_ceil(1000)).unwrap());
        let again = answer(&app, body).await;
        assert_eq!(again.replayed, Some(true));
        let posted = app.effects(EffectKind::MessagePosted);
        if after_effect {
            done(again);
            posted.assert_count(1);
        } else {
            assert_eq!(code(&again), "ABORTED_NO_EFFECT");
            posted.assert_none();
        }
    }
}

#[tokio::test]
async fn a_lost_answer_and_the_same_call_have_one_effect() {
    let app = connected().await;
    let body = with_id(message("Once."), "call_1", None);
    app.post("u1", "/call", body.clone()).await;
    assert_eq!(done(answer(&app, body).await).replayed, Some(true));
    app.effects(EffectKind::MessagePosted).assert_count(1);
}

#[tokio::test]
async fn own_tools_with_an_effect_are_repeated_without_another_one() {
    let app = connected().await;
    let planned = json!({ "name": "slack_send_message", "arguments": { "channel": GENERAL, "text": "Later" }, "executeAt": app.after(60).to_string() });
    let planned = with_id(call("engine_schedule_action", planned), "call_1", Some("c"));
    let first = done(answer(&app, planned.clone()).await);
    let again = done(answer(&app, planned).await);
    assert_eq!((again.replayed, &again.task_id), (Some(true), &first.task_id));
    assert_eq!(text(&again, "taskId"), text(&first, "taskId"));
    assert_eq!(app.tasks("agentId=a").await.tasks.len(), 1);

    let key = call("engine_save_key", json!({ "tool": "slack", "contextKey": "team", "externalId": GENERAL }));
    let key = with_id(key, "call_2", Some("c"));
    let first = done(answer(&app, key.clone()).await);
    let again = done(answer(&app, key).await);
    assert_eq!((first.replayed, again.replayed), (None, Some(true)));
    assert_eq!(first.structured, again.structured);
    assert_eq!(app.run_processor_after(61).await.ran, 1);
    app.effects(EffectKind::MessagePosted).assert_count(1);
}

#[tokio::test]
async fn a_forced_retry_that_is_repeated_forces_nothing_more() {
    let app = connected().await;
    // Each post is lost, and the provider cannot be asked about it.
    app.fault(Fault::apply_then_drop("slack").at_path("/api/chat.postMessage").times(9));
    app.fault(Fault::status("slack", 500, json!({})).at_path("/api/conversations.history").times(99));
    let planned = json!({ "name": "slack_send_message", "arguments": { "channel": GENERAL, "text": "t" }, "executeAt": app.after(30).to_string() });
    let task = text(&done(answer(&app, call("engine_schedule_action", planned)).await), "taskId");
    let until_it_needs_attention = async || {
        for _ in 0..40 {
            app.run_processor_after(3600).await;
            if app.task(&task).await.status == TaskStatus::NeedsAttention {
                return;
            }
        }
        panic!("{:?}", app.task(&task).await);
    };
    until_it_needs_attention().await;
    app.effects(EffectKind::MessagePosted).assert_count(1);
    let forced = with_id(call("engine_retry_task", json!({ "taskId": task, "force": true })), "call_1", Some("c"));
    assert_eq!(done(answer(&app, forced.clone()).await).replayed, None);
    until_it_needs_attention().await;
    app.effects(EffectKind::MessagePosted).assert_count(2);
    // The answer to the retry was lost, and the loop makes the call once more.
    assert_eq!(done(answer(&app, forced).await).replayed, Some(true));
    assert_eq!(app.task(&task).await.status, TaskStatus::NeedsAttention);
    app.run_processor_after(3600).await;
    app.effects(EffectKind::MessagePosted).assert_count(2);
}

#[tokio::test]
async fn the_key_of_a_request_counts_as_on_the_other_route() {
    let app = connected().await;
    let send = async |app: &TestApp, body: Value| {
        let token = app.token("u1");
        app.send_with("POST", "/call", Some(&token), Some(body.to_string()), &[("idempotency-key", "k")]).await
    };
    let first: CallAnswer = send(&app, message("Once.")).await.view();
    let again: CallAnswer = send(&app, message("Once.")).await.view();
    assert_eq!((first.replayed, again.replayed), (None, Some(true)));
    send(&app, message("Twice.")).await.refused(422, "IDEMPOTENCY_KEY_REUSED");
    app.effects(EffectKind::MessagePosted).assert_count(1);
}

#[tokio::test]
async fn a_service_has_ids_of_its_own() {
    let app = connected().await;
    app.post("u1", "/delegations", json!({ "service": "helper", "tools": ["slack"] })).await.ok();
    let mut body = with_id(message("Once."), "call_1", Some("c"));
    done(answer(&app, body.clone()).await);
    body["userId"] = "u1".into();
    let token = app.service_token("helper");
    app.advance(2);
    for replayed in [None, Some(true)] {
        let sent = app.send("POST", "/call", Some(&token), Some(body.to_string())).await;
        assert_eq!(sent.view::<CallAnswer>().replayed, replayed);
    }
    app.effects(EffectKind::MessagePosted).assert_count(2);
}

#[tokio::test]
async fn another_users_task_is_not_found_and_another_users_id_is_another_call() {
    let app = connected().await;
    app.connect_with("u2", "slack", "&account=sam@example.com").await;
    let body = with_id(message("Once."), "call_1", Some("c"));
    let task = done(answer(&app, body.clone()).await).task_id;
    app.advance(2);
    let other: CallAnswer = app.post("u2", "/call", body).await.view();
    assert_eq!(done(other).replayed, None);
    app.effects(EffectKind::MessagePosted).assert_count(2);
    let absent = call("engine_show_task", json!({ "taskId": "task_x" }));
    let absent: CallAnswer = app.post("u2", "/call", absent).await.view();
    for name in ["engine_show_task", "engine_cancel_task", "engine_retry_task"] {
        let refused: CallAnswer = app.post("u2", "/call", call(name, json!({ "taskId": task }))).await.view();
        assert_eq!(code(&refused), "NOT_FOUND");
        assert_eq!((refused.content, refused.structured), (absent.content.clone(), absent.structured.clone()));
    }
}
