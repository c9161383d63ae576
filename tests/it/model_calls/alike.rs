//! Each own tool and the route that it mirrors answer alike.

use super::{answer, call, code, connected, done};
use crate::support::TestApp;
use crate::support::responses::TaskStatus;
use engine::own_tools::ALL;
use sandbox::Fault;
use sandbox::fixtures::slack::GENERAL;
use serde_json::{Value, json};

/// The fields of an own tool's data, by the fields of a route's that have the same value.
const TASK: &[(&str, &str)] = &[
    ("taskId", "taskId"),
    ("agentId", "agentId"),
    ("account", "account"),
    ("status", "status"),
    ("executeAt", "executeAt"),
    ("nextAttemptAt", "nextAttemptAt"),
    ("recurrence", "recurrence"),
];

#[track_caller]
fn assert_alike(of_tool: &Value, of_route: &Value, fields: &[(&str, &str)]) {
    for (one, other) in fields {
        assert_eq!(of_tool[*one], of_route[*other], "{one}: {of_tool} {of_route}");
    }
}

async fn data(app: &TestApp, name: &str, arguments: Value) -> Value {
    done(answer(app, call(name, arguments)).await).structured.into()
}

/// A task that failed, and one that is planned.
async fn tasks(app: &TestApp) -> (String, String) {
    let mut ids = vec![];
    for seconds in [30, 3600] {
        let planned = json!({ "name": "slack_send_message", "arguments": { "channel": GENERAL, "text": "t" }, "executeAt": app.after(seconds).to_string() });
        ids.push(data(app, "engine_schedule_action", planned).await["taskId"].as_str().unwrap().to_owned());
    }
    app.fault(
        Fault::status("slack", 200, json!({ "ok": false, "error": "is_archived" })).at_path("/api/chat.postMessage"),
    );
    app.run_processor_after(31).await;
    (ids.remove(0), ids.remove(0))
}

#[tokio::test]
async fn tasks_are_alike() {
    let app = connected().await;
    let (failed, planned) = tasks(&app).await;
    let listed = data(&app, "engine_list_tasks", json!({})).await;
    let route = app.get("u1", "/tasks?agentId=a").await.ok();
    assert_eq!(listed["tasks"].as_array().map(Vec::len), route["tasks"].as_array().map(Vec::len));
    for at in 0..2 {
        assert_alike(&listed["tasks"][at], &route["tasks"][at], TASK);
    }
    let (shown, read) = (
        data(&app, "engine_show_task", json!({ "taskId": failed })).await,
        app.get("u1", &format!("/tasks?taskId={failed}")).await.ok(),
    );
    assert_alike(&shown["task"], &read["task"], TASK);
    assert_alike(&shown["task"], &read["task"], &[("arguments", "payload")]);
    assert_alike(
        &shown["task"]["error"],
        &read["task"]["lastError"],
        &[("code", "code"), ("message", "message"), ("outcome", "outcome")],
    );

    // A change by one is seen by the other, and a refusal has the same code and the same message but for the routes.
    data(&app, "engine_retry_task", json!({ "taskId": failed })).await;
    assert_eq!(app.task(&failed).await.attempts, 0);
    data(&app, "engine_cancel_task", json!({ "taskId": planned })).await;
    assert_eq!(app.task(&planned).await.status, TaskStatus::Cancelled);
    app.run_processor_after(1).await;
    for (tool, id) in [("engine_retry_task", &failed), ("engine_cancel_task", &failed)] {
        let refused = answer(&app, call(tool, json!({ "taskId": id }))).await;
        let route = match tool {
            "engine_retry_task" => app.retry(id).await,
            _ => app.cancel(id).await,
        };
        let refusal = route.refusal(409, &code(&refused));
        assert_eq!(refused.structured["error"]["message"], refusal.message);
    }
}

