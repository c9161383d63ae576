//! `fetch_thread`: reads a message and its replies.

use super::READ_MESSAGES_SCOPES;
use super::access::Use;
use super::channel::Channel;
use super::message::{self, Message, MessageLimit, PASS_OVER};
use super::time::{self, Moment, ThreadTs};
use crate::adapters::prelude::*;

/// Read a thread in Slack: its first message, then the replies, oldest first. The app must be a member of the channel.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FetchThread {
    channel: Channel,
    /// The `ts` of the thread's first message, for example `1512085950.000216`; replies have it as `threadTs`.
    #[serde(alias = "thread_ts", alias = "ts")]
    #[schemars(extend("x-aliases" = ["thread_ts", "ts"]))]
    thread_ts: ThreadTs,
    /// Number of messages to return. Some apps get at most 15.
    #[serde(default)]
    limit: MessageLimit,
    /// Only replies after this time, such as `2026-11-23T10:00:00Z`, or `ts`.
    oldest: Option<Moment>,
    /// Only replies before this time or `ts`.
    latest: Option<Moment>,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
    /// True to add Slack's markup.
    #[serde(default)]
    #[schemars(extend("x-tier" = "all"))]
    raw: bool,
}

impl Action for FetchThread {
    const META: Meta = Meta::read("fetch_thread", READ_MESSAGES_SCOPES)
        .core()
        .smaller_request(PASS_OVER)
        .example(r#"{"channel": "project-updates", "threadTs": "1735689600.000100"}"#);
    type Output = List<Message>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Message>>> {
        let channel = self.channel.resolve(api, Use::Read).await?.of_message(api, &self.thread_ts)?;
        // https://docs.slack.dev/reference/methods/conversations.replies
        let call = api
            .get(&["api", "conversations.replies"])
            .query("ts", &*self.thread_ts)
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
    async fn returns_a_page_of_a_thread() {
        let context = json!({ "channel": "C0123456789", "threadTs": "1512085950.000216", "limit": 2, "cursor": "p2",
            "latest": "2017-12-01T00:00:00Z" });
        let (output, calls) = testing::run(&ADAPTER, "fetch_thread", context, |_| {
            let reply = json!({ "user": "U1", "text": "Re", "ts": "1512085960.000100", "thread_ts": "1512085950.000216" });
            (200, json!({ "ok": true, "messages": [reply], "has_more": true, "response_metadata": { "next_cursor": "p3" } }))
        })
        .await;
        let data = output.unwrap().data;
        assert_eq!((&data["cursor"], &data["messages"][0]["threadTs"]), (&json!("p3"), &json!("1512085950.000216")));
        assert_eq!((&data["messages"][0]["text"], &data["messages"][0]["files"]), (&json!("Re"), &json!([])));
        assert_eq!(calls[0].line, "GET /api/conversations.replies");
        let sent: Vec<_> = calls[0].query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            sent,
            [
                ("ts", "1512085950.000216"),
                ("latest", "1512086400.000000"),
                ("channel", "C0123456789"),
                ("limit", "2"),
                ("cursor", "p2")
            ]
        );
    }

    #[tokio::test]
    async fn missing_thread_is_not_found() {
        let context = json!({ "channel": "C0123456789", "threadTs": "1512085950.000216" });
        let response = |_: &testing::SentRequest| (200, json!({ "ok": false, "error": "thread_not_found" }));
        let (output, _) = testing::run(&ADAPTER, "fetch_thread", context, response).await;
        assert_eq!(testing::error_kind(&output), Kind::NotFound);
    }
}
