//! `list_scheduled_messages`: lists the messages that Slack has not posted yet.

use super::access::Use;
use super::channel::Channel;
use super::page;
use super::scheduled_message::{self, ScheduledMessage};
use crate::adapters::prelude::*;

/// List the messages that the user's own agents scheduled in Slack and that are not posted yet. A page can have fewer than its limit.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListScheduledMessages {
    /// Only messages for this channel, by its name, id or link, or for a person, by e-mail address or id. By default all.
    channel: Option<Channel>,
    /// Number of messages to return.
    #[serde(default)]
    limit: Limit<50, 100>,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

impl Action for ListScheduledMessages {
    /// None: <https://docs.slack.dev/reference/methods/chat.scheduledMessages.list>
    const META: Meta = Meta::read("list_scheduled_messages", &[]).example(r#"{"channel": "general"}"#);
    type Output = List<ScheduledMessage>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<ScheduledMessage>>> {
        let mut body = json!({});
        if let Some(channel) = &self.channel {
            body["channel"] = json!(channel.resolve(api, Use::Post).await?.id);
        }
        if let Some(cursor) = &self.cursor {
            body["cursor"] = json!(cursor);
        }
        // https://docs.slack.dev/reference/methods/chat.scheduledMessages.list
        let (page, _) = scheduled_message::list(api, &body, self.limit.get()).await?;
        let ids: Vec<String> = page.scheduled_messages.iter().map(|message| message.id.clone()).collect();
        // Others schedule with the same app.
        let own = scheduled_message::own_ids(api, &ids).await?;
        let messages = page.scheduled_messages.into_iter().filter(|message| own.contains(&message.id));
        Ok(List::of(messages.map(|message| message.into_output(api)), page::next_cursor(page.response_metadata)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_a_page_of_scheduled_messages() {
        let context = json!({ "channel": "C0123456789", "limit": 2, "cursor": "p2" });
        let (output, calls) = testing::run(&ADAPTER, "list_scheduled_messages", context, |_| {
            let scheduled = json!({ "id": "Q1", "channel_id": "C0123456789", "post_at": 1_795_431_600,
                "date_created": 1_795_428_000, "text": "Later" });
            (
                200,
                json!({ "ok": true, "scheduled_messages": [scheduled], "response_metadata": { "next_cursor": "p3" } }),
            )
        })
        .await;
        assert_eq!(
            output.unwrap().data,
            json!({ "cursor": "p3", "messages": [{ "id": "Q1", "channel": { "id": "C0123456789" }, "text": "Later",
                "postAt": "2026-11-23T11:00:00Z", "createdAt": "2026-11-23T10:00:00Z" }] })
        );
        assert_eq!(calls[0].line, "POST /api/chat.scheduledMessages.list");
        assert_eq!(calls[0].body, json!({ "channel": "C0123456789", "limit": 2, "cursor": "p2" }));
    }

    #[tokio::test]
    async fn lists_all_channels_if_none_is_given() {
        let (output, calls) = testing::run(&ADAPTER, "list_scheduled_messages", json!({}), |_| {
            (200, json!({ "ok": true, "scheduled_messages": [], "response_metadata": { "next_cursor": "" } }))
        })
        .await;
        assert_eq!(output.unwrap().data, json!({ "messages": [] }));
        assert_eq!(calls[0].body, json!({ "limit": 50 }));
    }
}
