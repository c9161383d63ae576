//! `send_message`: posts a message to a channel, a thread or a person.

use super::access::Use;
use super::channel::{Channel, ResolvedChannel};
use super::mention_policy::Mentions;
use super::message::ChangedMessage;
use super::reconcile::{self, Search};
use super::text::{Blocks, Content, MAX_TEXT_CHARS, Markdown, Markup};
use super::time::ThreadTs;
use super::{READ_MESSAGES_SCOPES, WRITE_MESSAGES_SCOPES, authorship, joining};
use crate::adapters::prelude::*;

const POSTED_MESSAGE: &str = "The message was posted.";

/// Post a message to a Slack channel, as a reply in a thread, or to a person. The app joins a public channel that it is not in.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SendMessage {
    channel: Channel,
    /// The message. `*bold*`, `_italic_`, `` `code` `` and bare links work.
    text: Option<Markup<MAX_TEXT_CHARS>>,
    /// The message as ordinary Markdown, instead of `text` and `blocks`.
    markdown: Option<Markdown>,
    /// The `ts` of a message to reply to in its thread.
    #[serde(alias = "thread_ts")]
    #[schemars(extend("x-aliases" = ["thread_ts"]))]
    thread_ts: Option<ThreadTs>,
    /// Block Kit blocks, shown instead of `text`, which remains the notification.
    #[schemars(extend("x-tier" = "all"))]
    blocks: Option<Blocks>,
    #[serde(default)]
    mentions: Mentions,
    /// True to show a reply in the channel too. Requires `threadTs`.
    #[schemars(extend("x-tier" = "all"))]
    reply_broadcast: Option<bool>,
    /// False to hide previews of links to pages.
    #[schemars(extend("x-tier" = "all"))]
    unfurl_links: Option<bool>,
    /// False to hide previews of links to media.
    #[schemars(extend("x-tier" = "all"))]
    unfurl_media: Option<bool>,
    /// False to join no channel.
    #[schemars(extend("x-tier" = "all"))]
    join_channel: Option<bool>,
}

#[derive(Deserialize)]
struct PostResponse {
    ts: String,
}

