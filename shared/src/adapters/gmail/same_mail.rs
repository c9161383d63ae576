//! Comparison of a message with the mail that an effect writes, for messages that lost the header with the effect key.

use std::collections::BTreeSet;

use super::address::{self, Mailbox};
use super::message::Message;
use super::outgoing_mail::OutgoingMail;

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

/// True if the message has the same plain text and as many files. Gmail and mail programs change line ends.
pub(super) fn has_same_content(mail: &OutgoingMail, message: &Message) -> bool {
    let is_same_text = message.text().is_some_and(|text| text.split_whitespace().eq(mail.text.split_whitespace()));
    is_same_text && message.attachments().len() == mail.files.len()
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

    use super::*;

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
}
