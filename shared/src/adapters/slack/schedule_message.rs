//! `schedule_message`: schedules a message in Slack, which posts it at the given time.

use jiff::{SignedDuration, Timestamp};

use super::access::Use;
use super::channel::{Channel, ChannelRef};
use super::mention_policy::Mentions;
use super::scheduled_message::{self, ScheduledMessage, ScheduledObject};
use super::text::{Blocks, Content, MAX_TEXT_CHARS, Markdown, Markup};
use super::time::ThreadTs;
use super::{WRITE_MESSAGES_SCOPES, joining, page, same_text};
use crate::adapters::prelude::*;
use crate::clock;

/// Minimum time before posting in which the list of scheduled messages is conclusive.
const MIN_TIME_TO_POST: SignedDuration = SignedDuration::from_secs(60);

/// Tolerance for a message whose creation time is before the attempt. Occurrences of a series are at least a minute apart,
/// so only the previous one can have created an equal message within it.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(60);

/// Messages per page, and maximum number of pages to read. Slack accepts at most 30 messages for five minutes of a channel, so one
/// second has few.
const PAGE_LIMIT: u32 = 100;
const MAX_PAGES: usize = 10;

/// Schedule a message that Slack posts to a channel or a person at a later time. `slack_cancel_scheduled_message` cancels it before.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ScheduleMessage {
    channel: Channel,
    /// The message. `*bold*`, `_italic_`, `` `code` `` and bare links work.
    text: Option<Markup<MAX_TEXT_CHARS>>,
    /// The message as ordinary Markdown, instead of `text` and `blocks`.
    markdown: Option<Markdown>,
    /// The time of posting, at most 120 days ahead.
    #[serde(alias = "post_at")]
    #[schemars(extend("x-aliases" = ["post_at"]))]
    post_at: PostAt,
    /// The `ts` of a message to reply to in its thread.
    #[serde(alias = "thread_ts")]
    #[schemars(extend("x-aliases" = ["thread_ts"]))]
    thread_ts: Option<ThreadTs>,
    /// Block Kit blocks, shown instead of `text`, which remains the notification.
    blocks: Option<Blocks>,
    #[serde(default)]
    mentions: Mentions,
    /// False to join no channel. By default the app joins a public channel that it is not in.
    join_channel: Option<bool>,
}

/// The time of posting in whole seconds, the precision of Slack.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "WrittenTime")]
#[schemars(inline, with = "WrittenTime")]
struct PostAt(Timestamp);

/// An instant: ISO 8601 with a zone, or seconds since 1970.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "must be a time with its zone or seconds since 1970, for example 2026-11-23T10:00:00Z")]
#[schemars(inline, extend("x-form" = "a time with its zone, or seconds since 1970"))]
enum WrittenTime {
    /// ISO 8601 with a zone, as `2026-11-23T10:00:00Z`.
    Iso(String),
    /// Seconds since 1970-01-01T00:00:00Z.
    Seconds(i64),
}

#[derive(Deserialize)]
struct ScheduleResponse {
    scheduled_message_id: String,
}

