//! The same calls without the engine: for each task the claim's update, a read of three keys, a message, and the final update.
//! The expressions are the engine's, so that the store does the same work.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnValue, ReturnValuesOnConditionCheckFailure};
use bench::environment::BenchEnvironment;
use engine::http::Http;
use futures::StreamExt;
use sandbox::fixtures::slack::GENERAL;
use serde_json::json;
use std::collections::HashMap;

use crate::Measurement;

const LEASE_ID: &str = "01J0000000000000000000000A";

/// The primary key of a task.
struct TaskKey {
    pk: String,
    sk: String,
}

/// Values of an expression by placeholder.
type Values = Vec<(&'static str, AttributeValue)>;

/// Measures `tasks` tasks, `concurrency` at a time, with a provider delay of `delay_millis`.
pub(crate) async fn drain(tasks: usize, concurrency: usize, delay_millis: u64) -> Measurement {
    let environment = BenchEnvironment::start(50).await.unwrap();
    let due = environment.engine.clock.now();
    for task in 0..tasks {
        environment.schedule(task, due).await.unwrap();
    }
    let client = Client::new(&environment.aws);
    let rows = client.scan().table_name(&environment.tables.tasks).send().await.unwrap();
    let keys: Vec<TaskKey> = rows.items().iter().filter_map(task_key).collect();
    assert_eq!(keys.len(), tasks);
    let http = Http::client();
    environment.delay_provider(delay_millis);
    let before = environment.calls();
    crate::measure(tasks, async {
        let runs = keys.iter().enumerate().map(|(task, key)| run_task(&environment, &client, &http, task, key));
        futures::stream::iter(runs).buffer_unordered(concurrency).collect::<Vec<()>>().await;
        assert_eq!(environment.posted_messages().len(), tasks);
        (environment.calls() - before) as f64 / tasks as f64
    })
    .await
}

fn task_key(row: &HashMap<String, AttributeValue>) -> Option<TaskKey> {
    let text = |name: &str| row.get(name)?.as_s().ok().cloned();
    Some(TaskKey { pk: text("pk")?, sk: text("sk").filter(|sk| sk.starts_with("S#"))? })
}

async fn run_task(environment: &BenchEnvironment, client: &Client, http: &Http, task: usize, key: &TaskKey) {
    let now = environment.engine.clock.now().as_millisecond();
    let update = || {
        let update = client.update_item().table_name(&environment.tables.tasks);
        update.key("pk", text(&key.pk)).key("sk", text(&key.sk))
    };
    send(claim_expression(update()), claim_values(now)).await;
    let user = key.pk.split('#').next().unwrap_or_default();
    let account = &environment.slack_account;
    let keys =
        [format!("t#slack#a#{account}"), format!("breaker#agent#slack#{account}"), format!("t#slack#c#{account}")]
            .map(|sort| [("pk".to_owned(), text(user)), ("sk".to_owned(), text(&sort))].into_iter().collect());
    let keys = KeysAndAttributes::builder().set_keys(Some(keys.to_vec())).consistent_read(true).build().unwrap();
    client.batch_get_item().request_items(&environment.tables.integrations, keys).send().await.unwrap();
    let message = json!({ "channel": GENERAL, "text": format!("{task} 0") }).to_string();
    let request = http::Request::post(format!("{}/slack/api/chat.postMessage", environment.sandbox.url))
        .header("authorization", format!("Bearer {}", environment.slack_token))
        .header("content-type", "application/json; charset=utf-8")
        .body(message.into())
        .unwrap();
    let response = http.send(request).await.unwrap();
    send(finish_expression(update()), finish_values(now, &String::from_utf8_lossy(response.body().bytes()))).await;
}

/// The claim with exactly the engine's expressions, because the store's work depends on them.
fn claim_expression(update: UpdateItemFluentBuilder) -> UpdateItemFluentBuilder {
    with_names(update, &["attempt", "claimedFrom", "crashes", "dueAt", "leaseId", "leaseUntil", "status", "updatedAt"])
        .update_expression(
            "SET #claimedFrom = #status, #status = :status, #leaseId = :leaseId, #leaseUntil = :leaseUntil, \
             #updatedAt = :updatedAt ADD #attempt :attempt",
        )
        .condition_expression(
            "#status IN (:if_scheduled, :if_retrying, :if_unknown, :if_awaiting_connection) AND #dueAt < :if_dueAt AND \
             attribute_not_exists(#crashes)",
        )
        .return_values(ReturnValue::AllNew)
}

fn claim_values(now: i64) -> Values {
    vec![
        (":status", text("processing")),
        (":leaseId", text(LEASE_ID)),
        (":leaseUntil", number(now + 180_000)),
        (":updatedAt", number(now)),
        (":attempt", number(1)),
        (":if_scheduled", text("scheduled")),
        (":if_retrying", text("retrying")),
        (":if_unknown", text("unknown")),
        (":if_awaiting_connection", text("awaiting_connection")),
        (":if_dueAt", text(&format!("{:015}", now + 1))),
    ]
}

/// The final update of a completed task, with the engine's expressions.
fn finish_expression(update: UpdateItemFluentBuilder) -> UpdateItemFluentBuilder {
    let changed = ["claimedFrom", "dueAt", "dueShard", "externalId", "leaseUntil", "result", "ttl", "updatedAt"];
    with_names(with_names(update, &changed), &["attempt", "leaseId", "status", "stopped"])
        .update_expression(
            "SET #externalId = :externalId, #result = :result, #status = :status, #ttl = :ttl, \
             #updatedAt = :updatedAt REMOVE #claimedFrom, #dueAt, #dueShard, #leaseUntil",
        )
        .condition_expression(
            "#status = :if_status AND #attempt = :if_attempt AND #leaseId = :if_leaseId AND \
             (attribute_not_exists(#stopped) OR #stopped = :if_stopped)",
        )
}

fn finish_values(now: i64, result: &str) -> Values {
    vec![
        (":externalId", text("1795477426.000100")),
        (":result", text(result)),
        (":status", text("completed")),
        (":ttl", number(now / 1_000)),
        (":updatedAt", number(now)),
        (":if_status", text("processing")),
        (":if_attempt", number(1)),
        (":if_leaseId", text(LEASE_ID)),
        (":if_stopped", AttributeValue::Bool(false)),
    ]
}

fn with_names(update: UpdateItemFluentBuilder, names: &[&str]) -> UpdateItemFluentBuilder {
    names.iter().fold(update, |update, name| update.expression_attribute_names(format!("#{name}"), *name))
}

async fn send(update: UpdateItemFluentBuilder, values: Values) {
    let update = update.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    let update =
        values.into_iter().fold(update, |update, (name, value)| update.expression_attribute_values(name, value));
    update.send().await.unwrap();
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
