//! The acts about one message that must arrive once.

use jiff::{SignedDuration, Timestamp};
use sandbox::Fault;
use serde_json::json;
use std::time::Duration;

use super::stage::{Act, Stage, Table, email, message};
use super::verdict::Claim;
use crate::failure::{Context as _, Failure, Result};
use crate::scenario::unexpected;
use crate::tick;
use engine::clock::Clock;

/// The path of the call that sends an e-mail.
const SEND: &str = "/gmail/v1/users/me/drafts/send";
/// The time for which Gmail's answer is held back: longer than any processor lives here.
const HELD_BACK: Duration = Duration::from_secs(120);
/// The function that is killed.
const PROCESSOR: &str = "process-due-tasks";

/// Act 1: Gmail sends, and the connection drops before its answer.
pub(super) async fn lost_answer(stage: &Stage<'_>) -> Result<()> {
    let act = Act::start(1, "An answer is lost");
    let text = "act 1";
    act.print("The agent sends an e-mail. Gmail sends it, and the connection drops before Gmail's answer arrives.");
    stage.plan(Fault::apply_then_drop("gmail").at_path(SEND));
    let sent = stage.act(&email(text)).await?.expect_status(200)?;
    sent.expect_value("/success", true)?;
    act.print("The engine does not send again. It asks Gmail what became of the draft, and finds the message.");
    let task = stage.task(sent.text_at("/metadata/taskId")?).await?;
    stage.conclude(&act, &Claim { provider: "Gmail", text, messages: 1, attempts: 1 }, &task)
}

/// Act 2: the processor is killed after Gmail has sent and before it can record that.
pub(super) async fn killed_processor(stage: &Stage<'_>) -> Result<()> {
    let act = Act::start(2, "A process is killed in the middle");
    let text = "act 2";
    let mut intent = email(text);
    intent["executeAt"] = json!(Clock::system().now());
    let accepted = stage.act(&intent).await?.expect_status(202)?;
    let id = accepted.text_at("/metadata/taskId")?;
    act.print("A scheduled e-mail is due. The processor takes it and calls Gmail, and Gmail sends it.");
    let held_back = u64::try_from(HELD_BACK.as_millis()).context("milliseconds")?;
    stage.plan(Fault::apply_then_delay("gmail", held_back).at_path(SEND));
    let run = tokio::spawn(run_processor(stage, 0));
    stage.message(text).await?;

    let killed = stage.stack.functions.kill_busy(PROCESSOR);
    let [process] = killed.as_slice() else { return unexpected("one busy processor", &format!("{killed:?}")) };
    if let Ok(Ok(summary)) = run.await {
        return unexpected("a run that ends by the kill", &summary);
    }
    let status = stage.task(id).await?["status"].clone();
    if status != "processing" {
        return unexpected("a task that nobody finished", &status);
    }
    act.print(&format!(
        "Before Gmail's answer arrives, process {process} gets SIGKILL. The task is left as `processing`."
    ));

    stage.set_back(Table::Tasks, &["leaseUntil", "dueAt"]).await?;
    act.print("Its lease ends after 3 minutes; the demo sets it back in the table instead of waiting.");
    run_processor(stage, 0).await?;
    act.print("The next processor takes the task over: its attempt only asks Gmail, and finds the message.");
    let task = stage.finished_task(id).await?;
    stage.conclude(&act, &Claim { provider: "Gmail", text, messages: 1, attempts: 1 }, &task)
}

/// Act 3: the same request arrives twice.
pub(super) async fn repeated_request(stage: &Stage<'_>) -> Result<()> {
    let act = Act::start(3, "A request is sent twice");
    let text = "act 3";
    let send = async || {
        let url = stage.scenario.url("");
        let key = ("idempotency-key", "demo-act-3");
        stage.scenario.client.post_with(&url, key, &email(text)).await?.expect_status(200)
    };
    let first = send().await?;
    act.print(
        "The agent sends an e-mail with an Idempotency-Key, misses the answer, and sends the same request again.",
    );
    let second = send().await?;
    if second.json != first.json || second.header("idempotent-replayed") != "true" {
        return unexpected(&format!("the first answer again, {first}"), &second);
    }
    let id = first.text_at("/externalId")?;
    act.print(&format!("The second answer is the first one again: message {id}, with the header Idempotent-Replayed."));
    let task = stage.task(first.text_at("/metadata/taskId")?).await?;
    stage.conclude(&act, &Claim { provider: "Gmail", text, messages: 1, attempts: 1 }, &task)
}

/// Act 5: a scheduled message is posted at its second.
pub(super) async fn scheduled_message(stage: &Stage<'_>) -> Result<()> {
    let act = Act::start(5, "A scheduled message starts at its second");
    let text = "act 5";
    // More than the interval of the processor's polls ahead, and a whole second.
    let due =
        Timestamp::from_second((Clock::system().now() + SignedDuration::from_secs(5)).as_second()).context("a time")?;
    let mut intent = message(text);
    intent["executeAt"] = json!(due);
    let accepted = stage.act(&intent).await?.expect_status(202)?;
    act.print(&format!(
        "A Slack message is scheduled for {}. The processor of this minute is running.",
        clock_time(due)
    ));
    run_processor(stage, 8).await?;
    let posted = stage.message(text).await?;
    let at: Timestamp = posted.at.parse().context("the time in the ledger")?;
    let late = at.duration_since(due);
    if late.is_negative() || late >= SignedDuration::from_secs(1) {
        return unexpected(&format!("a message within the second of {due}"), &at);
    }
    act.print(&format!("Slack has it at {}, {} ms after the full second.", clock_time(at), late.as_millis()));
    let task = stage.finished_task(accepted.text_at("/metadata/taskId")?).await?;
    stage.conclude(&act, &Claim { provider: "Slack", text, messages: 1, attempts: 1 }, &task)
}

/// Runs the processor as the schedule does, with a window of its own.
fn run_processor(stage: &Stage<'_>, window_seconds: u8) -> impl Future<Output = Result<String>> + Send + use<> {
    let (client, api) = (stage.stack.client.clone(), stage.stack.api.clone());
    async move {
        let summary = tick::send_due_tasks_event(&client, &api, Some(window_seconds)).await?;
        match summary["failed"].as_u64() {
            Some(0) => Ok(summary.to_string()),
            _ => Err(Failure::new(format!("expected a run without a failure, got {summary}"))),
        }
    }
}

fn clock_time(at: Timestamp) -> String {
    at.strftime("%H:%M:%S%.3f").to_string()
}
