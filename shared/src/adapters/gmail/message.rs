//! A message of the Gmail API and its output.
//! <https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages#Message>

use jiff::Timestamp;
use serde::Deserialize;

use super::address;
use super::calendar;
use super::email::{ChangedEmail, Email, Person};
use super::part::Part;
use super::shown_pictures::ShownPictures;
use crate::adapters::api::{Api, Call};
use crate::answer;
use crate::error::{Error, Kind, ProviderError, Result};

/// Maximum size of the text and of the HTML when one message is read.
pub(super) const MAX_BODY_BYTES: usize = 1024 * 1024;
/// The same when several messages are read: fifty of them still fit into one response of a Lambda.
pub(super) const MAX_LISTED_BODY_BYTES: usize = 20 * 1024;

/// A message, with the part of its payload that was requested.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    #[serde(default)]
    pub(super) id: String,
    pub(super) thread_id: Option<String>,
    #[serde(default)]
    pub(super) label_ids: Vec<String>,
    snippet: Option<String>,
    internal_date: Option<String>,
    #[serde(default)]
    payload: Part,
}

/// Reads a message with its body, and with the texts that Gmail stores separately.
pub(super) async fn get_with_texts(api: &Api<'_>, id: &str) -> Result<Message> {
    let mut message = get(api, id).await?;
    message.read_texts(api).await?;
    Ok(message)
}

/// Reads a message with its body.
pub(super) async fn get(api: &Api<'_>, id: &str) -> Result<Message> {
    read(id, call(api, id, "full").reserve_memory()).await
}

/// Reads a message without its body.
pub(super) async fn get_headers(api: &Api<'_>, id: &str) -> Result<Message> {
    read(id, call(api, id, "metadata")).await
}

/// Reads some headers of a message.
pub(super) async fn get_some_headers(api: &Api<'_>, id: &str, names: &[&str]) -> Result<Message> {
    read(id, names.iter().fold(call(api, id, "metadata"), |call, name| call.query("metadataHeaders", name))).await
}

/// Reads a message of a list with its body; without its body if that is too long. Returns `None` if it was deleted after it was
/// listed.
pub(super) async fn get_listed(api: &Api<'_>, id: &str) -> Result<Option<Email>> {
    match read(id, call(api, id, "full")).await {
        Err(error) if error.kind() == Some(Kind::ResponseTooLarge) => {
            let message = none_if_not_found(get_headers(api, id).await)?;
            Ok(message.map(|message| message.summary().without_body().listed()))
        }
        // Not reserved: of each mail of the list only its output stays in memory.
        message => {
            let Some(mut message) = none_if_not_found(message)? else { return Ok(None) };
            message.read_texts(api).await?;
            Ok(Some(message.listed()))
        }
    }
}

fn call<'a>(api: &'a Api<'_>, id: &str, format: &str) -> Call<'a> {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/get
    api.get(&["gmail", "v1", "users", "me", "messages", id]).query("format", format)
}

async fn read(id: &str, call: Call<'_>) -> Result<Message> {
    Ok(call.send::<Message>().await?.with_id(id))
}

