//! `send_message`: posts a message to a channel, a thread or a person.

use serde_json::Map;

use super::channel::Channel;
use super::reconcile::{self, Search};
use super::text::{self, Content};
use super::{READ_MESSAGES_SCOPES, WRITE_MESSAGES_SCOPES, authorship, time};
use crate::adapters::prelude::*;

/// Post a message to a Slack channel, as a reply in a thread, or to a person. The app must be a member of the channel, and of a
/// private one the connected person too.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SendMessage {
    /// The channel: its name (`general`, `#general`), its id or a link to it. Or a person, for a direct message: their e-mail
    /// address in Slack or their id (`U0123456789`).
    channel: Channel,
    /// The message, at most 40,000 characters. `*bold*`, `_italic_`, `` `code` `` and bare links work. `&`, `<` and `>`
    /// are shown literally, so mentions such as `<!channel>` and `<@U0123456789>` are plain text. Required unless `markdown`
    /// or `blocks` is given.
    #[schemars(extend("x-multiline" = true))]
    text: Option<String>,
    /// The message as ordinary Markdown (`**bold**`, headings, lists, `[links](https://example.com)`), at most 12,000
    /// characters. Instead of `text` and `blocks`; mentions are plain text here too.
    #[schemars(extend("x-multiline" = true))]
    markdown: Option<String>,
    /// The `ts` of a message to reply to in its thread.
    #[serde(alias = "thread_ts")]
    #[schemars(extend("x-aliases" = ["thread_ts"]))]
    thread_ts: Option<String>,
    /// Block Kit blocks, as Slack documents them, shown instead of `text`, which remains the notification. They are sent
    /// unchanged: nothing in them is escaped.
    #[schemars(length(min = 1, max = 50))]
    blocks: Option<Vec<Map<String, Value>>>,
    /// True to show a reply in the channel too. Requires `threadTs`.
    reply_broadcast: Option<bool>,
    /// True to show previews of links to pages, false to hide them.
    unfurl_links: Option<bool>,
    /// True to show previews of links to images, videos and audio, false to hide them.
    unfurl_media: Option<bool>,
}

#[derive(Deserialize)]
struct PostResponse {
    channel: String,
    ts: String,
}

impl Action for SendMessage {
    const META: Meta = Meta::create("send_message", WRITE_MESSAGES_SCOPES)
        .reconciled_by("a key in its metadata", READ_MESSAGES_SCOPES)
        .example(r#"{"channel": "general", "text": "The build is green."}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        self.channel.check()?;
        self.content().check(text::MAX_TEXT_CHARS)?;
        if let Some(ts) = &self.thread_ts {
            time::check_ts("threadTs", ts)?;
        } else if self.reply_broadcast == Some(true) {
            return Err(Error::invalid(
                "replyBroadcast",
                "requires threadTs: only a reply can be shown in the channel too",
            ));
        }
        Ok(())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let channel = self.channel.resolve_to_post(api).await?;
        let mut body = json!({ "channel": channel.id, "metadata": reconcile::effect_metadata(api).await? });
        self.content().write_to(&mut body);
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
        let posted: Result<PostResponse> = api.post(&["api", "chat.postMessage"]).json(&body).send().await;
        let posted = posted.map_err(|error| channel.map_error(api, error))?;
        authorship::remember(api, &posted.channel, &posted.ts);
        Ok(self.output(posted))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation> {
        let channel = self.channel.resolve_to_post(api).await?.id;
        Ok(match reconcile::find_message(api, &channel, self.thread_ts.as_deref()).await? {
            Search::Found(ts) => Reconciliation::Applied(self.output(PostResponse { channel, ts })),
            Search::Absent => Reconciliation::NotApplied,
            Search::Unfinished(cursor) => Reconciliation::Unfinished(cursor),
        })
    }
}

impl SendMessage {
    fn content(&self) -> Content<'_> {
        Content { text: self.text.as_deref(), markdown: self.markdown.as_deref(), blocks: self.blocks.as_deref() }
    }

    fn output(&self, posted: PostResponse) -> ActionOutput {
        ActionOutput {
            message: "The message was posted.".to_owned(),
            data: json!({
                "channel": posted.channel,
                "ts": posted.ts,
                "threadTs": self.thread_ts,
                "postedAt": time::timestamp(&posted.ts),
            }),
            external_id: Some(posted.ts),
            link: None,
        }
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
            json!({ "channel": "C0123456789", "ts": "1512085960.000100", "threadTs": "1512085950.000216",
                "postedAt": "2017-11-30T23:52:40.0001Z" })
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
    fn rejects_invalid_messages() {
        let rejected = |context| testing::refusal(&ADAPTER, "send_message", context).0;
        assert_eq!(rejected(json!({ "text": "Hi" })), "context.channel");
        assert_eq!(rejected(json!({ "channel": "@ann", "text": "Hi" })), "context.channel");
        assert_eq!(
            rejected(json!({ "channel": "general", "text": "", "markdown": " ", "blocks": [] })),
            "context.text,context.markdown,context.blocks"
        );
        assert_eq!(rejected(json!({ "channel": "general" })), "context.text,context.markdown,context.blocks");
        assert_eq!(rejected(json!({ "channel": "general", "text": "Hi", "markdown": "Hi" })), "context.markdown");
        assert_eq!(rejected(json!({ "channel": "general", "text": "Hi", "thread_ts": "1" })), "context.thread_ts");
        assert_eq!(rejected(json!({ "channel": "general", "text": "Hi", "blocks": ["x"] })), "context.blocks[0]");
        let broadcast_without_thread = json!({ "channel": "general", "text": "Hi", "replyBroadcast": true });
        assert_eq!(rejected(broadcast_without_thread), "context.replyBroadcast");
    }
}
