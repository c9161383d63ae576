//! The whole work of a model, through calls alone.

use super::{answer, call, code, done, message, text};
use crate::support::{EffectKind, TestApp, connect_code};
use sandbox::Fault;
use sandbox::fixtures::slack::GENERAL;
use serde_json::{Value, json};

#[tokio::test]
async fn a_model_connects_acts_plans_and_checks_its_work() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_CONNECT_PAGE_URL", "")]).await;
    connects(&app).await;
    plans(&app).await;
    // Slack takes one message a second.
    app.advance(2);
    saves_keys(&app).await;
    checks_failures(&app).await;
}

async fn connects(app: &TestApp) {
    let none = done(answer(app, call("engine_list_connections", json!({}))).await);
    assert_eq!(Value::from(none.structured)["notConnected"], json!(["gmail", "notion", "slack", "asana"]));
    let refused = answer(app, message("Hello")).await;
    assert_eq!(code(&refused), "NOT_CONNECTED");
    assert!(refused.content.contains("engine_start_connect"), "{}", refused.content);

    let started = done(answer(app, call("engine_start_connect", json!({ "tool": "slack" }))).await);
    let url = text(&started, "connectUrl");
    assert!(started.content.contains(&url));
    let back = app.browse(&format!("{url}&auto=allow")).await;
    let landed = app.callback(&back).await;
    // The person's own token finishes it, not the model.
    app.post("u1", "/integrations/connect", json!({ "connectCode": connect_code(&landed).unwrap() })).await.ok();
    let listed = done(answer(app, call("engine_list_connections", json!({}))).await);
    let listed = Value::from(listed.structured);
    assert_eq!(listed["connections"][0]["tool"], "slack");
    assert_eq!(listed["connections"][0]["connected"], true);

    let sent = done(answer(app, message("Hello")).await);
    assert!(sent.task_id.is_some() && sent.content.contains(&Value::from(sent.structured.clone()).to_string()));
    app.effects(EffectKind::MessagePosted).assert_count(1);
}

async fn plans(app: &TestApp) {
    let arguments = json!({ "channel": GENERAL, "text": "Planned" });
    let at = app.after(60).to_string();
    let once = json!({ "name": "slack_send_message", "arguments": arguments, "executeAt": at });
    let once = done(answer(app, call("engine_schedule_action", once)).await);
    assert_eq!(text(&once, "executeAt"), at);
    let series = json!({ "name": "slack_send_message", "arguments": arguments.to_string(), "account": null,
        "recurrence": { "cron": "0 9 * * *", "count": "3" } });
    let series = done(answer(app, call("engine_schedule_action", series)).await);
    assert_eq!(series.task_id, Some(text(&series, "taskId")));

    let listed = done(answer(app, call("engine_list_tasks", json!({ "limit": "10" }))).await);
    assert_eq!(listed.structured["tasks"].as_array().map(Vec::len), Some(2), "{listed:?}");
    let dry = json!({ "name": "slack_send_message", "arguments": arguments });
    let dry = done(answer(app, call("engine_dry_run", dry)).await);
    assert_eq!(dry.structured["requests"][0]["body"]["text"], "Planned");

    assert_eq!(app.run_processor_after(61).await.ran, 1);
    app.effects(EffectKind::MessagePosted).assert_count(2);
    let shown = done(answer(app, call("engine_show_task", json!({ "taskId": text(&once, "taskId") }))).await);
    assert_eq!(shown.structured["task"]["status"], "completed");
    assert_eq!(shown.structured["task"]["arguments"]["text"], "Planned");

    let cancel = call("engine_cancel_task", json!({ "taskId": text(&series, "taskId") }));
    for _ in 0..2 {
        done(answer(app, cancel.clone()).await);
    }
}

async fn saves_keys(app: &TestApp) {
    let key = json!({ "tool": "slack", "contextKey": "team", "externalId": GENERAL });
    done(answer(app, call("engine_save_key", key.clone())).await);
    let found = done(answer(app, call("engine_find_keys", json!({ "tool": "slack", "prefix": "te" }))).await);
    assert_eq!(found.structured["keys"][0]["externalId"], GENERAL);
    let by_key = json!({ "channel": { "contextKey": "team" }, "text": "By its key" });
    done(answer(app, call("slack_send_message", by_key)).await);
    app.effects(EffectKind::MessagePosted).assert_count(3);

    let mut other = key;
    other["externalId"] = "C0000000000".into();
    assert_eq!(code(&answer(app, call("engine_save_key", other)).await), "CONFLICT");
    let unknown = json!({ "channel": { "contextKey": "nobody" }, "text": "t" });
    let unknown = answer(app, call("slack_send_message", unknown)).await;
    assert_eq!(code(&unknown), "INVALID_FIELD");
    assert!(unknown.content.contains("engine_save_key"), "{}", unknown.content);
}

async fn checks_failures(app: &TestApp) {
    let planned = json!({ "name": "slack_send_message", "arguments": { "channel": GENERAL, "text": "Late" },
        "executeAt": app.after(60).to_string() });
    let planned = done(answer(app, call("engine_schedule_action", planned)).await);
    app.fault(
        Fault::status("slack", 200, json!({ "ok": false, "error": "is_archived" })).at_path("/api/chat.postMessage"),
    );
    app.run_processor_after(61).await;
    let errors = done(answer(app, call("engine_list_errors", json!({ "tool": "slack", "limit": 1 }))).await);
    assert_eq!(errors.structured["errors"][0]["taskId"], text(&planned, "taskId"), "{errors:?}");
    let task = json!({ "taskId": text(&planned, "taskId") });
    done(answer(app, call("engine_retry_task", task.clone())).await);
    app.run_processor_after(1).await;
    let shown = done(answer(app, call("engine_show_task", task)).await);
    assert_eq!(shown.structured["task"]["status"], "completed");
    app.effects(EffectKind::MessagePosted).assert_count(4);
}
