//! The connector of the AWS SDK: DynamoDB calls go to the embedded engine, all others to the sandbox, both in process.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use serde_json::{Value, json};
use std::sync::Arc;

use crate::accounts::{CONNECTED_BY, ToolAccount};
use crate::actions::{TOOLS, contains_content};
use crate::faults::StoreFault;
use crate::history::Write;
use crate::network::{self, Network};
use crate::oracle;
use crate::store::{self, StoreResponse};

/// The SDK's configuration for one worker, with the deployed retries and timeouts.
pub(crate) fn config(network: &Arc<Network>, seed: u64) -> SdkConfig {
    let connector = SharedHttpConnector::new(Connector(Arc::clone(network)));
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http_client_fn(move |_, _| connector.clone()))
        // The SDK shares its retry quota among all clients of a region; a unique region per worker simulates separate processes.
        .region(Region::new(format!("{}-{seed}", network.name)))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::from_keys("test", "test", None)))
        .endpoint_url("http://localhost")
        .retry_config(engine::aws::retry_config())
        .timeout_config(engine::aws::timeout_config())
        .build()
}

#[derive(Clone, Debug)]
struct Connector(Arc<Network>);

/// One call of the SDK.
#[derive(Clone, Debug)]
struct Operation {
    /// The target, for example `DynamoDB_20120810.UpdateItem`.
    target: String,
    body: Value,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        let body = network::parse_json(request.body().bytes().unwrap_or_default());
        let (network, operation) = (Arc::clone(&self.0), Operation { target, body });
        HttpConnectorFuture::new(async move {
            let (status, body) = call(network, operation).await?;
            let status = status.try_into().map_err(|error| ConnectorError::other(Box::new(error), None))?;
            Ok(HttpResponse::new(status, body.to_string().into()))
        })
    }
}

async fn call(network: Arc<Network>, operation: Operation) -> Result<StoreResponse, ConnectorError> {
    network.add_latency(6).await;
    network.wait_until_thawed().await;
    let number = network.next_call_number();
    network.draw_freeze(&operation.describe(), true);
    let leaving = leave(Arc::clone(&network), operation, number);
    let left = network.leave(leaving).await;
    let answer = left.ok_or_else(|| ConnectorError::io("the response was lost".into()))??;
    network.add_latency(4).await;
    network.wait_until_thawed().await;
    Ok(answer)
}

/// Sends a call, with its fault.
async fn leave(network: Arc<Network>, operation: Operation, number: usize) -> Result<StoreResponse, ConnectorError> {
    let world = Arc::clone(&network.world);
    let fault = {
        let mut state = world.state();
        let fault_plan = state.fault_plan.clone();
        let fault = match world.elapsed() < state.outage_until {
            true => StoreFault::Refused("ThrottlingException"),
            false => fault_plan.store(&mut state.rng, number),
        };
        state.fault_count += usize::from(fault != StoreFault::None);
        fault
    };
    let what = operation.describe();
    world.trace(&format!("{} {what}{}", network.name, fault_suffix(&fault)));
    let served = execute(Arc::clone(&network), operation);
    let answer = match fault {
        StoreFault::None => served.await,
        StoreFault::Refused(code) => store::error_response(code, "try again"),
        StoreFault::ResponseLost => {
            served.await;
            return Err(ConnectorError::io("the response was lost".into()));
        }
        StoreFault::ResponseDelayed(by) => {
            let answer = served.await;
            tokio::time::sleep(by).await;
            answer
        }
        StoreFault::RequestDelayed(by) => {
            let arrived = network::run_after(by, served).await;
            arrived.ok_or_else(|| ConnectorError::io("the response was lost".into()))?
        }
        StoreFault::KilledBefore => return network.kill_during(&what).await,
        StoreFault::KilledAfter => {
            served.await;
            return network.kill_during(&what).await;
        }
    };
    Ok(answer)
}

fn fault_suffix(fault: &StoreFault) -> String {
    if *fault == StoreFault::None { String::new() } else { format!("  <- {fault:?}") }
}

async fn execute(network: Arc<Network>, operation: Operation) -> StoreResponse {
    let world = &network.world;
    let Some(name) = operation.target.strip_prefix("DynamoDB_20120810.") else {
        return call_other_service(&network, &operation).await;
    };
    let body = &operation.body;
    record_guard_reads(&network, name, body);
    let written = ["PutItem", "UpdateItem", "DeleteItem"].contains(&name);
    if !written || body["TableName"] != world.tables.tasks.as_str() {
        let mut request = body.clone();
        world.mutation.mutate_connection(&mut request);
        let mut answer = store::call(&world.database, name, &request);
        world.mutation.mutate_guards(&world.database, &mut answer.1);
        record_cooldown_write(&network, body);
        return answer;
    }
    let answer = write_task(&network, name, body);
    if answer.0 != 200 {
        let why = answer.1["__type"].as_str().unwrap_or_default();
        world.trace(&format!("{}   refused: {}", network.name, why.rsplit('#').next().unwrap_or_default()));
    }
    answer
}

