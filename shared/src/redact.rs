//! What must not be repeated: a provider's words, or serde's, may quote what they speak of, and errors are logged and kept.

use serde_json::Value;

/// So many characters in a row that also stand elsewhere are a quotation.
const MIN_QUOTE_CHARS: usize = 12;
/// Texts shorter than this say nothing by themselves.
const MIN_SOURCE_CHARS: usize = 6;
const GAP: &str = "[...]";

/// The text without what it quotes of `others`.
pub(crate) fn redact_quotes(text: &str, others: &[&str]) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut quoted = vec![false; chars.len()];
    for other in others {
        let run = other.chars().count().min(MIN_QUOTE_CHARS);
        if run < MIN_SOURCE_CHARS {
            continue;
        }
        for (at, window) in chars.windows(run).enumerate() {
            if other.contains(&String::from_iter(window)) {
                quoted[at..at + run].fill(true);
            }
        }
    }
    let mut clean = String::new();
    for (at, char) in chars.iter().enumerate() {
        if !quoted[at] {
            clean.push(*char);
        } else if at == 0 || !quoted[at - 1] {
            clean.push_str(GAP);
        }
    }
    clean
}

/// Every text in a value.
pub(crate) fn string_values(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(string_values).collect(),
        Value::Object(fields) => fields.values().flat_map(string_values).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => vec![],
    }
}

/// What serde expected, without the value it found instead.
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
        let said = json!({ "to": ["ann@example.com"], "body": { "text": "Meet me at the old mill at noon." }, "n": 1 });
        let clean = |text: &str| redact_quotes(text, &string_values(&said));
        assert_eq!(clean("invalid: ann@example.com"), "invalid: [...]");
        assert_eq!(clean("'Meet me at the old mi...' is too long"), "'[...]...' is too long");
        assert_eq!(clean("body.text should be a string"), "body.text should be a string");
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
