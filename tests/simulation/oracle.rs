//! A person's tool as a provider protects it: the gate after "too many calls", and the renewal of its tokens.

use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

use crate::actions::{PEOPLE, TOOLS};

/// No attempt goes on for longer after it has read whether it may call.
const MAX_ATTEMPT_DURATION: Duration = Duration::from_secs(150);
/// As the client's own: a call for new tokens is over after this.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(10);

/// What is known of one person's tool.
#[derive(Clone, Debug, Default)]
pub(crate) struct ToolOracle {
    /// Until when the gate is closed, epoch milliseconds, and when that was written.
    cooldown: Option<(i64, Duration)>,
    /// When each worker read whether it may call.
    guard_reads: BTreeMap<String, Vec<Duration>>,
    /// The refresh token that is being used, and since when.
    refresh: Option<(String, Duration)>,
}

impl ToolOracle {
    /// Notes what the gate's row says now.
    pub(crate) fn record_cooldown(&mut self, row: &Value, at: Duration) {
        let until = row["resumeAt"]["N"].as_str().and_then(|until| until.parse().ok());
        self.cooldown = until.map(|until| (until, at));
    }

    /// Notes that a worker read the gate's row.
    pub(crate) fn record_guard_read(&mut self, worker: &str, at: Duration) {
        self.guard_reads.entry(worker.to_owned()).or_default().push(at);
    }

    /// Whether a worker calls that can only have read that the gate is closed: all it has read of late was after that.
    pub(crate) fn violates_cooldown(&self, worker: &str, clock: Timestamp, at: Duration) -> bool {
        let Some((until, since)) = self.cooldown.filter(|(until, _)| *until > clock.as_millisecond()) else {
            return false;
        };
        let looks = self.guard_reads.get(worker).into_iter().flatten();
        let first = looks.filter(|look| **look + MAX_ATTEMPT_DURATION > at).min();
        until > 0 && first.is_some_and(|first| *first > since)
    }

    /// Notes that a refresh token is sent. Whether it was on its way already.
    pub(crate) fn start_refresh(&mut self, token: &str, at: Duration) -> bool {
        let before = self.refresh.replace((token.to_owned(), at));
        before.is_some_and(|(other, since)| other == token && at < since + REFRESH_TIMEOUT)
    }

    /// Notes that the answer to it has come, or that its sender is gone.
    pub(crate) fn finish_refresh(&mut self) {
        self.refresh = None;
    }
}

/// Whose gate a key of the table of connections names.
pub(crate) fn cooldown_owner(key: &Value) -> Option<(usize, String)> {
    let tool = key["sk"]["S"].as_str()?.strip_prefix("cooldown#")?;
    let user = key["pk"]["S"].as_str()?;
    let person = PEOPLE.iter().position(|person| person.replace('@', "%40") == user)?;
    Some((person, tool.to_owned()))
}

/// The tool whose provider a path belongs to; Google's tokens are Gmail's.
pub(crate) fn tool_of_path(line: &str) -> &'static str {
    let provider = line.split('/').nth(1).unwrap_or_default();
    let provider = if provider == "google" { "gmail" } else { provider };
    TOOLS.iter().find(|(tool, _)| *tool == provider).map_or("", |(tool, _)| tool)
}
