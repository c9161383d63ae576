//! `fetch_messages`: reads a channel's messages.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::channel::Channel;
use super::{TO_READ, time};
use crate::adapters::action::{Action, Done, Effect, Scopes};
use crate::adapters::api::Api;
use crate::error::{Error, Result};
use crate::ids::check_text;

/// All an app outside the Marketplace gets in one call since 2025; more is asked of nobody who did not ask for it.
const DEFAULT_LIMIT: u32 = 15;
const MAX_LIMIT: u32 = 100;
const MAX_CURSOR_BYTES: usize = 1024;

/// Read messages of a Slack channel, newest first. The app must be a member of the channel.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FetchMessages {
    /// The channel: its name (`general`, `#general`), its id or a link to it.
    channel: Channel,
    /// How many messages to return, 1 to 100; 15 when left out. Slack may give fewer, for some apps never more than 15.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// Only messages after this time: ISO 8601 with a zone, or a message's `ts`.
    oldest: Option<String>,
    /// Only messages before this time: ISO 8601 with a zone, or a message's `ts`.
    latest: Option<String>,
    /// The `cursor` of the page before, to go on from there.
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct History {
    messages: Vec<Message>,
    #[serde(default)]
    has_more: bool,
    response_metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    ts: String,
    user: Option<String>,
    bot_id: Option<String>,
    subtype: Option<String>,
    #[serde(default)]
    text: String,
    thread_ts: Option<String>,
    reply_count: Option<u32>,
}

impl Action for FetchMessages {
    const NAME: &'static str = "fetch_messages";
    const SCOPES: Scopes = TO_READ;
    const EFFECT: Effect = Effect::Read;

    fn check(&self) -> Result<()> {
        self.channel.check()?;
        self.bounds()?;
        if let Some(cursor) = &self.cursor {
            check_text("cursor", cursor, MAX_CURSOR_BYTES)?;
        }
        match self.limit {
            None | Some(1..=MAX_LIMIT) => Ok(()),
            Some(_) => Err(Error::invalid("limit", format!("must be 1 to {MAX_LIMIT}"))),
        }
    }

    async fn run(&self, api: &Api<'_>) -> Result<Done> {
        let (oldest, latest) = self.bounds()?;
        let channel = self.channel.resolve(api).await?;
        // https://docs.slack.dev/reference/methods/conversations.history
        let call = api
            .get(&["api", "conversations.history"])
            .query("channel", &channel)
            .query("limit", self.limit.unwrap_or(DEFAULT_LIMIT))
            .maybe("oldest", oldest)
            .maybe("latest", latest)
            .maybe("cursor", self.cursor.as_deref());
        let history: History = call.send().await?;
        let messages: Vec<Value> = history.messages.iter().map(message).collect();
        let cursor =
            history.response_metadata.and_then(|metadata| metadata.next_cursor).filter(|next| !next.is_empty());
        Ok(Done {
            message: match messages.len() {
                1 => "1 message found.".to_owned(),
                many => format!("{many} messages found."),
            },
            data: json!({ "channel": channel, "messages": messages, "hasMore": history.has_more, "cursor": cursor }),
            external_id: None,
            link: None,
        })
    }
}

impl FetchMessages {
    fn bounds(&self) -> Result<(Option<String>, Option<String>)> {
        let read = |field: &str, text: &Option<String>| text.as_deref().map(|text| time::read(field, text)).transpose();
        Ok((read("oldest", &self.oldest)?, read("latest", &self.latest)?))
    }
}

fn message(message: &Message) -> Value {
    json!({
        "ts": message.ts,
        "time": time::instant(&message.ts),
        "user": message.user,
        "botId": message.bot_id,
        "subtype": message.subtype,
        "text": message.text,
        "threadTs": message.thread_ts,
        "replyCount": message.reply_count,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn reads_a_page() {
        let context = json!({ "channel": "C0123456789", "limit": 10, "oldest": "2017-11-30T23:52:30.000Z" });
        let (done, calls) = testing::run(&ADAPTER, "fetch_messages", context, |_| {
            (
                200,
                json!({ "ok": true, "has_more": true, "response_metadata": { "next_cursor": "p2" },
                "messages": [{ "type": "message", "user": "U1", "text": "Hi", "ts": "1512085960.000100",
                    "thread_ts": "1512085960.000100", "reply_count": 2 }] }),
            )
        })
        .await;
        assert_eq!(
            done.unwrap().data,
            json!({ "channel": "C0123456789", "hasMore": true, "cursor": "p2",
                "messages": [{ "ts": "1512085960.000100", "time": "2017-11-30T23:52:40.0001Z", "user": "U1",
                    "botId": null, "subtype": null, "text": "Hi", "threadTs": "1512085960.000100", "replyCount": 2 }] })
        );
        assert_eq!(calls[0].line, "GET /api/conversations.history");
        assert_eq!(calls[0].header("authorization"), "Bearer token-1");
        assert_eq!((calls[0].parameter("channel"), calls[0].parameter("limit")), ("C0123456789", "10"));
        assert_eq!((calls[0].parameter("oldest"), calls[0].parameter("latest")), ("1512085950.000000", ""));
    }

    #[tokio::test]
    async fn an_empty_cursor_is_the_end() {
        let (done, calls) = testing::run(&ADAPTER, "fetch_messages", json!({ "channel": "C0123456789" }), |_| {
            (200, json!({ "ok": true, "messages": [], "has_more": false, "response_metadata": { "next_cursor": "" } }))
        })
        .await;
        assert_eq!(done.unwrap().data["cursor"], Value::Null);
        assert_eq!(calls[0].parameter("limit"), "15");
    }

    #[test]
    fn refuses_what_is_out_of_range() {
        for (field, bad) in [
            ("limit", json!(0)),
            ("limit", json!(101)),
            ("oldest", json!("yesterday")),
            ("latest", json!("")),
            ("cursor", json!("")),
        ] {
            let mut context = json!({ "channel": "general" });
            context[field] = bad;
            assert_eq!(testing::refusal(&ADAPTER, "fetch_messages", context).0, format!("context.{field}"));
        }
    }
}
