//! `schedule_message`: leaves a message with Slack, which posts it at the time given.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::channel::Channel;
use super::{WRITE_MESSAGES, scheduled_message, text, time};
use crate::adapters::action::{Action, ActionOutput, Effect, ReconcileBy, Reconciliation, Scopes};
use crate::adapters::api::Api;
use crate::error::{Error, Result};

/// Too near to the time of posting, the list of waiting messages proves nothing.
const MIN_TIME_TO_POST: SignedDuration = SignedDuration::from_secs(60);

/// How much older than its time a message may be, whichever clock is wrong. Only the last occurrence of a series can have
/// left an equal one as young as that, for they are planned a minute apart.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(60);

/// Have Slack post a message to a channel at a later time, at most 120 days ahead.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ScheduleMessage {
    /// The channel: its name (`general`, `#general`), its id or a link to it. Or a person, for a direct message: the e-mail
    /// address they have in Slack, or their id (`U0123456789`).
    channel: Channel,
    /// The message, at most 40,000 characters. `*bold*`, `_italic_`, `` `code` `` and bare links work. `&`, `<` and `>`
    /// are shown as they are, so that mentions such as `<!channel>` and `<@U0123456789>` are plain text.
    text: String,
    /// When to post it.
    #[serde(rename = "post_at", alias = "postAt")]
    post_at: PostAt,
    /// The `ts` of a message to reply to in its thread.
    #[serde(alias = "thread_ts")]
    thread_ts: Option<String>,
}

/// An instant: ISO 8601 with a zone, or seconds since 1970.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "must be a time with its zone (2026-11-23T10:00:00Z) or seconds since 1970")]
#[schemars(inline)]
enum PostAt {
    /// ISO 8601 with a zone, as `2026-11-23T10:00:00Z`.
    Iso(String),
    /// Seconds since 1970-01-01T00:00:00Z.
    Seconds(i64),
}

#[derive(Deserialize)]
struct ScheduleResponse {
    channel: String,
    scheduled_message_id: String,
}

impl Action for ScheduleMessage {
    const NAME: &'static str = "schedule_message";
    const SCOPES: Scopes = WRITE_MESSAGES;
    const EFFECT: Effect = Effect::Create;
    const RECONCILE_BY: Option<ReconcileBy> = Some(ReconcileBy { by: "its channel, time and text", scopes: &[] });

    fn example() -> Value {
        json!({ "channel": "general", "text": "Stand-up in ten minutes.", "post_at": "2026-11-24T09:50:00Z" })
    }

