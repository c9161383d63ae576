//! Metrics, as log lines in CloudWatch's embedded metric format: Lambda sends stdout to CloudWatch Logs, which extracts the
//! metrics. They cost no call and need no permission.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
//!
//! Every metric has the same two dimensions, `tool` and `outcome`, both from short lists: each pair of values is billed as
//! a metric of its own. Users, agents and ids are never dimensions.

use jiff::Timestamp;
use serde_json::json;

/// The tracing target of metric lines, which distinguishes them from other log lines: see `lambda::log`.
pub const TARGET: &str = "metrics";
/// The metrics' namespace in CloudWatch.
pub const NAMESPACE: &str = "PluginEngine";

/// The metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// An intent was answered: `done`, `failed`, `pending`, `scheduled`, or `refused` before an attempt.
    Intents,
    /// An attempt of a task was finished. The outcome is the task's new state.
    Tasks,
    /// Delay between a task's due time and its attempt, in milliseconds: `initial`, or `retry` after a consumed or unresolved
    /// attempt.
    Lateness,
    /// A task will be retried: `failed`, or `deferred` if no attempt was consumed.
    Retries,
    /// A token was refreshed: `done`, `revoked`, `failed`.
    Refreshes,
    /// A circuit breaker was `opened` or `closed`.
    CircuitBreakerChanges,
    /// A provider's rate limit started a cooldown, or extended it: `started`.
    Cooldowns,
    /// An effect whose response was lost was reconciled: `applied`, `not_applied`, `inconclusive`.
    Reconciliations,
    /// Response time of a provider, in milliseconds: the class of its status (`2xx` to `5xx`), `none` without a response.
    ProviderLatency,
}

impl Metric {
    /// All metrics.
    pub const ALL: [Self; 9] = [
        Self::Intents,
        Self::Tasks,
        Self::Lateness,
        Self::Retries,
        Self::Refreshes,
        Self::CircuitBreakerChanges,
        Self::Cooldowns,
        Self::Reconciliations,
        Self::ProviderLatency,
    ];

    /// The metric's name in CloudWatch.
    pub fn name(self) -> &'static str {
        match self {
            Self::Intents => "Intents",
            Self::Tasks => "Tasks",
            Self::Lateness => "Lateness",
            Self::Retries => "Retries",
            Self::Refreshes => "Refreshes",
            Self::CircuitBreakerChanges => "CircuitBreakerChanges",
            Self::Cooldowns => "Cooldowns",
            Self::Reconciliations => "Reconciliations",
            Self::ProviderLatency => "ProviderLatency",
        }
    }

    /// The metric's unit in CloudWatch.
    fn unit(self) -> &'static str {
        match self {
            Self::Lateness | Self::ProviderLatency => "Milliseconds",
            Self::Intents
            | Self::Tasks
            | Self::Retries
            | Self::Refreshes
            | Self::CircuitBreakerChanges
            | Self::Cooldowns
            | Self::Reconciliations => "Count",
        }
    }
}

/// Counts one occurrence of a metric.
pub fn count(metric: Metric, tool: &str, outcome: &str, now: Timestamp) {
    emit(metric, 1, tool, outcome, now);
}

/// Records a duration in milliseconds: see [`elapsed_ms`].
pub fn duration(metric: Metric, tool: &str, outcome: &str, milliseconds: i64, now: Timestamp) {
    emit(metric, milliseconds, tool, outcome, now);
}

/// The whole milliseconds from `since` to `now`; 0 if the clock went back.
pub fn elapsed_ms(since: Timestamp, now: Timestamp) -> i64 {
    (now.as_millisecond() - since.as_millisecond()).max(0)
}

fn emit(metric: Metric, value: i64, tool: &str, outcome: &str, now: Timestamp) {
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

/// Returns the class of a status, a dimension of the metric.
pub(crate) fn status_class(status: Option<u16>) -> &'static str {
    match status {
        Some(200..=299) => "2xx",
        Some(300..=399) => "3xx",
        Some(400..=499) => "4xx",
        Some(_) => "5xx",
        None => "none",
    }
}
