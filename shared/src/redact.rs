//! Redaction of error texts: a provider's message, or serde's, may quote the user's input, and errors are logged and stored.

use serde_json::Value;

/// Number of consecutive characters that count as a quote.
const MIN_QUOTE_CHARS: usize = 12;
/// Minimum length of a source text; a shorter text is not redacted.
const MIN_SOURCE_CHARS: usize = 6;
const GAP: &str = "[...]";

/// Replaces the parts of `text` that quote one of `sources`.
pub(crate) fn redact_quotes(text: &str, sources: &[&str]) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut quoted = vec![false; chars.len()];
    for source in sources {
        let length = source.chars().count().min(MIN_QUOTE_CHARS);
        if length < MIN_SOURCE_CHARS {
            continue;
        }
        for (at, window) in chars.windows(length).enumerate() {
            if source.contains(&String::from_iter(window)) {
                quoted[at..at + length].fill(true);
            }
        }
    }
    let mut redacted = String::new();
    for (at, char) in chars.iter().enumerate() {
        if !quoted[at] {
            redacted.push(*char);
        } else if at == 0 || !quoted[at - 1] {
            redacted.push_str(GAP);
        }
    }
    redacted
}

/// Returns all strings in a value.
pub(crate) fn string_values(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(string_values).collect(),
        Value::Object(fields) => fields.values().flat_map(string_values).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => vec![],
    }
}

/// Returns serde's reason without the value that it found.
pub(crate) fn without_found_value(reason: &str) -> &str {
    let quotes = ["invalid type: ", "invalid value: "].iter().any(|start| reason.starts_with(start));
    match reason.rfind(", expected ") {
        Some(at) if quotes => &reason[at + ", ".len()..],
        _ => reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn quotes_are_redacted_whole_or_in_part() {
        let input =
            json!({ "to": ["ann@example.com"], "body": { "text": "Meet me at the old mill at noon." }, "n": 1 });
        let redact = |text: &str| redact_quotes(text, &string_values(&input));
        assert_eq!(redact("invalid: ann@example.com"), "invalid: [...]");
        assert_eq!(redact("'Meet me at the old mi...' is too long"), "'[...]...' is too long");
        assert_eq!(redact("body.text should be a string"), "body.text should be a string");
        assert_eq!(redact_quotes("abcdef", &["abcdef"]), "[...]");
        assert_eq!(redact_quotes("abc", &["abc"]), "abc");
        assert_eq!(
            redact_quotes("\u{e4}\u{f6}\u{fc}\u{df}\u{e4}\u{f6}!", &["\u{e4}\u{f6}\u{fc}\u{df}\u{e4}\u{f6}"]),
            "[...]!"
        );
    }

    #[test]
    fn value_found_by_serde_is_redacted() {
        assert_eq!(without_found_value("invalid type: string \"a, expected b\", expected a map"), "expected a map");
        assert_eq!(
            without_found_value("unknown field `x`, expected one of `y`"),
            "unknown field `x`, expected one of `y`"
        );
    }
}
