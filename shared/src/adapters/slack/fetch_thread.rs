//! `fetch_thread`: reads a message and the replies to it.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::channel::Channel;
use super::message::{DEFAULT_LIMIT, History, MAX_LIMIT, Message};
use super::{READ_MESSAGES, page, time};
use crate::adapters::action::{Action, ActionOutput, Effect, Scopes};
use crate::adapters::api::Api;
use crate::adapters::paging;
use crate::error::Result;

/// Read a thread in Slack: the message that began it, then the replies, oldest first. The app must be a member of the channel.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FetchThread {
    /// The channel: its name (`general`, `#general`), its id or a link to it. Or a person, by e-mail address or id, for the
    /// app's own conversation with them.
    channel: Channel,
    /// The `ts` of the message that began the thread, such as `1512085950.000216`; replies carry it as `threadTs`.
    #[serde(alias = "thread_ts", alias = "ts")]
    thread_ts: String,
    /// How many messages to return, 1 to 100; 15 when left out. Slack may give fewer, for some apps never more than 15.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// Only replies after this time: ISO 8601 with a zone, or a message's `ts`.
    oldest: Option<String>,
    /// Only replies before this time: ISO 8601 with a zone, or a message's `ts`.
    latest: Option<String>,
    /// The `cursor` of the page before, to go on from there.
    cursor: Option<String>,
}

impl Action for FetchThread {
    const NAME: &'static str = "fetch_thread";
    const SCOPES: Scopes = READ_MESSAGES;
    const EFFECT: Effect = Effect::Read;

    fn example() -> Value {
        json!({ "channel": "project-updates", "threadTs": "1735689600.000100" })
    }

    fn check(&self) -> Result<()> {
        self.channel.check()?;
        time::check_ts("threadTs", &self.thread_ts)?;
        time::parse_range(self.oldest.as_deref(), self.latest.as_deref())?;
        page::check_page(self.limit, MAX_LIMIT, self.cursor.as_deref())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let (oldest, latest) = time::parse_range(self.oldest.as_deref(), self.latest.as_deref())?;
        let place = self.channel.resolve(api).await?;
        // https://docs.slack.dev/reference/methods/conversations.replies
        let call = api
            .get(&["api", "conversations.replies"])
            .query("channel", &place.id)
            .query("ts", &self.thread_ts)
            .query("limit", self.limit.unwrap_or(DEFAULT_LIMIT))
            .query_opt("oldest", oldest)
            .query_opt("latest", latest)
            .query_opt("cursor", self.cursor.as_deref());
        let thread: History = call.send().await.map_err(|error| place.map_error(api, error))?;
        let messages: Vec<Value> = thread.messages.iter().map(Message::to_json).collect();
        Ok(ActionOutput {
            message: paging::count_message(messages.len(), ("message", "messages")),
            data: json!({
                "channel": place.id,
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
    use crate::error::Kind;

    #[tokio::test]
    async fn returns_a_page_of_a_thread() {
        let context = json!({ "channel": "C0123456789", "threadTs": "1512085950.000216", "limit": 2, "cursor": "p2",
            "latest": "2017-12-01T00:00:00Z" });
        let (done, calls) = testing::run(&ADAPTER, "fetch_thread", context, |_| {
            let reply = json!({ "user": "U1", "text": "Re", "ts": "1512085960.000100", "thread_ts": "1512085950.000216" });
            (200, json!({ "ok": true, "messages": [reply], "has_more": true, "response_metadata": { "next_cursor": "p3" } }))
        })
        .await;
        let data = done.unwrap().data;
        assert_eq!((&data["cursor"], &data["threadTs"]), (&json!("p3"), &json!("1512085950.000216")));
        assert_eq!((&data["messages"][0]["text"], &data["messages"][0]["files"]), (&json!("Re"), &json!([])));
        assert_eq!(calls[0].line, "GET /api/conversations.replies");
        let sent: Vec<_> = calls[0].query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            sent,
            [
                ("channel", "C0123456789"),
                ("ts", "1512085950.000216"),
                ("limit", "2"),
                ("latest", "1512086400.000000"),
                ("cursor", "p2")
            ]
        );
    }

    #[tokio::test]
    async fn missing_thread_is_not_found() {
        let context = json!({ "channel": "C0123456789", "threadTs": "1512085950.000216" });
        let answer = |_: &testing::SentRequest| (200, json!({ "ok": false, "error": "thread_not_found" }));
        let (done, _) = testing::run(&ADAPTER, "fetch_thread", context, answer).await;
        assert_eq!(testing::error_kind(&done), Kind::NotFound);
    }

    #[test]
    fn rejects_an_invalid_ts_limit_or_time() {
        let refused = |context| testing::refusal(&ADAPTER, "fetch_thread", context).0;
        assert_eq!(refused(json!({ "channel": "general", "threadTs": "1" })), "context.threadTs");
        let thread = "1512085950.000216";
        assert_eq!(refused(json!({ "channel": "general", "threadTs": thread, "limit": 0 })), "context.limit");
        assert_eq!(refused(json!({ "channel": "general", "threadTs": thread, "oldest": "x" })), "context.oldest");
    }
}
