//! Oracle for one user's account: no call during a cooldown that the worker has read, and no concurrent refresh of one token.

use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

use crate::accounts::{ToolAccount, account_with_id};
use crate::actions::{PEOPLE, TOOLS};

/// The maximal duration of an attempt after it has read its guards.
const MAX_ATTEMPT_DURATION: Duration = Duration::from_secs(150);
/// The client's own timeout of a token call.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(10);

/// The observed state of one user's account.
#[derive(Clone, Debug, Default)]
pub(crate) struct ToolOracle {
    /// End of each cooldown in epoch milliseconds, and the time at which it was written, by scope.
    cooldowns: BTreeMap<String, (i64, Duration)>,
    /// The times at which each worker read the guards.
    guard_reads: BTreeMap<String, Vec<Duration>>,
    /// The refresh token in use, and the start of the call.
    refresh: Option<(String, Duration)>,
}

impl ToolOracle {
    /// Records the current cooldown row.
    pub(crate) fn record_cooldown(&mut self, row: &Value, at: Duration) {
        for (name, pace) in row.as_object().into_iter().flatten() {
            let Some(scope) = name.strip_prefix("pace:") else { continue };
            let pace: Value = pace["S"].as_str().and_then(|pace| serde_json::from_str(pace).ok()).unwrap_or_default();
            let until = pace["resumeAt"].as_i64().unwrap_or_default();
            let known = self.cooldowns.entry(scope.to_owned()).or_insert((until, at));
            if known.0 != until {
                *known = (until, at);
            }
        }
    }

    /// Records that a worker read the guards.
    pub(crate) fn record_guard_read(&mut self, worker: &str, at: Duration) {
        self.guard_reads.entry(worker.to_owned()).or_default().push(at);
    }

    /// True if a worker calls although every guard read of its attempt came after the start of a cooldown of the called method, or of
    /// the account.
    pub(crate) fn violates_cooldown(&self, worker: &str, method: &str, clock: Timestamp, at: Duration) -> bool {
        let method = format!("method:{method}");
        let is_of_call = |scope: &str| scope == "account" || scope.starts_with(&method);
        let reads = self.guard_reads.get(worker).into_iter().flatten();
        let Some(first) = reads.filter(|read| **read + MAX_ATTEMPT_DURATION > at).min() else { return false };
        let cooldowns = self.cooldowns.iter().filter(|(scope, _)| is_of_call(scope));
        cooldowns.into_iter().any(|(_, (until, since))| *until > clock.as_millisecond() && first > since)
    }

    /// Records that a refresh token is sent. Returns true if another call with it is in flight.
    pub(crate) fn start_refresh(&mut self, token: &str, at: Duration) -> bool {
        let before = self.refresh.replace((token.to_owned(), at));
        before.is_some_and(|(other, since)| other == token && at < since + REFRESH_TIMEOUT)
    }

    /// Records that the token call was answered or its sender was killed.
    pub(crate) fn finish_refresh(&mut self) {
        self.refresh = None;
    }
}

/// The account of a cooldown's key in the integrations table.
pub(crate) fn cooldown_owner(key: &Value) -> Option<ToolAccount> {
    let mut parts = key["sk"]["S"].as_str()?.split('#');
    let (Some("t"), tool, Some("c"), id) = (parts.next(), parts.next()?, parts.next(), parts.next()?) else {
        return None;
    };
    account_of_user(key["pk"]["S"].as_str()?, tool, id)
}

/// The account of a user's partition.
pub(crate) fn account_of_user(partition: &str, tool: &str, id: &str) -> Option<ToolAccount> {
    let (tool, _) = TOOLS.into_iter().find(|(known, _)| *known == tool)?;
    Some(ToolAccount { person: person_of(partition)?, tool, account: account_with_id(tool, id)? })
}

/// The user of a partition.
pub(crate) fn person_of(partition: &str) -> Option<usize> {
    let user = partition.split('#').next()?;
    PEOPLE.iter().position(|person| person.replace('@', "%40") == user)
}

/// The tool of a provider path; Google's token endpoint belongs to Gmail.
pub(crate) fn tool_of_path(line: &str) -> &'static str {
    let provider = line.split('/').nth(1).unwrap_or_default();
    let provider = if provider == "google" { "gmail" } else { provider };
    TOOLS.iter().find(|(tool, _)| *tool == provider).map_or("", |(tool, _)| tool)
}
