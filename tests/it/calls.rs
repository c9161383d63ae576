//! The exact number of DynamoDB calls of each route and each job. No other file asserts the number or the order of calls.

mod agents;
mod bounded_reads;
mod budgets;
mod callback;
mod guards;
mod model_calls;

use crate::support::builders::{ALL_TOOLS, Intent, fetch_messages, list_channels, mapping, message, report};
use crate::support::responses::{MappingCreated, Reported};
use crate::support::{TestApp, connect_code, sources};
use sandbox::Fault;
use serde_json::{Value, json};

/// A message in 10 seconds.
fn later(app: &TestApp) -> Intent {
    message().at(app.after(10))
}

/// The operations of one request.
async fn calls(app: &TestApp, method: &str, path: &str, body: Option<Value>) -> Vec<String> {
    app.calls.reset();
    let answer = app.send(method, path, Some(&app.token("u1")), body.map(|body| body.to_string())).await;
    assert!(matches!(answer.status, 200 | 202), "{method} {path}: {}", answer.body);
    app.calls.operations()
}

#[tokio::test]
async fn single_records_and_lists_are_one_call_each() {
    let app = TestApp::start().await;
    for tool in ["slack", "notion"] {
        app.connect("u1", tool).await;
    }
    let later = message().at(app.after(3600));
    let task = app.schedule("u1", later.clone()).await.scheduled();
    let MappingCreated { id, .. } = app.post("u1", "/context-mappings", mapping("notion", "k", "e")).await.view();
    let Reported { error_id: error, .. } = app.post("u1", "/errors", report("gmail", "E")).await.view();
    let fallback = json!({ "tool": "gmail", "message": "m" });

    let cases = [
        ("GET", "/integrations", None, "Query"),
        ("GET", "/integrations/status?tool=gmail", None, "Query"),
        ("GET", "/integrations/status?tool=slack&account=T0SANDBOX1.U0ALEX00001", None, "Query"),
        ("GET", "/delegations", None, "Query"),
        ("GET", "/tasks?agentId=a", None, "Query"),
        ("GET", &format!("/tasks?taskId={task}"), None, "GetItem"),
        ("DELETE", "/tasks", Some(json!({ "taskId": task })), "UpdateItem"),
        ("GET", "/context-mappings?agentId=a&tool=notion", None, "Query"),
        ("GET", "/context-mappings?agentId=a&tool=notion&prefix=k&externalId=e", None, "Query"),
        ("GET", &format!("/context-mappings?id={id}"), None, "GetItem"),
        ("PUT", "/context-mappings", Some(json!({ "id": id, "externalId": "f" })), "UpdateItem"),
        ("DELETE", &format!("/context-mappings?id={id}"), None, "DeleteItem"),
        ("GET", "/errors", None, "Query"),
        ("GET", "/errors?agentId=a", None, "Query"),
        ("GET", "/errors?agentId=a&tool=gmail&since=2026-01-01T00:00:00Z", None, "Query"),
        ("PATCH", "/errors", Some(json!({ "errorId": error })), "UpdateItem"),
        ("GET", "/errors/fallbacks?tool=gmail&agentId=a", None, "BatchGetItem"),
        ("POST", "/errors/fallbacks", Some(fallback), "UpdateItem"),
        ("GET", "/errors/fallbacks", None, "Query"),
        ("DELETE", "/errors/fallbacks", Some(json!({ "tool": "gmail" })), "DeleteItem"),
        ("GET", "/errors/trends?agentId=a&tool=gmail", None, "Query"),
        ("GET", "/errors/trends", None, "Query"),
        ("GET", "/circuit-breakers", None, "Query"),
        ("GET", "/circuit-breakers?agentId=a", None, "Query"),
    ];
    for (method, path, body, operation) in cases {
        assert_eq!(calls(&app, method, path, body).await, [operation], "{method} {path}");
    }
    for path in ["/tasks/schedule", ""] {
        let scheduled = calls(&app, "POST", path, Some(later.json())).await;
        assert_eq!(
            scheduled,
            ["UpdateItem", "Query", "UpdateItem", "PutItem"],
            "POST {path}: limits beside accounts; task"
        );
        assert_eq!(app.calls.longest_chain(), 2);
    }
}

