//! The same calls without an engine: for each task the claim's update, a read of three keys, a message, the ending's update;
//! in the engine's words, so that the store has the same work with both.

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

/// Runs `tasks` tasks, `concurrency` at a time, with a provider that takes `delay` ms.
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
    let keys = ["tool#slack", "breaker#agent#slack", "cooldown#slack"]
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

/// The claim, with the engine's own expressions: the store's work on an update depends on its text.
fn claim_expression(update: UpdateItemFluentBuilder) -> UpdateItemFluentBuilder {
    named(update, &["attempt", "claimedFrom", "dueAt", "leaseId", "leaseUntil", "status", "updatedAt"])
        .update_expression(
            "SET #claimedFrom = #status, #status = :status, #leaseId = :leaseId, #leaseUntil = :leaseUntil, \
             #updatedAt = :updatedAt ADD #attempt :attempt",
        )
        .condition_expression(
            "(#status IN (:if_scheduled, :if_retrying, :if_unknown) AND #dueAt < :if_dueAt) OR \
             (#status = :if_status AND #leaseUntil < :if_leaseUntil)",
        )
        .return_values(ReturnValue::AllNew)
}

fn claim_values(now: i64) -> Vec<(&'static str, AttributeValue)> {
    vec![
        (":status", text("processing")),
        (":leaseId", text(LEASE_ID)),
        (":leaseUntil", number(now + 180_000)),
        (":updatedAt", number(now)),
        (":attempt", number(1)),
        (":if_scheduled", text("scheduled")),
        (":if_retrying", text("retrying")),
        (":if_unknown", text("unknown")),
        (":if_dueAt", text(&format!("{:015}", now + 1))),
        (":if_status", text("processing")),
        (":if_leaseUntil", number(now - 5_000)),
    ]
}

/// The transition of a task that was completed, with the engine's own expressions.
fn finish_expression(update: UpdateItemFluentBuilder) -> UpdateItemFluentBuilder {
    let changed = ["claimedFrom", "dueAt", "dueShard", "externalId", "leaseUntil", "result", "ttl", "updatedAt"];
    named(named(update, &changed), &["attempt", "leaseId", "status"])
        .update_expression(
            "SET #externalId = :externalId, #result = :result, #status = :status, #ttl = :ttl, \
             #updatedAt = :updatedAt REMOVE #claimedFrom, #dueAt, #dueShard, #leaseUntil",
        )
        .condition_expression("#status = :if_status AND #attempt = :if_attempt AND #leaseId = :if_leaseId")
}

fn finish_values(now: i64, answer: &str) -> Vec<(&'static str, AttributeValue)> {
    vec![
        (":externalId", text("1795477426.000100")),
        (":result", text(answer)),
        (":status", text("completed")),
        (":ttl", number(now / 1_000)),
        (":updatedAt", number(now)),
        (":if_status", text("processing")),
        (":if_attempt", number(1)),
        (":if_leaseId", text(LEASE_ID)),
    ]
}

/// Binds a placeholder for each attribute.
fn named(update: UpdateItemFluentBuilder, names: &[&str]) -> UpdateItemFluentBuilder {
    names.iter().fold(update, |update, name| update.expression_attribute_names(format!("#{name}"), *name))
}

async fn send(update: UpdateItemFluentBuilder, values: Vec<(&'static str, AttributeValue)>) {
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
