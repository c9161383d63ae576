//! `get_thread`: reads all messages of a thread, oldest first.

use super::READ_SCOPES;
use super::email::Email;
use super::id::Id;
use super::message::{self, Message};
use crate::adapters::prelude::*;
use crate::answer::Room;
use crate::wording::counted;

/// Read all e-mails of a thread, oldest first. A text over 20 KiB is cut, and an e-mail over 5 MiB has none: `gmail_get_email` returns
/// more of one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetThread {
    /// The `threadId` of any of its e-mails.
    #[serde(alias = "id")]
    #[schemars(extend("x-aliases" = ["id"]))]
    thread_id: Id,
    /// Set to false to leave out texts, HTML and attachments.
    #[serde(default = "super::yes")]
    include_body: bool,
    /// The `cursor` of the previous part of a long thread.
    #[schemars(extend("x-tier" = "all"))]
    cursor: Option<Cursor>,
}

/// A thread as Gmail returns it.
#[derive(Deserialize)]
struct Thread {
    #[serde(default)]
    messages: Vec<Message>,
}

/// A thread as the action returns it.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct EmailThread {
    /// The id.
    id: String,
    /// The address at which a person can open it.
    link: String,
    /// The e-mails, oldest first.
    emails: Vec<Email>,
    /// Returns the next part of a thread that is too long for one answer, as `cursor`; absent after the last.
    cursor: Option<String>,
}

/// The e-mails of an answer, as many as it has room for.
#[derive(Default)]
struct ThreadPart {
    emails: Vec<Email>,
    room: Room,
    /// The id of the first e-mail without room.
    next: Option<String>,
}

impl Action for GetThread {
    const META: Meta = Meta::read("get_thread", READ_SCOPES)
        .core()
        .smaller_request("without the texts: `includeBody` false")
        .example(r#"{"threadId": "18f0000000000001"}"#);
    type Output = EmailThread;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<EmailThread>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.threads/get
        let ThreadPart { emails, next, .. } = match self.cursor {
            Some(_) => self.read_in_parts(api).await?,
            None => self.read_at_once(api).await?,
        };
        let (id, link) = (self.thread_id.to_string(), super::web_link(&self.thread_id));
        let read = if next.is_some() || self.cursor.is_some() { "A part of a thread" } else { "A thread" };
        let message = format!("{read} of {} was read.", counted(emails.len(), "e-mail"));
        let thread = EmailThread { id: id.clone(), link: link.clone(), emails, cursor: next };
        Ok(ActionOutput::new(message, thread).with_id(id).with_link(Some(link)))
    }
}

impl GetThread {
    /// Reads the messages of the thread.
    async fn get(&self, api: &Api<'_>, format: &str) -> Result<Vec<Message>> {
        let call = api.get(&["gmail", "v1", "users", "me", "threads", &self.thread_id]).query("format", format);
        let Thread { mut messages } = call.send().await?;
        messages.retain(|message| !message.id.is_empty());
        Ok(messages)
    }

    /// Reads the thread by one call, and the texts that Gmail stores separately.
    async fn read_at_once(&self, api: &Api<'_>) -> Result<ThreadPart> {
        let messages = match self.get(api, if self.include_body { "full" } else { "metadata" }).await {
            Err(error) if error.kind() == Some(Kind::ResponseTooLarge) => return self.read_in_parts(api).await,
            messages => messages?,
        };
        let mut part = ThreadPart::default();
        for mut message in messages {
            if self.include_body {
                message.read_texts(api).await?;
            }
            if !part.take(self.email(&message)) {
                break;
            }
        }
        Ok(part)
    }

    fn email(&self, message: &Message) -> Email {
        if self.include_body { message.listed() } else { message.summary().listed() }
    }

    /// Reads the ids of the thread's messages, then the messages one after the other, so that only one that is too long is in
    /// memory.
    async fn read_in_parts(&self, api: &Api<'_>) -> Result<ThreadPart> {
        let mut listed = self.get(api, "minimal").await?;
        if let Some(cursor) = self.cursor.as_deref() {
            let place = listed.iter().position(|message| message.id == cursor);
            let reason = "the cursor is of no e-mail of this thread: read it without one";
            listed.drain(..place.ok_or_else(|| api.error(Kind::Invalid, reason))?);
        }
        let mut part = ThreadPart::default();
        for Message { id, .. } in listed {
            let email = match self.include_body {
                true => message::get_listed(api, &id).await?,
                false => {
                    let message = message::none_if_not_found(message::get_headers(api, &id).await)?;
                    message.map(|message| self.email(&message))
                }
            };
            if email.is_some_and(|email| !part.take(email)) {
                break;
            }
        }
        Ok(part)
    }
}