#[tokio::test]
async fn a_plan_and_a_dry_run_are_alike() {
    let app = connected().await;
    let (arguments, at) = (json!({ "channel": GENERAL, "text": "t" }), app.after(60).to_string());
    let of_tool = data(
        &app,
        "engine_schedule_action",
        json!({ "name": "slack_send_message", "arguments": arguments, "executeAt": at }),
    )
    .await;
    let intent =
        json!({ "agentId": "a", "tool": "slack", "intent": "send_message", "context": arguments, "executeAt": at });
    let of_route = app.post("u1", "/tasks/schedule", intent).await.accepted();
    assert_alike(&of_tool, &of_route["metadata"], &[("account", "account"), ("executeAt", "executeAt")]);
    let past = json!({ "name": "slack_send_message", "arguments": arguments, "executeAt": "2020-01-01T00:00:00Z" });
    let past = answer(&app, call("engine_schedule_action", past)).await;
    assert_eq!(code(&past), "INVALID_FIELD");
    assert!(past.content.starts_with("executeAt: must be in the future"), "{}", past.content);

    let dry = data(&app, "engine_dry_run", json!({ "name": "slack_send_message", "arguments": arguments })).await;
    let intent =
        json!({ "agentId": "a", "tool": "slack", "intent": "send_message", "context": arguments, "dryRun": true });
    let without_key = |request: &Value| json!([request["method"], request["url"], request["body"]["text"]]);
    let of_route = app.post("u1", "", intent).await.ok();
    assert_eq!(without_key(&dry["requests"][0]), without_key(&of_route["data"]["requests"][0]));
    assert_eq!(dry["account"], of_route["metadata"]["account"]);
    let absent = answer(&app, call("engine_dry_run", json!({ "name": "gmail_list_labels" }))).await;
    assert_eq!(code(&absent), "NOT_CONNECTED");
}

#[tokio::test]
async fn connections_keys_and_errors_are_alike() {
    let app = connected().await;
    tasks(&app).await;
    let listed = data(&app, "engine_list_connections", json!({})).await;
    let route = app.get("u1", "/integrations").await.ok();
    assert_eq!(listed["connections"].as_array().map(Vec::len), Some(1));
    let account = &route["integrations"][0];
    assert_alike(&listed["connections"][0], account, &[("tool", "tool"), ("default", "default"), ("label", "label")]);
    assert_alike(
        &listed["connections"][0],
        &account["account"],
        &[("account", "id"), ("name", "name"), ("email", "email")],
    );

    data(
        &app,
        "engine_save_key",
        json!({ "tool": "slack", "contextKey": "k", "externalId": "e", "friendlyName": "E" }),
    )
    .await;
    let keys = data(&app, "engine_find_keys", json!({ "tool": "slack", "externalId": "e" })).await;
    let route = app.get("u1", "/context-mappings?agentId=a&tool=slack&externalId=e").await.ok();
    let fields = ["contextKey", "externalId", "account", "friendlyName"].map(|field| (field, field));
    assert_alike(&keys["keys"][0], &route["mappings"][0], &fields);
    let taken = json!({ "agentId": "a", "tool": "slack", "contextKey": "k", "externalId": "f" });
    let refusal = app.post("u1", "/context-mappings", taken).await.refusal(409, "CONFLICT");
    let refused =
        answer(&app, call("engine_save_key", json!({ "tool": "slack", "contextKey": "k", "externalId": "f" }))).await;
    assert_eq!(refused.structured["error"]["message"], refusal.message);

    let errors = data(&app, "engine_list_errors", json!({ "tool": "slack" })).await;
    let route = app.get("u1", "/errors?agentId=a&tool=slack").await.ok();
    let fields = [
        ("errorId", "errorId"),
        ("account", "account"),
        ("code", "errorCode"),
        ("message", "errorMessage"),
        ("at", "timestamp"),
        ("taskId", "taskId"),
        ("resolved", "resolved"),
        ("outcome", "outcome"),
    ];
    assert_alike(&errors["errors"][0], &route["errors"][0], &fields);
}

#[tokio::test]
async fn a_started_connect_is_the_consent_of_the_route() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_CONNECT_PAGE_URL", "")]).await;
    let of_tool = data(&app, "engine_start_connect", json!({ "tool": "gmail" })).await;
    let of_route = app.auth_url("u1", "gmail").await;
    let comparable = |url: &str| {
        let url: url::Url = url.parse().unwrap();
        let pairs = url.query_pairs().filter(|(name, _)| !["state", "code_challenge"].contains(&&**name));
        (url.path().to_owned(), pairs.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>())
    };
    assert_eq!(comparable(of_tool["connectUrl"].as_str().unwrap()), comparable(&of_route));
    assert_eq!(ALL.len(), 11, "a new own tool has a test here");
}
