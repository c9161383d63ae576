//! `fetch_messages`: reads a channel's messages.

use super::channel::Channel;
use super::message::{DEFAULT_LIMIT, History, MAX_LIMIT, Message};
use super::time::TimeRange;
use super::{READ_MESSAGES_SCOPES, page};
use crate::adapters::paging;
use crate::adapters::prelude::*;

/// Read messages of a Slack channel, newest first. The app must be a member of the channel, and of a
/// private one the connected person too.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FetchMessages {
    /// The channel: its name (`general`, `#general`), its id or a link to it. Or the connected
    /// person, by e-mail address or id, for the app's direct conversation with them.
    channel: Channel,
    /// Number of messages to return, 1 to 100; default 15. Slack may return fewer; for some apps it returns at most 15.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// Only messages after this time: ISO 8601 with a zone, for example `2026-11-23T10:00:00Z`, or a
    /// message's `ts`.
    #[schemars(extend("x-empty" = "refused"))]
    oldest: Option<String>,
    /// Only messages before this time: ISO 8601 with a zone, for example `2026-11-23T10:00:00Z`, or a
    /// message's `ts`.
    #[schemars(extend("x-empty" = "refused"))]
    latest: Option<String>,
    /// The `cursor` of the previous page, to continue from there.
    cursor: Option<String>,
}

impl Action for FetchMessages {
    const META: Meta = Meta::read("fetch_messages", READ_MESSAGES_SCOPES)
        .aliases(&["channel_history"])
        .smaller_request("one message is too long: pass over it with `latest` before its time or `oldest` after it")
        .example(r#"{"channel": "general", "limit": 5}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        self.channel.check()?;
        TimeRange::parse(self.oldest.as_deref(), self.latest.as_deref())?;
        page::check_page(self.limit, MAX_LIMIT, self.cursor.as_deref())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let range = TimeRange::parse(self.oldest.as_deref(), self.latest.as_deref())?;
        let channel = self.channel.resolve(api).await?;
        // https://docs.slack.dev/reference/methods/conversations.history
        let call = api
            .get(&["api", "conversations.history"])
            .query("channel", &channel.id)
            .query_opt("oldest", range.oldest)
            .query_opt("latest", range.latest);
        let read = page::read(api, call, self.limit.unwrap_or(DEFAULT_LIMIT), self.cursor.as_deref()).await;
        let (history, _): (History, u32) = read.map_err(|error| channel.map_error(api, error))?;
        let messages: Vec<Value> = history.messages.iter().map(Message::to_json).collect();
        let cursor = page::next_cursor(history.response_metadata);
        Ok(ActionOutput {
            message: paging::count_message(messages.len(), "message"),
            data: json!({ "channel": channel.id, "messages": messages, "hasMore": history.has_more, "cursor": cursor }),
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
    async fn returns_a_page_of_messages() {
        let context = json!({ "channel": "C0123456789", "limit": 10, "oldest": "2017-11-30T23:52:30.000Z" });
        let (output, calls) = testing::run(&ADAPTER, "fetch_messages", context, |_| {
            (
                200,
                json!({ "ok": true, "has_more": true, "response_metadata": { "next_cursor": "p2" },
                "messages": [{ "type": "message", "user": "U1", "text": "Hi", "ts": "1512085960.000100",
                    "thread_ts": "1512085960.000100", "reply_count": 2,
                    "reactions": [{ "name": "eyes", "count": 1, "users": ["U1"] }],
                    "files": [{ "id": "F1", "name": "a.txt", "mimetype": "text/plain", "permalink": "https://x/a" }] }] }),
            )
        })
        .await;
        assert_eq!(
            output.unwrap().data,
            json!({ "channel": "C0123456789", "hasMore": true, "cursor": "p2",
                "messages": [{ "ts": "1512085960.000100", "time": "2017-11-30T23:52:40.0001Z", "user": "U1",
                    "botId": null, "subtype": null, "text": "Hi", "threadTs": "1512085960.000100", "replyCount": 2,
                    "reactions": [{ "name": "eyes", "count": 1 }],
                    "files": [{ "id": "F1", "name": "a.txt", "mimeType": "text/plain", "link": "https://x/a" }] }] })
        );
        assert_eq!(calls[0].line, "GET /api/conversations.history");
        assert_eq!(calls[0].header("authorization"), "Bearer xoxp-token-1");
        assert_eq!((calls[0].parameter("channel"), calls[0].parameter("limit")), ("C0123456789", "10"));
        assert_eq!((calls[0].parameter("oldest"), calls[0].parameter("latest")), ("1512085950.000000", ""));
    }

    #[tokio::test]
    async fn empty_provider_cursor_ends_the_list() {
        let (output, calls) = testing::run(&ADAPTER, "fetch_messages", json!({ "channel": "C0123456789" }), |_| {
            (200, json!({ "ok": true, "messages": [], "has_more": false, "response_metadata": { "next_cursor": "" } }))
        })
        .await;
        assert_eq!(output.unwrap().data["cursor"], Value::Null);
        assert_eq!(calls[0].parameter("limit"), "15");
    }

    #[tokio::test]
    async fn message_without_a_text_is_returned() {
        let context = json!({ "channel": "C0123456789" });
        let (output, _) = testing::run(&ADAPTER, "fetch_messages", context, |_| {
            (200, json!({ "ok": true, "messages": [{ "ts": "1.1", "text": null }, { "ts": "1.2" }] }))
        })
        .await;
        let messages = output.unwrap().data["messages"].clone();
        assert_eq!((&messages[0]["text"], &messages[1]["text"]), (&json!(""), &json!("")));
    }

    #[test]
    fn rejects_values_out_of_range() {
        for (field, bad) in
            [("limit", json!(0)), ("limit", json!(101)), ("oldest", json!("yesterday")), ("latest", json!("1"))]
        {
            let mut context = json!({ "channel": "general" });
            context[field] = bad;
            assert_eq!(testing::refusal(&ADAPTER, "fetch_messages", context).0, format!("context.{field}"));
        }
    }
}
