//! `ErrorHandler`: the error log with its counters, and the messages an agent may show instead.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::adapters::Adapter;
use crate::clock::{Clock, Random};
use crate::error::{Error, Outcome, Result};
use crate::ids::{AgentId, ErrorId, UserId};
use crate::retry::RetryPolicy;
use crate::tables::errors::{DateRange, DayCounts, ErrorItems, ErrorRow, Filter};
use crate::tables::fallbacks::{Change, Fallback, FallbackItems};
use crate::tables::{Page, PageRequest};
use crate::tool::Tool;
use crate::validate::check_text;

/// Longest fallback message, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 1000;
/// Most days of statistics.
const MAX_DAYS: u16 = 90;
/// How many codes `frequentErrors` names.
const MAX_FREQUENT_CODES: usize = 5;

/// Context fields whose values may stand in the error log: they name places and sizes, not people or content.
const LOGGED_FIELDS: [&str; 14] = [
    "channel",
    "databaseId",
    "dueAt",
    "dueOn",
    "labelIds",
    "limit",
    "maxResults",
    "oldest",
    "pageId",
    "parent",
    "post_at",
    "projectId",
    "taskId",
    "threadId",
];

/// Errors and fallback messages of all users. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ErrorHandler {
    pub(crate) errors: ErrorItems,
    pub(crate) fallbacks: FallbackItems,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
}

/// One error to be logged.
#[derive(Debug)]
pub struct NewError<'a> {
    /// The agent.
    pub agent: &'a AgentId,
    /// The tool.
    pub tool: Tool,
    /// The action.
    pub action: &'a str,
    /// Stable code.
    pub code: &'a str,
    /// What happened, for a person.
    pub message: &'a str,
    /// The action's context, or what an agent reports; only the fields that name places and sizes are kept.
    pub payload: &'a Value,
    /// The task whose attempt failed, and the attempt.
    pub attempt: Option<(String, u32)>,
    /// The outcome of the effect.
    pub outcome: Option<Outcome>,
}

/// What is to be done where an agent's use of a tool fails.
#[derive(Clone, Debug)]
pub struct FailurePolicy {
    /// What the agent may tell its user.
    pub message: String,
    /// How a task is tried again.
    pub retry: RetryPolicy,
}

/// Errors a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Trend {
    /// The day, UTC.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// How many.
    pub count: u64,
}

/// Errors over some days, counted in three ways.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// By tool.
    pub by_tool: BTreeMap<String, u64>,
    /// By code.
    pub by_code: BTreeMap<String, u64>,
    /// By agent.
    pub by_agent: BTreeMap<String, u64>,
}

/// Errors over some days.
#[derive(Clone, Debug)]
pub struct Trends {
    /// One entry a day, also where there were none.
    pub days: Vec<Trend>,
    /// The most frequent codes.
    pub frequent: BTreeMap<String, u64>,
}

impl ErrorHandler {
    /// Adds a row to the log and counts it.
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

    /// An agent's errors, newest first.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor, and for a time that ends before it begins.
    pub async fn list(
        &self,
        user: &UserId,
        agent: &AgentId,
        filter: &Filter,
        page: &PageRequest,
    ) -> Result<Page<ErrorRow>> {
        if filter.since.zip(filter.until).is_some_and(|(since, until)| since >= until) {
            return Err(Error::invalid("since", "must lie before until"));
        }
        self.errors.list(user, agent, filter, page).await
    }

