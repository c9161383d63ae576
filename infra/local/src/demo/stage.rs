//! The stage that the acts share: the stack, the intents, the ledger and the lines of output.
#![expect(clippy::print_stdout, reason = "the acts go to stdout")]

use sandbox::{Effect, Fault};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

use super::verdict::{self, Claim};
use crate::client::HttpResponse;
use crate::environment;
use crate::failure::{Failure, Result};
use crate::scenario::{Scenario, with_query};
use crate::stack::Stack;
use engine::clock::Clock;
use jiff::SignedDuration;

/// The agent of the acts.
pub(super) const AGENT: &str = "assistant";

/// The time limit for what happens in the background.
const TIMEOUT: Duration = Duration::from_secs(60);
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// The scenario's person and agent, and the stack that they use.
pub(super) struct Stage<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) stack: &'a Stack,
}

/// An act that is being played.
pub(super) struct Act(Instant);

impl Act {
    /// Prints the heading.
    pub(super) fn start(number: u8, title: &str) -> Self {
        println!("\nAct {number}. {title}");
        Self(Instant::now())
    }

    /// Prints a line of the story.
    pub(super) fn print(&self, line: &str) {
        println!("   {line}");
    }

    /// Prints what became of it.
    pub(super) fn finish(&self, verdict: &str) {
        println!("   => {verdict}.  ({:.1} s)", self.0.elapsed().as_secs_f64());
    }
}

impl Stage<'_> {
    /// Sends an intent.
    pub(super) async fn act(&self, intent: &Value) -> Result<HttpResponse> {
        self.scenario.post("", intent).await
    }

    /// Plans a failure of a provider.
    pub(super) fn plan(&self, fault: Fault) {
        self.stack.sandbox.sandbox.fault(fault);
    }

    /// Returns the ledger of the providers.
    pub(super) fn ledger(&self) -> Vec<Effect> {
        self.stack.sandbox.sandbox.effects()
    }

    /// Reads a task.
    pub(super) async fn task(&self, id: &str) -> Result<Value> {
        let read = self.scenario.get(&with_query("/tasks", &[("taskId", id)])).await?.expect_status(200)?;
        Ok(read.json["task"].clone())
    }

    /// Waits until a task is final, and returns it.
    pub(super) async fn finished_task(&self, id: &str) -> Result<Value> {
        let finished = async {
            loop {
                let task = self.task(id).await?;
                if !["scheduled", "processing"].iter().any(|status| task["status"] == *status) {
                    return Ok(task);
                }
                sleep(POLL_INTERVAL).await;
            }
        };
        timeout(TIMEOUT, finished).await.map_err(|_| Failure::new(format!("the task {id} is not finished in time")))?
    }

    /// Waits until the provider has seen a message with this text, and returns it.
    pub(super) async fn message(&self, text: &str) -> Result<Effect> {
        let seen = async {
            loop {
                if let [message, ..] = verdict::messages_of(&self.ledger(), text).as_slice() {
                    return (*message).clone();
                }
                sleep(POLL_INTERVAL).await;
            }
        };
        timeout(TIMEOUT, seen).await.map_err(|_| Failure::new(format!("no message {text:?} arrived in time")))
    }

    /// Sets instants of a table back by more than the allowed clock skew, in the place of waiting until they have passed.
    pub(super) async fn set_back(&self, table: Table, attributes: &[&str]) -> Result<()> {
        let tables = environment::config(self.stack.variables())?.tables;
        let name = match table {
            Table::Tasks => tables.tasks,
            Table::Integrations => tables.integrations,
        };
        let past = (Clock::system().now() - SignedDuration::from_mins(1)).as_millisecond();
        match self.stack.store.set_back(&name, attributes, past).await? {
            1 => Ok(()),
            rows => Err(Failure::new(format!("expected one row of {name} with {}, got {rows}", attributes.join(", ")))),
        }
    }

    /// Checks a claim against the ledger and the task, and ends the act.
    pub(super) fn conclude(&self, act: &Act, claim: &Claim<'_>, task: &Value) -> Result<()> {
        act.finish(&verdict::check(claim, &self.ledger(), task)?);
        Ok(())
    }
}

/// A table whose instants can be set back.
#[derive(Clone, Copy, Debug)]
pub(super) enum Table {
    Tasks,
    Integrations,
}

/// Returns an e-mail.
pub(super) fn email(subject: &str) -> Value {
    json!({ "agentId": AGENT, "tool": "gmail", "intent": "send_email",
        "context": { "to": "sam@example.com", "subject": subject, "body": "Sent by cargo local demo." } })
}

/// Returns a Slack message.
pub(super) fn message(text: &str) -> Value {
    json!({ "agentId": AGENT, "tool": "slack", "intent": "send_message", "context": { "channel": "general", "text": text } })
}
