//! The routes `/tasks` and `/tasks/schedule`, and the run that EventBridge starts.

use crate::support::TestApp;
use jiff::SignedDuration;
use sandbox::Fault;
use serde_json::{Value, json};

fn in_seconds(app: &TestApp, seconds: i64) -> String {
    (app.clock.now() + SignedDuration::from_secs(seconds)).to_string()
}

fn message(app: &TestApp, seconds: i64) -> Value {
    json!({
        "agentId": "agent_123", "tool": "slack", "intent": "send_message",
        "context": { "channel": "general", "text": "later" },
        "executeAt": in_seconds(app, seconds)
    })
}

async fn schedule(app: &TestApp, seconds: i64) -> String {
    let body = app.post("u1", "/tasks/schedule", message(app, seconds)).await.accepted();
    body["taskId"].as_str().unwrap().to_owned()
}

async fn task(app: &TestApp, id: &str) -> Value {
    app.get("u1", &format!("/tasks?taskId={id}")).await.ok()["task"].clone()
}

#[tokio::test]
async fn a_due_task_runs_once_at_its_time() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let id = schedule(&app, 120).await;
    assert_eq!(task(&app, &id).await["status"], "scheduled");
    assert_eq!(app.run_processor().await.ran, 0, "not before its time");
    app.advance(121);
    assert_eq!(app.run_processor().await.ran, 1);
    assert_eq!(app.run_processor().await.found, 0, "a completed task is no longer in the due index");
    let done = task(&app, &id).await;
    assert_eq!((&done["status"], &done["attempts"]), (&json!("completed"), &json!(1)), "{done}");
    let posted = app.effects("message_posted");
    assert_eq!((posted.len(), &done["externalId"]), (1, &json!(posted[0].id)));
    assert_eq!(app.effects("task.completed").len(), 1);
}

#[tokio::test]
async fn the_main_endpoint_schedules_too() {
    let app = TestApp::start().await;
    let result = app.post("u1", "", message(&app, 60)).await.accepted();
    assert_eq!(result["success"], true);
    assert!(result["data"]["taskId"].is_string() && result["metadata"]["taskId"].is_string(), "{result}");
    let listed = app.get("u1", "/tasks?agentId=agent_123").await.ok();
    assert_eq!(listed["tasks"][0]["id"], result["data"]["taskId"]);
}

#[tokio::test]
async fn each_task_runs_on_exactly_one_of_8_processors() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    for _ in 0..10 {
        schedule(&app, 30).await;
    }
    app.advance(31);
    let runs = futures::future::join_all((0..8).map(|_| app.run_processor())).await;
    assert_eq!(runs.iter().map(|run| run.ran).sum::<usize>(), 10);
    assert_eq!(app.effects("message_posted").len(), 10);
}

#[tokio::test]
async fn a_rate_limit_defers_a_task_without_consuming_an_attempt() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let limited = Fault::status("slack", 429, json!({ "ok": false, "error": "ratelimited" }));
    app.sandbox.sandbox.fault(limited.at_path("/api/chat.postMessage").header("retry-after", "30"));
    let id = schedule(&app, 10).await;
    app.advance(11);
    app.run_processor().await;
    let waiting = task(&app, &id).await;
    assert_eq!((&waiting["status"], &waiting["attempts"]), (&json!("retrying"), &json!(0)), "{waiting}");
    assert_eq!(waiting["lastError"]["code"], "PROVIDER_RATE_LIMITED");
    app.advance(29);
    assert_eq!(app.run_processor().await.ran, 0, "not before `Retry-After`");
    app.advance(10);
    app.run_processor().await;
    assert_eq!(task(&app, &id).await["status"], "completed");
    assert_eq!(app.effects("message_posted").len(), 1);
}

#[tokio::test]
async fn a_lost_store_response_during_a_due_task_changes_nothing() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let down = json!({ "ok": false, "error": "service_unavailable" });
    app.sandbox.sandbox.fault(Fault::status("slack", 200, down).at_path("/api/chat.postMessage"));
    app.calls.lose_responses(&[2]);
    let id = schedule(&app, 10).await;
    assert_eq!(app.calls.operations(), ["UpdateItem", "PutItem", "PutItem"], "the limit; the task and its repetition");
    // Sixteen polls; the claim and its repetition; the guards, and the failure policy of a failed attempt; the finish and its
    // repetition. The second attempt succeeds and reads no policy.
    for (status, reads) in [("retrying", 2), ("completed", 1)] {
        app.advance(60);
        let finish = 18 + reads + 1;
        app.calls.lose_responses(&[17, finish]);
        assert_eq!(app.run_processor().await.ran, 1);
        let calls = app.calls.operations();
        assert_eq!(calls[16..18], ["UpdateItem", "UpdateItem"], "{calls:?}");
        assert!(calls[18..finish - 1].iter().all(|call| call == "BatchGetItem"), "{calls:?}");
        assert_eq!(calls[finish - 1], "UpdateItem", "{calls:?}");
        assert_eq!(task(&app, &id).await["status"], status);
    }
    assert_eq!(task(&app, &id).await["attempts"], 2);
    assert_eq!((app.effects("message_posted").len(), app.effects("task.completed").len()), (1, 1));
}

