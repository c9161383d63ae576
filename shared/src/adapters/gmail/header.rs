//! Headers as people read them. Gmail decodes most of them; no page promises that it decodes all.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_builder::headers::HeaderType;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;
use mail_parser::{Message, MessageParser};

/// Most bytes of text in an encoded word: a line with one has at most 76 characters, with the name of the header (RFC 2047 section 2).
const MAX_WORD_BYTES: usize = 39;

/// Decodes the encoded words of a text (<https://datatracker.ietf.org/doc/html/rfc2047>).
pub(super) fn decoded(value: &str) -> String {
    if !value.contains("=?") {
        return value.to_owned();
    }
    let subject = with_parsed(&[("Subject", value)], |mail| mail.subject().map(ToOwned::to_owned));
    subject.unwrap_or_else(|| value.to_owned())
}

/// Returns a subject as a header. A plain one that looks like encoded words is encoded, so that it is read as it was written.
pub(super) fn subject(text: &str) -> HeaderType<'_> {
    match text.is_ascii() && text.contains("=?") {
        true => Raw::new(encoded(text)).into(),
        false => Text::new(text).into(),
    }
}

/// Returns a plain text as encoded words.
fn encoded(text: &str) -> String {
    let word = |bytes: &[u8]| format!("=?utf-8?B?{}?=", STANDARD.encode(bytes));
    text.as_bytes().chunks(MAX_WORD_BYTES).map(word).collect::<Vec<_>>().join(" ")
}

/// Returns a file's name in ASCII, for mail programs that read no other.
pub(super) fn plain_name(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii() && !c.is_ascii_control() { c } else { '_' }).collect()
}

/// Reads something of headers by their names.
pub(super) fn with_parsed<T>(headers: &[(&str, &str)], read: impl FnOnce(&Message<'_>) -> Option<T>) -> Option<T> {
    let line = |(name, value): &(&str, &str)| format!("{name}: {}\r\n", value.replace(['\r', '\n'], " "));
    let head: String = headers.iter().map(line).collect();
    if head.is_empty() {
        return None;
    }
    read(&MessageParser::default().parse(format!("{head}\r\n").as_bytes())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words_are_decoded() {
        for (value, text) in [
            ("=?utf-8?q?Caf=C3=A9?= =?utf-8?b?IOKYlQ==?=", "Caf\u{e9} \u{2615}"),
            ("Re: =?iso-8859-1?Q?Hall=F6chen?= Ann", "Re: Hall\u{f6}chen Ann"),
            ("Is 1 =? 2", "Is 1 =? 2"),
            ("Plain \u{e4}", "Plain \u{e4}"),
        ] {
            assert_eq!(decoded(value), text);
        }
    }
}
