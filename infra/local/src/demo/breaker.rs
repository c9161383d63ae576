//! The act about a provider that fails.

use sandbox::Fault;
use serde_json::{Value, json};
use std::time::Instant;

use super::stage::{AGENT, Act, Stage, Table, message};
use super::verdict::{Claim, check, count};
use crate::failure::{Failure, Result};
use crate::scenario::{unexpected, with_query};

/// The failures that open a circuit breaker: more than ten.
const FAILURES: u32 = 11;
/// The paths of the calls: those that fail, and the message.
const PATHS: [&str; 2] = ["/slack/api/conversations.list", "/slack/api/chat.postMessage"];

/// Act 4: Slack fails until its circuit breaker opens, and recovers.
pub(super) async fn failing_provider(stage: &Stage<'_>) -> Result<()> {
    let act = Act::start(4, "A provider fails and recovers");
    let text = "act 4";
    let calls = || PATHS.iter().map(|path| stage.stack.sandbox.sandbox.call_count(path)).sum::<usize>();
    let before = calls();
    stage.plan(Fault::status("slack", 503, Value::Null).at_path("/api/conversations.list").times(FAILURES));
    for _ in 0..FAILURES {
        stage.act(&list_channels()).await?.expect_status(200)?.expect_value("/success", false)?;
    }
    act.print(&format!(
        "Slack answers 503 to {}. The circuit breaker of this agent and Slack opens.",
        count(FAILURES, "call")
    ));
    expect_breaker(stage, Some("open")).await?;

    let start = Instant::now();
    let refused = stage.act(&message(text)).await?;
    refused.expect_value("/error/code", "CIRCUIT_BREAKER_OPEN")?;
    let called = calls() - before;
    if called != FAILURES as usize {
        return unexpected(&count(FAILURES, "call"), &called);
    }
    act.print(&format!(
        "The agent's next message is refused in {} ms with CIRCUIT_BREAKER_OPEN, and Slack is not called.",
        start.elapsed().as_millis()
    ));

    stage.set_back(Table::Integrations, &["openUntil"]).await?;
    act.print("It is open for 5 minutes; the demo sets that back in the table instead of waiting.");
    let sent = stage.act(&message(text)).await?.expect_status(200)?;
    sent.expect_value("/success", true)?;
    expect_breaker(stage, None).await?;
    act.print("The next call is the probe. Slack is well again, so the message is posted and the breaker closes.");
    let task = stage.task(sent.text_at("/metadata/taskId")?).await?;
    let verdict = check(&Claim { provider: "Slack", text, messages: 1, attempts: 1 }, &stage.ledger(), &task)?;
    act.finish(&format!("{verdict}; no call was made while the breaker was open"));
    Ok(())
}

/// Checks the state of the agent's circuit breaker of Slack; none is listed after it has closed.
async fn expect_breaker(stage: &Stage<'_>, expected: Option<&str>) -> Result<()> {
    let list = stage.scenario.get(&with_query("/circuit-breakers", &[("agentId", AGENT)])).await?.expect_status(200)?;
    let breakers = list.json["circuitBreakers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let breaker = breakers.iter().find(|breaker| breaker["tool"] == "slack");
    let state = breaker.and_then(|breaker| breaker["state"].as_str());
    if state == expected {
        return Ok(());
    }
    Err(Failure::new(format!("expected the circuit breaker {expected:?}, got {list}")))
}

fn list_channels() -> Value {
    json!({ "agentId": AGENT, "tool": "slack", "intent": "list_channels", "context": {} })
}
