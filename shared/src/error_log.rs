//! `ErrorHandler`: the error log with its counters, and the failure policies: fallback messages and retry policies.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::account::AccountId;
use crate::clock::{Clock, Random};
use crate::deployment::{Deployment, Part};
use crate::error::{Error, Outcome, Result};
use crate::ids::{AgentId, ErrorId, UserId};
use crate::redact;
use crate::retry::RetryPolicy;
use crate::tables::errors::{DateRange, DayCounts, ErrorItems, ErrorRow, Filter};
use crate::tables::fallbacks::{Change, Fallback, FallbackItems};
use crate::tables::{Page, PageRequest};
use crate::tool::Tool;
use crate::validate::check_text;

/// Maximum length of a fallback message, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 1000;
/// Maximum number of days of statistics.
const MAX_DAYS: u16 = 90;
/// Number of codes in `frequentErrors`.
const MAX_FREQUENT_CODES: usize = 5;

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

/// The number of errors of a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Trend {
    /// The day, UTC.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The number of errors.
    pub count: u64,
}

/// Error counts of a period.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// By tool.
    pub by_tool: BTreeMap<String, u64>,
    /// By code.
    pub by_code: BTreeMap<String, u64>,
    /// By agent.
    pub by_agent: BTreeMap<String, u64>,
}

/// The error trend of a period.
#[derive(Clone, Debug)]
pub struct Trends {
    /// One entry a day, including days without errors.
    pub days: Vec<Trend>,
    /// The most frequent codes.
    pub frequent: BTreeMap<String, u64>,
}

impl Part for ErrorHandler {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, clock, random, .. } = deployment;
        Self {
            errors: ErrorItems::new(dynamodb.clone(), config.tables.errors.clone()),
            fallbacks: FallbackItems::new(dynamodb.clone(), config.tables.fallbacks.clone()),
            clock: clock.clone(),
            random: random.clone(),
        }
    }
}

impl ErrorHandler {
    /// Appends an error to the log and counts it.
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
        futures::try_join!(
            self.errors.insert(user, new.agent, &row),
            self.errors.count(user, new.agent, new.tool, new.code, now),
        )?;
        Ok(ErrorId::new(&ulid))
    }

    /// Lists the errors of all agents or of one, newest first.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor, and for a `since` that is not before `until`.
    pub async fn list(
        &self,
        user: &UserId,
        agent: Option<&AgentId>,
        filter: &Filter,
        page: &PageRequest,
    ) -> Result<Page<ErrorRow>> {
        if filter.since.zip(filter.until).is_some_and(|(since, until)| since >= until) {
            return Err(Error::invalid("since", "must be before until"));
        }
        self.errors.list(user, agent, filter, page).await
    }

    /// Marks an error as resolved. Returns true if it was not resolved before.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn resolve(&self, user: &UserId, id: &ErrorId) -> Result<bool> {
        self.errors.resolve(user, id, self.clock.now()).await
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

    /// Lists a user's failure policies, by tool.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn fallbacks(&self, user: &UserId, page: &PageRequest) -> Result<Page<Fallback>> {
        self.fallbacks.list(user, page).await
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

    /// The error counts of the last `days` days including today, of the user or of one agent.
    ///
    /// # Errors
    /// [`Error::Invalid`] for fewer than 1 or more than 90 days.
    pub async fn stats(&self, user: &UserId, agent: Option<&AgentId>, days: u16) -> Result<Stats> {
        let period = self.period(days)?;
        let (daily_counts, by_agent) = futures::try_join!(self.errors.daily_counts(user, agent, period), async {
            match agent {
                Some(_) => Ok(BTreeMap::new()),
                None => self.errors.count_by_agent(user, period).await,
            }
        })?;
        let mut stats = Stats { by_agent, ..Stats::default() };
        for ((tool, code), count) in daily_counts.into_iter().flat_map(|day| day.counts) {
            *stats.by_tool.entry(tool).or_default() += count;
            *stats.by_code.entry(code).or_default() += count;
            if let Some(agent) = agent {
                *stats.by_agent.entry(agent.as_str().to_owned()).or_default() += count;
            }
        }
        Ok(stats)
    }

    /// The errors a day of the last `days` days including today, optionally of one agent or of one tool.
    ///
    /// # Errors
    /// [`Error::Invalid`] for fewer than 1 or more than 90 days.
    pub async fn trends(
        &self,
        user: &UserId,
        agent: Option<&AgentId>,
        tool: Option<Tool>,
        days: u16,
    ) -> Result<Trends> {
        let period = self.period(days)?;
        let daily_counts = self.errors.daily_counts(user, agent, period).await?;
        Ok(trends(&daily_counts, period.first, days, tool))
    }

    /// The period of `days` days that ends today.
    ///
    /// # Errors
    /// [`Error::Invalid`] for fewer than 1 or more than 90 days.
    pub fn period(&self, days: u16) -> Result<DateRange> {
        if !(1..=MAX_DAYS).contains(&days) {
            return Err(Error::invalid("days", format!("must be between 1 and {MAX_DAYS}, for example 7")));
        }
        let back = SignedDuration::from_hours(24 * i64::from(days - 1));
        let now = self.clock.now();
        let date = |at: jiff::Timestamp| at.to_zoned(TimeZone::UTC).date();
        Ok(DateRange { first: date(now - back), last: date(now) })
    }
}

fn trends(daily_counts: &[DayCounts], first: Date, days: u16, tool: Option<Tool>) -> Trends {
    let included = |name: &str| tool.is_none_or(|tool| tool.as_str() == name);
    let mut by_date: BTreeMap<Date, u64> = BTreeMap::new();
    let mut by_code: BTreeMap<String, u64> = BTreeMap::new();
    for day in daily_counts {
        for ((_, code), count) in day.counts.iter().filter(|((tool, _), _)| included(tool)) {
            *by_date.entry(day.date).or_default() += count;
            *by_code.entry(code.clone()).or_default() += count;
        }
    }
    let mut frequent: Vec<(String, u64)> = by_code.into_iter().collect();
    frequent.sort_by(|(a_code, a), (b_code, b)| b.cmp(a).then_with(|| a_code.cmp(b_code)));
    frequent.truncate(MAX_FREQUENT_CODES);
    let dates = (0..i64::from(days)).filter_map(|day| first.checked_add(day.days()).ok());
    Trends {
        days: dates.map(|date| Trend { date, count: by_date.get(&date).copied().unwrap_or_default() }).collect(),
        frequent: frequent.into_iter().collect(),
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

    #[test]
    fn trends_include_days_without_errors_and_rank_codes() {
        let day = |date: &str, counts: &[(&str, &str, u64)]| DayCounts {
            date: date.parse().unwrap(),
            counts: counts.iter().map(|(tool, code, n)| (((*tool).into(), (*code).into()), *n)).collect(),
        };
        let daily_counts =
            [day("2026-11-21", &[("gmail", "A", 2), ("slack", "B", 5)]), day("2026-11-23", &[("gmail", "B", 1)])];
        let all = trends(&daily_counts, "2026-11-21".parse().unwrap(), 3, None);
        assert_eq!(all.days.iter().map(|day| day.count).collect::<Vec<_>>(), [7, 0, 1]);
        assert_eq!(all.frequent, BTreeMap::from([("A".to_owned(), 2), ("B".to_owned(), 6)]));
        let gmail = trends(&daily_counts, "2026-11-21".parse().unwrap(), 3, Some(Tool::new("gmail")));
        assert_eq!(gmail.days.iter().map(|day| day.count).collect::<Vec<_>>(), [2, 0, 1]);
    }
}