    fn check(&self) -> Result<()> {
        self.channel.check()?;
        text::check("text", &self.text, text::MAX_TEXT_CHARS)?;
        self.post_at.timestamp()?;
        self.thread_ts.as_deref().map_or(Ok(()), |ts| time::check_ts("threadTs", ts))
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let post_at = self.post_at.timestamp()?;
        let place = self.channel.resolve(api).await?;
        // No `metadata` here: Slack warns that a scheduled message with it is never posted. Whether the time has passed
        // or is too far off is for Slack's clock to say (`time_in_past`, `time_too_far`).
        let mut body = json!({ "channel": place.id, "text": text::escape(&self.text), "post_at": post_at.as_second() });
        if let Some(ts) = &self.thread_ts {
            body["thread_ts"] = json!(ts);
        }
        // https://docs.slack.dev/reference/methods/chat.scheduleMessage
        let scheduled: Result<ScheduleResponse> = api.post(&["api", "chat.scheduleMessage"]).json(&body).send().await;
        Ok(self.output(scheduled.map_err(|error| place.map_error(api, error))?, post_at))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation> {
        let post_at = self.post_at.timestamp()?;
        // Slack takes one out of the list when it posts it, and what it then posts has no key.
        if post_at < api.now() + MIN_TIME_TO_POST {
            return Ok(Reconciliation::Inconclusive);
        }
        let channel = self.channel.resolve(api).await?.id;
        let text = text::escape(&self.text);
        let at = post_at.as_second();
        let around =
            json!({ "channel": channel, "oldest": (at - 1).to_string(), "latest": (at + 1).to_string(), "limit": 100 });
        let waiting = scheduled_message::list(api, &around).await?.scheduled_messages;
        let oldest = (api.not_before - CLOCK_SKEW).as_second();
        let mut ours = waiting.into_iter().filter(|one| {
            let alike = one.post_at == at && one.text == text;
            alike && one.date_created >= oldest && api.previous_external_id != Some(one.id.as_str())
        });
        match (ours.next(), ours.next()) {
            (None, _) => Ok(Reconciliation::NotApplied),
            (Some(one), None) => Ok(Reconciliation::Applied(
                self.output(ScheduleResponse { channel, scheduled_message_id: one.id }, post_at),
            )),
            // Which of several is this one nobody can say.
            (Some(_), Some(_)) => Ok(Reconciliation::Inconclusive),
        }
    }
}

impl ScheduleMessage {
    fn output(&self, scheduled: ScheduleResponse, post_at: Timestamp) -> ActionOutput {
        ActionOutput {
            message: format!("The message will be posted at {post_at}."),
            data: json!({
                "id": scheduled.scheduled_message_id,
                "channel": scheduled.channel,
                "postAt": post_at,
                "threadTs": self.thread_ts,
            }),
            external_id: Some(scheduled.scheduled_message_id),
            link: None,
        }
    }
}

impl PostAt {
    /// The instant in whole seconds, which is all Slack takes.
    fn timestamp(&self) -> Result<Timestamp> {
        let seconds = match self {
            Self::Iso(text) => text.trim().parse().ok().map(Timestamp::as_second),
            Self::Seconds(seconds) => Some(*seconds),
        };
        seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()).ok_or_else(|| {
            Error::invalid("post_at", "must be a time with its zone (2026-11-23T10:00:00Z) or seconds since 1970")
        })
    }
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
            let (done, calls) = testing::run(&ADAPTER, "schedule_message", context, |_| {
                (
                    200,
                    json!({ "ok": true, "channel": "C0123456789", "scheduled_message_id": "Q1",
                    "post_at": "1795428900", "message": {} }),
                )
            })
            .await;
            let done = done.unwrap();
            assert_eq!(
                done.data,
                json!({ "id": "Q1", "channel": "C0123456789", "postAt": "2026-11-23T10:15:00Z", "threadTs": null })
            );
            assert_eq!(done.external_id.as_deref(), Some("Q1"));
            assert_eq!(calls[0].line, "POST /api/chat.scheduleMessage");
            assert_eq!(calls[0].header("authorization"), "Bearer token-1");
            assert_eq!(
                calls[0].body,
                json!({ "channel": "C0123456789", "text": "Reminder!", "post_at": 1_795_428_900 })
            );
        }
    }

    #[tokio::test]
    async fn reconciles_by_channel_time_and_text() {
        let ask = async |post_at: &str, texts: &'static [&'static str]| {
            let context = json!({ "channel": "C0123456789", "text": "Tom & Ann", "post_at": post_at });
            let list = move |_: &testing::SentRequest| {
                let message = |text: &&str| {
                    json!({ "id": "Q1", "channel_id": "C0123456789", "post_at": 1_795_431_600,
                        "date_created": 1_795_427_990, "text": text })
                };
                let waiting: Vec<_> = texts.iter().map(message).collect();
                Ok((200, json!({ "ok": true, "scheduled_messages": waiting })))
            };
            let asked = ("schedule_message", None);
            testing::run_step(&ADAPTER, asked, Step::Reconcile, context, list).await.0.unwrap()
        };
        let far = "2026-11-23T11:00:00Z";
        let found = ask(far, &["Tom &amp; Ann", "another"]).await;
        assert!(
            matches!(found, StepOutput::Reconciliation(Reconciliation::Applied(done)) if done.external_id.as_deref() == Some("Q1"))
        );
        assert_eq!(ask(far, &["another"]).await, StepOutput::Reconciliation(Reconciliation::NotApplied));
        assert_eq!(
            ask(far, &["Tom &amp; Ann", "Tom &amp; Ann"]).await,
            StepOutput::Reconciliation(Reconciliation::Inconclusive)
        );
        assert_eq!(ask("2026-11-23T10:00:30Z", &[]).await, StepOutput::Reconciliation(Reconciliation::Inconclusive));
    }

    #[test]
    fn rejects_invalid_times() {
        for bad in
            [json!("tomorrow"), json!("2026-11-23T10:15:00"), json!(null), json!(1.5), json!({}), json!(i64::MAX)]
        {
            let context = json!({ "channel": "general", "text": "Hi", "post_at": bad });
            let (field, reason) = testing::refusal(&ADAPTER, "schedule_message", context);
            assert_eq!(field, "context.post_at", "{bad}");
            assert!(reason.contains("with its zone"), "{reason}");
        }
    }
}
