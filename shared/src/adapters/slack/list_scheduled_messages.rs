//! `list_scheduled_messages`: lists the messages that Slack has not posted yet.

use super::channel::Channel;
use super::page;
use super::scheduled_message::{self, ScheduledMessage};
use crate::adapters::paging;
use crate::adapters::prelude::*;

const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 100;

/// List the messages that the user's own agents scheduled in Slack and that are not posted yet. A page can have fewer of them than its
/// limit, because others schedule with the same app.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListScheduledMessages {
    /// Only messages for this channel: its name (`general`, `#general`), its id or a link to it; or for a person, by e-mail
    /// address or id. By default all.
    channel: Option<Channel>,
    /// Number of messages to return, 1 to 100; default 50.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// The `cursor` of the previous page, to continue from there.
    cursor: Option<String>,
}

impl Action for ListScheduledMessages {
    /// None: <https://docs.slack.dev/reference/methods/chat.scheduledMessages.list>
    const META: Meta = Meta::read("list_scheduled_messages", &[]).example(r#"{"channel": "general"}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        self.channel.as_ref().map_or(Ok(()), Channel::check)?;
        page::check_page(self.limit, MAX_LIMIT, self.cursor.as_deref())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let mut body = json!({});
        if let Some(channel) = &self.channel {
            body["channel"] = json!(channel.resolve_to_post(api).await?.id);
        }
        if let Some(cursor) = &self.cursor {
            body["cursor"] = json!(cursor);
        }
        // https://docs.slack.dev/reference/methods/chat.scheduledMessages.list
        let (mut scheduled, _) = scheduled_message::list(api, &body, self.limit.unwrap_or(DEFAULT_LIMIT)).await?;
        let ids: Vec<String> = scheduled.scheduled_messages.iter().map(|message| message.id.clone()).collect();
        let own = scheduled_message::own_ids(api, &ids).await?;
        scheduled.scheduled_messages.retain(|message| own.contains(&message.id));
        let messages: Vec<Value> = scheduled.scheduled_messages.iter().map(ScheduledMessage::to_json).collect();
        Ok(ActionOutput {
            message: paging::count_message(messages.len(), "scheduled message"),
            data: json!({ "messages": messages, "cursor": page::next_cursor(scheduled.response_metadata) }),
            external_id: None,
            link: None,
        })
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
            json!({ "cursor": "p3", "messages": [{ "id": "Q1", "channel": "C0123456789", "text": "Later",
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
        assert_eq!(output.unwrap().data, json!({ "messages": [], "cursor": null }));
        assert_eq!(calls[0].body, json!({ "limit": 50 }));
    }

    #[test]
    fn rejects_invalid_limit_cursor_and_channel() {
        for (field, bad) in [("limit", json!(101)), ("cursor", json!("a\nb")), ("channel", json!("two words"))] {
            let rejected = testing::refusal(&ADAPTER, "list_scheduled_messages", json!({ field: bad })).0;
            assert_eq!(rejected, format!("context.{field}"));
        }
    }
}
