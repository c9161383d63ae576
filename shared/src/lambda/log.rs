//! What is written to stdout: JSON lines for people and log stores, with the request or event they belong to, and CloudWatch's
//! metric lines as they are.
//!
//! No line quotes what was asked or answered. Of a user there is a pseudonym, of whose token the decision was in the audit log
//! alone.

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

/// What lines are kept, as configured, and how they are written.
pub fn subscriber<W>(config: &Config, writer: W) -> impl Subscriber + Send + Sync + use<W>
where
    W: for<'a> MakeWriter<'a> + Clone + Send + Sync + 'static,
{
    // With debug on, the detail of what the engine does; the other crates' would have headers and bodies in it.
    let usual = if config.debug { "info,engine=debug" } else { "info" };
    let filter = audit::filter(config.log.as_deref().unwrap_or(usual));
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

/// The one line of a request, named by its method and path; its span has its id.
pub(super) fn log_request<T>(action: &str, answered: &Result<T>, status: u16, ms: i64) {
    let outcome = answered.as_ref().map_or_else(Error::code, |_| "ok");
    match answered {
        Ok(_) => tracing::info!(action, status, outcome, ms, "request answered"),
        Err(Error::Unavailable(source) | Error::Internal(source)) => {
            tracing::error!(action, status, outcome, ms, %source, "request failed");
        }
        Err(error) => {
            let reason = match error {
                Error::Unauthenticated(reason) => Some(reason.as_str()),
                // The field alone: what is wrong with it may quote the request, as other errors' texts may.
                Error::Invalid { field, .. } => Some(field.as_str()),
                _ => None,
            };
            tracing::info!(action, status, outcome, ms, reason, "request refused");
        }
    }
}

/// A line that is already what it should be: CloudWatch looks for `_aws` at its top.
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

struct RawText(String);

impl Visit for RawText {
    fn record_str(&mut self, _: &Field, value: &str) {
        value.clone_into(&mut self.0);
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
