//! What must not be repeated: a provider's words, or serde's, may quote what they speak of, and errors are logged and kept.

use serde_json::Value;

/// So many characters in a row that also stand elsewhere are a quotation.
const RUN: usize = 12;
/// Texts shorter than this say nothing by themselves.
const LEAST: usize = 6;
const GAP: &str = "[...]";

/// The text without what it quotes of `others`.
pub(crate) fn without(text: &str, others: &[&str]) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut quoted = vec![false; chars.len()];
    for other in others {
        let run = other.chars().count().min(RUN);
        if run < LEAST {
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
pub(crate) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => vec![],
    }
}

/// What serde expected, without the value it found instead.
pub(crate) fn expectation(reason: &str) -> &str {
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
    fn quotations_are_left_out_whole_or_in_part() {
        let said = json!({ "to": ["ann@example.com"], "body": { "text": "Meet me at the old mill at noon." }, "n": 1 });
        let clean = |text: &str| without(text, &texts(&said));
        assert_eq!(clean("invalid: ann@example.com"), "invalid: [...]");
        assert_eq!(clean("'Meet me at the old mi...' is too long"), "'[...]...' is too long");
        assert_eq!(clean("body.text should be a string"), "body.text should be a string");
        assert_eq!(without("abcdef", &["abcdef"]), "[...]");
        assert_eq!(without("abc", &["abc"]), "abc");
        assert_eq!(
            without("\u{e4}\u{f6}\u{fc}\u{df}\u{e4}\u{f6}!", &["\u{e4}\u{f6}\u{fc}\u{df}\u{e4}\u{f6}"]),
            "[...]!"
        );
    }

    #[test]
    fn the_value_serde_found_is_left_out() {
        assert_eq!(expectation("invalid type: string \"a, expected b\", expected a map"), "expected a map");
        assert_eq!(expectation("unknown field `x`, expected one of `y`"), "unknown field `x`, expected one of `y`");
    }
}
