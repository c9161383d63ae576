//! Redaction of error texts: a provider's message, or serde's, may quote the user's input, and errors are logged and stored.

use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

use crate::nearest;

/// The reason that refuses a field which an object has twice.
pub(crate) const OCCURS_TWICE: &str = "must occur only once";

/// Number of consecutive characters that count as a quote.
const MIN_QUOTE_CHARS: usize = 12;
/// Minimum length of a source text that is redacted inside a longer word; a shorter text only as a word of its own.
const MIN_SOURCE_CHARS: usize = 6;
/// Minimum length of an id, so that no name is taken for one.
const MIN_ID_CHARS: usize = 8;
/// Minimum number of hexadecimal digits of an id in lower case.
const MIN_HEX_DIGITS: usize = 16;
const GAP: &str = "[...]";
/// Minimum length of a token that has no known start.
const MIN_TOKEN_BYTES: usize = 20;
/// The starts of tokens and secrets: of Google, Slack, Notion, and of JSON Web Tokens.
/// <https://developers.google.com/identity/protocols/oauth2#size> <https://api.slack.com/concepts/token-types>
/// <https://developers.notion.com/page/changelog>
const TOKEN_STARTS: [&str; 9] = ["ya29.", "1//", "GOCSPX-", "xox", "xapp-", "xwfp-", "secret_", "ntn_", "eyJ"];
/// The starts of this service's public ids.
const ID_STARTS: [&str; 4] = ["task_", "err_", "map_", "file_"];

