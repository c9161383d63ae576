//! `ErrorHandler`: the error log with its counters, and the messages an agent may show instead.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

use crate::adapters::Adapter;
use crate::clock::{Clock, Random};
use crate::error::{EffectState, Error, Result};
use crate::ids::{AgentId, ErrorId, UserId, check_text};
use crate::tables::errors::{Day, ErrorRow, ErrorsTable};
use crate::tables::fallbacks::FallbacksTable;
use crate::tables::{Page, PageRequest};
use crate::tool::Tool;

/// Longest fallback message, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 1000;
/// Most days of statistics.
pub const MAX_DAYS: u16 = 90;
/// How many codes `frequentErrors` names.
const FREQUENT: usize = 5;

/// Context fields whose values may stand in the error log: they name places and sizes, not people or content.
const KEPT_FIELDS: [&str; 14] = [
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
    pub(crate) errors: ErrorsTable,
    pub(crate) fallbacks: FallbacksTable,
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
    /// What became of the effect.
    pub effect: Option<EffectState>,
}

/// Errors a day.
#[derive(Clone, Debug, Serialize)]
pub struct Trend {
    /// The day, UTC.
    pub date: Date,
    /// How many.
    pub count: u64,
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
    pub async fn log(&self, user: &UserId, new: NewError<'_>) -> Result<ErrorId> {
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
            payload: excerpt(new.payload),
            timestamp: now,
            resolved: false,
            resolved_at: None,
            task_id,
            attempt,
            effect: new.effect,
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
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(&self, user: &UserId, agent: &AgentId, page: &PageRequest) -> Result<Page<ErrorRow>> {
        self.errors.list(user, agent, page).await
    }

    /// Marks an error as dealt with. Returns whether it was open until now.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn resolve(&self, user: &UserId, id: &ErrorId) -> Result<bool> {
        self.errors.resolve(user, id, self.clock.now()).await
    }

    /// The message that applies: the agent's, the tool's, else `default`, else the tool's built-in text.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn fallback(
        &self,
        user: &UserId,
        adapter: &Adapter,
        agent: Option<&AgentId>,
        default: Option<&str>,
    ) -> Result<String> {
        let set = self.fallbacks.find(user, adapter.tool, agent).await?;
        Ok(set.unwrap_or_else(|| default.unwrap_or(adapter.fallback).to_owned()))
    }

    /// Sets the message for a tool, or for one agent's use of it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an empty or long text.
    pub async fn set_fallback(
        &self,
        user: &UserId,
        adapter: &Adapter,
        agent: Option<&AgentId>,
        message: &str,
    ) -> Result<()> {
        check_text("message", message, MAX_MESSAGE_BYTES)?;
        self.fallbacks.put(user, adapter.tool, agent, message, self.clock.now()).await
    }

    /// Errors by tool over the last `days` days, today included.
    ///
    /// # Errors
    /// [`Error::Invalid`] for fewer than 1 or more than 90 days.
    pub async fn stats(&self, user: &UserId, days: u16) -> Result<BTreeMap<String, u64>> {
        let counted = self.errors.days(user, None, self.period(days)?).await?;
        let mut by_tool = BTreeMap::new();
        for ((tool, _), count) in counted.into_iter().flat_map(|day| day.counts) {
            *by_tool.entry(tool).or_default() += count;
        }
        Ok(by_tool)
    }

    /// Errors a day over the last `days` days, today included; of one tool where one is named.
    ///
    /// # Errors
    /// [`Error::Invalid`] for fewer than 1 or more than 90 days.
    pub async fn trends(&self, user: &UserId, days: u16, tool: Option<Tool>) -> Result<Trends> {
        let (first, last) = self.period(days)?;
        let counted = self.errors.days(user, None, (first, last)).await?;
        Ok(trends(&counted, first, days, tool))
    }

    /// The first and the last day of a period that ends today.
    ///
    /// # Errors
    /// [`Error::Invalid`] for fewer than 1 or more than 90 days.
    pub fn period(&self, days: u16) -> Result<(Date, Date)> {
        if !(1..=MAX_DAYS).contains(&days) {
            return Err(Error::invalid("days", format!("must be between 1 and {MAX_DAYS}")));
        }
        let back = SignedDuration::from_hours(24 * i64::from(days - 1));
        let now = self.clock.now();
        let date = |at: jiff::Timestamp| at.to_zoned(TimeZone::UTC).date();
        Ok((date(now - back), date(now)))
    }
}

fn trends(counted: &[Day], first: Date, days: u16, tool: Option<Tool>) -> Trends {
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
    frequent.truncate(FREQUENT);
    let dates = (0..i64::from(days)).filter_map(|day| first.checked_add(day.days()).ok());
    Trends {
        days: dates.map(|date| Trend { date, count: by_date.get(&date).copied().unwrap_or_default() }).collect(),
        frequent: frequent.into_iter().collect(),
    }
}

/// What of a context may be kept: the values of [`KEPT_FIELDS`], the names of the others.
fn excerpt(payload: &Value) -> Value {
    let Value::Object(fields) = payload else { return Value::Object(Map::new()) };
    let kept = fields.iter().take(50).map(|(name, value)| {
        let short = value.is_number() || value.as_str().is_some_and(|text| text.len() <= 200);
        let keep = short && KEPT_FIELDS.contains(&name.as_str());
        (name.chars().take(64).collect(), if keep { value.clone() } else { "[redacted]".into() })
    });
    Value::Object(kept.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn content_and_people_stay_out_of_the_log() {
        let context = json!({"to": "ann@example.com", "body": "secret", "channel": "general", "limit": 5});
        let kept = excerpt(&context);
        assert_eq!(kept, json!({"to": "[redacted]", "body": "[redacted]", "channel": "general", "limit": 5}));
    }

    #[test]
    fn trends_fill_days_without_errors_and_rank_codes() {
        let day = |date: &str, counts: &[(&str, &str, u64)]| Day {
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