/// A write to the tasks table: mutated if the run has a negative control, then checked.
fn write_task(network: &Network, name: &str, sent: &Value) -> StoreResponse {
    let world = &network.world;
    let mut request = sent.clone();
    world.mutation.mutate(&mut request);
    let before = store::row(&world.database, sent);
    let original = world.mutation.drops_write(sent).then(|| store::item(&world.database, sent));
    let mut answer = store::call(&world.database, name, &request);
    world.mutation.mutate_response(sent, &mut answer.1);
    if let Some(original) = original {
        store::restore(&world.database, sent, original);
    }
    // Limits are counted in the same table; only conditions on tasks are recorded.
    let condition =
        sent["ConditionExpression"].as_str().filter(|_| before.is_some() || sent["Item"]["status"].is_object());
    if let Some(condition) = condition {
        world.state().history.conditions.insert(condition.to_owned());
    }
    let after = store::row(&world.database, sent);
    if let (200, Some(after)) = (answer.0, &after)
        && before.as_ref() != Some(after)
    {
        let written =
            Write { worker: &network.name, clock: network.clock(), request: sent, before: before.as_ref(), after };
        world.state().history.record_write(written);
        let attempt = format!("attempt {} {}", after.attempt, after.error.as_deref().unwrap_or_default());
        world.trace(&format!("{}   task {:?} is {}, {}", network.name, after.task, after.status, attempt.trim()));
    }
    answer
}

/// Records that a worker reads the guards of an account, or everything of a tool with all its accounts.
fn record_guard_reads(network: &Network, name: &str, body: &Value) {
    let (world, at) = (&network.world, network.world.elapsed());
    let table = world.tables.integrations.as_str();
    let read: Vec<ToolAccount> = match name {
        "BatchGetItem" => {
            let keys = body["RequestItems"][table]["Keys"].as_array();
            keys.into_iter().flatten().filter_map(oracle::cooldown_owner).collect()
        }
        "Query" if body["TableName"] == table => accounts_of_query(body),
        _ => return,
    };
    for key in read {
        network.world.state().history.oracles.entry(key).or_default().record_guard_read(&network.name, at);
    }
}

/// The accounts that a query of a tool's items returns.
fn accounts_of_query(body: &Value) -> Vec<ToolAccount> {
    let values = body["ExpressionAttributeValues"].as_object().into_iter().flatten();
    let texts: Vec<&str> = values.filter_map(|(_, value)| value["S"].as_str()).collect();
    let person = texts.iter().find_map(|text| oracle::person_of(text));
    let tool = TOOLS.into_iter().find(|(tool, _)| texts.contains(&format!("t#{tool}#").as_str()));
    let (Some(person), Some((tool, _))) = (person, tool) else { return vec![] };
    CONNECTED_BY[person].iter().map(|&account| ToolAccount { person, tool, account }).collect()
}

/// Records the state of a cooldown after a write.
fn record_cooldown_write(network: &Network, body: &Value) {
    if let Some(key) = oracle::cooldown_owner(&body["Key"]) {
        let row = store::item(&network.world.database, body);
        let at = network.world.elapsed();
        let history = &mut network.world.state().history;
        history.cooldowns += usize::from(!row.is_null());
        history.oracles.entry(key).or_default().record_cooldown(&row, at);
    }
}

/// A call to another service. Events on the bus must contain no token and no content.
async fn call_other_service(network: &Network, operation: &Operation) -> StoreResponse {
    let text = operation.body.to_string();
    let request = http::Request::post("/aws").header("x-amz-target", operation.target.as_str());
    let request = request.header("content-type", "application/x-amz-json-1.1").body(text.clone().into());
    if operation.target == "AWSEvents.PutEvents" {
        let mut state = network.world.state();
        let leaked = state.history.tokens.keys().any(|token| text.contains(token.as_str()));
        if leaked || contains_content(&text) {
            state.history.violations.push(format!("an event contains a secret or content: {text}"));
        }
    }
    let answer = match request {
        Ok(request) => network::send_to_sandbox(&network.world, request).await,
        Err(_) => return store::error_response("InternalServerError", "not a request"),
    };
    if answer.as_ref().is_ok_and(|response| response.status() == 200) {
        let requested = operation.body["Entries"].as_array().into_iter().flatten();
        let requested = requested.filter(|entry| {
            ["process-due-tasks", "resume-waiting-tasks"].map(Value::from).contains(&entry["DetailType"])
        });
        let jobs =
            requested.filter_map(|entry| entry["Detail"].as_str()).map(|job| network::parse_json(job.as_bytes()));
        network.world.state().requested_runs.extend(jobs);
    }
    match answer {
        Ok(response) => (response.status().as_u16(), network::parse_json(response.body().bytes())),
        Err(_) => (500, json!({})),
    }
}

impl Operation {
    /// A description for the trace, without values that differ between equal runs.
    fn describe(&self) -> String {
        let name = self.target.rsplit('.').next().unwrap_or_default();
        let key = if self.body["Key"].is_object() { &self.body["Key"] } else { &self.body["Item"] };
        let sort = key["sk"]["S"].as_str().unwrap_or_default();
        let table = self.body["TableName"].as_str().unwrap_or_default();
        let table = table.rsplit('-').next().unwrap_or_default();
        let values = self.body["ExpressionAttributeValues"].as_object().into_iter().flatten();
        let shard = values
            .filter(|(name, _)| name.to_lowercase().ends_with("shard"))
            .find_map(|(_, value)| value["S"].as_str());
        let shard = shard.unwrap_or_default();
        format!("{name} {table} {sort}{shard}").trim_end().to_owned()
    }
}