/// Replaces the parts of `text` that quote one of `sources`, whatever its letter case and without the marks around it: `#general` is
/// quoted as `general`.
pub(crate) fn redact_quotes(text: &str, sources: &[&str]) -> String {
    let chars: Vec<char> = text.chars().collect();
    let folded: Vec<char> = chars.iter().map(|c| fold_case(*c)).collect();
    let mut quoted = vec![false; chars.len()];
    let mut parts = Parts { of: &folded, by_length: BTreeMap::new() };
    for source in sources {
        let source: Vec<char> = source.chars().map(fold_case).collect();
        let bare = without_marks(&source);
        // The parts of a long text without its marks are parts of it.
        let forms = if bare.len() < MIN_QUOTE_CHARS { vec![source.as_slice(), bare] } else { vec![source.as_slice()] };
        for form in forms {
            let length = form.len().min(MIN_QUOTE_CHARS);
            if form.iter().all(|char| char.is_whitespace()) {
                continue;
            }
            for at in form.windows(length).flat_map(|window| parts.positions(window)).collect::<Vec<_>>() {
                if length >= MIN_SOURCE_CHARS || is_word(&folded, at, length) {
                    quoted[at..at + length].fill(true);
                }
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

/// The parts of a text, so that a context of 2 MiB is compared with it in one pass.
struct Parts<'a> {
    of: &'a [char],
    by_length: BTreeMap<usize, HashMap<&'a [char], Vec<usize>>>,
}

impl Parts<'_> {
    /// Returns the positions of a part.
    fn positions(&mut self, part: &[char]) -> Vec<usize> {
        let of = self.of;
        let parts = self.by_length.entry(part.len()).or_insert_with(|| {
            let mut parts: HashMap<&[char], Vec<usize>> = HashMap::new();
            for (at, part) in of.windows(part.len()).enumerate() {
                parts.entry(part).or_default().push(at);
            }
            parts
        });
        parts.get(part).cloned().unwrap_or_default()
    }
}

/// Returns a text without the marks around it.
fn without_marks(text: &[char]) -> &[char] {
    let start = text.iter().position(|char| char.is_alphanumeric()).unwrap_or(text.len());
    let end = text.iter().rposition(|char| char.is_alphanumeric()).map_or(start, |last| last + 1);
    &text[start..end]
}

/// True if a part of a text stands between characters that belong to no word.
fn is_word(chars: &[char], at: usize, length: usize) -> bool {
    let is_outside = |char: Option<&char>| char.is_none_or(|char| !char.is_alphanumeric());
    let before = at.checked_sub(1).and_then(|before| chars.get(before));
    is_outside(before) && is_outside(chars.get(at + length))
}

/// True for a text that can only be a provider's id or a time: it has a digit, and no word of a person.
pub(crate) fn is_id_or_time(text: &str) -> bool {
    let is_upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"-_.:+".contains(&byte);
    let is_hex = |byte: &u8| byte.is_ascii_hexdigit();
    let is_long_hex = text.bytes().filter(is_hex).count() >= MIN_HEX_DIGITS
        && text.bytes().all(|byte| is_hex(&byte) && !byte.is_ascii_uppercase() || byte == b'-');
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    (MIN_ID_CHARS..=64).contains(&text.len()) && has_digit && (text.bytes().all(is_upper) || is_long_hex)
}

/// Returns the lower case of a character, which is one character.
fn fold_case(char: char) -> char {
    char.to_lowercase().next().unwrap_or(char)
}

/// Returns the message of an error as it is stored: without what it quotes of a context. A text of this service about a delegation
/// quotes none, and has words that a context has too, such as `gmail`.
pub(crate) fn stored_message(code: &str, message: &str, context: &Value) -> String {
    if ["FORBIDDEN", "DELEGATION_ENDED"].contains(&code) {
        return message.to_owned();
    }
    redact_context(message, context)
}

/// Replaces the parts of `text` that quote a value of `context`.
pub(crate) fn redact_context(text: &str, context: &Value) -> String {
    redact_quotes(text, &string_values(context))
}

/// Replaces the parts of every `message` in `data` that quote a value of `context`.
pub(crate) fn redact_messages(data: Value, context: &Value) -> Value {
    match data {
        Value::Array(items) => items.into_iter().map(|item| redact_messages(item, context)).collect(),
        Value::Object(fields) => {
            let redact = |(name, value): (String, Value)| match (name.as_str(), value) {
                ("message", Value::String(text)) => (name, redact_context(&text, context).into()),
                (_, value) => (name, redact_messages(value, context)),
            };
            fields.into_iter().map(redact).collect()
        }
        other => other,
    }
}

/// Replaces e-mail addresses and what looks like a token.
pub(crate) fn redact_personal(text: &str) -> String {
    let is_separator = |char: char| char.is_whitespace() || "\"'`<>()[]{},;:=&?".contains(char);
    let words = text.split_inclusive(is_separator).map(|piece| {
        let word = piece.trim_end_matches(is_separator);
        if is_address(word) || is_token(word) { format!("{GAP}{}", &piece[word.len()..]) } else { piece.to_owned() }
    });
    words.collect()
}

fn is_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.'))
}

/// True for a word with the start of a provider's token, and for a long one of letters and digits that is no id.
fn is_token(word: &str) -> bool {
    let is_hex = word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let is_uuid = is_hex && word.bytes().filter(|byte| *byte != b'-').count() == 32;
    let is_code = word.contains('_') && word.bytes().all(|byte| !byte.is_ascii_lowercase());
    let is_id = is_uuid || is_code || ID_STARTS.iter().any(|start| word.starts_with(start));
    let has = |test: fn(&u8) -> bool| word.bytes().any(|byte| test(&byte));
    let is_random = word.len() >= MIN_TOKEN_BYTES && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic) && !is_id;
    is_random || TOKEN_STARTS.iter().any(|start| word.len() > start.len() && word.starts_with(start))
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

/// Converts serde's text about an invalid value into the rule that the value breaks. The invalid value is left out, because it may
/// quote the request, and so are serde's own terms.
pub(crate) fn plain_reason(reason: &str) -> String {
    let expected = reason.rfind(", expected ").map(|at| &reason[at + ", expected ".len()..]);
    let starts_with_any = |starts: &[&str]| starts.iter().any(|start| reason.starts_with(start));
    match expected {
        Some(expected) if starts_with_any(&["invalid type: ", "invalid value: ", "invalid length "]) => {
            must_be(expected)
        }
        Some(expected) if starts_with_any(&["unknown variant "]) => {
            let (known, given) = (quoted_names(expected), reason.split('`').nth(1).unwrap_or_default());
            format!("must be one of: {}{}", known.join(", "), nearest::question(given, known.iter().copied()))
        }
        Some(expected) if starts_with_any(&["unknown field "]) => {
            nearest::unknown_field(reason.split('`').nth(1).unwrap_or_default(), &quoted_names(expected))
        }
        _ if starts_with_any(&["missing field "]) => "is required".to_owned(),
        _ if starts_with_any(&["duplicate field "]) => OCCURS_TWICE.to_owned(),
        _ if starts_with_any(&[
            "invalid digit ",
            "cannot parse integer ",
            "number too large ",
            "number too small ",
        ]) =>
        {
            must_be("u64")
        }
        _ if starts_with_any(&["provided string was not `true` or `false`"]) => must_be("a boolean"),
        // An untagged enum without a rule of its own (`#[serde(expecting)]`).
        _ if starts_with_any(&["data did not match any variant "]) => "has a value that is not allowed".to_owned(),
        // A rule of our own.
        _ if reason.starts_with("must ") || reason.starts_with("cannot ") => reason.to_owned(),
        _ => "has a value that is not allowed".to_owned(),
    }
}

/// Converts serde's name of an expected type.
fn must_be(expected: &str) -> String {
    let last_word = expected.rsplit(' ').next().unwrap_or_default();
    match expected {
        "a string"
        | "string"
        | "a borrowed string"
        | "variant identifier"
        | "string or map"
        | "map with a single key" => "must be a text, for example \"abc\"".to_owned(),
        "a boolean" => "must be true or false".to_owned(),
        "a map" | "map" => "must be a JSON object, for example {\"name\": \"value\"}".to_owned(),
        "a sequence" => "must be a list, for example [\"abc\"]".to_owned(),
        _ if expected.starts_with("struct ") => "must be a JSON object, for example {\"name\": \"value\"}".to_owned(),
        _ if expected.starts_with("enum ") => "must be a text, for example \"abc\"".to_owned(),
        _ if matches!(last_word, "f32" | "f64") => "must be a number, for example 1.5".to_owned(),
        _ if matches!(last_word, "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize") => {
            "must be a whole number, 0 or more, for example 5".to_owned()
        }
        _ if expected.starts_with("must ") => expected.to_owned(),
        _ => "has a value that is not allowed".to_owned(),
    }
}

/// Returns the names between backticks.
fn quoted_names(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
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
        // A short text is redacted as a word of its own, and not inside another word.
        assert_eq!(
            redact_quotes("no channel 'ops'; visible are opsy, dev-ops-x", &["#ops"]),
            "no channel '[...]'; visible are opsy, dev-[...]-x"
        );
        assert_eq!(redact_quotes("abc", &["abc"]), "[...]");
        assert_eq!(redact_quotes("no channel 'sales-emea'", &["#Sales-EMEA"]), "no channel '[...]'");
        assert_eq!(
            redact_quotes("\u{e4}\u{f6}\u{fc}\u{df}\u{e4}\u{f6}!", &["\u{e4}\u{f6}\u{fc}\u{df}\u{e4}\u{f6}"]),
            "[...]!"
        );
    }

    #[test]
    fn addresses_and_tokens_are_redacted_and_ids_are_not() {
        let cases = [
            ("Mail to <ann@example.com>, please", "Mail to <[...]>, please"),
            ("ann+1@mail.example.com", "[...]"),
            ("token=ya29.SECRET and xoxb-1-2", "token=[...] and [...]"),
            ("Bearer eyJhbGciOiJ9.e30.x", "Bearer [...]"),
            ("key 3f9Kq0ZpW81nTq7vLm2x", "key [...]"),
            ("AKIAIOSFODNN7EXAMPLE", "[...]"),
            (
                "PROVIDER_RATE_LIMITED_429 of task_MDFKMEFCQ0RFRkdISktNTlBRUlNU",
                "PROVIDER_RATE_LIMITED_429 of task_MDFKMEFCQ0RFRkdISktNTlBRUlNU",
            ),
            (
                "page 0f8fad5b-d9cb-469f-a165-70867728950e at 2026-11-28T15:52:47Z",
                "page 0f8fad5b-d9cb-469f-a165-70867728950e at 2026-11-28T15:52:47Z",
            ),
            ("a@b is no address, nor is @general", "a@b is no address, nor is @general"),
            ("task 1209876543210987654321 was not found", "task 1209876543210987654321 was not found"),
        ];
        for (text, redacted) in cases {
            assert_eq!(redact_personal(text), redacted);
        }
    }

    #[test]
    fn an_id_or_a_time_is_no_word() {
        for id in [
            "C0123456789",
            "1735689600.000100",
            "2026-11-23",
            "2026-11-23T10:00:00Z",
            "1200000000000021",
            "19a4c0ffee00beef",
            "59833787-2cf9-4fdf-8782-e53db20768a5",
        ] {
            assert!(is_id_or_time(id), "{id}");
        }
        for word in
            ["general", "ops", "SALES", "team-2026", "feed-2026", "ann@example.com", "https://x.example/1", "", "12"]
        {
            assert!(!is_id_or_time(word), "{word}");
        }
    }

    #[test]
    fn messages_in_data_are_redacted_and_other_fields_are_not() {
        let context = json!({ "users": ["ann@example.com"] });
        let data = json!({ "done": ["ann@example.com"], "results": [{ "item": "ann@example.com", "message": "no ann@example.com" }] });
        let redacted =
            json!({ "done": ["ann@example.com"], "results": [{ "item": "ann@example.com", "message": "no [...]" }] });
        assert_eq!(redact_messages(data, &context), redacted);
    }

    #[test]
    fn serde_texts_become_rules_without_the_found_value() {
        let cases = [
            (
                "invalid type: string \"a, expected b\", expected a map",
                "must be a JSON object, for example {\"name\": \"value\"}",
            ),
            ("invalid type: integer `7`, expected a string", "must be a text, for example \"abc\""),
            ("invalid value: integer `-1`, expected u16", "must be a whole number, 0 or more, for example 5"),
            ("invalid digit found in string", "must be a whole number, 0 or more, for example 5"),
            ("invalid type: map, expected a sequence", "must be a list, for example [\"abc\"]"),
            (
                "invalid type: sequence, expected struct Policy",
                "must be a JSON object, for example {\"name\": \"value\"}",
            ),
            ("provided string was not `true` or `false`", "must be true or false"),
            ("unknown variant `gone`, expected `a` or `b`", "must be one of: a, b"),
            ("unknown field `x`, expected one of `y`, `z`", "unknown field; known fields are y, z"),
            ("missing field `x`", "is required"),
            ("must be one of the two", "must be one of the two"),
        ];
        for (reason, rule) in cases {
            assert_eq!(plain_reason(reason), rule);
        }
    }
}
