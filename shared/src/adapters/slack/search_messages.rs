//! `search_messages`: searches the messages of a channel for words.
//!
//! The app's bot can use neither of Slack's own searches: `search.messages` takes only a person's token with `search:read`, and
//! `assistant.search.context` takes a bot's only together with an `action_token` of a recent event inside Slack
//! (<https://docs.slack.dev/ai/using-data-access-api/>). So the channel's history is read page by page and compared.

use super::access::Use;
use super::channel::{Channel, ResolvedChannel};
use super::message::{self, History, Message, MessageObject, PASS_OVER};
use super::time::{self, Moment, Ts};
use super::{READ_MESSAGES_SCOPES, page};
use crate::adapters::prelude::*;
use crate::answer::Room;

/// Messages per page; apps outside the Marketplace get 15.
const PAGE_LIMIT: u32 = 200;
/// Maximum number of pages to read in one search; the cursor continues from there.
const MAX_PAGES: usize = 5;

/// Find messages in one Slack channel by words, newest first, without replies in threads. `slack_search_workspace` reads all channels.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SearchMessages {
    channel: Channel,
    /// The words, separated by spaces. Every word must occur, in any order; case is ignored.
    query: Line<500>,
    /// Only messages after this time, for example `2026-11-23T10:00:00Z`, or after a message's `ts`.
    oldest: Option<Moment>,
    /// Only messages before this time, for example `2026-11-23T10:00:00Z`, or before a message's `ts`.
    latest: Option<Moment>,
    /// Number of messages to return.
    #[serde(default)]
    limit: Limit<20, 100>,
    /// The `cursor` of the previous search, to continue with older messages. A search that found nothing can have one too.
    cursor: Option<Ts>,
    /// True to add Slack's markup.
    #[serde(default)]
    raw: bool,
}

impl Action for SearchMessages {
    const META: Meta = Meta::read("search_messages", READ_MESSAGES_SCOPES)
        .smaller_request(PASS_OVER)
        .example(r#"{"channel": "project-updates", "query": "launch"}"#);
    type Output = List<Message>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Message>>> {
        let channel = self.channel.resolve(api, Use::Read).await?;
        let (messages, cursor) = self.search(api, &channel).await?;
        Ok(List::of(messages, cursor))
    }
}

impl SearchMessages {
    /// Reads pages of the history until there are enough matches for the caller or for an answer, no more pages, or [`MAX_PAGES`] are
    /// read. Returns the matches, and the `ts` before which nothing was read yet.
    async fn search(&self, api: &Api<'_>, channel: &ResolvedChannel) -> Result<(Vec<Message>, Option<String>)> {
        let limit = self.limit.get() as usize;
        let latest = self.cursor.as_deref().or(self.latest.as_deref());
        let mut before = time::end_of_range(api.now(), self.oldest.as_deref(), latest);
        let mut messages = Vec::new();
        let (mut page_limit, mut room) = (PAGE_LIMIT, Room::default());
        for page in 0..MAX_PAGES {
            // https://docs.slack.dev/reference/methods/conversations.history
            let call = api
                .get(&["api", "conversations.history"])
                .query("channel", &channel.id)
                .query_opt("oldest", self.oldest.as_deref())
                .query_opt("latest", before.as_deref());
            let history: History = match page::read(api, call, page_limit, None).await {
                Ok((history, size)) => {
                    page_limit = size;
                    history
                }
                // Some apps may read one page a minute: the matches of the pages read so far are returned.
                Err(error) if page > 0 && error.is_rate_limit() => break,
                Err(error) => return Err(channel.map_error(api, error)),
            };
            let is_last = !history.has_more || history.messages.is_empty();
            let found = history.messages.iter().filter(|message| self.matches(api, message));
            message::learn_names(api, found.map(MessageObject::content)).await;
            for message in history.messages {
                let ts = message.ts.clone();
                if self.matches(api, &message) {
                    let found = message.into_output(api, &channel.id, self.raw);
                    if !room.take(&found) && !messages.is_empty() {
                        return Ok((messages, before));
                    }
                    messages.push(found);
                }
                before = Some(ts);
                if messages.len() == limit {
                    return Ok((messages, before));
                }
            }
            if is_last {
                return Ok((messages, None));
            }
        }
        Ok((messages, before))
    }