/// Maps `NotFound` to `None`.
pub(super) fn none_if_not_found<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(Error::Provider(ProviderError { kind: Kind::NotFound, .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Message {
    /// Returns the message with the id by which it was read or changed.
    pub(super) fn with_id(self, id: &str) -> Self {
        Self { id: id.to_owned(), ..self }
    }

    /// Returns a header's value; `None` if it is empty.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.payload.header(name)
    }

    /// True if the message has a label, by id.
    pub(super) fn has_label(&self, label: &str) -> bool {
        self.label_ids.iter().any(|id| id == label)
    }

    /// Returns when Google received the message, else the sender's own `Date` header, which may be wrong.
    pub(super) fn date(&self) -> Option<Timestamp> {
        let received =
            self.internal_date.as_deref().and_then(|text| Timestamp::from_millisecond(text.parse().ok()?).ok());
        let sent = || Some(jiff::fmt::rfc2822::parse(self.header("Date")?).ok()?.timestamp());
        received.or_else(sent)
    }

    /// The text, if any: that of the HTML where there is no plain one.
    pub(super) fn text(&self) -> Option<String> {
        self.payload.readable_text()
    }

    /// The HTML, if any.
    pub(super) fn html(&self) -> Option<String> {
        self.payload.body_text("text/html")
    }

    /// Reads the texts that Gmail does not return with the message, because they are long.
    pub(super) async fn read_long_texts(&mut self, api: &Api<'_>) -> Result<()> {
        for part in self.payload.long_texts() {
            part.read_content(api, &self.id).await?;
        }
        Ok(())
    }

    /// Reads the texts that Gmail does not return with the message, for an action that shows them.
    pub(super) async fn read_texts(&mut self, api: &Api<'_>) -> Result<()> {
        for part in self.payload.long_texts() {
            part.read_text(api, &self.id).await?;
        }
        Ok(())
    }

    /// Attachments: files, attached messages, calendars, and a body so long that Gmail stores it separately.
    pub(super) fn attachments(&self) -> Vec<&Part> {
        self.payload.leaf_parts().into_iter().filter(|part| part.is_attached()).collect()
    }

    /// Returns the message as an action that sent or changed it returns it.
    pub(super) fn changed(&self) -> ChangedEmail {
        ChangedEmail {
            id: Some(self.id.clone()),
            thread_id: self.thread_id.clone(),
            link: Some(super::web_link(&self.id)),
            label_ids: self.label_ids.clone(),
            unread: self.has_label("UNREAD"),
            draft_id: None,
            left_out: vec![],
        }
    }

    /// Returns the message without its body.
    pub(super) fn summary(&self) -> Email {
        Email {
            id: self.id.clone(),
            thread_id: self.thread_id.clone(),
            link: super::web_link(&self.id),
            from: self.sender(),
            to: self.people("To"),
            cc: self.people("Cc"),
            bcc: self.people("Bcc"),
            reply_to: self.people("Reply-To"),
            subject: self.header("Subject").map(ToOwned::to_owned),
            date: self.date(),
            snippet: self.snippet.as_deref().filter(|text| !text.is_empty()).map(decode_entities),
            label_ids: self.label_ids.clone(),
            unread: self.has_label("UNREAD"),
            text: None,
            html: None,
            events: vec![],
            attachments: None,
            truncated: false,
        }
    }

    /// Returns the message as an item of a list.
    pub(super) fn listed(&self) -> Email {
        self.with_body(MAX_LISTED_BODY_BYTES).listed()
    }

    /// Returns the message with its body; text and HTML are cut after `max_bytes` each.
    pub(super) fn with_body(&self, max_bytes: usize) -> Email {
        let mut truncated = self.payload.has_unread_text();
        let mut cut = |body: String| {
            let (text, is_cut) = answer::cut_text(&body, max_bytes);
            truncated |= is_cut;
            text
        };
        let (text, html) = (self.text().map(&mut cut), self.html());
        let shown = ShownPictures::of(html.as_deref());
        let attachments = self.attachments().into_iter().map(|part| part.to_attachment(&shown)).collect();
        let html = html.map(&mut cut);
        let calendars = self.payload.calendars();
        let events =
            calendars.iter().flat_map(|calendar| calendar::events(calendar)).take(calendar::MAX_EVENTS).collect();
        Email { text, html, events, attachments: Some(attachments), truncated, ..self.summary() }
    }

    /// The first person of `From` with an address: a decoded name can have a comma that it was not written with.
    fn sender(&self) -> Option<Person> {
        let mut people = self.people("From");
        let place = people.iter().position(|person| person.email.is_some()).unwrap_or_default();
        (!people.is_empty()).then(|| people.swap_remove(place))
    }

    fn people(&self, header: &str) -> Vec<Person> {
        self.header(header).map(address::people).unwrap_or_default()
    }
}

/// Decodes a snippet, which Gmail sends with HTML entities.
fn decode_entities(snippet: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    entities.iter().fold(snippet.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use serde_json::{Value, json};

    use super::super::part::BASE64URL;
    use super::*;

    /// A message with this payload.
    fn message(payload: Value) -> Message {
        serde_json::from_value(json!({ "id": "m1", "threadId": "t1", "payload": payload })).unwrap()
    }

    fn text(mime_type: &str, text: &str) -> Value {
        json!({ "mimeType": mime_type, "filename": "", "body": { "size": text.len(), "data": BASE64URL.encode(text) } })
    }

    #[test]
    fn finds_bodies_and_attachments_in_nested_parts() {
        let single = message(text("text/plain", "Hällo?"));
        assert_eq!((single.text().as_deref(), single.html()), (Some("Hällo?"), None));
        let both = json!({ "mimeType": "multipart/alternative",
            "parts": [text("text/plain", "One"), text("text/html", "<p>One</p>")] });
        let file = json!({ "partId": "1", "mimeType": "application/pdf", "filename": "a.pdf",
            "body": { "attachmentId": "A1", "size": 7 } });
        let mail = json!({ "partId": "2", "mimeType": "message/rfc822", "parts": [text("text/plain", "Another's")] });
        let long = json!({ "partId": "3", "mimeType": "text/plain", "body": { "attachmentId": "A3", "size": 9 } });
        let parts = json!([both, file, mail, long, text("text/plain", "Two")]);
        let mixed = message(json!({ "mimeType": "multipart/mixed", "parts": parts }));
        assert_eq!(mixed.text().as_deref(), Some("One\nTwo"));
        assert_eq!(mixed.html().as_deref(), Some("<p>One</p>"));
        let attached: Vec<&str> = mixed.attachments().into_iter().map(Part::id).collect();
        assert_eq!(attached, ["1", "2", "3"]);
        let attachments = json!(mixed.with_body(MAX_BODY_BYTES))["attachments"].clone();
        let file =
            json!({ "id": "1", "filename": "a.pdf", "contentType": "application/pdf", "size": 7, "inline": false });
        assert_eq!(attachments[0], file);
        assert_eq!(attachments[1], json!({ "id": "2", "contentType": "message/rfc822", "inline": false }));
    }

    #[test]
    fn html_without_a_plain_form_is_read_as_text() {
        let (plain, html) = (text("text/plain", "Plain"), text("text/html", "<p>Only <b>HTML</b></p>"));
        let footer = text("text/plain", "The list");
        let multipart = |kind: &str, parts: Value| json!({ "mimeType": kind, "parts": parts });
        for (payload, expected) in [
            (html.clone(), Some("Only HTML")),
            (multipart("multipart/alternative", json!([plain, html])), Some("Plain")),
            (multipart("multipart/alternative", json!([text("text/plain", " \r\n"), html])), Some("Only HTML")),
            (
                multipart("multipart/related", json!([html, { "mimeType": "image/png", "filename": "a.png" }])),
                Some("Only HTML"),
            ),
            (multipart("multipart/mixed", json!([html, footer])), Some("Only HTML\nThe list")),
            (
                multipart("multipart/mixed", json!([multipart("multipart/alternative", json!([html])), footer])),
                Some("Only HTML\nThe list"),
            ),
            (text("text/plain", ""), Some("")),
            (text("text/x-amp-html", "<p>"), None),
        ] {
            let message = message(payload.clone());
            assert_eq!(message.text().as_deref(), expected, "{payload}");
            assert_eq!(message.with_body(4).text.is_some(), expected.is_some(), "{payload}");
        }
    }

    #[test]
    fn headers_and_names_of_files_are_decoded_and_inline_files_named_so() {
        let part = |filename: &str, headers: &[(&str, &str)]| {
            let headers: Vec<Value> =
                headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
            json!({ "mimeType": "image/png", "filename": filename, "headers": headers })
        };
        let long = "attachment; filename*0*=UTF-8''gr%C3%B6%C3%9F; filename*1*=e.png";
        let parts = json!([
            part("=?utf-8?q?gr=C3=B6=C3=9Fe.png?=", &[("Content-Disposition", "INLINE; filename=x")]),
            part("", &[("Content-Disposition", long)]),
            part("", &[("Content-Type", "image/png; name=\"=?utf-8?b?w6Q=?=.png\"")]),
            part("b.png", &[("Content-ID", "<p1@x>"), ("Content-Disposition", "attachment")]),
            part("c.png", &[("Content-ID", "<p2@x>")]),
            text("text/html", "<img src=\"cid:p1@x\">"),
        ]);
        let subject = json!([{ "name": "subject", "value": "=?utf-8?q?Gr=C3=BC=C3=9Fe?=" }]);
        let email = message(json!({ "mimeType": "multipart/mixed", "headers": subject, "parts": parts })).listed();
        assert_eq!(email.subject.as_deref(), Some("Gr\u{fc}\u{df}e"));
        let attachments = email.attachments.unwrap();
        let shown: Vec<_> = attachments.iter().map(|file| (file.filename.as_deref().unwrap(), file.inline)).collect();
        let name = "gr\u{f6}\u{df}e.png";
        assert_eq!(shown, [(name, true), (name, false), ("\u{e4}.png", false), ("b.png", true), ("c.png", false)]);
    }

    #[test]
    fn single_part_file_has_id_0_and_no_text() {
        let file = message(json!({ "mimeType": "application/pdf", "filename": "a.pdf", "body": { "size": 1 } }));
        assert_eq!(file.attachments().first().unwrap().id(), "0");
        assert_eq!((file.text(), message(json!({})).text()), (None, None));
        let broken = json!({ "mimeType": "text/plain", "body": { "data": "!" } });
        assert_eq!(message(broken).text(), None);
    }

    #[test]
    fn long_body_is_truncated_at_a_character_boundary() {
        let long = message(text("text/plain", "aää"));
        let truncated = |max_bytes| {
            let email = long.with_body(max_bytes);
            (email.text.unwrap(), email.truncated)
        };
        assert_eq!(truncated(5), ("aää".to_owned(), false));
        assert_eq!(truncated(4), ("aä".to_owned(), true));
    }

    #[test]
    fn snippet_entities_are_decoded() {
        let snippet = "I&#39;m &lt;here&gt; &amp;amp;";
        let message: Message = serde_json::from_value(json!({ "id": "m1", "snippet": snippet })).unwrap();
        assert_eq!(message.summary().snippet.as_deref(), Some("I'm <here> &amp;"));
    }

    #[test]
    fn an_invitation_is_shown_with_its_mail() {
        let event =
            "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Minutes\r\nEND:VEVENT\r\nEND:VCALENDAR";
        let parts = json!([text("text/plain", "Come"), text("text/calendar", event)]);
        let email = message(json!({ "mimeType": "multipart/alternative", "parts": parts })).listed();
        assert_eq!(json!(email.events), json!([{ "method": "REQUEST", "summary": "Minutes" }]));
        assert_eq!((email.text.as_deref(), email.attachments.unwrap().len()), (Some("Come"), 1));
    }

    #[test]
    fn the_sender_is_who_has_an_address() {
        let from = |value: &str| {
            let headers = json!([{ "name": "From", "value": value }]);
            json!(message(json!({ "headers": headers })).summary())["from"].clone()
        };
        assert_eq!(from("M\u{fc}ller, Ann <ann@b.co>"), json!({ "name": "Ann", "email": "ann@b.co" }));
        assert_eq!(from("Ann <ann@b.co>, Bob <bob@b.co>")["email"], "ann@b.co");
        assert_eq!(from("Nobody"), json!({ "name": "Nobody" }));
        assert_eq!(from(" "), Value::Null);
    }

    #[test]
    fn internal_date_takes_precedence_over_the_date_header() {
        let dated = |internal: Value| -> Message {
            let headers = json!([{ "name": "Date", "value": "Mon, 23 Nov 2026 10:00:00 +0100" }]);
            serde_json::from_value(json!({ "id": "m", "internalDate": internal, "payload": { "headers": headers } }))
                .unwrap()
        };
        assert_eq!(dated(json!("1795600000000")).date().unwrap().to_string(), "2026-11-25T09:46:40Z");
        assert_eq!(dated(Value::Null).date().unwrap().to_string(), "2026-11-23T09:00:00Z");
    }
}