impl Action for SendMessage {
    const META: Meta = Meta::create("send_message", WRITE_MESSAGES_SCOPES)
        .core()
        .reconciled_by("a key in its metadata", READ_MESSAGES_SCOPES)
        .example(r#"{"channel": "general", "text": "The build is green."}"#);
    type Output = ChangedMessage;

    fn check(&self) -> Result<()> {
        self.content().check()?;
        match (self.reply_broadcast, &self.thread_ts) {
            (Some(true), None) => {
                Err(Error::invalid("replyBroadcast", "requires threadTs: only a reply can be shown in the channel too"))
            }
            _ => Ok(()),
        }
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        self.channel.targets(api, Use::Post, None).await
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ChangedMessage>> {
        let channel = self.channel.resolve(api, Use::Post).await?.of_message(api, &self.thread_ts)?;
        let mut body = json!({ "channel": channel.id, "metadata": reconcile::effect_metadata(api).await? });
        self.content().write_to(api, &mut body).await?;
        if let Some(ts) = &self.thread_ts {
            body["thread_ts"] = json!(ts);
        }
        for (name, flag) in [
            ("reply_broadcast", self.reply_broadcast),
            ("unfurl_links", self.unfurl_links),
            ("unfurl_media", self.unfurl_media),
        ] {
            if let Some(flag) = flag {
                body[name] = json!(flag);
            }
        }
        // https://docs.slack.dev/reference/methods/chat.postMessage
        let call = api.post(&["api", "chat.postMessage"]).json(&body);
        let PostResponse { ts } = joining::send(api, &channel, call, self.join_channel.unwrap_or(true)).await?;
        authorship::remember(api, &channel.id, &ts);
        Ok(self.output(api, channel, ts))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<ChangedMessage>> {
        let channel = self.channel.resolve(api, Use::Post).await?;
        Ok(match reconcile::find_message(api, &channel.id, self.thread_ts.as_deref()).await? {
            Search::Found(ts) => Reconciliation::Applied(self.output(api, channel, ts)),
            Search::Absent => Reconciliation::NotApplied,
            Search::Unfinished(cursor) => Reconciliation::Unfinished(cursor),
        })
    }
}

impl SendMessage {
    fn content(&self) -> Content<'_> {
        Content {
            text: self.text.as_ref().map(Markup::as_written),
            markdown: self.markdown.as_ref(),
            blocks: self.blocks.as_ref(),
            mentions: self.mentions,
        }
    }

    fn output(&self, api: &Api<'_>, channel: ResolvedChannel, ts: String) -> ActionOutput<ChangedMessage> {
        let thread_ts = self.thread_ts.as_deref().map(ToOwned::to_owned);
        ChangedMessage { thread_ts, ..ChangedMessage::new(channel, ts) }.into_linked_output(api, POSTED_MESSAGE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, EFFECT_KEY, Step, StepOutput};

    #[tokio::test]
    async fn posts_a_reply_with_the_effect_key() {
        let context = json!({ "channel": "C0123456789", "text": "Tom & <!channel>", "threadTs": "1512085950.000216",
            "replyBroadcast": true, "blocks": [{ "type": "divider" }] });
        let (output, calls) = testing::run(&ADAPTER, "send_message", context, |_| {
            (200, json!({ "ok": true, "channel": "C0123456789", "ts": "1512085960.000100", "message": {} }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "channel": { "id": "C0123456789" }, "ts": "1512085960.000100", "threadTs": "1512085950.000216",
                "createdAt": "2017-11-30T23:52:40.0001Z" })
        );
        assert_eq!(output.external_id.as_deref(), Some("1512085960.000100"));

        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].line, "POST /api/chat.postMessage");
        assert_eq!(calls[0].header("authorization"), "Bearer xoxp-token-1");
        assert_eq!(calls[0].header("content-type"), "application/json; charset=utf-8");
        assert_eq!(
            calls[0].body,
            json!({ "channel": "C0123456789", "text": "Tom &amp; &lt;!channel&gt;",
                "thread_ts": "1512085950.000216", "reply_broadcast": true, "blocks": [{ "type": "divider" }],
                "metadata": { "event_type": "plugin_engine_send", "event_payload": { "key": EFFECT_KEY, "author": "" } } })
        );
    }

    #[tokio::test]
    async fn mentions_people_by_address_and_all_members_on_wish() {
        let post = async |mentions: Value| {
            let text = "Ask <@ann@example.com> <!here>";
            let context = json!({ "channel": "C0123456789", "text": text, "mentions": mentions });
            let (_, calls) = testing::run(&ADAPTER, "send_message", context, |_| {
                (200, json!({ "ok": true, "user": { "id": "U0123456789" }, "ts": "1512085960.000100" }))
            })
            .await;
            (calls.last().unwrap().body["text"].clone(), calls.len())
        };
        assert_eq!(post(json!("people")).await, (json!("Ask <@U0123456789> &lt;!here&gt;"), 2));
        assert_eq!(post(json!("all")).await, (json!("Ask <@U0123456789> <!here>"), 2));
        assert_eq!(post(json!("none")).await, (json!("Ask &lt;@ann@example.com&gt; &lt;!here&gt;"), 1));
    }

    #[tokio::test]
    async fn posts_markdown_without_previews() {
        let context = json!({ "channel": "C0123456789", "markdown": "**Done** <!here>", "unfurlLinks": false,
            "unfurlMedia": false });
        let (output, calls) = testing::run(&ADAPTER, "send_message", context, |_| {
            (200, json!({ "ok": true, "channel": "C0123456789", "ts": "1512085960.000100" }))
        })
        .await;
        assert!(output.is_ok());
        assert_eq!(
            calls[0].body,
            json!({ "channel": "C0123456789", "markdown_text": "**Done** &lt;!here>", "unfurl_links": false,
                "unfurl_media": false,
                "metadata": { "event_type": "plugin_engine_send", "event_payload": { "key": EFFECT_KEY, "author": "" } } })
        );
    }

    #[tokio::test]
    async fn server_errors_and_incomplete_responses_are_ambiguous() {
        let context = json!({ "channel": "C0123456789", "text": "Hi" });
        for (status, body) in
            [(200, json!({ "ok": false, "error": "internal_error" })), (500, Value::Null), (200, json!({ "ok": true }))]
        {
            let response = move |_: &testing::SentRequest| (status, body.clone());
            let (output, _) = testing::run(&ADAPTER, "send_message", context.clone(), response).await;
            assert_eq!(testing::error_kind(&output), Kind::Ambiguous);
        }
    }

    #[tokio::test]
    async fn reconciles_by_the_key_in_the_metadata() {
        let message = |key: &str| json!({ "ts": "1795428001.000100", "metadata": { "event_type": "plugin_engine_send", "event_payload": { "key": key } } });
        let reconcile = async |context: Value, key: &'static str| {
            let response = move |_: &testing::SentRequest| Ok((200, json!({ "ok": true, "messages": [message(key)] })));
            testing::run_step(&ADAPTER, "send_message", None, Step::Reconcile, context, response).await
        };
        let (result, calls) = reconcile(json!({ "channel": "C0123456789", "text": "Hi" }), EFFECT_KEY).await;
        let StepOutput::Reconciliation(Reconciliation::Applied(output)) = result.unwrap() else {
            panic!("the message was not found")
        };
        assert_eq!(output.external_id.as_deref(), Some("1795428001.000100"));
        assert_eq!(calls[0].line, "GET /api/conversations.history");
        // Ten minutes before the test's time.
        assert_eq!(
            (calls[0].parameter("oldest"), calls[0].parameter("include_all_metadata")),
            ("1795427400.000000", "true")
        );

        let (result, _) = reconcile(json!({ "channel": "C0123456789", "text": "Hi" }), "another.1").await;
        assert_eq!(result.unwrap(), StepOutput::Reconciliation(Reconciliation::NotApplied));
        let reply = json!({ "channel": "C0123456789", "text": "Hi", "threadTs": "1795428000.000100" });
        let (_, calls) = reconcile(reply, EFFECT_KEY).await;
        assert_eq!(
            (calls[0].line.as_str(), calls[0].parameter("ts")),
            ("GET /api/conversations.replies", "1795428000.000100")
        );
    }

    #[test]
    fn rejects_contents_that_cannot_be_combined() {
        let rejected = |context| testing::refusal(&ADAPTER, "send_message", context).0;
        assert_eq!(
            rejected(json!({ "channel": "general", "text": "", "markdown": " ", "blocks": [] })),
            "context.text,context.markdown,context.blocks"
        );
        assert_eq!(rejected(json!({ "channel": "general" })), "context.text,context.markdown,context.blocks");
        assert_eq!(rejected(json!({ "channel": "general", "text": "Hi", "markdown": "Hi" })), "context.markdown");
        let broadcast_without_thread = json!({ "channel": "general", "text": "Hi", "replyBroadcast": true });
        assert_eq!(rejected(broadcast_without_thread), "context.replyBroadcast");
    }
}
