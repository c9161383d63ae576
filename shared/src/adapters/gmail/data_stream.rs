//! The bytes of an attachment, cut out of Gmail's JSON and decoded as it arrives.
//!
//! Gmail sends an attachment of 25 MiB as one object of 35 million characters, `{"size": 26214400, "data": "..."}`. Its `data` is a string in
//! base64url, in which JSON allows escapes, and the object may have more members in any order.

use base64::Engine as _;
use bytes::Bytes;
use futures::stream::{self, StreamExt as _};

use super::part::BASE64URL;
use crate::http::{ByteStream, StreamError};

/// The member with the content.
const CONTENT: &[u8] = b"data";

/// Returns the decoded content of an attachment of a response's body.
pub(super) fn decode(body: ByteStream) -> ByteStream {
    stream::unfold(Some((body, Reader::default())), |reading| async {
        let (mut body, mut reader) = reading?;
        loop {
            match body.next().await {
                Some(Ok(chunk)) => match reader.read(&chunk) {
                    Ok(content) if content.is_empty() => {}
                    Ok(content) => return Some((Ok(Bytes::from(content)), Some((body, reader)))),
                    Err(error) => return Some((Err(error), None)),
                },
                Some(Err(error)) => return Some((Err(error), None)),
                None => return reader.finish().err().map(|error| (Err(error), None)),
            }
        }
    })
    .boxed()
}

/// A reader of JSON that knows only so much of it as leads to the member `data` of the outermost object.
#[derive(Default)]
struct Reader {
    state: State,
    /// The number of open objects and lists.
    depth: u32,
    /// True if the next string is the name of a member of the outermost object.
    expects_name: bool,
    /// The last of these names.
    name: Vec<u8>,
    /// Base64 that is not decoded yet: fewer than four characters between two chunks.
    coded: Vec<u8>,
    /// True if the base64 ended with its padding.
    is_padded: bool,
    /// True if the content was read to its end.
    is_complete: bool,
}

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    Between,
    Text(Role),
    Escape(Role),
    /// Four digits after `\u`: how many there were, and their number.
    Unicode(Role, u8, u32),
}

/// What a string is.
#[derive(Clone, Copy)]
enum Role {
    Name,
    Content,
    Other,
}

impl Reader {
    /// Reads a chunk and returns the content in it.
    fn read(&mut self, chunk: &[u8]) -> Result<Vec<u8>, StreamError> {
        let mut rest = chunk;
        while let Some((&byte, after)) = rest.split_first() {
            rest = match self.state {
                State::Between => {
                    self.structure(byte)?;
                    after
                }
                State::Text(role) => self.text(role, rest)?,
                State::Escape(role) => {
                    self.escape(role, byte)?;
                    after
                }
                State::Unicode(role, count, number) => {
                    self.digit(role, count, number, byte)?;
                    after
                }
            };
        }
        self.decode_quanta()
    }

    /// Ends the reading.
    fn finish(&self) -> Result<(), StreamError> {
        match self.is_complete && self.depth == 0 {
            true => Ok(()),
            false => Err(failure("it ended before its content")),
        }
    }

    fn structure(&mut self, byte: u8) -> Result<(), StreamError> {
        match byte {
            b'{' | b'[' => {
                self.depth += 1;
                self.expects_name = self.depth == 1 && byte == b'{';
                self.name.clear();
            }
            b'}' | b']' => {
                self.depth = self.depth.checked_sub(1).ok_or_else(|| failure("it is not JSON"))?;
            }
            b',' if self.depth == 1 => self.expects_name = true,
            b'"' => self.state = State::Text(self.role()),
            _ => {}
        }
        Ok(())
    }

    fn role(&mut self) -> Role {
        if self.depth != 1 {
            return Role::Other;
        }
        if std::mem::take(&mut self.expects_name) {
            self.name.clear();
            return Role::Name;
        }
        if self.name == CONTENT && !self.is_complete { Role::Content } else { Role::Other }
    }

