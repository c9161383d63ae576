//! `get_thread`: reads all messages of a thread, oldest first.

use super::message::{self, Message};
use super::{READ_SCOPES, check_id};
use crate::adapters::prelude::*;
use crate::answer::Room;

/// Read a whole thread, oldest e-mail first, each as `get_email` returns it. A text over 20 KiB is cut; then `truncated` is true,
/// and `get_email` returns more of it. An e-mail over 5 MiB has neither text nor attachments; then `truncated` is true.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetThread {
    /// The thread's id: the `threadId` of any of its e-mails.
    #[serde(alias = "id")]
    #[schemars(extend("x-aliases" = ["id"]))]
    thread_id: String,
    /// Set to false to leave out texts, HTML and attachments; default true. Without them each e-mail is returned as
    /// `fetch_emails` lists it.
    include_body: Option<bool>,
}

#[derive(Deserialize)]
struct Thread {
    id: String,
    messages: Vec<Message>,
}

impl Action for GetThread {
    const META: Meta = Meta::read("get_thread", READ_SCOPES)
        .smaller_request("without the texts: `includeBody` false")
        .example(r#"{"threadId": "18f0000000000001"}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        check_id("threadId", &self.thread_id)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let full = self.include_body.unwrap_or(true);
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.threads/get
        let (id, messages) = match self.get(api, if full { "full" } else { "metadata" }).await {
            Err(error) if error.kind() == Some(Kind::ResponseTooLarge) => self.read_in_parts(api, full).await?,
            thread => {
                let Thread { id, messages } = thread?;
                let to_json = |message: &Message| {
                    if full { message.listed_json() } else { message::shorten(message.summary_json()) }
                };
                (id, messages.iter().map(to_json).collect())
            }
        };
        Ok(ActionOutput {
            message: match messages.len() {
                1 => "A thread of 1 e-mail was read.".to_owned(),
                many => format!("A thread of {many} e-mails was read."),
            },
            data: json!({ "id": id, "messages": messages }),
            link: Some(super::web_link(&id)),
            external_id: Some(id),
        })
    }
}

impl GetThread {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.threads/get
    async fn get(&self, api: &Api<'_>, format: &str) -> Result<Thread> {
        api.get(&["gmail", "v1", "users", "me", "threads", &self.thread_id]).query("format", format).send().await
    }

    /// Reads the ids of the thread's messages, then the messages one after the other, so that only one that is too long is in
    /// memory. Returns the thread's id and its messages.
    async fn read_in_parts(&self, api: &Api<'_>, full: bool) -> Result<(String, Vec<Value>)> {
        let Thread { id, messages: listed } = self.get(api, "minimal").await?;
        let (mut messages, mut room) = (Vec::with_capacity(listed.len()), Room::default());
        for Message { id, .. } in listed {
            let message = match full {
                true => message::get_listed(api, &id).await?,
                false => {
                    let message = message::none_if_not_found(message::get_headers(api, &id).await)?;
                    message.as_ref().map(|message| message::shorten(message.summary_json()))
                }
            };
            if message.as_ref().is_some_and(|message| !room.take(message)) {
                return Err(api.too_large());
            }
            messages.extend(message);
        }
        Ok((id, messages))
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
        assert_eq!((&output.data["id"], &output.data["messages"][1]["text"]), (&json!("t1"), &json!("Hi")));
        assert_eq!(output.external_id.as_deref(), Some("t1"));
        assert_eq!(calls[0].query, [("format".to_owned(), "full".to_owned())]);

        let context = json!({ "threadId": "t1", "includeBody": false });
        let (output, calls) = testing::run(&ADAPTER, "get_thread", context, provider).await;
        assert_eq!(output.unwrap().data["messages"][1].get("text"), None);
        assert_eq!(calls[0].parameter("format"), "metadata");
    }

    #[test]
    fn refuses_an_empty_id() {
        assert_eq!(testing::refusal(&ADAPTER, "get_thread", json!({ "threadId": "" })).0, "context.threadId");
    }
}
