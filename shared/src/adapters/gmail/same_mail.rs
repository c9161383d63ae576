//! Comparison of a message with the mail that an effect writes, for messages that lost the header with the effect key.

use std::collections::BTreeSet;

use super::address::{self, Mailbox};
use super::message::Message;
use super::outgoing_mail::{OutgoingFile, OutgoingMail};

/// True if the message goes to the same people, in the same roles, with the same subject. Names of people are not compared.
pub(super) fn is_addressed_alike(mail: &OutgoingMail, message: &Message) -> bool {
    [("To", &mail.to), ("Cc", &mail.cc), ("Bcc", &mail.bcc)]
        .iter()
        .all(|(header, mailboxes)| has_mailboxes(message, header, mailboxes))
        && has_subject(mail, message)
}

/// As [`is_addressed_alike`], for a sent message of a thread: only `To` is compared.
pub(super) fn is_sent_alike(mail: &OutgoingMail, message: &Message) -> bool {
    has_mailboxes(message, "To", &mail.to) && has_subject(mail, message)
}

/// True if the message has the same plain text, and files of the same names and sizes. Gmail and mail programs change line ends.
pub(super) fn has_same_content(mail: &OutgoingMail, message: &Message) -> bool {
    let is_same_text = message.text().is_some_and(|text| text.split_whitespace().eq(mail.text.split_whitespace()));
    is_same_text && has_same_files(mail, message)
}

/// Compares the files. Their bytes are not read. What has no name is a form of the text, such as that of an invitation.
fn has_same_files(mail: &OutgoingMail, message: &Message) -> bool {
    let mut found: Vec<(&str, u64)> =
        message.attachments().into_iter().filter_map(|part| Some((part.filename()?, part.size()))).collect();
    let is_found = |file: &OutgoingFile| {
        // Gmail does not say the size of every attached mail.
        let is_alike = |(name, size): &(&str, u64)| *name == file.name && (*size == file.size || *size == 0);
        found.iter().position(is_alike).map(|position| found.swap_remove(position)).is_some()
    };
    mail.files.iter().all(is_found) && found.is_empty()
}

fn has_mailboxes(message: &Message, header: &str, expected: &[Mailbox]) -> bool {
    let found = message.header(header).map(address::parse_header).unwrap_or_default();
    let addresses = |mailboxes: &[Mailbox]| mailboxes.iter().map(Mailbox::lower_case_address).collect::<BTreeSet<_>>();
    addresses(&found) == addresses(expected)
}

fn has_subject(mail: &OutgoingMail, message: &Message) -> bool {
    let found = message.header("Subject").unwrap_or_default();
    found.split_whitespace().eq(mail.subject.split_whitespace())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE;
    use serde_json::json;

    use super::super::outgoing_mail::Origin;
    use super::*;
    use crate::adapters::content::Source;

    fn mail() -> OutgoingMail {
        let people = |text| address::parse_header(text);
        OutgoingMail {
            to: people("Ann <ann@b.co>, Bob@b.co"),
            cc: people("c@b.co"),
            subject: "Hello you".to_owned(),
            text: "One\ntwo".to_owned(),
            ..OutgoingMail::default()
        }
    }

    fn message(headers: &[(&str, &str)], text: &str) -> Message {
        let headers: Vec<_> = headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        let payload =
            json!({ "mimeType": "text/plain", "headers": headers, "body": { "data": URL_SAFE.encode(text) } });
        serde_json::from_value(json!({ "id": "m1", "payload": payload })).unwrap()
    }

    #[test]
    fn people_and_subject_are_compared_without_names_and_letter_case() {
        let same = [("To", "bob@B.co, \"A.\" <ANN@b.co>"), ("Cc", "c@b.co"), ("Subject", "Hello  you")];
        assert!(is_addressed_alike(&mail(), &message(&same, "")) && is_sent_alike(&mail(), &message(&same, "")));
        for (index, value) in [(0, "ann@b.co"), (1, "d@b.co"), (2, "Hello")] {
            let mut other = same;
            other[index].1 = value;
            assert!(!is_addressed_alike(&mail(), &message(&other, "")), "{value}");
        }
        let with_blind_copy = [same[0], same[1], same[2], ("Bcc", "d@b.co")];
        assert!(!is_addressed_alike(&mail(), &message(&with_blind_copy, "")));
    }

    #[test]
    fn text_is_compared_without_line_ends() {
        assert!(has_same_content(&mail(), &message(&[], "One\r\ntwo\r\n")));
        assert!(!has_same_content(&mail(), &message(&[], "One\r\ntwo, edited")));
        assert!(!has_same_content(&mail(), &serde_json::from_value(json!({ "id": "m1" })).unwrap()));
    }

    #[test]
    fn files_are_compared_by_name_and_size() {
        let file = |name: &str, size: u64| OutgoingFile {
            name: name.to_owned(),
            content_type: "a/b".to_owned(),
            size,
            content_id: None,
            origin: Origin::Mail(Source::bytes("")),
        };
        let has_same = |files: &[(&str, u64)]| {
            let part =
                |(name, size): &(&str, u64)| json!({ "mimeType": "a/b", "filename": name, "body": { "size": size } });
            let text = json!({ "mimeType": "text/plain", "body": { "data": URL_SAFE.encode("One two") } });
            let form = json!({ "mimeType": "text/calendar", "body": { "data": "AAEC" } });
            let parts: Vec<_> = [text, form].into_iter().chain(files.iter().map(part)).collect();
            let message = json!({ "id": "m1", "payload": { "mimeType": "multipart/mixed", "parts": parts } });
            let mail = OutgoingMail { files: vec![file("a", 3), file("b", 4), file("a", 5)], ..mail() };
            has_same_content(&mail, &serde_json::from_value(message).unwrap())
        };
        assert!(has_same(&[("a", 5), ("a", 3), ("b", 4)]) && has_same(&[("a", 3), ("b", 0), ("a", 5)]));
        for files in
            [&[("a", 3), ("b", 4)][..], &[("a", 3), ("b", 4), ("a", 6)], &[("a", 3), ("b", 4), ("a", 5), ("c", 1)]]
        {
            assert!(!has_same(files), "{files:?}");
        }
    }
}
