//! `send_ephemeral`: posts a message that one person sees.

use super::access::Use;
use super::channel::{ChannelRef, SharedChannel};
use super::mention_policy::Mentions;
use super::person::{Person, PersonRef};
use super::text::{Blocks, Content, MAX_TEXT_CHARS, Markdown, Markup};
use super::time::ThreadTs;
use super::{WRITE_MESSAGES_SCOPES, joining};
use crate::adapters::prelude::*;

/// Post a message to a Slack channel that one member of it sees, if they use Slack at that moment, and until they load Slack again.
/// Slack does not store it: it cannot be read, changed or deleted. What must arrive is sent with `slack_send_message`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SendEphemeral {
    channel: SharedChannel,
    /// The person who sees it, a member of the channel.
    user: Person,
    /// The message. `*bold*`, `_italic_`, `` `code` `` and bare links work.
    text: Option<Markup<MAX_TEXT_CHARS>>,
    /// The message as ordinary Markdown, instead of `text` and `blocks`.
    markdown: Option<Markdown>,
    /// The `ts` of the first message of a thread with replies, to show it there.
    #[serde(alias = "thread_ts")]
    #[schemars(extend("x-aliases" = ["thread_ts"]))]
    thread_ts: Option<ThreadTs>,
    /// Block Kit blocks, shown instead of `text`.
    blocks: Option<Blocks>,
    #[serde(default)]
    mentions: Mentions,
    /// False to join no channel. By default the app joins a public channel that it is not in.
    join_channel: Option<bool>,
}

#[derive(Deserialize)]
struct PostResponse {
    message_ts: String,
}

/// A message that one person saw, as output.
#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct EphemeralMessage {
    /// The channel.
    channel: ChannelRef,
    /// The person who sees it.
    person: PersonRef,
    /// The `ts` of the first message of its thread.
    thread_ts: Option<String>,
}

impl Action for SendEphemeral {
    /// A lost response is settled by nobody but a person: Slack keeps no such message, and ignores its metadata.
    const META: Meta = Meta::create("send_ephemeral", WRITE_MESSAGES_SCOPES)
        .example(r#"{"channel": "general", "user": "sam@example.com", "text": "Only you see this."}"#);
    type Output = EphemeralMessage;

    fn check(&self) -> Result<()> {
        self.content().check()
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        let mut targets = self.channel.targets(api, Use::Post, None).await?;
        targets.push(self.user.resolve(api).await?.into_target());
        Ok(targets)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<EphemeralMessage>> {
        let channel = self.channel.resolve(api, Use::Post).await?.of_message(api, &self.thread_ts)?;
        let person = self.user.resolve(api).await?;
        let mut body = json!({ "channel": channel.id, "user": person.id });
        self.content().write_to(api, &mut body).await?;
        if let Some(ts) = &self.thread_ts {
            body["thread_ts"] = json!(ts);
        }
        // https://docs.slack.dev/reference/methods/chat.postEphemeral
        let call = api.post(&["api", "chat.postEphemeral"]).json(&body);
        let PostResponse { message_ts } = joining::send(api, &channel, call, self.join_channel.unwrap_or(true)).await?;
        let thread_ts = self.thread_ts.as_deref().map(ToOwned::to_owned);
        let output = EphemeralMessage { channel: channel.into_ref(), person, thread_ts };
        Ok(ActionOutput::new("The message was sent to the person.", output).with_id(message_ts))
    }
}

impl SendEphemeral {
    fn content(&self) -> Content<'_> {
        Content {
            text: self.text.as_ref().map(Markup::as_written),
            markdown: self.markdown.as_ref(),
            blocks: self.blocks.as_ref(),
            mentions: self.mentions,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, SentRequest, Step, StepOutput};

    fn context() -> Value {
        json!({ "channel": "C0123456789", "user": "ann@example.com", "text": "a & <!here>", "threadTs": "1512085950.000216" })
    }

    #[tokio::test]
    async fn posts_to_one_person() {
        let (output, calls) = testing::run(&ADAPTER, "send_ephemeral", context(), |_| {
            (200, json!({ "ok": true, "user": { "id": "U0123456789" }, "message_ts": "1512085960.000100" }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "channel": { "id": "C0123456789" }, "threadTs": "1512085950.000216",
                "person": { "id": "U0123456789", "email": "ann@example.com" } })
        );
        assert_eq!(output.external_id.as_deref(), Some("1512085960.000100"));
        assert_eq!(calls[1].line, "POST /api/chat.postEphemeral");
        assert_eq!(
            calls[1].body,
            json!({ "channel": "C0123456789", "user": "U0123456789", "text": "a &amp; &lt;!here&gt;",
                "thread_ts": "1512085950.000216" })
        );
    }

    #[tokio::test]
    async fn provider_errors_map_to_their_kinds() {
        for (code, kind) in [
            ("cannot_reply_to_message", Kind::Invalid),
            ("channel_not_found", Kind::NotFound),
            ("internal_error", Kind::Ambiguous),
            ("is_archived", Kind::Invalid),
            ("message_limit_exceeded", Kind::PlanLimit),
            ("messages_tab_disabled", Kind::Forbidden),
            ("restricted_action", Kind::Forbidden),
            ("user_not_in_channel", Kind::Invalid),
        ] {
            let mut context = context();
            context["user"] = json!("U0123456789");
            let response = move |_: &SentRequest| (200, json!({ "ok": false, "error": code }));
            let (output, _) = testing::run(&ADAPTER, "send_ephemeral", context, response).await;
            assert_eq!(testing::error_kind(&output), kind, "{code}");
        }
    }

    #[tokio::test]
    async fn a_lost_response_is_not_looked_up() {
        let asked = |_: &SentRequest| Ok((200, json!({ "ok": true, "messages": [] })));
        let (result, calls) =
            testing::run_step(&ADAPTER, "send_ephemeral", None, Step::Reconcile, context(), asked).await;
        assert_eq!(result.unwrap(), StepOutput::Reconciliation(Reconciliation::Inconclusive));
        assert!(calls.is_empty());
    }
}