#[tokio::test]
async fn a_lost_store_response_during_an_intent_changes_nothing() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let now = json!({
        "agentId": "agent_123", "tool": "slack", "intent": "send_message",
        "context": { "channel": sandbox::fixtures::slack::GENERAL, "text": "now" }
    });
    // The guards and the limit in parallel; the claim and its repetition; the finish and its repetition.
    app.calls.lose_responses(&[3, 5]);
    let result = app.post("u1", "", now).await.ok();
    assert_eq!(app.calls.operations()[2..], ["PutItem", "PutItem", "UpdateItem", "UpdateItem"]);
    assert_eq!(result["success"], true, "{result}");
    let id = result["metadata"]["taskId"].as_str().unwrap();
    assert_eq!(task(&app, id).await["status"], "completed");
    assert_eq!((app.effects("message_posted").len(), app.effects("task.completed").len()), (1, 1));
}

#[tokio::test]
async fn an_open_circuit_breaker_defers_tasks() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let down = Fault::status("slack", 503, json!({})).at_path("/api/conversations.history").times(11);
    app.sandbox.sandbox.fault(down);
    let fetch = json!({
        "agentId": "agent_123", "tool": "slack", "intent": "fetch_messages",
        "context": { "channel": sandbox::fixtures::slack::GENERAL }
    });
    for _ in 0..11 {
        app.post("u1", "", fetch.clone()).await.ok();
    }
    let id = schedule(&app, 10).await;
    app.advance(11);
    app.run_processor().await;
    let waiting = task(&app, &id).await;
    assert_eq!((&waiting["status"], &waiting["attempts"]), (&json!("retrying"), &json!(0)), "{waiting}");
    assert_eq!(waiting["lastError"]["code"], "CIRCUIT_BREAKER_OPEN");
    app.advance(16 * 60);
    app.run_processor().await;
    assert_eq!(task(&app, &id).await["status"], "completed");
    assert_eq!(app.effects("circuit_breaker.closed").len(), 1);
}

#[tokio::test]
async fn a_failing_task_follows_its_retry_policy() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let retry = json!({ "maxAttempts": 2, "initialIntervalSeconds": 900, "maxIntervalSeconds": 900 });
    app.post("u1", "/errors/fallbacks", json!({ "tool": "slack", "agentId": "agent_123", "retry": retry })).await.ok();
    let down = json!({ "ok": false, "error": "service_unavailable" });
    app.sandbox.sandbox.fault(Fault::status("slack", 200, down).at_path("/api/chat.postMessage").times(2));
    let id = schedule(&app, 10).await;
    app.advance(11);
    app.calls.reset();
    app.run_processor().await;
    let after_the_claim = ["BatchGetItem", "BatchGetItem", "UpdateItem"];
    let calls: Vec<String> = app.calls.operations().into_iter().filter(|call| call != "Query").collect();
    assert_eq!(calls[1..4], after_the_claim, "guards, failure policy, finish: {calls:?}");
    assert_eq!(task(&app, &id).await["status"], "retrying");
    app.advance(20 * 60);
    app.run_processor().await;
    let failed = task(&app, &id).await;
    assert_eq!((&failed["status"], &failed["attempts"]), (&json!("failed"), &json!(2)), "{failed}");
}

#[tokio::test]
async fn a_failing_task_ends_after_5_attempts_and_can_be_retried_manually() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let down = json!({ "ok": false, "error": "service_unavailable" });
    app.sandbox.sandbox.fault(Fault::status("slack", 200, down).at_path("/api/chat.postMessage").times(5));
    let id = schedule(&app, 10).await;
    for _ in 0..5 {
        app.advance(20 * 60);
        app.run_processor().await;
    }
    let failed = task(&app, &id).await;
    assert_eq!((&failed["status"], &failed["attempts"]), (&json!("failed"), &json!(5)), "{failed}");
    assert_eq!(app.effects("task.failed").len(), 1);
    app.advance(3600);
    assert_eq!(app.run_processor().await.found, 0, "it is not retried automatically");
    app.post("u1", "/tasks", json!({ "taskId": id })).await.ok();
    app.run_processor().await;
    assert_eq!(task(&app, &id).await["status"], "completed");
}