#[tokio::test]
async fn a_request_that_names_an_account_reads_the_tools_accounts_once() {
    let app = TestApp::start().await;
    app.connect("u1", "notion").await;
    app.connect("u1", "slack").await;
    let created = calls(&app, "POST", "/context-mappings", Some(mapping("notion", "k", "e"))).await;
    assert_eq!(created, ["Query", "UpdateItem", "PutItem"], "accounts; its place; mapping");
    let several: Vec<Value> = (0..3).map(|key| mapping("notion", &format!("k{key}"), "e")).collect();
    let bulk = calls(&app, "POST", "/context-mappings/bulk", Some(json!({ "mappings": several }))).await;
    assert_eq!(bulk, ["Query", "UpdateItem", "PutItem", "PutItem", "PutItem"], "accounts; places; mappings");
    for look_up in ["contextKey=k", "externalId=e"] {
        let path = format!("/context-mappings/lookup?agentId=a&tool=notion&{look_up}");
        assert_eq!(calls(&app, "GET", &path, None).await, ["Query", "Query"], "accounts beside mappings");
        assert_eq!(app.calls.longest_chain(), 1);
    }
    let account = app.account("u1", "notion").await;
    let listed = format!("/context-mappings?agentId=a&tool=notion&account={account}");
    assert_eq!(calls(&app, "GET", &listed, None).await, ["Query", "Query"], "accounts; mappings");
    let named = json!({ "tool": "slack", "label": "work" });
    assert_eq!(calls(&app, "PATCH", "/integrations", Some(named)).await, ["Query", "PutItem"], "accounts; their names");
    let authorize = "/oauth/authorize?tool=slack&account=work";
    assert_eq!(
        calls(&app, "GET", authorize, None).await,
        ["Query", "UpdateItem", "PutItem"],
        "accounts; limit, of a valid request alone; flow"
    );
    app.calls.reset();
    app.store_token("u1", "slack", json!({})).await.ok();
    assert_eq!(
        app.calls.operations(),
        ["Query", "UpdateItem", "UpdateItem"],
        "accounts; the bot's holders; connection"
    );
}

#[tokio::test]
async fn the_first_use_of_a_day_is_one_write_more() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    // To the next day, and not so long that the token is refreshed.
    let day = 24 * 3600;
    app.advance(day - app.clock.now().as_second().rem_euclid(day) - 3600);
    app.connect("u1", "slack").await;
    app.advance(3600);
    for uses in [4, 3] {
        assert_eq!(calls(&app, "POST", "", Some(list_channels().json())).await.len(), uses);
    }
}

#[tokio::test]
async fn a_task_that_waits_for_its_connection_costs_an_item_a_read_and_a_call_an_hour() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app.schedule("u1", later(&app)).await.scheduled();
    app.delete("u1", "/integrations", Some(json!({ "tool": "slack" }))).await.ok();
    let mut waits = due_task_calls(&app, 11).await;
    let log = waits.split_off(3);
    assert_eq!(waits, ["UpdateItem", "BatchGetItem", "PutItem"], "claim; guards; item of the wait");
    assert_eq!(log.iter().filter(|call| *call == "GetItem").count(), 1, "the connection, in case it is there again");
    let look = due_task_calls(&app, 3600).await;
    assert_eq!(look, ["UpdateItem", "BatchGetItem", "UpdateItem"], "each hour: claim; guards; finish");
}

