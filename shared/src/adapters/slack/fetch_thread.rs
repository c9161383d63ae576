//! `fetch_thread`: reads a message and its replies.

use super::channel::Channel;
use super::message::{DEFAULT_LIMIT, History, MAX_LIMIT, Message};
use super::time::{self, TimeRange};
use super::{READ_MESSAGES_SCOPES, page};
use crate::adapters::paging;
use crate::adapters::prelude::*;

/// Read a thread in Slack: its first message, then the replies, oldest first. The app must be a member of the channel, and of a
/// private one the connected person too.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FetchThread {
    /// The channel: its name (`general`, `#general`), its id or a link to it. Or the connected
    /// person, by e-mail address or id, for the app's direct conversation with them.
    channel: Channel,
    /// The `ts` of the thread's first message, for example `1512085950.000216`; replies have it as `threadTs`.
    #[serde(alias = "thread_ts", alias = "ts")]
    #[schemars(extend("x-aliases" = ["thread_ts", "ts"]))]
    thread_ts: String,
    /// Number of messages to return, 1 to 100; default 15. Slack may return fewer; for some apps it returns at most 15.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// Only replies after this time: ISO 8601 with a zone, for example `2026-11-23T10:00:00Z`, or a
    /// message's `ts`.
    #[schemars(extend("x-empty" = "refused"))]
    oldest: Option<String>,
    /// Only replies before this time: ISO 8601 with a zone, for example `2026-11-23T10:00:00Z`, or a
    /// message's `ts`.
    #[schemars(extend("x-empty" = "refused"))]
    latest: Option<String>,
    /// The `cursor` of the previous page, to continue from there.
    cursor: Option<String>,
}

impl Action for FetchThread {
    const META: Meta = Meta::read("fetch_thread", READ_MESSAGES_SCOPES)
        .smaller_request("one message is too long: pass over it with `latest` before its time or `oldest` after it")
        .example(r#"{"channel": "project-updates", "threadTs": "1735689600.000100"}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        self.channel.check()?;
        time::check_ts("threadTs", &self.thread_ts)?;
        TimeRange::parse(self.oldest.as_deref(), self.latest.as_deref())?;
        page::check_page(self.limit, MAX_LIMIT, self.cursor.as_deref())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let range = TimeRange::parse(self.oldest.as_deref(), self.latest.as_deref())?;
        let channel = self.channel.resolve(api).await?;
        // https://docs.slack.dev/reference/methods/conversations.replies
        let call = api
            .get(&["api", "conversations.replies"])
            .query("channel", &channel.id)
            .query("ts", &self.thread_ts)
            .query_opt("oldest", range.oldest)
            .query_opt("latest", range.latest);
        let read = page::read(api, call, self.limit.unwrap_or(DEFAULT_LIMIT), self.cursor.as_deref()).await;
        let (thread, _): (History, u32) = read.map_err(|error| channel.map_error(api, error))?;
        let messages: Vec<Value> = thread.messages.iter().map(Message::to_json).collect();
        Ok(ActionOutput {
            message: paging::count_message(messages.len(), "message"),
            data: json!({
                "channel": channel.id,
                "threadTs": self.thread_ts,
                "messages": messages,
                "cursor": page::next_cursor(thread.response_metadata),
            }),
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
    async fn returns_a_page_of_a_thread() {
        let context = json!({ "channel": "C0123456789", "threadTs": "1512085950.000216", "limit": 2, "cursor": "p2",
            "latest": "2017-12-01T00:00:00Z" });
        let (output, calls) = testing::run(&ADAPTER, "fetch_thread", context, |_| {
            let reply = json!({ "user": "U1", "text": "Re", "ts": "1512085960.000100", "thread_ts": "1512085950.000216" });
            (200, json!({ "ok": true, "messages": [reply], "has_more": true, "response_metadata": { "next_cursor": "p3" } }))
        })
        .await;
        let data = output.unwrap().data;
        assert_eq!((&data["cursor"], &data["threadTs"]), (&json!("p3"), &json!("1512085950.000216")));
        assert_eq!((&data["messages"][0]["text"], &data["messages"][0]["files"]), (&json!("Re"), &json!([])));
        assert_eq!(calls[0].line, "GET /api/conversations.replies");
        let sent: Vec<_> = calls[0].query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            sent,
            [
                ("channel", "C0123456789"),
                ("ts", "1512085950.000216"),
                ("latest", "1512086400.000000"),
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

    #[test]
    fn rejects_an_invalid_ts_limit_or_time() {
        let rejected = |context| testing::refusal(&ADAPTER, "fetch_thread", context).0;
        assert_eq!(rejected(json!({ "channel": "general", "threadTs": "1" })), "context.threadTs");
        let thread = "1512085950.000216";
        assert_eq!(rejected(json!({ "channel": "general", "threadTs": thread, "limit": 0 })), "context.limit");
        assert_eq!(rejected(json!({ "channel": "general", "threadTs": thread, "oldest": "x" })), "context.oldest");
    }
}
