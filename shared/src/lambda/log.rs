//! The log on stdout: JSON lines with the request or event they belong to, and CloudWatch metric lines, which are written unchanged.
//!
//! No line quotes content of requests or responses. Users appear as pseudonyms; real ids appear only in the audit log. A field has
//! one meaning in every line: `route` is the method and path of a request, `action` an action of an adapter.

mod line;

use std::fmt;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, MakeWriter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;

use super::audit;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::metrics;

/// Builds the subscriber that filters lines by the configuration and writes them to `writer`.
pub fn subscriber<W>(config: &Config, writer: W) -> impl Subscriber + Send + Sync + use<W>
where
    W: for<'a> MakeWriter<'a> + Clone + Send + Sync + 'static,
{
    // Debug lines of the engine only: those of other crates contain headers and bodies.
    let default = if config.debug { "info,engine=debug" } else { "info" };
    let filter = audit::filter(config.log.as_deref().unwrap_or(default));
    let lines = tracing_subscriber::fmt::layer()
        .fmt_fields(line::JsonFields)
        .event_format(line::JsonLine)
        .with_writer(writer.clone())
        .with_filter(filter.and(filter_fn(|line| line.target() != metrics::TARGET)));
    let measurements = tracing_subscriber::fmt::layer()
        .event_format(RawLine)
        .with_writer(writer)
        .with_filter(filter_fn(|line| line.target() == metrics::TARGET));
    tracing_subscriber::registry().with(lines).with(measurements)
}

/// Logs the one line of a request. `route` is its method and path; the enclosing span carries its id.
pub(super) fn log_request<T>(route: &str, result: &Result<T>, status: u16, ms: i64) {
    let outcome = result.as_ref().map_or_else(Error::code, |_| "ok");
    match result {
        Ok(_) => tracing::info!(route, status, outcome, ms, "request answered"),
        Err(Error::Unavailable(source) | Error::Internal(source)) => {
            tracing::error!(route, status, outcome, ms, %source, "request failed");
        }
        Err(error) => {
            let reason = match error {
                Error::Unauthenticated(fault) => Some(fault.to_string()),
                // The field's name only: the text of this and of other errors may quote the request.
                Error::Invalid { field, .. } => Some(field.clone()),
                _ => None,
            };
            tracing::info!(route, status, outcome, ms, reason, "request refused");
        }
    }
}

/// Writes the message unchanged: CloudWatch expects `_aws` at the top level of a metric line.
struct RawLine;

impl<S, N> FormatEvent<S, N> for RawLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut text = RawText(String::new());
        event.record(&mut text);
        writeln!(writer, "{}", text.0)
    }
}

/// Collects the message of an event.
struct RawText(String);

impl Visit for RawText {
    fn record_str(&mut self, _: &Field, value: &str) {
        value.clone_into(&mut self.0);
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
