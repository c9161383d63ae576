//! A person's tool as a provider protects it: the gate after "too many calls", and the renewal of its tokens.

use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

use crate::work::{PEOPLE, TOOLS};

/// No attempt goes on for longer after it has read whether it may call.
const ATTEMPT: Duration = Duration::from_secs(150);
/// As the client's own: a call for new tokens is over after this.
const RENEWAL: Duration = Duration::from_secs(10);

/// What is known of one person's tool.
#[derive(Clone, Debug, Default)]
pub(crate) struct Door {
    /// Until when the gate is closed, epoch milliseconds, and when that was written.
    gate: Option<(i64, Duration)>,
    /// When each worker read whether it may call.
    looks: BTreeMap<String, Vec<Duration>>,
    /// The refresh token that is being used, and since when.
    renewal: Option<(String, Duration)>,
}

impl Door {
    /// Notes what the gate's row says now.
    pub(crate) fn note_gate(&mut self, row: &Value, at: Duration) {
        let until = row["until"]["N"].as_str().and_then(|until| until.parse().ok());
        self.gate = until.map(|until| (until, at));
    }

    /// Notes that a worker read the gate's row.
    pub(crate) fn note_look(&mut self, worker: &str, at: Duration) {
        self.looks.entry(worker.to_owned()).or_default().push(at);
    }

    /// Whether a worker calls that can only have read that the gate is closed: all it has read of late was after that.
    pub(crate) fn stood_closed(&self, worker: &str, clock: Timestamp, at: Duration) -> bool {
        let Some((until, since)) = self.gate.filter(|(until, _)| *until > clock.as_millisecond()) else { return false };
        let looks = self.looks.get(worker).into_iter().flatten();
        let first = looks.filter(|look| **look + ATTEMPT > at).min();
        until > 0 && first.is_some_and(|first| *first > since)
    }

    /// Notes that a refresh token is sent. Whether it was on its way already.
    pub(crate) fn renew(&mut self, token: &str, at: Duration) -> bool {
        let before = self.renewal.replace((token.to_owned(), at));
        before.is_some_and(|(other, since)| other == token && at < since + RENEWAL)
    }

    /// Notes that the answer to it has come, or that its sender is gone.
    pub(crate) fn renewed(&mut self) {
        self.renewal = None;
    }
}

/// Whose gate a key of the table of connections names.
pub(crate) fn of_gate(key: &Value) -> Option<(usize, String)> {
    let tool = key["sk"]["S"].as_str()?.strip_prefix("gate#")?;
    let user = key["pk"]["S"].as_str()?;
    let person = PEOPLE.iter().position(|person| person.replace('@', "%40") == user)?;
    Some((person, tool.to_owned()))
}

/// The tool whose provider a path belongs to; Google's tokens are Gmail's.
pub(crate) fn tool_of(line: &str) -> &'static str {
    let provider = line.split('/').nth(1).unwrap_or_default();
    let provider = if provider == "google" { "gmail" } else { provider };
    TOOLS.iter().find(|(tool, _)| *tool == provider).map_or("", |(tool, _)| tool)
}
