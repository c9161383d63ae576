//! `fetch_messages`: reads a channel's messages.

use super::READ_MESSAGES_SCOPES;
use super::access::Use;
use super::channel::Channel;
use super::message::{self, Message, MessageLimit, PASS_OVER};
use super::time::{self, Moment};
use crate::adapters::prelude::*;

/// Read messages of a Slack channel, newest first, without the replies in threads: `slack_fetch_thread` reads those.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FetchMessages {
    channel: Channel,
    /// Number of messages to return. Some apps get at most 15.
    #[serde(default)]
    limit: MessageLimit,
    /// Only messages after this time, such as `2026-11-23T10:00:00Z`, or `ts`.
    oldest: Option<Moment>,
    /// Only messages before this time or `ts`.
    latest: Option<Moment>,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
    /// True to add Slack's markup.
    #[serde(default)]
    #[schemars(extend("x-tier" = "all"))]
    raw: bool,
}

impl Action for FetchMessages {
    const META: Meta = Meta::read("fetch_messages", READ_MESSAGES_SCOPES)
        .core()
        .aliases(&["channel_history"])
        .smaller_request(PASS_OVER)
        .example(r#"{"channel": "general", "limit": 5}"#);
    type Output = List<Message>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Message>>> {
        let channel = self.channel.resolve(api, Use::Read).await?;
        // https://docs.slack.dev/reference/methods/conversations.history
        let call = api
            .get(&["api", "conversations.history"])
            .query_opt("oldest", self.oldest.as_deref())
            .query_opt("latest", time::end_of_range(api.now(), self.oldest.as_deref(), self.latest.as_deref()));
        message::list(api, &channel, call, self.limit, self.cursor.as_deref(), self.raw).await
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
                    "files": [{ "id": "F1", "name": "a.txt", "mimetype": "text/plain", "size": 2, "permalink": "https://x/a" }] }] }),
            )
        })
        .await;
        assert_eq!(
            output.unwrap().data,
            json!({ "cursor": "p2", "messages": [{ "ts": "1512085960.000100",
                    "createdAt": "2017-11-30T23:52:40.0001Z", "author": { "id": "U1" }, "text": "Hi", "threadTs": "1512085960.000100", "replyCount": 2,
                    "reactions": [{ "name": "eyes", "count": 1 }],
                    "files": [{ "id": "F1", "filename": "a.txt", "contentType": "text/plain", "size": 2, "link": "https://x/a" }] }] })
        );
        assert_eq!(calls[0].line, "GET /api/conversations.history");
        assert_eq!(calls[0].header("authorization"), "Bearer xoxp-token-1");
        assert_eq!((calls[0].parameter("channel"), calls[0].parameter("limit")), ("C0123456789", "10"));
        assert_eq!(
            (calls[0].parameter("oldest"), calls[0].parameter("latest")),
            ("1512085950.000000", "1795428060.000000")
        );
    }

    #[tokio::test]
    async fn people_are_mentioned_by_name_and_the_markup_is_beside_on_wish() {
        let read = async |raw: bool| {
            let context = json!({ "channel": "C0123456789", "raw": raw });
            let (output, calls) = testing::run(&ADAPTER, "fetch_messages", context, |sent| match sent.line.as_str() {
                "GET /api/users.info" => {
                    let user = json!({ "id": sent.parameter("user"), "profile": { "display_name": "Ann" } });
                    (200, json!({ "ok": true, "user": user }))
                }
                _ => (200, json!({ "ok": true, "messages": [{ "ts": "1.1", "text": "<@U1> &amp; <@U1>" }] })),
            })
            .await;
            (output.unwrap().data["messages"][0].clone(), calls.len())
        };
        let (message, calls) = read(true).await;
        assert_eq!((&message["text"], calls), (&json!("@Ann & @Ann"), 2));
        assert_eq!(message["mentions"], json!([{ "type": "person", "id": "U1", "name": "Ann" }]));
        assert_eq!(message["raw"], json!({ "text": "<@U1> &amp; <@U1>" }));
        assert_eq!(read(false).await.0["raw"], Value::Null);
    }

    #[tokio::test]
    async fn mentions_remain_ids_without_the_right_to_names() {
        let (output, calls) = testing::run(&ADAPTER, "fetch_messages", json!({ "channel": "C0123456789" }), |sent| {
            match sent.line.as_str() {
                "GET /api/users.info" => {
                    (200, json!({ "ok": false, "error": "missing_scope", "needed": "users:read" }))
                }
                _ => (200, json!({ "ok": true, "messages": [{ "ts": "1.1", "text": "<@U1> <@U2>" }] })),
            }
        })
        .await;
        assert_eq!((&output.unwrap().data["messages"][0]["text"], calls.len()), (&json!("@U1 @U2"), 2));
    }

    #[tokio::test]
    async fn empty_provider_cursor_ends_the_list() {
        let (output, calls) = testing::run(&ADAPTER, "fetch_messages", json!({ "channel": "C0123456789" }), |_| {
            (200, json!({ "ok": true, "messages": [], "has_more": false, "response_metadata": { "next_cursor": "" } }))
        })
        .await;
        assert_eq!(output.unwrap().data, json!({ "messages": [] }));
        assert_eq!(calls[0].parameter("limit"), "15");
    }

    #[tokio::test]
    async fn message_without_a_text_is_returned() {
        let context = json!({ "channel": "C0123456789" });
        let (output, _) = testing::run(&ADAPTER, "fetch_messages", context, |_| {
            (200, json!({ "ok": true, "messages": [{ "ts": "1.1", "text": null }, { "ts": "1.2" }] }))
        })
        .await;
        let message = |ts: &str| json!({ "ts": ts, "reactions": [], "files": [] });
        assert_eq!(output.unwrap().data, json!({ "messages": [message("1.1"), message("1.2")] }));
    }
}