    /// Reads a string up to its end or an escape, and returns the rest.
    fn text<'a>(&mut self, role: Role, rest: &'a [u8]) -> Result<&'a [u8], StreamError> {
        let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        self.push(role, run)?;
        let Some((&byte, after)) = after.split_first() else { return Ok(after) };
        if byte == b'\\' {
            self.state = State::Escape(role);
            return Ok(after);
        }
        self.state = State::Between;
        self.is_complete |= matches!(role, Role::Content);
        Ok(after)
    }

    fn escape(&mut self, role: Role, byte: u8) -> Result<(), StreamError> {
        self.state = State::Text(role);
        match byte {
            b'u' => self.state = State::Unicode(role, 0, 0),
            b'"' | b'\\' | b'/' => self.push(role, &[byte])?,
            b'b' | b'f' | b'n' | b'r' | b't' => self.push(role, b"\n")?,
            _ => return Err(failure("it is not JSON")),
        }
        Ok(())
    }

    fn digit(&mut self, role: Role, count: u8, number: u32, byte: u8) -> Result<(), StreamError> {
        let digit = char::from(byte).to_digit(16).ok_or_else(|| failure("it is not JSON"))?;
        let number = number * 16 + digit;
        if count < 3 {
            self.state = State::Unicode(role, count + 1, number);
            return Ok(());
        }
        self.state = State::Text(role);
        // A character beyond ASCII is neither of the name nor of base64.
        self.push(role, &[u8::try_from(number).unwrap_or(u8::MAX)])
    }

    fn push(&mut self, role: Role, text: &[u8]) -> Result<(), StreamError> {
        match role {
            Role::Content if text.is_empty() => {}
            Role::Content if self.is_padded => return Err(failure("its base64 goes on after the end")),
            Role::Content => self.coded.extend_from_slice(text),
            // A longer name is another one.
            Role::Name => self.name.extend_from_slice(text.get(..=CONTENT.len()).unwrap_or(text)),
            Role::Other => {}
        }
        Ok(())
    }

    /// Decodes the whole quanta of the base64 that was read; the rest too if the string has ended.
    fn decode_quanta(&mut self) -> Result<Vec<u8>, StreamError> {
        let whole = if self.is_complete { self.coded.len() } else { self.coded.len() / 4 * 4 };
        let rest = self.coded.split_off(whole);
        let coded = std::mem::replace(&mut self.coded, rest);
        self.is_padded |= coded.last() == Some(&b'=');
        BASE64URL.decode(coded).map_err(|_| failure("its content is not base64url"))
    }
}

fn failure(reason: &str) -> StreamError {
    StreamError(format!("an attachment cannot be read: {reason}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::http::Body;

    /// Decodes a body that arrives in chunks of a size.
    fn decoded(body: &str, size: usize) -> Option<Vec<u8>> {
        let chunks: Vec<_> = body.as_bytes().chunks(size).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        let stream = decode(stream::iter(chunks).boxed());
        let content = futures::executor::block_on(Body::stream(None, stream).collect(usize::MAX));
        content.ok().map(|content| content.to_vec())
    }

    /// What a reader of the whole JSON finds.
    fn expected(body: &str) -> Option<Vec<u8>> {
        let value: Value = serde_json::from_str(body).ok()?;
        BASE64URL.decode(value["data"].as_str()?).ok()
    }

    /// Writes some characters of a string as escapes.
    fn escaped(text: &str, every: usize) -> String {
        let escape = |(at, char): (usize, char)| match at % every {
            0 => format!("\\u{:04x}", u32::from(char)),
            _ => char.to_string(),
        };
        text.chars().enumerate().map(escape).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn content_is_that_of_the_whole_json(
            content in proptest::collection::vec(any::<u8>(), 0..200),
            before in prop_oneof![Just(""), Just(r#""a": {"data": "AAAA", "x": ["data", "\"data\":"]}, "#), Just(r#""da": "ta\\", "#)],
            after in prop_oneof![Just(""), Just(r#", "size": 12"#), Just(r#", "x": "data", "y": null, "datas": "?""#)],
            every in 1..30_usize,
            size in 1..70_usize,
            is_padded in any::<bool>(),
            space in prop_oneof![Just(""), Just(" \n\t ")],
        ) {
            let mut coded = BASE64URL.encode(&content);
            if !is_padded {
                coded = coded.trim_end_matches('=').to_owned();
            }
            let name = escaped("data", every);
            let body = format!("{space}{{{space}{before}\"{name}\"{space}:{space}\"{}\"{space}{after}}}{space}", escaped(&coded, every));
            prop_assert_eq!(expected(&body), Some(content.clone()), "{}", body);
            prop_assert_eq!(decoded(&body, size), Some(content), "{}", body);
        }

        #[test]
        fn strange_content_is_refused_as_of_the_whole_json(
            text in "[A-Ca-c_=+/ \u{e4}-]{0,12}(\\\\(n|\"|/|u003[Dd]|u0041|u00e4|u12))?[A-C=]{0,6}",
            size in 1..20_usize,
        ) {
            let body = format!("{{\"size\": 1, \"data\": \"{text}\"}}");
            prop_assert_eq!(decoded(&body, size), expected(&body), "{}", body);
        }
    }

    #[test]
    fn other_json_and_a_cut_one_have_no_content() {
        let whole = json!({ "size": 3, "data": "AAEC" }).to_string();
        assert_eq!(decoded(&whole, 7).unwrap(), [0, 1, 2]);
        for body in [
            "",
            "{}",
            "[]",
            "null",
            r#"{"data": null}"#,
            r#"{"data": ["AAEC"]}"#,
            r#""data""#,
            r#"["data", "AAEC"]"#,
            "}",
        ] {
            assert_eq!(decoded(body, 3), None, "{body}");
        }
        for end in 0..whole.len() {
            assert_eq!(decoded(&whole[..end], 5), None, "{end}");
        }
    }
}