#[tokio::test]
async fn statistics_are_2_queries_and_a_tool_list_1() {
    let app = TestApp::start().await;
    assert_eq!(calls(&app, "GET", "/errors/stats", None).await, ["Query"; 2], "by tool and code; by agent");
    assert_eq!(app.calls.longest_chain(), 1);
    assert_eq!(calls(&app, "GET", "/errors/stats?agentId=a", None).await, ["Query"], "the agent's statistics");
    app.calls.reset();
    let reset = json!({ "agentId": "a", "tool": "gmail" });
    app.delete("u1", "/circuit-breakers", Some(reset)).await.refused(404, "NOT_FOUND");
    assert_eq!(app.calls.operations(), ["Query"], "the agent's circuit breakers of the tool");
    assert_eq!(calls(&app, "GET", "", None).await, ["Query"], "the caller's connections");
    assert!(calls(&app, "GET", "?format=mcp", None).await.is_empty(), "the list for models needs no store");
    app.post("u1", "/delegations", json!({ "service": "helper", "tools": ALL_TOOLS })).await.ok();
    app.calls.reset();
    app.send("GET", "/integrations?userId=u1", Some(&app.service_token("helper")), None).await.ok();
    assert_eq!(app.calls.operations(), ["GetItem", "Query"], "one more for a service: its delegation");
}

#[tokio::test]
async fn authorize_is_2_calls_callback_1_finish_4_and_disconnect_4() {
    let app = TestApp::start().await;
    // The hourly limit and the OAuth flow.
    assert_eq!(calls(&app, "GET", "/oauth/authorize?tool=slack", None).await, ["UpdateItem", "PutItem"]);
    assert_eq!(app.calls.longest_chain(), 2);
    let url = app.auth_url("u1", "slack").await;
    let back = app.browse(&format!("{url}&auto=allow")).await;
    app.calls.reset();
    let landed = app.callback(&back).await;
    assert_eq!(app.calls.operations(), ["UpdateItem"]);
    let code = connect_code(&landed).unwrap();
    assert_eq!(
        calls(&app, "POST", "/integrations/connect", Some(json!({ "connectCode": code }))).await,
        ["UpdateItem", "Query", "UpdateItem", "UpdateItem"],
        "flow; accounts; the bot's holders; connection"
    );
    let disconnect = json!({ "tool": "slack" });
    let calls = calls(&app, "DELETE", "/integrations", Some(disconnect)).await;
    assert_eq!(calls, ["Query", "UpdateItem", "UpdateItem", "DeleteItem"], "accounts; mark; the bot's holders; row");
}

#[tokio::test]
async fn a_write_intent_is_3_sequential_round_trips_and_a_read_is_1() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    agents::register(&app, "u1", "a").await;
    let mut write = calls(&app, "POST", "", Some(message().json())).await;
    assert_eq!(app.calls.longest_chain(), 3, "{write:?}");
    write[..3].sort();
    assert_eq!(
        write,
        ["Query", "Query", "UpdateItem", "PutItem", "UpdateItem"],
        "accounts and circuit breakers beside limit; claim; finish"
    );

    let mut read = calls(&app, "POST", "", Some(fetch_messages().json())).await;
    assert_eq!(app.calls.longest_chain(), 1);
    read.sort();
    assert_eq!(read, ["Query", "Query", "UpdateItem"]);
}

#[tokio::test]
async fn context_keys_are_read_in_parallel_and_save_as_is_one_write_or_three() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    for (key, id) in [("room", sandbox::fixtures::slack::GENERAL), ("words", "hi")] {
        app.post("u1", "/context-mappings", mapping("slack", key, id)).await.ok();
    }
    agents::register(&app, "u1", "a").await;
    let keys = json!({ "channel": { "contextKey": "room" }, "text": { "contextKey": "words" } });
    let mut calls = calls(&app, "POST", "", Some(message().context(keys).save_as("greeting").json())).await;
    assert_eq!(app.calls.longest_chain(), 6, "{calls:?}");
    calls[..5].sort();
    assert_eq!(
        calls,
        ["Query", "Query", "Query", "Query", "UpdateItem", "PutItem", "PutItem", "UpdateItem", "PutItem", "UpdateItem"],
        "two keys, accounts and circuit breakers beside limit; claim; the key if it exists, its place, the new key; finish"
    );
    let again = self::calls(&app, "POST", "", Some(message().save_as("greeting").json())).await;
    assert_eq!(again[3..], ["PutItem", "PutItem", "UpdateItem"], "claim; the key; finish");
}

