//! The original message of a reply or a forward: its participants and its subject.

use std::collections::HashSet;

use super::address::{self, Mailbox};
use super::message::Message;

/// Returns the headers whose people get a reply: `Reply-To`, else `From`; for a message sent by the account itself its `To`.
pub(super) fn reply_headers(original: &Message) -> &'static [&'static str] {
    if original.has_label("SENT") {
        return &["To"];
    }
    match header_mailboxes(original, "Reply-To").is_empty() {
        true => &["Reply-To", "From"],
        false => &["Reply-To"],
    }
}

/// Returns the recipients of a reply.
pub(super) fn reply_recipients(original: &Message) -> Vec<Mailbox> {
    reply_headers(original).iter().flat_map(|header| header_mailboxes(original, header)).collect()
}

/// Returns who is named in headers and has no address, each once.
pub(super) fn without_address(original: &Message, headers: &[&str]) -> Vec<String> {
    let mut known = HashSet::new();
    let texts = headers.iter().filter_map(|header| original.header(header)).flat_map(address::unreadable);
    texts.filter(|text| known.insert(text.clone())).collect()
}

/// Returns the addresses in a header.
pub(super) fn header_mailboxes(original: &Message, header: &str) -> Vec<Mailbox> {
    original.header(header).map(address::parse_header).unwrap_or_default()
}

/// Returns the subject with a prefix, unless it begins with one of `equivalents`.
pub(super) fn prefixed_subject(original: &Message, prefix: &str, equivalents: &[&str]) -> String {
    let subject = single_line(original.header("Subject").unwrap_or_default());
    let begins_with =
        |prefix: &&str| subject.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    if equivalents.iter().any(begins_with) { subject } else { format!("{prefix} {subject}").trim().to_owned() }
}

/// Returns a header's value on one line.
pub(super) fn single_line(value: &str) -> String {
    let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    value.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn message(labels: &[&str], headers: &[(&str, &str)]) -> Message {
        let headers: Vec<Value> = headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        serde_json::from_value(json!({ "id": "m1", "labelIds": labels, "payload": { "headers": headers } })).unwrap()
    }

    #[test]
    fn reply_goes_to_reply_to_else_from_else_own_recipients() {
        let from = ("From", "Ann <ann@b.co>");
        let to = ("To", "me@b.co");
        let recipients = |labels: &[&str], headers: &[(&str, &str)]| reply_recipients(&message(labels, headers));
        assert!(recipients(&["INBOX"], &[from, to])[0].has_address("ann@b.co"));
        assert!(recipients(&["INBOX"], &[from, to, ("Reply-To", "list@b.co")])[0].has_address("list@b.co"));
        assert!(recipients(&["INBOX"], &[from, to, ("Reply-To", "nobody")])[0].has_address("ann@b.co"));
        assert!(recipients(&["SENT"], &[from, to, ("Reply-To", "list@b.co")])[0].has_address("me@b.co"));
    }

    #[test]
    fn subject_prefix_is_added_once() {
        let with_re = |text: &str| prefixed_subject(&message(&[], &[("Subject", text)]), "Re:", &["re:"]);
        assert_eq!(with_re("Hello"), "Re: Hello");
        assert_eq!(with_re("RE: Hello"), "RE: Hello");
        assert_eq!(with_re("Fwd: Hello\r\nBcc: x@y.co"), "Re: Fwd: Hello  Bcc: x@y.co");
        assert_eq!(with_re("ä"), "Re: ä");
        assert_eq!(prefixed_subject(&message(&[], &[]), "Fwd:", &["fwd:", "fw:"]), "Fwd:");
        assert_eq!(prefixed_subject(&message(&[], &[("Subject", "FW: Hello")]), "Fwd:", &["fwd:", "fw:"]), "FW: Hello");
    }
}
