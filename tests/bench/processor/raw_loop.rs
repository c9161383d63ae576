//! The same calls without the engine: for each task the claim's update, a read of three keys, a message, and the final update.
//! The expressions are the engine's, so that the store does the same work.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnValue, ReturnValuesOnConditionCheckFailure};
use bench::environment::BenchEnvironment;
use bytes::Bytes;
use engine::http::Http;
use futures::StreamExt;
use sandbox::fixtures::slack::GENERAL;
use serde_json::json;

use crate::Measurement;

const LEASE_ID: &str = "01J0000000000000000000000A";

/// Measures `tasks` tasks, `concurrency` at a time, with a provider delay of `delay_millis`.
pub(crate) async fn drain(tasks: usize, concurrency: usize, delay: u64) -> Measurement {
    let world = BenchEnvironment::start(50).await.unwrap();
    let due = world.engine.clock.now();
    for task in 0..tasks {
        world.schedule(task, due).await.unwrap();
    }
    let client = Client::new(&world.aws);
    let rows = client.scan().table_name(&world.tables.tasks).send().await.unwrap();
    let keys: Vec<(String, String)> = rows.items().iter().filter_map(task_key).collect();
    assert_eq!(keys.len(), tasks);
    let http = Http::client();
    world.delay_provider(delay);
    let before = world.calls();
    crate::measure(tasks, async {
        let work = keys.iter().enumerate().map(|(task, key)| run_task(&world, &client, &http, task, key));
        futures::stream::iter(work).buffer_unordered(concurrency).collect::<Vec<()>>().await;
        assert_eq!(world.posted_messages().len(), tasks);
        (world.calls() - before) as f64 / tasks as f64
    })
    .await
}

fn task_key(row: &std::collections::HashMap<String, AttributeValue>) -> Option<(String, String)> {
    let text = |name: &str| row.get(name)?.as_s().ok().cloned();
    Some((text("pk")?, text("sk").filter(|sk| sk.starts_with("S#"))?))
}

async fn run_task(world: &BenchEnvironment, client: &Client, http: &Http, task: usize, (pk, sk): &(String, String)) {
    let now = world.engine.clock.now().as_millisecond();
    let update = || client.update_item().table_name(&world.tables.tasks).key("pk", text(pk)).key("sk", text(sk));
    send(claim_expression(update()), claim_values(now)).await;
    let user = pk.split('#').next().unwrap_or_default();
    let keys = ["tool#slack", "breaker#agent#slack", "gate#slack"]
        .map(|sort| [("pk".to_owned(), text(user)), ("sk".to_owned(), text(sort))].into_iter().collect());
    let keys = KeysAndAttributes::builder().set_keys(Some(keys.to_vec())).consistent_read(true).build().unwrap();
    client.batch_get_item().request_items(&world.tables.integrations, keys).send().await.unwrap();
    let message = json!({ "channel": GENERAL, "text": format!("{task} 0") }).to_string();
    let request = http::Request::post(format!("{}/slack/api/chat.postMessage", world.sandbox.url))
        .header("authorization", format!("Bearer {}", world.slack_token))
        .header("content-type", "application/json; charset=utf-8")
        .body(Bytes::from(message))
        .unwrap();
    let answer = http.send(request).await.unwrap();
    send(finish_expression(update()), finish_values(now, &String::from_utf8_lossy(answer.body()))).await;
}

/// The claim with exactly the engine's expressions, because the store's work depends on them.
fn claim_expression(update: UpdateItemFluentBuilder) -> UpdateItemFluentBuilder {
    update
        .update_expression(
            "SET claimedFrom = #status, #status = :processing, leaseId = :lease, leaseUntil = :until, \
             updatedAt = :updatedAt ADD attempt :one",
        )
        .condition_expression(
            "(#status IN (:scheduled, :retrying, :unknown) AND dueAt < :dueBefore) OR \
             (#status = :processing AND leaseUntil < :lapsed)",
        )
        .return_values(ReturnValue::AllNew)
}

fn claim_values(now: i64) -> Vec<(&'static str, AttributeValue)> {
    vec![
        (":processing", text("processing")),
        (":scheduled", text("scheduled")),
        (":retrying", text("retrying")),
        (":unknown", text("unknown")),
        (":lease", text(LEASE_ID)),
        (":until", number(now + 180_000)),
        (":updatedAt", number(now)),
        (":dueBefore", text(&format!("{:015}", now + 1))),
        (":lapsed", number(now - 5_000)),
        (":one", number(1)),
    ]
}

/// The final update of a completed task, with the engine's expressions.
fn finish_expression(update: UpdateItemFluentBuilder) -> UpdateItemFluentBuilder {
    let names = ["claimedFrom", "dueAt", "dueShard", "externalId", "leaseUntil", "result", "ttl", "updatedAt"];
    names
        .into_iter()
        .fold(update, |update, name| update.expression_attribute_names(format!("#x_{name}"), name))
        .update_expression(
            "SET #x_externalId = :x_externalId, #x_result = :x_result, #status = :x_status, #x_ttl = :x_ttl, \
             #x_updatedAt = :x_updatedAt REMOVE #x_claimedFrom, #x_dueAt, #x_dueShard, #x_leaseUntil",
        )
        .condition_expression("#status = :holding AND attempt = :number AND leaseId = :mine")
}

fn finish_values(now: i64, answer: &str) -> Vec<(&'static str, AttributeValue)> {
    vec![
        (":x_externalId", text("1795477426.000100")),
        (":x_result", text(answer)),
        (":x_status", text("completed")),
        (":x_ttl", number(now / 1_000)),
        (":x_updatedAt", number(now)),
        (":holding", text("processing")),
        (":number", number(1)),
        (":mine", text(LEASE_ID)),
    ]
}

async fn send(update: UpdateItemFluentBuilder, values: Vec<(&'static str, AttributeValue)>) {
    let update = update
        .expression_attribute_names("#status", "status")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
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