#[tokio::test]
async fn a_due_task_costs_a_claim_a_read_and_a_finish() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app.submit("u1", later(&app)).await.scheduled();
    assert_eq!(due_task_calls(&app, 11).await, ["UpdateItem", "BatchGetItem", "UpdateItem"]);
}

#[tokio::test]
async fn a_failed_attempt_of_a_due_task_reads_its_retry_policy_besides() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let down = json!({ "ok": false, "error": "service_unavailable" });
    app.fault(Fault::status("slack", 200, down).at_path("/api/chat.postMessage"));
    app.schedule("u1", later(&app)).await.scheduled();
    let mut failed = due_task_calls(&app, 11).await;
    let log = failed.split_off(4);
    let attempt = ["UpdateItem", "BatchGetItem", "BatchGetItem", "UpdateItem"];
    assert_eq!(failed, attempt, "claim; guards; retry policy; finish");
    assert_eq!(
        log,
        ["PutItem", "UpdateItem", "UpdateItem", "UpdateItem"],
        "the logged error; its statistics; the breaker"
    );
    let mut succeeded = due_task_calls(&app, 60).await;
    succeeded.retain(|call| call != "UpdateItem");
    assert_eq!(succeeded, ["BatchGetItem"], "no policy without a failure");
}

#[tokio::test]
async fn a_task_of_a_dead_process_is_claimed_three_times() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app.schedule("u1", later(&app)).await.scheduled();
    app.fault(Fault::delay("slack", 60_000).at_path("/api/chat.postMessage"));
    app.advance(11);
    app.run_until_killed(app.run_processor(), || app.faults_occurred()).await;
    let run = due_task_calls(&app, 200).await;
    let expected = ["UpdateItem", "UpdateItem", "UpdateItem", "BatchGetItem", "UpdateItem"];
    assert_eq!(run, expected, "refused claims among others and alone; claim of the suspect; guards; finish");
}

/// The calls of a run for its only due task, without the poll of each shard.
async fn due_task_calls(app: &TestApp, seconds: i64) -> Vec<String> {
    app.calls.reset();
    assert_eq!(app.run_processor_after(seconds).await.ran, 1);
    let calls = app.calls.operations();
    let (poll, run) = calls.split_at(16);
    assert!(poll.iter().all(|call| call == "Query"), "one poll per shard: {calls:?}");
    run.to_vec()
}

#[tokio::test]
async fn a_lost_response_costs_its_calls_repetition_alone() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    agents::register(&app, "u1", "a").await;
    let tasks = &app.tables.tasks;
    app.calls.reset();
    app.calls.lose_responses("PutItem", tasks);
    app.schedule("u1", later(&app)).await.scheduled();
    let scheduled = ["UpdateItem", "Query", "UpdateItem", "PutItem", "PutItem"];
    assert_eq!(app.calls.operations(), scheduled, "the limits beside accounts; the task, twice");
    app.calls.reset();
    app.calls.lose_responses("UpdateItem", tasks);
    app.run_processor_after(11).await;
    let run = ["UpdateItem", "UpdateItem", "BatchGetItem", "UpdateItem", "UpdateItem"];
    assert_eq!(app.calls.operations()[16..], run, "claim, twice; guards; finish, twice");
    app.calls.reset();
    app.calls.lose_responses("PutItem", tasks);
    app.submit("u1", message()).await.succeeded();
    assert_eq!(app.calls.operations()[3..], ["PutItem", "PutItem", "UpdateItem"], "claim, twice; finish");
}

