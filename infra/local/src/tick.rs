//! EventBridge's event for `process-due-tasks`, sent every minute or on demand.
#![expect(clippy::print_stdout, reason = "the summary is the command's output")]

use serde_json::{Value, json};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::interval;

use crate::args::StackArgs;
use crate::client::Client;
use crate::failure::{Context as _, Result};
use crate::running;

/// The event that the schedule of the template sends.
const DUE_TASKS_EVENT: &str = include_str!("../../../events/process-due-tasks.json");

/// Processes the due tasks of the running stack and prints the counts.
///
/// # Errors
/// If no stack is running, or the function fails.
pub async fn run(args: &StackArgs) -> Result<()> {
    let api = running::find(args.port)?.api;
    let summary = send_due_tasks_event(&Client::new()?, &api, Some(0)).await?;
    let count = |name: &str| summary[name].as_u64().unwrap_or_default();
    println!("due tasks: {} found, {} ran, {} failed", count("found"), count("ran"), count("failed"));
    Ok(())
}

/// Sends one event and returns the summary of the run. `window_seconds` replaces the window of the schedule.
///
/// # Errors
/// If the function fails.
pub async fn send_due_tasks_event(client: &Client, api: &str, window_seconds: Option<u8>) -> Result<Value> {
    let mut event: Value = serde_json::from_str(DUE_TASKS_EVENT).context("events/process-due-tasks.json")?;
    if let Some(seconds) = window_seconds {
        event["windowSeconds"] = json!(seconds);
    }
    let url = format!("{api}/2015-03-31/functions/process-due-tasks/invocations");
    client.post(&url, &event).await.and_then(|answer| answer.expect_status(200)).map(|answer| answer.json)
}

/// Sends the event every minute until the future is dropped. A run can take a minute, so that two can overlap, as in AWS.
pub async fn run_every_minute(client: Client, api: String, report_failure: fn(&str)) {
    let mut ticks = interval(Duration::from_secs(60));
    // Runs are aborted when this future is dropped.
    let mut runs = JoinSet::new();
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                let (client, api) = (client.clone(), api.clone());
                runs.spawn(async move { send_due_tasks_event(&client, &api, None).await });
            }
            Some(result) = runs.join_next() => {
                if let Ok(Err(failure)) = result {
                    report_failure(&format!("process-due-tasks failed: {failure}"));
                }
            }
        }
    }
}
