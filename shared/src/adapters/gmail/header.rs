//! Headers as people read them. Gmail decodes most of them; no page promises that it decodes all.

use mail_parser::{Message, MessageParser};

/// Decodes the encoded words of a text (<https://datatracker.ietf.org/doc/html/rfc2047>).
pub(super) fn decoded(value: &str) -> String {
    if !value.contains("=?") {
        return value.to_owned();
    }
    let subject = with_parsed(&[("Subject", value)], |mail| mail.subject().map(ToOwned::to_owned));
    subject.unwrap_or_else(|| value.to_owned())
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