/// The writes of a scheduled task with a payload of that many bytes, from scheduling to completion, with the capacity units
/// each consumes.
async fn task_write_units(payload: usize) -> Vec<(String, f64)> {
    let app = TestApp::start().await;
    let user = "4f1a1c9e-6a0d-4f8e-9b1c-2f6f0a7d3b55";
    app.connect(user, "slack").await;
    agents::register(&app, user, "agent_123").await;
    let overhead = message().with("text", "").json()["context"].to_string().len();
    let later = later(&app).agent("agent_123").with("text", "x".repeat(payload - overhead));
    app.calls.reset();
    app.schedule(user, later).await.scheduled();
    assert_eq!(app.run_processor_after(11).await.ran, 1);
    // The first write is the daily limit.
    let units = app.calls.units().into_iter().skip(1);
    units.filter(|(_, units)| units.write > 0.0).map(|(operation, units)| (operation, units.write)).collect()
}

#[tokio::test]
async fn a_scheduled_task_costs_4_writes_and_6_units() {
    let writes = |units: [f64; 4]| -> Vec<(String, f64)> {
        ["UpdateItem", "PutItem", "UpdateItem", "UpdateItem"].into_iter().map(str::to_owned).zip(units).collect()
    };
    // Count in its minute, schedule (with an entry in the due index), claim, finish (the entry is removed).
    assert_eq!(task_write_units(100).await, writes([1.0, 2.0, 1.0, 2.0]));
    assert_eq!(task_write_units(400).await, writes([1.0, 2.0, 1.0, 2.0]));
    // A row over 1 KiB costs two units per write; the number of writes stays the same.
    assert_eq!(task_write_units(1024).await, writes([1.0, 3.0, 2.0, 3.0]));
    // A larger payload is written once, as a side item.
    let large = task_write_units(3000).await;
    assert_eq!(large[1], ("PutItem".to_owned(), 4.0), "{large:?}");
    assert_eq!([&large[..1], &large[2..]].concat(), writes([1.0, 2.0, 1.0, 2.0]));
}

#[tokio::test]
async fn a_backlog_costs_3_calls_per_task_and_a_poll_per_shard() {
    let app = TestApp::as_documented("the test counts the calls of tasks that no limit defers").await;
    app.connect("u1", "slack").await;
    for _ in 0..320 {
        app.schedule("u1", later(&app)).await.scheduled();
    }
    app.calls.reset();
    assert_eq!(app.run_processor_after(11).await.ran, 320);
    let calls = app.calls.operations();
    let polls = calls.iter().filter(|call| *call == "Query").count();
    assert_eq!((polls, calls.len() - polls), (16, 3 * 320));
}

#[tokio::test]
async fn the_counter_distinguishes_two_requests() {
    // Negative control: two requests must not be counted as one.
    let app = TestApp::start().await;
    app.calls.reset();
    app.get("u1", "/integrations").await.ok();
    app.get("u1", "/integrations").await.ok();
    assert_eq!((app.calls.operations().len(), app.calls.longest_chain()), (2, 2));
}

/// Uses of the record of calls in a file that assert a number or an order of calls. An assertion that there is no call at all
/// states a behaviour.
fn call_assertions(source: &str) -> Vec<&str> {
    let uses = [".operations()", ".units()", ".longest_chain()"];
    let lines = source.lines().filter(|line| uses.iter().any(|used| line.contains(used)));
    let none = |line: &str| line.contains("calls.operations().is_empty()");
    lines.map(str::trim).filter(|line| !none(line)).collect()
}

#[test]
fn call_budgets_are_in_this_file_alone() {
    // `cost.rs` computes a price from the calls.
    let allowed = ["tests/it/calls", "tests/it/cost.rs", "tests/it/support"];
    for (file, source) in sources("tests/it") {
        if !allowed.iter().any(|start| file.starts_with(start)) {
            assert_eq!(call_assertions(&source), Vec::<&str>::new(), "{file}");
        }
    }
    let planted = "    assert_eq!(app.calls.operations().len(), 2);\n    assert!(app.calls.operations().is_empty());\n";
    assert_eq!(call_assertions(planted), ["assert_eq!(app.calls.operations().len(), 2);"]);
}
