//! The quotation of the original message, as Gmail itself writes it, so that mail programs recognise it.

use super::email::Person;
use super::message::Message;
use super::original_message::single_line;
use super::outgoing_mail::OutgoingMail;
use super::quoted_html;
use super::texts::{html_of, joined};

/// The separator of a forwarded message.
const FORWARDED_SEPARATOR: &str = "---------- Forwarded message ---------";
/// The look of quoted HTML.
const QUOTE_STYLE: &str = "margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex";

/// A quotation in both forms.
struct Quotation {
    text: String,
    html: String,
}

/// Quotes the message that a mail answers, below the mail's text.
pub(super) fn answering(mail: OutgoingMail, original: &Message) -> OutgoingMail {
    let text = original.text().unwrap_or_default();
    let line =
        |line: &str| if line.is_empty() || line.starts_with('>') { format!(">{line}") } else { format!("> {line}") };
    let lines: Vec<String> = text.trim_end().lines().map(line).collect();
    let head = attribution(original);
    let html = original.html().map_or_else(|| html_of(text.trim_end()), |html| quoted_html::of(&html));
    let quotation = Quotation {
        text: format!("{head}\n\n{}", lines.join("\n")),
        html: format!(
            "<div class=\"gmail_quote\"><div class=\"gmail_attr\">{}<br></div><blockquote class=\"gmail_quote\" \
             style=\"{QUOTE_STYLE}\">{html}</blockquote></div>",
            html_of(&head)
        ),
    };
    below(mail, quotation, original)
}

/// Quotes the message that a mail forwards, below the mail's text.
pub(super) fn forwarding(mail: OutgoingMail, original: &Message) -> OutgoingMail {
    let text = original.text().unwrap_or_default();
    let head: String = quoted_headers(original).map(|(name, value)| format!("{name}: {value}\n")).collect();
    let html_head: String =
        quoted_headers(original).map(|(name, value)| format!("{name}: {}<br>", html_of(&value))).collect();
    let html = original.html().map_or_else(|| html_of(&text), |html| quoted_html::of(&html));
    let quotation = Quotation {
        text: format!("{FORWARDED_SEPARATOR}\n{head}\n{text}"),
        html: format!("<div class=\"gmail_quote\">{FORWARDED_SEPARATOR}<br>{html_head}<br>{html}</div>"),
    };
    below(mail, quotation, original)
}

/// Puts a quotation below the texts of a mail. The mail has HTML if it or the original has.
fn below(mail: OutgoingMail, quotation: Quotation, original: &Message) -> OutgoingMail {
    let has_html = mail.html.is_some() || original.html().is_some();
    let own = mail.html.unwrap_or_else(|| html_of(mail.text.trim_end()));
    let separator = if own.is_empty() { "" } else { "<br><br>" };
    let html = has_html.then(|| format!("{own}{separator}{}", quotation.html));
    OutgoingMail { text: joined(&mail.text, &quotation.text), html, ..mail }
}

/// Returns the line that says who wrote when, in the sender's own time.
fn attribution(original: &Message) -> String {
    let sender = original.summary().from.as_ref().map(described).unwrap_or_default();
    let sent = original.header("Date").and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    let sent = sent.or_else(|| original.date()?.in_tz("UTC").ok());
    match sent {
        Some(sent) => format!("On {} {sender} wrote:", sent.strftime("%a, %b %-d, %Y at %-I:%M %p")),
        None => format!("{sender} wrote:"),
    }
}

fn described(person: &Person) -> String {
    match (&person.name, &person.email) {
        (Some(name), Some(email)) => format!("{name} <{email}>"),
        (Some(text), None) | (None, Some(text)) => text.clone(),
        (None, None) => String::new(),
    }
}

fn quoted_headers(original: &Message) -> impl Iterator<Item = (&'static str, String)> {
    let names = ["From", "Date", "Subject", "To", "Cc"].into_iter();
    names.filter_map(|name| Some((name, single_line(original.header(name)?))))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn original(kind: &str, data: &str) -> Message {
        let headers = [("From", "A <a@b.co>"), ("Subject", "<b>\"&\""), ("Date", "Mon, 23 Nov 2026 22:05:00 +0100")];
        let headers: Vec<Value> = headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        let payload = json!({ "mimeType": kind, "headers": headers, "body": { "data": data } });
        serde_json::from_value(json!({ "id": "m1", "payload": payload })).unwrap()
    }

    fn mail(text: &str, html: Option<&str>) -> OutgoingMail {
        OutgoingMail { text: text.to_owned(), html: html.map(ToOwned::to_owned), ..OutgoingMail::default() }
    }

    #[test]
    fn a_forwarded_message_has_its_headers_escaped() {
        let forwarded = forwarding(mail("See.", None), &original("text/html", "PHA-SGk8L3A-"));
        let html = forwarded.html.unwrap();
        assert!(html.starts_with("See.<br><br><div class=\"gmail_quote\">---------- Forwarded"), "{html}");
        let head = "From: A &lt;a@b.co&gt;<br>Date: Mon, 23 Nov 2026 22:05:00 +0100<br>Subject: &lt;b&gt;&quot;&amp;&quot;<br>";
        assert!(html.contains(&format!("{head}<br><p>Hi</p></div>")), "{html}");
        let text = "Date: Mon, 23 Nov 2026 22:05:00 +0100\nSubject: <b>\"&\"\n\nHi";
        assert!(forwarded.text.starts_with("See.\n\n----") && forwarded.text.ends_with(text), "{}", forwarded.text);
        assert!(forwarding(mail("", None), &original("text/plain", "SGk")).html.is_none());
    }

    #[test]
    fn an_answered_message_is_quoted_in_both_forms() {
        let head = "On Mon, Nov 23, 2026 at 10:05 PM A <a@b.co> wrote:";
        // "Hi", "", "> old", "x"
        let answer = answering(mail("Yes.\n", None), &original("text/plain", "SGkNCg0KPiBvbGQNCng="));
        assert_eq!(answer.text, format!("Yes.\n\n{head}\n\n> Hi\n>\n>> old\n> x"));
        assert_eq!(answer.html, None);
        let answer = answering(mail("Yes & no.", None), &original("text/html", "PHA-SGk8L3A-"));
        let html = answer.html.unwrap();
        assert!(
            html.starts_with("Yes &amp; no.<br><br><div class=\"gmail_quote\"><div class=\"gmail_attr\">On Mon"),
            "{html}"
        );
        assert!(
            html.contains("A &lt;a@b.co&gt; wrote:<br></div><blockquote")
                && html.ends_with("<p>Hi</p></blockquote></div>"),
            "{html}"
        );
        assert_eq!(answer.text, format!("Yes & no.\n\n{head}\n\n> Hi"));
        let answer = answering(mail("Yes.", Some("<p>Yes.</p>")), &original("text/plain", "PGI-"));
        assert!(answer.html.unwrap().ends_with("\">&lt;b&gt;</blockquote></div>"));
    }
}