impl Action for ScheduleMessage {
    const META: Meta = Meta::create("schedule_message", WRITE_MESSAGES_SCOPES)
        .reconciled_by("its channel, time and text", &[])
        .example(r#"{"channel": "general", "text": "Stand-up in ten minutes.", "postAt": "2026-11-24T09:50:00Z"}"#);
    type Output = ScheduledMessage;

    fn check(&self) -> Result<()> {
        self.content().check()
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        self.channel.targets(api, Use::Post, None).await
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ScheduledMessage>> {
        let PostAt(post_at) = self.post_at;
        if post_at <= api.now() {
            let reason = format!("must be in the future, for example {}", clock::example_after(api.now()));
            return Err(Error::invalid("context.postAt", reason));
        }
        let channel = self.channel.resolve(api, Use::Post).await?.of_message(api, &self.thread_ts)?;
        // No `metadata`: Slack warns that a scheduled message with metadata is never posted. Slack's clock decides if the time
        // is too near or too far ahead (`time_in_past`, `time_too_far`).
        let mut body = json!({ "channel": channel.id, "post_at": post_at.as_second() });
        self.content().write_to(api, &mut body).await?;
        if let Some(ts) = &self.thread_ts {
            body["thread_ts"] = json!(ts);
        }
        // https://docs.slack.dev/reference/methods/chat.scheduleMessage
        let call = api.post(&["api", "chat.scheduleMessage"]).json(&body);
        let scheduled: ScheduleResponse = joining::send(api, &channel, call, self.join_channel.unwrap_or(true)).await?;
        api.authorship.record(&scheduled.scheduled_message_id, post_at).await;
        Ok(self.output(scheduled.scheduled_message_id, channel.into_ref()))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<ScheduledMessage>> {
        let PostAt(post_at) = self.post_at;
        // Slack removes a message from the list when it posts it, and the posted message has no key.
        if post_at < api.now() + MIN_TIME_TO_POST {
            return Ok(Reconciliation::Inconclusive);
        }
        let channel = self.channel.resolve(api, Use::Post).await?;
        let Some(created) = list_created(api, &channel.id, post_at.as_second()).await? else {
            return Ok(Reconciliation::Inconclusive);
        };
        let mut sent = json!({});
        self.content().write_to(api, &mut sent).await?;
        // Of blocks alone the list has no text to compare: another message of that second is never told apart.
        let sent = [&sent["text"], &sent["markdown_text"]].into_iter().find_map(Value::as_str);
        let is_equal = |message: &ScheduledObject| {
            sent.zip(message.text.as_deref()).is_some_and(|(sent, text)| same_text::is_same(sent, text))
        };
        let (equal, others): (Vec<_>, Vec<_>) = created.into_iter().partition(is_equal);
        match (equal.as_slice(), others.is_empty()) {
            ([message], _) => {
                api.authorship.record(&message.id, post_at).await;
                Ok(Reconciliation::Applied(self.output(message.id.clone(), channel.into_ref())))
            }
            ([], true) => Ok(Reconciliation::NotApplied),
            // Slack can have rewritten our text in a way that is not known here; and several equal messages cannot be
            // distinguished.
            _ => Ok(Reconciliation::Inconclusive),
        }
    }
}

impl ScheduleMessage {
    fn content(&self) -> Content<'_> {
        Content {
            text: self.text.as_ref().map(Markup::as_written),
            markdown: self.markdown.as_ref(),
            blocks: self.blocks.as_ref(),
            mentions: self.mentions,
        }
    }

    fn output(&self, id: String, channel: ChannelRef) -> ActionOutput<ScheduledMessage> {
        let PostAt(post_at) = self.post_at;
        let scheduled = ScheduledMessage {
            post_at: Some(post_at.to_string()),
            thread_ts: self.thread_ts.as_deref().map(ToOwned::to_owned),
            ..ScheduledMessage::new(id, channel)
        };
        scheduled.into_output(format!("The message will be posted at {post_at}."))
    }
}

impl TryFrom<WrittenTime> for PostAt {
    type Error = &'static str;

    fn try_from(written: WrittenTime) -> Result<Self, Self::Error> {
        let seconds = match written {
            WrittenTime::Iso(text) => text.trim().parse().ok().map(Timestamp::as_second),
            WrittenTime::Seconds(seconds) => Some(seconds),
        };
        let instant = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
        instant.map(Self).ok_or("must be a time with its zone or seconds since 1970, for example 2026-11-23T10:00:00Z")
    }
}

/// Lists the messages that were scheduled for this channel and second since the attempt began, except that of the series' previous
/// occurrence. Returns `None` if they are too many to read, or if one has no time.
async fn list_created(api: &Api<'_>, channel: &str, at: i64) -> Result<Option<Vec<ScheduledObject>>> {
    let earliest = (api.attempted_at - MAX_CLOCK_SKEW).as_second();
    let mut query = json!({ "channel": channel, "oldest": (at - 1).to_string(), "latest": (at + 1).to_string() });
    let (mut created, mut limit) = (Vec::new(), PAGE_LIMIT);
    for _ in 0..MAX_PAGES {
        let (page, size) = scheduled_message::list(api, &query, limit).await?;
        limit = size;
        for message in page.scheduled_messages {
            let (Some(post_at), Some(created_at)) = (message.post_at, message.date_created) else { return Ok(None) };
            let is_previous = api.previous_external_id == Some(message.id.as_str());
            if post_at == at && created_at >= earliest && !is_previous {
                created.push(message);
            }
        }
        match page::next_cursor(page.response_metadata) {
            Some(cursor) => query["cursor"] = json!(cursor),
            None => return Ok(Some(created)),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, Step, StepOutput};

    #[tokio::test]
    async fn accepts_iso_time_and_unix_seconds() {
        for post_at in [json!("2026-11-23T10:15:00.789Z"), json!(1_795_428_900)] {
            let context = json!({ "channel": "C0123456789", "text": "Reminder!", "post_at": post_at });
            let (output, calls) = testing::run(&ADAPTER, "schedule_message", context, |_| {
                (
                    200,
                    json!({ "ok": true, "channel": "C0123456789", "scheduled_message_id": "Q1",
                    "post_at": "1795428900", "message": {} }),
                )
            })
            .await;
            let output = output.unwrap();
            assert_eq!(
                output.data,
                json!({ "id": "Q1", "channel": { "id": "C0123456789" }, "postAt": "2026-11-23T10:15:00Z" })
            );
            assert_eq!(output.external_id.as_deref(), Some("Q1"));
            assert_eq!(calls[0].line, "POST /api/chat.scheduleMessage");
            assert_eq!(calls[0].header("authorization"), "Bearer xoxp-token-1");
            assert_eq!(
                calls[0].body,
                json!({ "channel": "C0123456789", "text": "Reminder!", "post_at": 1_795_428_900 })
            );
        }
    }

    #[tokio::test]
    async fn reconciles_by_channel_time_and_text() {
        let reconcile = async |post_at: &str, texts: &'static [&'static str]| {
            let context = json!({ "channel": "C0123456789", "text": "Tom & Ann", "post_at": post_at });
            let list = move |_: &testing::SentRequest| {
                let message = |text: &&str| {
                    json!({ "id": "Q1", "channel_id": "C0123456789", "post_at": 1_795_431_600,
                        "date_created": 1_795_427_990, "text": text })
                };
                let scheduled: Vec<_> = texts.iter().map(message).collect();
                Ok((200, json!({ "ok": true, "scheduled_messages": scheduled })))
            };
            testing::run_step(&ADAPTER, "schedule_message", None, Step::Reconcile, context, list).await.0.unwrap()
        };
        let far_ahead = "2026-11-23T11:00:00Z";
        let found = reconcile(far_ahead, &["Tom &amp; Ann", "another"]).await;
        assert_eq!(found.applied_id(), Some("Q1"));
        assert_eq!(reconcile(far_ahead, &["another"]).await, StepOutput::Reconciliation(Reconciliation::Inconclusive));
        assert_eq!(reconcile(far_ahead, &[]).await, StepOutput::Reconciliation(Reconciliation::NotApplied));
        assert_eq!(
            reconcile(far_ahead, &["Tom &amp; Ann", "Tom &amp; Ann"]).await,
            StepOutput::Reconciliation(Reconciliation::Inconclusive)
        );
        assert_eq!(
            reconcile("2026-11-23T10:00:30Z", &[]).await,
            StepOutput::Reconciliation(Reconciliation::Inconclusive)
        );
    }

    #[tokio::test]
    async fn reconcile_reads_all_pages_of_what_was_scheduled_since_the_attempt() {
        let context = json!({ "channel": "C0123456789", "text": "Look: example.com 🎉", "post_at": 1_795_431_600 });
        let list = move |sent: &testing::SentRequest| {
            let message = |id: &str, text: &str, created: i64| json!({ "id": id, "post_at": 1_795_431_600, "date_created": created, "text": text });
            let (messages, next) = if sent.body["cursor"] == "p2" {
                (json!([message("Q2", "Look: <http://example.com|example.com> :tada:", 1_795_427_990)]), "")
            } else {
                (json!([message("Q1", "another", 1_795_420_000)]), "p2")
            };
            let metadata = json!({ "next_cursor": next });
            Ok((200, json!({ "ok": true, "scheduled_messages": messages, "response_metadata": metadata })))
        };
        let (found, calls) =
            testing::run_step(&ADAPTER, "schedule_message", None, Step::Reconcile, context, list).await;
        assert_eq!((found.unwrap().applied_id(), calls.len()), (Some("Q2"), 2));
    }

    #[tokio::test]
    async fn schedules_markdown_and_blocks_in_a_thread() {
        let schedule = async |content: Value| {
            let mut context = json!({ "channel": "C0123456789", "postAt": 1_795_428_900,
                "threadTs": "https://works.slack.com/archives/C0123456789/p1512085960000100?thread_ts=1512085950.000216" });
            context.as_object_mut().unwrap().extend(content.as_object().unwrap().clone());
            let (output, calls) = testing::run(&ADAPTER, "schedule_message", context, |_| {
                (200, json!({ "ok": true, "scheduled_message_id": "Q1" }))
            })
            .await;
            assert_eq!(output.unwrap().data["threadTs"], "1512085950.000216");
            calls
        };
        let calls = schedule(json!({ "markdown": "**Now** <!here> `<!here>`" })).await;
        assert_eq!(
            calls[0].body,
            json!({ "channel": "C0123456789", "markdown_text": "**Now** &lt;!here> `<!here>`", "post_at": 1_795_428_900,
                "thread_ts": "1512085950.000216" })
        );
        let blocks = json!([{ "type": "section", "text": { "type": "mrkdwn", "text": "<!here>" } }]);
        let calls = schedule(json!({ "blocks": blocks, "mentions": "all" })).await;
        assert_eq!((&calls[0].body["blocks"], &calls[0].body["text"]), (&blocks, &Value::Null));
        let calls = schedule(json!({ "blocks": blocks })).await;
        assert_eq!(calls[0].body["blocks"][0]["text"]["text"], "&lt;!here>");
    }

    #[tokio::test]
    async fn markdown_is_reconciled_by_its_text_and_blocks_alone_are_inconclusive() {
        let reconcile = async |content: Value, scheduled: &'static [&'static str]| {
            let mut context = json!({ "channel": "C0123456789", "postAt": "2026-11-23T11:00:00Z" });
            context.as_object_mut().unwrap().extend(content.as_object().unwrap().clone());
            let list = move |_: &testing::SentRequest| {
                let message = |text: &&str| json!({ "id": "Q1", "post_at": 1_795_431_600, "date_created": 1_795_427_990, "text": text });
                Ok((
                    200,
                    json!({ "ok": true, "scheduled_messages": scheduled.iter().map(message).collect::<Vec<_>>() }),
                ))
            };
            testing::run_step(&ADAPTER, "schedule_message", None, Step::Reconcile, context, list).await.0.unwrap()
        };
        let is = |reconciliation| StepOutput::Reconciliation(reconciliation);
        let markdown = json!({ "markdown": "**Now**" });
        assert_eq!(reconcile(markdown.clone(), &["**Now**"]).await.applied_id(), Some("Q1"));
        assert_eq!(reconcile(markdown.clone(), &["Now"]).await, is(Reconciliation::Inconclusive));
        assert_eq!(reconcile(markdown, &[]).await, is(Reconciliation::NotApplied));
        let blocks = json!({ "blocks": [{ "type": "divider" }] });
        assert_eq!(reconcile(blocks.clone(), &[""]).await, is(Reconciliation::Inconclusive));
        assert_eq!(reconcile(blocks, &[]).await, is(Reconciliation::NotApplied));
    }

    #[test]
    fn rejects_contents_that_cannot_be_combined() {
        let rejected = |content: Value| {
            let mut context = json!({ "channel": "general", "postAt": 1_795_428_900 });
            context.as_object_mut().unwrap().extend(content.as_object().unwrap().clone());
            testing::refusal(&ADAPTER, "schedule_message", context).0
        };
        assert_eq!(rejected(json!({})), "context.text,context.markdown,context.blocks");
        assert_eq!(rejected(json!({ "text": "Hi", "markdown": "Hi" })), "context.markdown");
    }

    #[test]
    fn rejects_invalid_times() {
        for bad in [json!("tomorrow"), json!("2026-11-23T10:15:00"), json!(1.5), json!({}), json!(i64::MAX)] {
            let context = json!({ "channel": "general", "text": "Hi", "post_at": bad });
            let (field, reason) = testing::refusal(&ADAPTER, "schedule_message", context);
            assert_eq!(field, "context.post_at", "{bad}");
            assert!(reason.contains("with its zone"), "{reason}");
        }
    }
}
