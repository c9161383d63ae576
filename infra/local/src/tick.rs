//! The clock's part in AWS: EventBridge's event for `process-due-tasks`, each minute or now.
#![expect(clippy::print_stdout, reason = "the summary is the command's output")]

use serde_json::{Value, json};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::interval;

use crate::client::Client;
use crate::failure::{Context as _, Result};
use crate::state::State;

/// What the schedule of the template sends.
const DUE_TASKS_EVENT: &str = include_str!("../../../events/process-due-tasks.json");

/// Runs what is due now on the running stack, and prints what came of it.
///
/// # Errors
/// When no stack runs, or the function fails.
pub async fn run() -> Result<()> {
    let client = Client::new()?;
    let summary = send_due_tasks_event(&client, &State::load_running(&client).await?.api, Some(0)).await?;
    let count = |name: &str| summary[name].as_u64().unwrap_or_default();
    println!("due tasks: {} found, {} ran, {} failed", count("found"), count("ran"), count("failed"));
    Ok(())
}

/// Delivers one event, with another window than the schedule's where one is given, and returns the run's summary.
///
/// # Errors
/// When the function fails.
pub async fn send_due_tasks_event(client: &Client, api: &str, window_seconds: Option<u8>) -> Result<Value> {
    let mut event: Value = serde_json::from_str(DUE_TASKS_EVENT).context("events/process-due-tasks.json")?;
    if let Some(seconds) = window_seconds {
        event["windowSeconds"] = json!(seconds);
    }
    let url = format!("{api}/2015-03-31/functions/process-due-tasks/invocations");
    client.post(&url, &event).await.and_then(|answer| answer.expect_status(200)).map(|answer| answer.json)
}

/// Delivers the schedule's event each minute, for ever. A run takes as long as a minute, so that two may overlap, as in AWS.
pub async fn run_every_minute(client: Client, api: String, failed: fn(&str)) {
    let mut minutes = interval(Duration::from_secs(60));
    // Dropped with this future: no run outlives it.
    let mut runs = JoinSet::new();
    loop {
        tokio::select! {
            _ = minutes.tick() => {
                let (client, api) = (client.clone(), api.clone());
                runs.spawn(async move { send_due_tasks_event(&client, &api, None).await });
            }
            Some(ended) = runs.join_next() => {
                if let Ok(Err(failure)) = ended {
                    failed(&format!("process-due-tasks failed: {failure}"));
                }
            }
        }
    }
}
