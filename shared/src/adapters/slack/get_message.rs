//! `get_message`: reads one message.

use super::access::Use;
use super::channel::{Channel, ChannelRef};
use super::message::{self, History, Message, MessageObject};
use super::time::Ts;
use super::{READ_MESSAGES_SCOPES, page, permalink};
use crate::adapters::prelude::*;

/// Messages per page: the one that is asked for, after its thread's first.
const PAGE_LIMIT: u32 = 2;

/// Read one Slack message, of a channel or of a thread, with its reactions, files and link.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetMessage {
    channel: Channel,
    #[serde(alias = "timestamp")]
    #[schemars(extend("x-aliases" = ["timestamp"]))]
    ts: Ts,
    /// True to add Slack's markup.
    #[serde(default)]
    raw: bool,
}

impl Action for GetMessage {
    const META: Meta = Meta::read("get_message", READ_MESSAGES_SCOPES)
        .example(r#"{"channel": "project-updates", "ts": "1735689600.000100"}"#);
    type Output = Message;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Message>> {
        let channel = self.channel.resolve(api, Use::Read).await?.of_message(api, &self.ts)?;
        // https://docs.slack.dev/reference/methods/conversations.replies
        let call = api
            .get(&["api", "conversations.replies"])
            .query("channel", &channel.id)
            .query("ts", &*self.ts)
            .query("oldest", &*self.ts)
            .query("latest", &*self.ts)
            .query("inclusive", true);
        let read = page::read(api, call, PAGE_LIMIT, None).await;
        let (history, _): (History, u32) = read.map_err(|error| channel.map_error(api, error))?;
        let found = history.messages.into_iter().find(|message: &MessageObject| message.ts == *self.ts);
        let absent =
            || api.error(Kind::NotFound, "message_not_found: fetch_messages returns the messages of a channel");
        let found = found.ok_or_else(absent)?;
        message::learn_names(api, std::iter::once(found.content())).await;
        let message = found.into_output(api, &channel.id, self.raw);
        let link = match message.link.clone() {
            None => permalink::read(api, &channel, &self.ts).await?,
            link => link,
        };
        let ChannelRef { id, name } = channel.into_ref();
        let message = Message { channel: Some(ChannelRef { id, name }), link, ..message };
        Ok(ActionOutput::new("The message was found.", message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing;

    async fn get(ts: &str) -> (Result<ActionOutput>, Vec<testing::SentRequest>) {
        let context = json!({ "channel": "C0123456789", "ts": ts });
        testing::run(&ADAPTER, "get_message", context, |sent| {
            if sent.line == "GET /api/chat.getPermalink" {
                return (200, json!({ "ok": true, "permalink": "https://works.slack.com/archives/C0123456789/p1" }));
            }
            let first = json!({ "ts": "1512085950.000216", "text": "First" });
            let reply = json!({ "ts": "1512085960.000100", "text": "Reply", "thread_ts": "1512085950.000216" });
            (200, json!({ "ok": true, "messages": [first, reply] }))
        })
        .await
    }

    #[tokio::test]
    async fn returns_a_reply_with_its_link_and_not_the_first_of_its_thread() {
        let (output, calls) =
            get("https://works.slack.com/archives/C0123456789/p1512085960000100?thread_ts=1512085950.000216").await;
        let data = output.unwrap().data;
        assert_eq!((&data["text"], &data["threadTs"]), (&json!("Reply"), &json!("1512085950.000216")));
        assert_eq!(
            (&data["link"], &data["channel"]),
            (&json!("https://works.slack.com/archives/C0123456789/p1"), &json!({ "id": "C0123456789" }))
        );
        let bounds = ["ts", "oldest", "latest", "inclusive"].map(|name| calls[0].parameter(name));
        assert_eq!(bounds, ["1512085960.000100", "1512085960.000100", "1512085960.000100", "true"]);
    }

    #[tokio::test]
    async fn another_message_of_the_thread_is_not_the_one() {
        assert_eq!(testing::error_kind(&get("1512085999.000100").await.0), Kind::NotFound);
    }
}
