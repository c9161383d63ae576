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
}

/// A thread as Gmail returns it.
#[derive(Deserialize)]
struct Thread {
    #[serde(default)]
    messages: Vec<Message>,
}

/// A thread as the action returns it.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct EmailThread {
    /// The id.
    id: String,
    /// The address at which a person can open it.
    link: String,
    /// The e-mails, oldest first.
    emails: Vec<Email>,
}

impl Action for GetThread {
    const META: Meta = Meta::read("get_thread", READ_SCOPES)
        .core()
        .smaller_request("without the texts: `includeBody` false")
        .example(r#"{"threadId": "18f0000000000001"}"#);
    type Output = EmailThread;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<EmailThread>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.threads/get
        let emails = match self.get(api, if self.include_body { "full" } else { "metadata" }).await {
            Err(error) if error.kind() == Some(Kind::ResponseTooLarge) => self.read_in_parts(api).await?,
            messages => messages?.iter().map(|message| self.email(message)).collect(),
        };
        let (id, link) = (self.thread_id.to_string(), super::web_link(&self.thread_id));
        let message = format!("A thread of {} was read.", counted(emails.len(), "e-mail"));
        let thread = EmailThread { id: id.clone(), link: link.clone(), emails };
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

    fn email(&self, message: &Message) -> Email {
        if self.include_body { message.listed() } else { message.summary().listed() }
    }

    /// Reads the ids of the thread's messages, then the messages one after the other, so that only one that is too long is in
    /// memory.
    async fn read_in_parts(&self, api: &Api<'_>) -> Result<Vec<Email>> {
        let listed = self.get(api, "minimal").await?;
        let (mut emails, mut room) = (Vec::with_capacity(listed.len()), Room::default());
        for Message { id, .. } in listed {
            let email = match self.include_body {
                true => message::get_listed(api, &id).await?,
                false => {
                    let message = message::none_if_not_found(message::get_headers(api, &id).await)?;
                    message.map(|message| self.email(&message))
                }
            };
            if email.as_ref().is_some_and(|email| !room.take(email)) {
                return Err(api.too_large());
            }
            emails.extend(email);
        }
        Ok(emails)
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
}
