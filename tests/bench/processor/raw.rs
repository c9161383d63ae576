//! The same calls without an engine: for each task an update, a read of three keys, a message, an update.

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnValue};
use bench::world::World;
use bytes::Bytes;
use engine::http::Http;
use futures::StreamExt;
use sandbox::world::slack::GENERAL;
use serde_json::json;

use crate::Measured;

/// Runs `tasks` tasks, `concurrency` at a time, with a provider that takes `delay` ms.
pub(crate) async fn drain(tasks: usize, concurrency: usize, delay: u64) -> Measured {
    let world = World::start(50).await.unwrap();
    let due = world.engine.clock.now();
    for task in 0..tasks {
        world.schedule(task, due).await.unwrap();
    }
    let client = aws_sdk_dynamodb::Client::new(&world.aws);
    let rows = client.scan().table_name(&world.tables.tasks).send().await.unwrap();
    let keys: Vec<(String, String)> = rows.items().iter().filter_map(key).collect();
    assert_eq!(keys.len(), tasks);
    let http = Http::client();
    world.delay(delay);
    let before = world.calls();
    crate::measure(tasks, async {
        let work = keys.iter().enumerate().map(|(task, key)| one(&world, &client, &http, task, key));
        futures::stream::iter(work).buffer_unordered(concurrency).collect::<Vec<()>>().await;
        assert_eq!(world.posted().len(), tasks);
        (world.calls() - before) as f64 / tasks as f64
    })
    .await
}

fn key(row: &std::collections::HashMap<String, AttributeValue>) -> Option<(String, String)> {
    let text = |name: &str| row.get(name)?.as_s().ok().cloned();
    Some((text("pk")?, text("sk").filter(|sk| sk.starts_with("S#"))?))
}

async fn one(world: &World, client: &aws_sdk_dynamodb::Client, http: &Http, task: usize, (pk, sk): &(String, String)) {
    update(world, client, (pk, sk), "scheduled", "processing").await;
    let user = pk.split('#').next().unwrap_or_default();
    let keys = ["tool#slack", "breaker#agent#slack", "gate#slack"]
        .map(|sort| [("pk".to_owned(), text(user)), ("sk".to_owned(), text(sort))].into_iter().collect());
    let keys = KeysAndAttributes::builder().set_keys(Some(keys.to_vec())).consistent_read(true).build().unwrap();
    client.batch_get_item().request_items(&world.tables.integrations, keys).send().await.unwrap();
    let message = json!({ "channel": GENERAL, "text": format!("{task} 0") }).to_string();
    let request = http::Request::post(format!("{}/slack/api/chat.postMessage", world.sandbox.url))
        .header("authorization", format!("Bearer {}", world.token))
        .header("content-type", "application/json; charset=utf-8")
        .body(Bytes::from(message))
        .unwrap();
    http.send(request).await.unwrap();
    update(world, client, (pk, sk), "processing", "completed").await;
}

async fn update(world: &World, client: &aws_sdk_dynamodb::Client, (pk, sk): (&str, &str), from: &str, to: &str) {
    let index = if to == "completed" { " REMOVE dueShard, dueAt" } else { "" };
    client
        .update_item()
        .table_name(&world.tables.tasks)
        .key("pk", text(pk))
        .key("sk", text(sk))
        .update_expression(format!("SET #status = :to, leaseId = :lease{index}"))
        .condition_expression("#status = :from")
        .expression_attribute_names("#status", "status")
        .expression_attribute_values(":from", text(from))
        .expression_attribute_values(":to", text(to))
        .expression_attribute_values(":lease", text("01J0000000000000000000000A"))
        .return_values(ReturnValue::AllNew)
        .send()
        .await
        .unwrap();
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}