    /// Marks an error as dealt with. Returns whether it was open until now.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn resolve(&self, user: &UserId, id: &ErrorId) -> Result<bool> {
        self.errors.resolve(user, id, self.clock.now()).await
    }

    /// What applies where a tool fails. Its message is the agent's, the tool's, else `default`, else the tool's built-in
    /// text; its policy the agent's, the tool's, else [`Policy::DEFAULT`].
    ///
    /// # Errors
    /// [`Error::Invalid`] for an empty or long `default`.
    pub async fn failure_policy(
        &self,
        user: &UserId,
        adapter: &Adapter,
        agent: Option<&AgentId>,
        default: Option<&str>,
    ) -> Result<FailurePolicy> {
        if let Some(default) = default {
            check_text("default", default, MAX_MESSAGE_BYTES)?;
        }
        let set = self.fallbacks.find(user, adapter.tool, agent).await?;
        let message = set.iter().find_map(|row| row.message.as_deref()).or(default);
        Ok(FailurePolicy {
            message: message.unwrap_or(adapter.fallback).to_owned(),
            retry: set.iter().find_map(|row| row.retry).unwrap_or_default(),
        })
    }

    /// Everything a user has set for failures, by tool.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn fallbacks(&self, user: &UserId, page: &PageRequest) -> Result<Page<Fallback>> {
        self.fallbacks.list(user, page).await
    }

    /// Sets the message or the policy for a tool, or for one agent's use of it. What is absent stays as it is.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an empty or long text, or a policy out of bounds; [`Error::Missing`] where neither is there.
    pub async fn set_fallback(
        &self,
        user: &UserId,
        adapter: &Adapter,
        agent: Option<&AgentId>,
        change: Change,
    ) -> Result<()> {
        if change.message.is_none() && change.retry.is_none() {
            return Err(Error::Missing(vec!["message".to_owned()]));
        }
        if let Some(message) = &change.message {
            check_text("message", message, MAX_MESSAGE_BYTES)?;
        }
        if let Some(retry) = change.retry {
            retry.check()?;
        }
        self.fallbacks.set(user, adapter.tool, agent, change, self.clock.now()).await
    }

    /// Forgets the message and the policy of a tool, or of one agent's use of it: what is less narrow applies again.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn remove_fallback(&self, user: &UserId, tool: Tool, agent: Option<&AgentId>) -> Result<()> {
        self.fallbacks.delete(user, tool, agent).await
    }

    /// Errors over the last `days` days, today included: of the user, or of one agent.
    ///
    /// # Errors
    /// [`Error::Invalid`] for fewer than 1 or more than 90 days.
    pub async fn stats(&self, user: &UserId, agent: Option<&AgentId>, days: u16) -> Result<Stats> {
        let period = self.period(days)?;
        let (counted, by_agent) = futures::try_join!(self.errors.daily_counts(user, agent, period), async {
            match agent {
                Some(_) => Ok(BTreeMap::new()),
                None => self.errors.count_by_agent(user, period).await,
            }
        })?;
        let mut stats = Stats { by_agent, ..Stats::default() };
        for ((tool, code), count) in counted.into_iter().flat_map(|day| day.counts) {
            *stats.by_tool.entry(tool).or_default() += count;
            *stats.by_code.entry(code).or_default() += count;
            if let Some(agent) = agent {
                *stats.by_agent.entry(agent.as_str().to_owned()).or_default() += count;
            }
        }
        Ok(stats)
    }

    /// Errors a day over the last `days` days, today included; of one agent, or of one tool, where one is named.
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
        let counted = self.errors.daily_counts(user, agent, period).await?;
        Ok(trends(&counted, period.first, days, tool))
    }

    /// The first and the last day of a period that ends today.
    ///
    /// # Errors
    /// [`Error::Invalid`] for fewer than 1 or more than 90 days.
    pub fn period(&self, days: u16) -> Result<DateRange> {
        if !(1..=MAX_DAYS).contains(&days) {
            return Err(Error::invalid("days", format!("must be between 1 and {MAX_DAYS}")));
        }
        let back = SignedDuration::from_hours(24 * i64::from(days - 1));
        let now = self.clock.now();
        let date = |at: jiff::Timestamp| at.to_zoned(TimeZone::UTC).date();
        Ok(DateRange { first: date(now - back), last: date(now) })
    }
}

fn trends(counted: &[DayCounts], first: Date, days: u16, tool: Option<Tool>) -> Trends {
    let wanted = |name: &str| tool.is_none_or(|tool| tool.as_str() == name);
    let mut by_date: BTreeMap<Date, u64> = BTreeMap::new();
    let mut by_code: BTreeMap<String, u64> = BTreeMap::new();
    for day in counted {
        for ((_, code), count) in day.counts.iter().filter(|((tool, _), _)| wanted(tool)) {
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

/// What of a context may be kept: the values of [`LOGGED_FIELDS`], the names of the others.
fn redact_payload(payload: &Value) -> Value {
    let Value::Object(fields) = payload else { return Value::Object(Map::new()) };
    let kept = fields.iter().take(50).map(|(name, value)| {
        let short = value.is_number() || value.as_str().is_some_and(|text| text.len() <= 200);
        let keep = short && LOGGED_FIELDS.contains(&name.as_str());
        (name.chars().take(64).collect(), if keep { value.clone() } else { "[redacted]".into() })
    });
    Value::Object(kept.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn payload_values_outside_the_allow_list_are_redacted() {
        let context = json!({"to": "ann@example.com", "body": "secret", "channel": "general", "limit": 5});
        let kept = redact_payload(&context);
        assert_eq!(kept, json!({"to": "[redacted]", "body": "[redacted]", "channel": "general", "limit": 5}));
    }

    #[test]
    fn trends_include_days_without_errors_and_rank_codes() {
        let day = |date: &str, counts: &[(&str, &str, u64)]| DayCounts {
            date: date.parse().unwrap(),
            counts: counts.iter().map(|(tool, code, n)| (((*tool).into(), (*code).into()), *n)).collect(),
        };
        let counted =
            [day("2026-11-21", &[("gmail", "A", 2), ("slack", "B", 5)]), day("2026-11-23", &[("gmail", "B", 1)])];
        let all = trends(&counted, "2026-11-21".parse().unwrap(), 3, None);
        assert_eq!(all.days.iter().map(|day| day.count).collect::<Vec<_>>(), [7, 0, 1]);
        assert_eq!(all.frequent, BTreeMap::from([("A".to_owned(), 2), ("B".to_owned(), 6)]));
        let gmail = trends(&counted, "2026-11-21".parse().unwrap(), 3, Some(Tool::new("gmail")));
        assert_eq!(gmail.days.iter().map(|day| day.count).collect::<Vec<_>>(), [2, 0, 1]);
    }
}
