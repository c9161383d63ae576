//! The statistics of the error log: counts by tool, code and agent, and trends by day.

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

use super::ErrorHandler;
use crate::error::{Error, Result};
use crate::ids::AgentId;
use crate::permissions::Caller;
use crate::tables::errors::{DateRange, DayCounts};
use crate::tables::{Page, PageRequest};
use crate::tool::Tool;

/// Maximum number of days of statistics.
const MAX_DAYS: u16 = 90;
/// Agents that are counted at the same time.
const CONCURRENT_AGENTS: usize = 25;
/// Number of codes in `frequentErrors`.
const MAX_FREQUENT_CODES: usize = 5;

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
    /// By agent, of a page of agents.
    pub by_agent: BTreeMap<String, u64>,
    /// The position of the next agents; absent at the end.
    pub cursor: Option<String>,
}

/// The error trend of a period.
#[derive(Clone, Debug)]
pub struct Trends {
    /// One entry a day, including days without errors.
    pub days: Vec<Trend>,
    /// The most frequent codes.
    pub frequent: BTreeMap<String, u64>,
}

/// Checks the number of days of statistics.
///
/// # Errors
/// [`Error::Invalid`] for fewer than 1 or more than 90 days.
pub(crate) fn check_days(days: u16) -> Result<()> {
    match days {
        1..=MAX_DAYS => Ok(()),
        _ => Err(Error::invalid("days", format!("must be between 1 and {MAX_DAYS}, for example 7"))),
    }
}

impl ErrorHandler {
    /// Counts the errors of the last `days` days including today, of the user or of one agent. The counts by agent are those of
    /// a page of agents, 25 by default: one query each, whatever the number of days or of errors. Only errors of tools that the caller
    /// may use are counted, with all their actions and accounts: the counters do not tell these apart.
    ///
    /// # Errors
    /// [`Error::Invalid`] for fewer than 1 or more than 90 days, and for a bad limit or cursor.
    pub async fn stats(&self, caller: &Caller, agent: Option<&AgentId>, days: u16, page: PageRequest) -> Result<Stats> {
        let period = self.period(days)?;
        page.check()?;
        let daily_counts = self.daily_counts(caller, agent, period);
        let (daily_counts, (by_agent, cursor)) = match agent {
            Some(agent) => {
                let daily_counts = daily_counts.await?;
                let by_agent = BTreeMap::from([(agent.as_str().to_owned(), total(&daily_counts))]);
                (daily_counts, (by_agent, None))
            }
            None => futures::try_join!(daily_counts, self.count_by_agent(caller, period, page))?,
        };
        let mut stats = Stats { by_agent, cursor, ..Stats::default() };
        stats.by_agent.retain(|_, count| *count > 0);
        for ((tool, code), count) in daily_counts.into_iter().flat_map(|day| day.counts) {
            *stats.by_tool.entry(tool).or_default() += count;
            *stats.by_code.entry(code).or_default() += count;
        }
        Ok(stats)
    }

    async fn count_by_agent(
        &self,
        caller: &Caller,
        period: DateRange,
        page: PageRequest,
    ) -> Result<(BTreeMap<String, u64>, Option<String>)> {
        let Page { items: agents, cursor } = self.agents.page(&caller.user, page).await?;
        let counts = agents.into_iter().map(|agent| async move {
            let daily_counts = self.daily_counts(caller, Some(&agent), period).await?;
            Ok::<_, Error>((agent.as_str().to_owned(), total(&daily_counts)))
        });
        let counts: Vec<(String, u64)> = stream::iter(counts).buffered(CONCURRENT_AGENTS).try_collect().await?;
        Ok((counts.into_iter().collect(), cursor))
    }

    /// The counters of the tools that the caller may use.
    async fn daily_counts(
        &self,
        caller: &Caller,
        agent: Option<&AgentId>,
        period: DateRange,
    ) -> Result<Vec<DayCounts>> {
        let mut daily_counts = self.errors.daily_counts(&caller.user, agent, period).await?;
        for day in &mut daily_counts {
            day.counts.retain(|(tool, _), _| caller.permits(tool, None, None));
        }
        Ok(daily_counts)
    }

    /// The errors a day of the last `days` days including today, optionally of one agent or of one tool. As [`ErrorHandler::stats`],
    /// only of tools that the caller may use.
    ///
    /// # Errors
    /// [`Error::Invalid`] for fewer than 1 or more than 90 days; [`Error::Forbidden`] for a tool that the caller may not use.
    pub async fn trends(
        &self,
        caller: &Caller,
        agent: Option<&AgentId>,
        tool: Option<Tool>,
        days: u16,
    ) -> Result<Trends> {
        let period = self.period(days)?;
        tool.map_or(Ok(()), |tool| caller.check(tool.as_str(), None, None))?;
        let daily_counts = self.daily_counts(caller, agent, period).await?;
        Ok(trends(&daily_counts, period.first, days, tool))
    }

    /// The period of `days` days that ends today.
    ///
    /// # Errors
    /// [`Error::Invalid`] for fewer than 1 or more than 90 days.
    pub fn period(&self, days: u16) -> Result<DateRange> {
        check_days(days)?;
        let back = SignedDuration::from_hours(24 * i64::from(days - 1));
        let now = self.clock.now();
        let date = |at: jiff::Timestamp| at.to_zoned(TimeZone::UTC).date();
        Ok(DateRange { first: date(now - back), last: date(now) })
    }
}

/// Returns the number of all errors.
fn total(daily_counts: &[DayCounts]) -> u64 {
    daily_counts.iter().flat_map(|day| day.counts.values()).sum()
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

#[cfg(test)]
mod tests {
    use super::*;

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