#[tokio::test]
async fn a_task_without_a_connection_needs_attention() {
    let app = TestApp::start().await;
    let id = schedule(&app, 10).await;
    app.advance(11);
    app.run_processor().await;
    let waiting = task(&app, &id).await;
    assert_eq!(
        (&waiting["status"], &waiting["lastError"]["code"]),
        (&json!("needs_attention"), &json!("NOT_CONNECTED"))
    );
    app.connect("u1", "slack").await;
    app.post("u1", "/tasks", json!({ "taskId": id, "force": true })).await.ok();
    app.run_processor().await;
    assert_eq!(task(&app, &id).await["status"], "completed");
}

#[tokio::test]
async fn a_cancelled_task_never_runs_and_a_finished_one_cannot_be_cancelled() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let (cancelled, done) = (schedule(&app, 10).await, schedule(&app, 10).await);
    app.delete("u1", "/tasks", Some(json!({ "taskId": cancelled }))).await.ok();
    app.delete("u1", "/tasks", Some(json!({ "taskId": cancelled }))).await.ok();
    app.advance(11);
    app.run_processor().await;
    assert_eq!(task(&app, &cancelled).await["status"], "cancelled");
    app.delete("u1", "/tasks", Some(json!({ "taskId": done }))).await.refused(409, "CONFLICT");
    app.post("u1", "/tasks", json!({ "taskId": cancelled })).await.refused(409, "CONFLICT");
    assert_eq!(app.effects("message_posted").len(), 1);
}

#[tokio::test]
async fn lists_filter_and_page() {
    let app = TestApp::start().await;
    let mut ids = vec![];
    for seconds in [30, 10, 20] {
        ids.push(schedule(&app, seconds).await);
    }
    app.delete("u1", "/tasks", Some(json!({ "taskId": ids[1] }))).await.ok();
    let listed = |body: &Value| -> Vec<String> {
        body["tasks"].as_array().unwrap().iter().map(|task| task["id"].as_str().unwrap().to_owned()).collect()
    };
    let all = app.get("u1", "/tasks?agentId=agent_123").await.ok();
    assert_eq!(listed(&all), [&*ids[1], &*ids[2], &*ids[0]], "by time of execution");
    let open = app.get("u1", "/tasks?agentId=agent_123&status=scheduled").await.ok();
    assert_eq!(listed(&open), [&*ids[2], &*ids[0]]);

    let first = app.get("u1", "/tasks?agentId=agent_123&limit=2").await.ok();
    assert_eq!(listed(&first), [&*ids[1], &*ids[2]]);
    let cursor = first["cursor"].as_str().unwrap();
    let second = app.get("u1", &format!("/tasks?agentId=agent_123&limit=2&cursor={cursor}")).await.ok();
    assert_eq!(listed(&second), [&*ids[0]]);
    assert_eq!(second["cursor"], Value::Null);
}

#[tokio::test]
async fn immediate_intents_are_listed_separately() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let now = json!({
        "agentId": "agent_123", "tool": "slack", "intent": "send_message",
        "context": { "channel": "general", "text": "now" }
    });
    let result = app.post("u1", "", now).await.ok();
    let listed = app.get("u1", "/tasks?agentId=agent_123&kind=immediate").await.ok();
    assert_eq!(listed["tasks"][0]["id"], result["metadata"]["taskId"]);
    assert_eq!(app.get("u1", "/tasks?agentId=agent_123").await.ok()["tasks"], json!([]));
}

#[tokio::test]
async fn schedule_and_bus_events_start_a_run() {
    for kind in ["", ".detail", ".refresh_tokens", ".sweep"] {
        let file = format!("process-due-tasks{kind}.json");
        let path = format!("{}/../events/{file}", env!("CARGO_MANIFEST_DIR"));
        let event = std::fs::read_to_string(&path).unwrap();
        let read: Result<engine::processor::DueEvent, _> = serde_json::from_str(&event);
        assert!(read.is_ok(), "{file}: {read:?}");
    }
    let wrong: Result<engine::processor::DueEvent, _> = serde_json::from_str(r#"{"job":"mine_bitcoins"}"#);
    assert!(wrong.is_err());
}

#[tokio::test]
async fn one_users_backlog_does_not_delay_another_users_task() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app.connect("u2", "slack").await;
    for _ in 0..200 {
        schedule(&app, 10).await;
    }
    let mut other = message(&app, 20);
    other["context"]["text"] = "the other".into();
    app.post("u2", "/tasks/schedule", other).await.accepted();
    app.advance(21);
    assert_eq!(app.run_processor().await.ran, 201);
    let posted = app.effects("message_posted");
    let place = posted.iter().position(|effect| effect.request["text"] == "the other").unwrap();
    assert!(place <= 64, "it was the {place}th although it is the only one of its user");
}

