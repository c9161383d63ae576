//! The size of an answer as it is written: Lambda's limit is one of the response event, in which the JSON of the body is a string of
//! JSON. Each quote of the body is two bytes there, and a quote within a text four.

use serde::Serialize;
use serde_json::Value;
use std::io;

/// Largest body of an answer, in bytes as it is written. Lambda's limit is 6,291,556; status and headers take the rest.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const MAX_ANSWER_BYTES: usize = 6_291_556 - 16 * 1024;

/// Largest page of a list as it is written: what stands around the rows takes the rest.
const MAX_PAGE_BYTES: usize = MAX_ANSWER_BYTES - 256 * 1024;

/// Returns the size of a body in the response event.
pub fn body_len(body: &str) -> usize {
    body.bytes().map(escaped_len).sum()
}

/// Returns the size of a value as the body of an answer, or a part of it.
pub fn written_len(value: &impl Serialize) -> usize {
    let mut counter = Counter(0);
    // A value without a form in JSON is refused where the answer is written.
    let written = serde_json::to_writer(&mut counter, value);
    if written.is_ok() { counter.0 } else { usize::MAX }
}

/// True if a value fits into one answer, with what stands around it.
pub fn fits(value: &Value) -> bool {
    written_len(value) <= MAX_PAGE_BYTES
}

/// Returns the number of rows from the first on that fit into one answer: at least one, if there is any.
pub fn fitting_rows<T: Serialize>(rows: &[T]) -> usize {
    let mut room = Room::default();
    rows.iter().take_while(|row| room.take(row)).count().max(1).min(rows.len())
}

/// The room that is left in one answer for the rows of a list.
#[derive(Debug)]
pub struct Room(usize);

impl Default for Room {
    fn default() -> Self {
        Self(MAX_PAGE_BYTES)
    }
}

impl Room {
    /// Takes the room of a row, if there is as much.
    pub fn take(&mut self, row: &impl Serialize) -> bool {
        let left = self.0.checked_sub(written_len(row));
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }
}

/// Cuts a text after `max_bytes`, or before, where it would take 2.5 times as many as it is written. Control characters are dropped.
/// Returns true if something was cut.
pub fn cut_text(text: &str, max_bytes: usize) -> (String, bool) {
    let (mut cut, mut written) = (String::with_capacity(text.len().min(max_bytes)), 0);
    for character in text.chars().filter(|character| is_shown(*character)) {
        written += if character.is_ascii() { text_len(character as u8) } else { character.len_utf8() };
        if cut.len() + character.len_utf8() > max_bytes || written > max_bytes * 5 / 2 {
            return (cut, true);
        }
        cut.push(character);
    }
    (cut, false)
}

/// Drops the control characters from every text of a value: they mean nothing to a reader, and each takes seven bytes. Tabs and line
/// breaks stay.
pub fn drop_controls(value: &mut Value) {
    match value {
        Value::String(text) if !text.chars().all(is_shown) => text.retain(is_shown),
        Value::Array(items) => items.iter_mut().for_each(drop_controls),
        Value::Object(fields) => fields.values_mut().for_each(drop_controls),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn is_shown(character: char) -> bool {
    character >= ' ' || matches!(character, '\t' | '\n' | '\r')
}

/// The size of a byte within a text of the body.
fn text_len(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' => 4,
        0x08 | b'\t' | b'\n' | 0x0c | b'\r' => 3,
        ..b' ' => 7,
        _ => 1,
    }
}

/// The size of a byte of the body.
fn escaped_len(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | 0x08 | b'\t' | b'\n' | 0x0c | b'\r' => 2,
        ..b' ' => 6,
        _ => 1,
    }
}

/// A counter of bytes as they are written.
struct Counter(usize);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.iter().copied().map(escaped_len).sum::<usize>();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    proptest! {
        #[test]
        fn sizes_are_those_of_the_response_event(text in "(?s).{0,40}", controls in "[\u{0}-\u{1f}\"\\\\]{0,8}") {
            let value = json!({ "text": text + &controls });
            let body = value.to_string();
            let event = serde_json::to_string(&body).unwrap();
            prop_assert_eq!(body_len(&body), event.len() - 2);
            prop_assert_eq!(written_len(&value), event.len() - 2);
        }

        #[test]
        fn a_cut_text_is_within_its_size_as_written(text in "[\u{0}-\u{1f}\"\\\\aäß]{0,200}", max in 4..100_usize) {
            let (cut, is_cut) = cut_text(&text, max);
            prop_assert!(cut.len() <= max && written_len(&cut) <= max * 5 / 2 + 4);
            let mut shown = json!(text);
            drop_controls(&mut shown);
            let shown = shown.as_str().unwrap();
            prop_assert!(shown.starts_with(&cut) && is_cut == (cut != shown));
        }
    }

    #[test]
    fn rows_fit_until_the_answer_is_full_and_one_always_does() {
        let row = "x".repeat(1024 * 1024);
        assert_eq!(fitting_rows(&[&row; 10]), 5);
        assert_eq!(fitting_rows(&[row.repeat(8), row]), 1);
        assert_eq!(fitting_rows::<u8>(&[]), 0);
    }
}