    fn matches(&self, api: &Api<'_>, message: &MessageObject) -> bool {
        let content = message.content().searchable(api);
        self.query.split_whitespace().all(|word| content.contains(&word.to_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    fn history(texts: &[(&str, &str)], more: bool) -> (u16, Value) {
        let messages: Vec<_> = texts.iter().map(|(ts, text)| json!({ "ts": ts, "text": text })).collect();
        (200, json!({ "ok": true, "messages": messages, "has_more": more }))
    }

    fn found_ts(data: &Value) -> Vec<&str> {
        data["messages"].as_array().unwrap().iter().map(|message| message["ts"].as_str().unwrap()).collect()
    }

    #[tokio::test]
    async fn reads_older_pages_until_the_end() {
        let context = json!({ "channel": "C0123456789", "query": "r&D launch", "oldest": "2017-11-30T00:00:00Z" });
        let (output, calls) =
            testing::run(&ADAPTER, "search_messages", context, |sent| match sent.parameter("latest") {
                "1795428060.000000" => {
                    history(&[("1512085960.000100", "Launch of R&amp;D"), ("1512085950.000100", "launch")], true)
                }
                "1512085950.000100" => history(&[("1512085940.000100", "r&amp;d: LAUNCH")], false),
                other => panic!("{other}"),
            })
            .await;
        let data = output.unwrap().data;
        assert_eq!(found_ts(&data), ["1512085960.000100", "1512085940.000100"]);
        assert_eq!(data["cursor"], Value::Null);
        assert_eq!(calls.len(), 2);
        assert_eq!((calls[0].line.as_str(), calls[0].parameter("limit")), ("GET /api/conversations.history", "200"));
        assert_eq!(calls[0].parameter("oldest"), "1512000000.000000");
    }

    #[tokio::test]
    async fn cursor_continues_after_the_last_message_read() {
        let context = json!({ "channel": "C0123456789", "query": "a", "limit": 1, "cursor": "1512085970.000100" });
        let (output, calls) = testing::run(&ADAPTER, "search_messages", context, |_| {
            history(&[("1512085960.000100", "a"), ("1512085950.000100", "a")], false)
        })
        .await;
        let data = output.unwrap().data;
        assert_eq!((found_ts(&data), &data["cursor"]), (vec!["1512085960.000100"], &json!("1512085960.000100")));
        assert_eq!(calls[0].parameter("latest"), "1512085970.000100");

        let endless = |_: &SentRequest| history(&[("1512085960.000100", "b")], true);
        let context = json!({ "channel": "C0123456789", "query": "a" });
        let (output, calls) = testing::run(&ADAPTER, "search_messages", context, endless).await;
        assert_eq!((calls.len(), &output.unwrap().data["cursor"]), (MAX_PAGES, &json!("1512085960.000100")));
    }

    #[tokio::test]
    async fn messages_of_apps_are_found_by_what_they_show() {
        let pages = |_: &SentRequest| {
            let blocks = json!([{ "type": "header", "text": { "type": "plain_text", "text": "Disk full" } }]);
            let attachment = json!({ "title": "Disk", "fields": [{ "title": "State", "value": "Full" }] });
            let messages = json!([
                { "ts": "1.000005", "text": "", "blocks": blocks },
                { "ts": "1.000004", "text": "", "attachments": [attachment] },
                { "ts": "1.000003", "text": "", "files": [{ "id": "F1", "name": "disk.txt", "title": "Full report" }] },
                { "ts": "1.000002", "text": "disk <https://x.example/full|usage>" },
                { "ts": "1.000001", "text": "disk" },
            ]);
            (200, json!({ "ok": true, "messages": messages }))
        };
        let context = json!({ "channel": "C0123456789", "query": "disk full" });
        let (output, _) = testing::run(&ADAPTER, "search_messages", context, pages).await;
        let data = output.unwrap().data;
        assert_eq!(found_ts(&data), ["1.000005", "1.000004", "1.000003", "1.000002"]);
        let texts: Vec<_> = (0..4).map(|index| data["messages"][index]["text"].as_str()).collect();
        let link = "disk usage (https://x.example/full)";
        assert_eq!(texts, [Some("Disk full"), Some("Disk\nState: Full"), Some("File: Full report"), Some(link)]);
    }

    #[tokio::test]
    async fn rate_limit_after_the_first_page_returns_partial_results() {
        let context = json!({ "channel": "C0123456789", "query": "a" });
        let limited = |sent: &SentRequest| match sent.parameter("latest") {
            "" => history(&[("1512085960.000100", "a")], true),
            _ => (429, json!({ "ok": false, "error": "ratelimited" })),
        };
        let (output, _) = testing::run(&ADAPTER, "search_messages", context.clone(), limited).await;
        assert_eq!(output.unwrap().data["cursor"], "1512085960.000100");
        let always_limited = |_: &SentRequest| (429, json!({ "ok": false, "error": "ratelimited" }));
        let (output, _) = testing::run(&ADAPTER, "search_messages", context, always_limited).await;
        assert_eq!(testing::error_kind(&output), Kind::RateLimited);
    }
}
