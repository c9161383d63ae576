//! `ErrorHandler`: the error log with its counters, and the failure policies: fallback messages and retry policies.

mod reports;
mod statistics;

pub use reports::Report;
pub(crate) use statistics::check_days;
pub use statistics::{Stats, Trend, Trends};

use serde_json::{Map, Value};

use crate::account::AccountId;
use crate::agents::Agents;
use crate::clock::{Clock, Random};
use crate::deployment::{Deployment, Part};
use crate::error::{Error, ErrorAction, Outcome, Result};
use crate::ids::{AgentId, ErrorId, UserId};
use crate::permissions::Caller;
use crate::redact;
use crate::retry::RetryPolicy;
use crate::tables::errors::{Code, ErrorItems, ErrorRow, Filter};
use crate::tables::fallbacks::{Change, Fallback, FallbackItems};
use crate::tables::tasks::LimitItems;
use crate::tables::{Page, PageRequest};
use crate::tool::Tool;
use crate::validate::check_text;

/// Maximum length of a fallback message, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 1000;

/// Payload fields whose values are logged: sizes, and places, of which only an id or a time is logged. A name is the caller's word.
const LOGGED_FIELDS: [&str; 13] = [
    "channel",
    "databaseId",
    "dueAt",
    "dueOn",
    "labelIds",
    "limit",
    "oldest",
    "pageId",
    "parent",
    "postAt",
    "projectId",
    "taskId",
    "threadId",
];

/// The error log and the failure policies of all users. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ErrorHandler {
    pub(crate) errors: ErrorItems,
    pub(crate) fallbacks: FallbackItems,
    pub(crate) limits: LimitItems,
    pub(crate) agents: Agents,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
}

/// An error for the log.
#[derive(Debug)]
pub struct NewError<'a> {
    /// The agent.
    pub agent: &'a AgentId,
    /// The tool.
    pub tool: Tool,
    /// The account, if one was selected.
    pub account: Option<&'a AccountId>,
    /// The action.
    pub action: &'a str,
    /// Stable code.
    pub code: &'a str,
    /// One sentence for a person.
    pub message: &'a str,
    /// The action's payload, or an agent's report. Only sizes, times and ids of places are logged.
    pub payload: &'a Value,
    /// The task's id and the number of the attempt that failed.
    pub attempt: Option<(String, u32)>,
    /// The outcome of the effect.
    pub outcome: Option<Outcome>,
}

/// The failure policy of an agent and a tool.
#[derive(Clone, Debug)]
pub struct FailurePolicy {
    /// The configured fallback message: the text that the agent may show its user. A built-in text applies where none is set.
    pub message: Option<String>,
    /// The retry policy of tasks.
    pub retry: RetryPolicy,
}

impl Part for ErrorHandler {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, clock, random, .. } = deployment;
        Self {
            errors: ErrorItems::new(dynamodb.clone(), config.tables.errors.clone()),
            fallbacks: FallbackItems::new(dynamodb.clone(), config.tables.fallbacks.clone()),
            limits: LimitItems::new(dynamodb.clone(), config.tables.tasks.clone()),
            agents: deployment.part::<Agents>().clone(),
            clock: clock.clone(),
            random: random.clone(),
        }
    }
}

