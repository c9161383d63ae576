//! Errors that agents report themselves. Their texts are the agents' own, so they are cleaned before they are stored.

use serde_json::{Map, Value};
use std::time::Duration;

use super::{ErrorHandler, NewError};
use crate::adapters;
use crate::error::Result;
use crate::ids::{AgentId, ErrorId};
use crate::permissions::Caller;
use crate::redact::redact_personal;
use crate::tables::tasks::Limit;
use crate::tool::Tool;
use crate::validate::{check_code, check_text};

/// Errors that a user's agents may report in a day.
const REPORT_LIMIT: Limit =
    Limit { name: "reports", max: 1000, things: "reported errors a day", window: Duration::from_secs(24 * 60 * 60) };
/// The largest reported message, in bytes.
const MAX_MESSAGE_BYTES: usize = 2000;

/// An error that an agent reports.
#[derive(Debug)]
pub struct Report<'a> {
    /// The agent.
    pub agent: &'a AgentId,
    /// The tool.
    pub tool: Tool,
    /// The name of one of the tool's actions.
    pub action: &'a str,
    /// A code of the agent's choice.
    pub code: &'a str,
    /// A message of the agent's choice.
    pub message: &'a str,
    /// The context of the action.
    pub payload: Map<String, Value>,
}

impl ErrorHandler {
    /// Logs an error that an agent reports, without tokens, addresses, and fields that the action does not have.
    ///
    /// # Errors
    /// [`Error::UnknownIntent`](crate::error::Error::UnknownIntent) for an action that the tool does not have;
    /// [`Error::Forbidden`](crate::error::Error::Forbidden) for one that the caller may not use;
    /// [`Error::Invalid`](crate::error::Error::Invalid) for a code or a message that is not allowed;
    /// [`Error::LimitReached`](crate::error::Error::LimitReached) after 1,000 reports in a day.
    pub async fn report(&self, caller: &Caller, report: Report<'_>) -> Result<ErrorId> {
        let Report { agent, tool, action, code, message, mut payload } = report;
        let action = adapters::find(tool.as_str())?.action(action)?;
        caller.check(tool.as_str(), Some(action.name), None)?;
        check_code("errorCode", code)?;
        check_text("errorMessage", message, MAX_MESSAGE_BYTES)?;
        let schema = action.schema();
        payload.retain(|field, _| schema["properties"].get(field).is_some());
        self.limits.consume(&caller.budget_holder(), REPORT_LIMIT, self.clock.now()).await?;
        let new = NewError {
            agent,
            tool,
            account: None,
            action: action.name,
            code,
            message: &redact_personal(message),
            payload: &Value::Object(payload),
            attempt: None,
            outcome: None,
        };
        self.append(&caller.user, new).await
    }
}
