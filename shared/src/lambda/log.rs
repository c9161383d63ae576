//! The log on stdout: JSON lines with the request or event they belong to, and CloudWatch metric lines, which are written unchanged.
//!
//! No line quotes content of requests or responses. Users appear as pseudonyms; real ids appear only in the audit log. A field has
//! one meaning in every line: `route` is the method and path of a request, `action` an action of an adapter.

mod line;

use std::fmt;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, MakeWriter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;

use super::audit;
use super::input::TWO_IN_QUERY;
use crate::config::Config;
use crate::error::{Error, FieldFault, Result};
use crate::metrics;
use crate::nearest::UNKNOWN_FIELD;
use crate::redact::OCCURS_TWICE;

/// Builds the subscriber that filters lines by the configuration and writes them to `writer`.
pub fn subscriber<W>(config: &Config, writer: W) -> impl Subscriber + Send + Sync + use<W>
where
    W: for<'a> MakeWriter<'a> + Clone + Send + Sync + 'static,
{
    let default = if config.debug { "info,engine=debug" } else { "info" };
    let filter = audit::filter(config.log.as_deref().unwrap_or(default));
    let lines = tracing_subscriber::fmt::layer()
        .fmt_fields(line::JsonFields)
        .event_format(line::JsonLine)
        .with_writer(writer.clone())
        .with_filter(filter.and(filter_fn(|line| line.target() != metrics::TARGET && is_free_of_content(line))));
    let measurements = tracing_subscriber::fmt::layer()
        .event_format(RawLine)
        .with_writer(writer)
        .with_filter(filter_fn(|line| line.target() == metrics::TARGET));
    tracing_subscriber::registry().with(lines).with(measurements)
}

/// Returns true for lines that quote no content. Below `info`, only the engine's own do not, whatever the setting says: at `trace`
/// the Lambda runtime writes the whole event, with its token, and the AWS SDK the bodies of its requests.
fn is_free_of_content(line: &Metadata<'_>) -> bool {
    let is_own = line.target().split("::").next() == Some(env!("CARGO_PKG_NAME"));
    is_own || *line.level() <= Level::INFO
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
                Error::Invalid { .. } | Error::Missing(_) | Error::Fields(_) => {
                    error.fields().into_iter().next().map(|fault| logged_field(&fault.shown()))
                }
                _ => None,
            };
            tracing::info!(route, status, outcome, ms, reason, "request refused");
        }
    }
}

/// Returns the field of a fault as far as its name is not the caller's own text: that of an unknown field is, also of one that occurs
/// twice, and so are the names in an object of any names, such as `context.properties`.
fn logged_field(fault: &FieldFault) -> String {
    match [UNKNOWN_FIELD, OCCURS_TWICE, TWO_IN_QUERY].iter().any(|reason| fault.reason.starts_with(reason)) {
        true => "an unknown or repeated field".to_owned(),
        false => fault.field.split('.').take(2).collect::<Vec<_>>().join("."),
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(text);
            Ok(text.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn other_crates_write_nothing_below_info_with_any_setting() {
        let variables = [
            ("PLUGIN_ENGINE_FRONTEND_URL", "http://localhost:3000/"),
            ("PLUGIN_ENGINE_OAUTH_REDIRECT_URI", "http://localhost:9000/"),
            ("PLUGIN_ENGINE_JWT_ISSUER", "https://id.example.com"),
            ("PLUGIN_ENGINE_JWT_AUDIENCE", "plugin-engine"),
            ("PLUGIN_ENGINE_KEYRING_SECRET", "keyring"),
            ("PLUGIN_ENGINE_FLOWS_KEYRING_SECRET", "flows-keyring"),
            ("PLUGIN_ENGINE_CLIENTS_SECRET", "clients"),
        ];
        let value =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let mut config = Config::read(&value).unwrap();
        for setting in ["trace", "lambda_runtime=trace,hyper=debug,engine_of_others=trace,engine=trace,info"] {
            config.log = Some(setting.to_owned());
            let lines = Lines::default();
            let writer = lines.clone();
            tracing::subscriber::with_default(subscriber(&config, move || writer.clone()), || {
                tracing::trace!(target: "lambda_runtime", "foreign event");
                tracing::debug!(target: "hyper::proto", "foreign header");
                tracing::trace!(target: "engine_of_others", "foreign name");
                tracing::info!(target: "lambda_runtime", "foreign info");
                tracing::trace!(target: "engine::oauth", "own trace");
            });
            let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
            let messages: Vec<serde_json::Value> = text
                .lines()
                .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["message"].clone())
                .collect();
            assert_eq!(messages, ["foreign info", "own trace"], "{setting}");
        }
    }
}