impl ErrorHandler {
    /// Appends an error to the log and counts it. Counters that cannot be written lose nothing else.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn append(&self, user: &UserId, new: NewError<'_>) -> Result<ErrorId> {
        let now = self.clock.now();
        let ulid = self.random.ulid(now);
        let (task_id, attempt) = new.attempt.unzip();
        let row = ErrorRow {
            ulid: ulid.clone(),
            agent_id: new.agent.as_str().to_owned(),
            tool: new.tool.to_string(),
            account: new.account.cloned(),
            action: new.action.to_owned(),
            error_code: new.code.to_owned(),
            error_message: new.message.to_owned(),
            payload: redact_payload(new.payload),
            timestamp: now,
            resolved: false,
            resolved_at: None,
            task_id,
            attempt,
            outcome: new.outcome,
        };
        let (inserted, counted) =
            futures::join!(self.errors.insert(user, new.agent, &row), self.count(user, new.agent, new.tool, new.code));
        if let Err(error) = counted {
            tracing::warn!(?error, code = new.code, "an error could not be counted");
        }
        inserted?;
        Ok(ErrorId::new(&ulid))
    }

    /// Counts an error on its day, for the user and for the agent. An agent beyond the user's limit has no counter of its own.
    async fn count(&self, user: &UserId, agent: &AgentId, tool: Tool, code: &str) -> Result<()> {
        let is_known = self.agents.is_known(user, agent).await?
            || match self.agents.register(user, agent).await {
                Ok(()) => true,
                Err(Error::CapReached { .. }) => false,
                Err(error) => return Err(error),
            };
        let code = if ErrorAction::of_code(code).is_some() { Code::Own(code) } else { Code::Reported(code) };
        self.errors.count(user, Some(agent).filter(|_| is_known), tool, code, self.clock.now()).await
    }

    /// Lists the errors of all agents or of one that the caller may see, newest first.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor, and for a `since` that is not before `until`; [`Error::Forbidden`] for a tool that
    /// the caller may not use.
    pub async fn list(
        &self,
        caller: &Caller,
        agent: Option<&AgentId>,
        filter: &Filter,
        page: &PageRequest,
    ) -> Result<Page<ErrorRow>> {
        if filter.since.zip(filter.until).is_some_and(|(since, until)| since >= until) {
            return Err(Error::invalid("since", "must be before until"));
        }
        filter.tool.map_or(Ok(()), |tool| caller.check(tool.as_str(), None, None))?;
        self.errors.list(caller, agent, filter, page).await
    }

    /// Marks an error as resolved. Returns true if it was not resolved before.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`] for an error that the caller may not see.
    pub async fn resolve(&self, caller: &Caller, id: &ErrorId) -> Result<bool> {
        self.errors.resolve(caller, id, self.clock.now()).await
    }

    /// The failure policy of an agent and a tool. Its message is the agent's, the tool's, else `default`; its retry policy is the agent's, the tool's, else [`RetryPolicy::DEFAULT`].
    ///
    /// # Errors
    /// [`Error::Invalid`] for an empty or long `default`.
    pub async fn failure_policy(
        &self,
        user: &UserId,
        tool: Tool,
        agent: Option<&AgentId>,
        default: Option<&str>,
    ) -> Result<FailurePolicy> {
        if let Some(default) = default {
            check_text("default", default, MAX_MESSAGE_BYTES)?;
        }
        let rows = self.fallbacks.find(user, tool, agent).await?;
        let message = rows.iter().find_map(|row| row.message.as_deref()).or(default);
        Ok(FailurePolicy {
            message: message.map(ToOwned::to_owned),
            retry: rows.iter().find_map(|row| row.retry).unwrap_or_default(),
        })
    }

    /// Lists a user's failure policies of the tools that the caller may use, by tool.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn fallbacks(&self, caller: &Caller, page: &PageRequest) -> Result<Page<Fallback>> {
        self.fallbacks.list(caller, page).await
    }

    /// Sets the message or the retry policy of a tool, or of one agent and tool. Absent fields are not changed.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an empty or long text, or a policy out of bounds; [`Error::Missing`] if both are absent.
    pub async fn set_fallback(&self, user: &UserId, tool: Tool, agent: Option<&AgentId>, change: Change) -> Result<()> {
        if change.message.is_none() && change.retry.is_none() {
            return Err(Error::Missing(vec!["message or retry".to_owned()]));
        }
        if let Some(message) = &change.message {
            check_text("message", message, MAX_MESSAGE_BYTES)?;
        }
        if let Some(retry) = change.retry {
            retry.check()?;
        }
        self.fallbacks.set(user, tool, agent, change, self.clock.now()).await
    }

    /// Deletes the failure policy of a tool, or of one agent and tool. The next wider one applies again.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn remove_fallback(&self, user: &UserId, tool: Tool, agent: Option<&AgentId>) -> Result<()> {
        self.fallbacks.delete(user, tool, agent).await
    }
}

/// The loggable part of a payload: the values of [`LOGGED_FIELDS`], and the names of the other fields.
fn redact_payload(payload: &Value) -> Value {
    let Value::Object(fields) = payload else { return Value::Object(Map::new()) };
    let redacted = fields.iter().take(50).map(|(name, value)| {
        let is_harmless = value.is_number() || value.as_str().is_some_and(redact::is_id_or_time);
        let loggable = is_harmless && LOGGED_FIELDS.contains(&name.as_str());
        (name.chars().take(64).collect(), if loggable { value.clone() } else { "[redacted]".into() })
    });
    Value::Object(redacted.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn payload_values_outside_the_allow_list_are_redacted() {
        let context =
            json!({"to": "ann@example.com", "body": "secret", "channel": "general", "limit": 5, "dueOn": "2026-11-23"});
        let redacted = redact_payload(&context);
        let hidden = "[redacted]";
        assert_eq!(
            redacted,
            json!({"to": hidden, "body": hidden, "channel": hidden, "limit": 5, "dueOn": "2026-11-23"})
        );
        assert_eq!(redact_payload(&json!({"channel": "C0123456789"})), json!({"channel": "C0123456789"}));
    }
}
