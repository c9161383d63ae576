//! The original message of a reply or a forward: its participants and its quotation.

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
    let mut named: Vec<String> = Vec::new();
    for text in headers.iter().filter_map(|header| original.header(header)).flat_map(address::unreadable) {
        if !named.contains(&text) {
            named.push(text);
        }
    }
    named
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

/// Returns the quotation of the message as plain text.
pub(super) fn quote_text(original: &Message) -> String {
    let head: String = quoted_headers(original).map(|(name, value)| format!("{name}: {value}\n")).collect();
    format!("{FORWARDED_SEPARATOR}\n{head}\n{}", original.text().unwrap_or_default())
}

/// Returns the quotation as HTML; `None` if the message has no HTML.
pub(super) fn quote_html(original: &Message) -> Option<String> {
    let html = original.html()?;
    let head: String =
        quoted_headers(original).map(|(name, value)| format!("{name}: {}<br>", escape_html(&value))).collect();
    Some(format!("<div class=\"gmail_quote\">{FORWARDED_SEPARATOR}<br>{head}<br>{html}</div>"))
}

/// Escapes a text for HTML.
pub(super) fn escape_html(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    text.replace("\r\n", "\n").replace('\n', "<br>")
}

/// The separator Gmail itself writes, so that mail programs recognise the quotation.
const FORWARDED_SEPARATOR: &str = "---------- Forwarded message ---------";

fn quoted_headers(original: &Message) -> impl Iterator<Item = (&'static str, String)> {
    let names = ["From", "Date", "Subject", "To", "Cc"].into_iter();
    names.filter_map(|name| Some((name, single_line(original.header(name)?))))
}

/// Returns a header's value on one line.
fn single_line(value: &str) -> String {
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

    #[test]
    fn quoted_headers_are_html_escaped() {
        let headers = json!([{ "name": "From", "value": "A <a@b.co>" }, { "name": "Subject", "value": "<b>\"&\"" }]);
        let payload = json!({ "mimeType": "text/html", "headers": headers, "body": { "data": "PHA-SGk8L3A-" } });
        let original: Message = serde_json::from_value(json!({ "id": "m1", "payload": payload })).unwrap();
        let html = quote_html(&original).unwrap();
        assert!(
            html.contains("From: A &lt;a@b.co&gt;<br>Subject: &lt;b&gt;&quot;&amp;&quot;<br><br><p>Hi</p></div>"),
            "{html}"
        );
        assert!(quote_text(&original).ends_with("From: A <a@b.co>\nSubject: <b>\"&\"\n\nHi"));
        assert_eq!(escape_html("a\r\nb\nc"), "a<br>b<br>c");
    }
}
