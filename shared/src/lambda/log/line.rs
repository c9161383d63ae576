//! The format of a log line: one flat JSON object without redundant fields, because log storage is billed by the byte.
//!
//! `timestamp` and `level` come first: Lambda's log filters read them. The fields of the innermost span follow, then those of the
//! event. `target` is written only for lines of other crates: each message of the engine occurs at one place in its code.
//! <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html>

use serde::Serialize;
use std::fmt;
use tracing::field::{Field, Visit};
use tracing::span::Record;
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// Formats events as lines.
pub(super) struct JsonLine;

impl<S> FormatEvent<S, JsonFields> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, JsonFields>,
        mut line: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        line.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut line)?;
        write!(line, "\",\"level\":\"{}\"", event.metadata().level())?;
        if let Some(span) = ctx.parent_span()
            && let Some(span_fields) = span.extensions().get::<FormattedFields<JsonFields>>()
        {
            line.write_str(span_fields)?;
        }
        ctx.format_fields(line.by_ref(), event)?;
        let target = event.metadata().target();
        if !target.starts_with("engine::") {
            FieldWriter(line.by_ref()).write_field("target", &target)?;
        }
        line.write_str("}\n")
    }
}

/// Formats fields as members of an object, each preceded by a comma.
pub(super) struct JsonFields;

impl<'w> FormatFields<'w> for JsonFields {
    fn format_fields<R: RecordFields>(&self, members: Writer<'w>, fields: R) -> fmt::Result {
        fields.record(&mut FieldWriter(members));
        Ok(())
    }

    /// Adds the fields of a span that are known later. The default puts a space before them.
    fn add_fields(&self, current: &'w mut FormattedFields<Self>, fields: &Record<'_>) -> fmt::Result {
        self.format_fields(current.as_writer(), fields)
    }
}

/// Writes one field after the other.
struct FieldWriter<'w>(Writer<'w>);

impl FieldWriter<'_> {
    fn write_field(&mut self, name: &str, value: &impl Serialize) -> fmt::Result {
        // The name is a Rust identifier.
        write!(self.0, ",\"{name}\":{}", serde_json::to_string(value).map_err(|_| fmt::Error)?)
    }

    /// Writes a field, or skips it if it cannot be serialized: an incomplete line is better than none.
    fn write_or_skip(&mut self, field: &Field, value: &impl Serialize) {
        let _ = self.write_field(field.name(), value);
    }
}

impl Visit for FieldWriter<'_> {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.write_or_skip(field, &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.write_or_skip(field, &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.write_or_skip(field, &value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.write_or_skip(field, &value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.write_or_skip(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::io;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct SharedBuffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for SharedBuffer {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(text);
            Ok(text.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Returns the lines that `work` logs.
    fn logged_lines(work: impl FnOnce()) -> Vec<Value> {
        let text = SharedBuffer::default();
        let writer = text.clone();
        let subscriber = tracing_subscriber::fmt()
            .fmt_fields(JsonFields)
            .event_format(JsonLine)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, work);
        let text = String::from_utf8(text.0.lock().unwrap().clone()).unwrap();
        text.lines()
            .map(|line| {
                let mut line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
                line.as_object_mut().unwrap().remove("timestamp").unwrap();
                line
            })
            .collect()
    }

    #[test]
    fn every_field_type_is_valid_json() {
        let odd = "a \"quoted\"\n\\ line";
        let logged = logged_lines(|| {
            let none: Option<&str> = None;
            tracing::warn!(odd, left = -1, many = u64::MAX, right = true, list = ?[1, 2], none, "text {odd}");
        });
        let message = format!("text {odd}");
        let expected = json!({
            "level": "WARN", "message": message, "odd": odd, "left": -1, "many": u64::MAX, "right": true, "list": "[1, 2]"
        });
        assert_eq!(logged, [expected]);
    }

    #[test]
    fn line_includes_the_fields_of_the_innermost_span() {
        let logged = logged_lines(|| {
            let _around = tracing::info_span!("around", of = "no line").entered();
            let span = tracing::info_span!("request", request_id = "r", user = tracing::field::Empty);
            span.in_scope(|| tracing::info!("before"));
            span.record("user", "u");
            span.in_scope(|| tracing::info!(target: "audit", "after"));
        });
        let before = json!({ "level": "INFO", "message": "before", "request_id": "r" });
        let after = json!({ "level": "INFO", "message": "after", "request_id": "r", "user": "u", "target": "audit" });
        assert_eq!(logged, [before, after]);
    }
}
