//! Measurements, as log lines in CloudWatch's embedded metric format: Lambda hands stdout to CloudWatch Logs, which makes
//! metrics of them. They cost no call and no permission.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
//!
//! Every metric has the same two dimensions, `tool` and `outcome`, both from short lists: each pair of values is a metric of
//! its own, and is paid for. No user, agent or id is one.

use jiff::Timestamp;
use serde_json::json;

/// The target of these lines, by which they are told from the others: see `lambda::log`.
pub const TARGET: &str = "metrics";
/// Where CloudWatch puts the metrics.
pub const NAMESPACE: &str = "PluginEngine";

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// An intent was answered: `done`, `failed`, `pending`, `scheduled`, or `refused` before anything was tried.
    Intents,
    /// An attempt of a task was written down; the outcome is the state it leads to.
    Tasks,
    /// How long after its time a due task began, in milliseconds: `first`; `again` where an
    /// attempt was used up or left open before.
    Lateness,
    /// A task is tried again: `failed`, or `put_off` where no attempt was used up.
    Retries,
    /// A token was refreshed: `done`, `revoked`, `failed`.
    Refreshes,
    /// A tool began to rest for an agent (`opened`) or works again (`closed`).
    CircuitBreakerChanges,
    /// How long a provider took to answer, in milliseconds: the class of its status (`2xx` to `5xx`), `none` without an
    /// answer.
    ProviderLatency,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Intents,
        Self::Tasks,
        Self::Lateness,
        Self::Retries,
        Self::Refreshes,
        Self::CircuitBreakerChanges,
        Self::ProviderLatency,
    ];

    /// Its name in CloudWatch.
    pub fn name(self) -> &'static str {
        match self {
            Self::Intents => "Intents",
            Self::Tasks => "Tasks",
            Self::Lateness => "Lateness",
            Self::Retries => "Retries",
            Self::Refreshes => "Refreshes",
            Self::CircuitBreakerChanges => "BreakerChanges",
            Self::ProviderLatency => "ProviderLatency",
        }
    }

    /// As CloudWatch names units.
    fn unit(self) -> &'static str {
        match self {
            Self::Lateness | Self::ProviderLatency => "Milliseconds",
            Self::Intents | Self::Tasks | Self::Retries | Self::Refreshes | Self::CircuitBreakerChanges => "Count",
        }
    }
}

/// Notes that something happened once.
pub fn count(metric: Metric, tool: &str, outcome: &str, now: Timestamp) {
    emit(metric, 1, (tool, outcome), now);
}

/// Notes how long something took that began, or should have begun, at `since`.
pub fn duration(metric: Metric, tool: &str, outcome: &str, (since, now): (Timestamp, Timestamp)) {
    emit(metric, elapsed_ms(since, now), (tool, outcome), now);
}

/// The whole milliseconds from one instant to another; none when the clock went back.
pub fn elapsed_ms(since: Timestamp, now: Timestamp) -> i64 {
    (now.as_millisecond() - since.as_millisecond()).max(0)
}

fn emit(metric: Metric, value: i64, (tool, outcome): (&str, &str), now: Timestamp) {
    if !tracing::enabled!(target: TARGET, tracing::Level::INFO) {
        return;
    }
    let (name, unit) = (metric.name(), metric.unit());
    let line = json!({
        "_aws": {
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [["tool", "outcome"]],
                "Metrics": [{ "Name": name, "Unit": unit }],
            }],
        },
        "tool": tool,
        "outcome": outcome,
        name: value,
    });
    tracing::info!(target: TARGET, line = line.to_string());
}