/// Copies a due task many times, as a backlog after a long outage.
async fn copy_task(app: &TestApp, id: &str, copies: usize) {
    use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
    let row = app.store.scan().table_name(&app.tables.tasks).send().await.unwrap().items.unwrap();
    let row = row.into_iter().find(|row| row.contains_key("dueAt")).unwrap_or_else(|| panic!("no row of {id}"));
    let copies: Vec<WriteRequest> = (0..copies)
        .map(|copy| {
            let mut row = row.clone();
            // New ULIDs, spread over all shards.
            let digits = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
            let ulid = format!("01J{copy:022}{}", char::from(digits[copy % digits.len()]));
            let due = row["dueAt"].as_s().unwrap().split_once('#').unwrap().0.to_owned();
            let shard = engine::tables::tasks::shard_of(&ulid);
            row.insert("sk".to_owned(), AttributeValue::S(format!("S#{due}#{ulid}")));
            row.insert("dueAt".to_owned(), AttributeValue::S(format!("{due}#{ulid}")));
            row.insert("dueShard".to_owned(), AttributeValue::S(format!("{shard:02}")));
            let put = PutRequest::builder().set_item(Some(row)).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        })
        .collect();
    for batch in copies.chunks(25) {
        app.store.batch_write_item().request_items(&app.tables.tasks, batch.to_vec()).send().await.unwrap();
    }
}

#[tokio::test]
async fn a_large_backlog_fans_out_to_further_runs() {
    let app = TestApp::start().await;
    let id = schedule(&app, 10).await;
    copy_task(&app, &id, 4_200).await;
    app.advance(11);
    let run_requests = || app.effects("process-due-tasks");
    run_until_killed(&app, || !run_requests().is_empty()).await;
    let run_requests = run_requests();
    let detail: engine::processor::Job = serde_json::from_value(run_requests[0].request["Detail"].clone()).unwrap();
    let shards = detail.shards.unwrap();
    assert!(!shards.is_empty() && shards.len() <= 8 && shards.iter().all(|shard| *shard < 16), "{shards:?}");
}

#[tokio::test]
async fn an_unavailable_bus_does_not_block_a_backlog() {
    let app = TestApp::start().await;
    let id = schedule(&app, 10).await;
    copy_task(&app, &id, 4_200).await;
    app.advance(11);
    app.sandbox.sandbox.fault(Fault::refuse("aws").times(100_000));
    app.calls.reset();
    let claims = || app.calls.operations().iter().filter(|call| *call == "UpdateItem").count();
    run_until_killed(&app, || claims() > 400).await;
    assert!(app.effects("process-due-tasks").is_empty(), "no further run could be requested");
}

/// Starts a run and drops it when a condition holds.
async fn run_until_killed(app: &TestApp, when: impl Fn() -> bool) {
    {
        let run = app.run_processor();
        tokio::pin!(run);
        while !when() {
            tokio::select! {
                biased;
                ended = &mut run => panic!("ended: {ended:?}"),
                () = tokio::task::yield_now() => {}
            }
        }
    }
    // The calls of the dropped run are not checked against the next function's role.
    app.calls.take_used_actions();
}

#[tokio::test]
async fn nothing_starts_without_enough_time_left() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_TIMEOUT_SECONDS", "10")]).await;
    app.connect("u1", "slack").await;
    let id = schedule(&app, 10).await;
    app.advance(11);
    assert_eq!(app.run_processor().await.ran, 0);
    assert_eq!(task(&app, &id).await["attempts"], 0, "the task was not claimed");
    let mut now = message(&app, 0);
    now.as_object_mut().unwrap().remove("executeAt");
    app.post("u1", "", now).await.refused(503, "UNAVAILABLE");
    assert_eq!(app.effects("message_posted").len(), 0);
}

#[tokio::test]
async fn a_deadline_is_the_configured_timeout_or_an_earlier_runtime_deadline() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_TIMEOUT_SECONDS", "29")]).await;
    let now = app.clock.now();
    let left =
        |deadline_ms: i64| app.shell().deadline(u64::try_from(deadline_ms).unwrap()).duration_since(now).as_secs();
    assert_eq!(left(now.as_millisecond() + 12_000), 12);
    assert_eq!(left(now.as_millisecond() + 90_000), 29, "never later than configured");
    // A duration instead of an instant, or zero.
    assert_eq!((left(29_000), left(0)), (29, 29));
}