impl ThreadPart {
    /// Adds an e-mail if there is room; the first one always. Returns false if the part is full.
    fn take(&mut self, email: Email) -> bool {
        if !self.room.take(&email) && !self.emails.is_empty() {
            self.next = Some(email.id);
            return false;
        }
        self.emails.push(email);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn reads_all_messages_of_a_thread() {
        let provider = |sent: &testing::SentRequest| {
            let payload = json!({ "mimeType": "text/plain", "body": { "data": "SGk" } });
            let message = |id: &str| json!({ "id": id, "threadId": "t1", "payload": payload });
            assert_eq!(sent.line, "GET /gmail/v1/users/me/threads/t1");
            (200, json!({ "id": "t1", "messages": [message("t1"), message("m2")] }))
        };
        let (output, calls) = testing::run(&ADAPTER, "get_thread", json!({ "threadId": "t1" }), provider).await;
        let output = output.unwrap();
        assert_eq!((&output.data["id"], &output.data["emails"][1]["text"]), (&json!("t1"), &json!("Hi")));
        assert_eq!(output.external_id.as_deref(), Some("t1"));
        assert_eq!(calls[0].query, [("format".to_owned(), "full".to_owned())]);

        let context = json!({ "threadId": "t1", "includeBody": false });
        let (output, calls) = testing::run(&ADAPTER, "get_thread", context, provider).await;
        assert_eq!(output.unwrap().data["emails"][1].get("text"), None);
        assert_eq!(calls[0].parameter("format"), "metadata");
    }
    #[tokio::test]
    async fn a_long_thread_is_read_in_parts() {
        let ids = || (0..320).map(|number| format!("m{number}"));
        let provider = move |sent: &testing::SentRequest| {
            let text = "YWFh".repeat(7_000);
            let payload = json!({ "mimeType": "text/plain", "body": { "data": text } });
            let message = |id: &str| json!({ "id": id, "threadId": "t1", "payload": payload });
            match sent.line.rsplit_once('/').unwrap().1 {
                "t1" if sent.parameter("format") == "minimal" => {
                    (200, json!({ "messages": ids().map(|id| json!({ "id": id })).collect::<Vec<_>>() }))
                }
                "t1" => (200, json!({ "messages": ids().map(|id| message(&id)).collect::<Vec<_>>() })),
                id => (200, message(id)),
            }
        };
        let (mut read, mut context) = (vec![], json!({ "threadId": "t1" }));
        for _ in 0..5 {
            let (output, _) = testing::run(&ADAPTER, "get_thread", context.clone(), provider).await;
            let data = output.unwrap().data;
            let emails = data["emails"].as_array().unwrap().iter();
            read.extend(emails.map(|email| email["id"].as_str().unwrap().to_owned()));
            match data["cursor"].as_str() {
                Some(cursor) => context["cursor"] = json!(cursor),
                None => break,
            }
        }
        assert_eq!(read, ids().collect::<Vec<_>>());
        assert!(context["cursor"].is_string());
        context["cursor"] = json!("other");
        let (output, _) = testing::run(&ADAPTER, "get_thread", context, provider).await;
        assert_eq!(testing::error_kind(&output), Kind::Invalid);
    }

    #[tokio::test]
    async fn a_text_that_gmail_stores_separately_is_read() {
        let provider = |sent: &testing::SentRequest| match sent.line.ends_with("/attachments/A1") {
            // No UTF-8, as the header of the part says.
            true => (200, json!({ "size": 13, "data": "PGI-Q2Fm6TwvYj4=" })),
            false => {
                let headers = json!([{ "name": "Content-Type", "value": "text/html; charset=\"iso-8859-1\"" }]);
                let body = json!({ "attachmentId": "A1", "size": 13 });
                let payload = json!({ "partId": "", "mimeType": "text/html", "headers": headers, "body": body });
                let message = json!({ "id": "m1", "threadId": "t1", "payload": payload });
                match sent.line.rsplit_once('/').unwrap().1 {
                    "t1" => (200, json!({ "messages": [message] })),
                    "messages" => (200, json!({ "messages": [{ "id": "m1" }] })),
                    "r1" => (200, json!({ "id": "r1", "message": message })),
                    _ => (200, message),
                }
            }
        };
        for (action, context, at) in [
            ("get_thread", json!({ "threadId": "t1" }), "/emails/0"),
            ("get_email", json!({ "messageId": "m1" }), ""),
            ("fetch_emails", json!({ "includeBody": true }), "/emails/0"),
            ("get_draft", json!({ "draftId": "r1" }), "/email"),
        ] {
            let (output, _) = testing::run(&ADAPTER, action, context, provider).await;
            let data = output.unwrap().data;
            let email = data.pointer(at).unwrap();
            assert_eq!((&email["text"], &email["html"]), (&json!("Caf\u{e9}"), &json!("<b>Caf\u{e9}</b>")), "{action}");
            assert_eq!((&email["attachments"], &email["truncated"]), (&json!([]), &json!(false)), "{action}");
        }
    }
}
