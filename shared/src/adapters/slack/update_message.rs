//! `update_message`: edits a message of the app's.

use super::access::Use;
use super::channel::Channel;
use super::mention_policy::Mentions;
use super::message::ChangedMessage;
use super::text::{Blocks, Content, Markdown, Markup};
use super::time::Ts;
use super::{WRITE_MESSAGES_SCOPES, authorship};
use crate::adapters::prelude::*;

/// Edit a Slack message that the user's own agents posted with `slack_send_message`. The new content replaces all of the old.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateMessage {
    channel: Channel,
    #[serde(alias = "timestamp")]
    #[schemars(extend("x-aliases" = ["timestamp"]))]
    ts: Ts,
    /// The new text. `*bold*`, `_italic_`, `` `code` `` and bare links work.
    // Slack's limit for an edit is lower than for a new message.
    text: Option<Markup<4_000>>,
    /// The new message as ordinary Markdown, instead of `text` and `blocks`.
    markdown: Option<Markdown>,
    /// The new Block Kit blocks, shown instead of `text`.
    blocks: Option<Blocks>,
    #[serde(default)]
    mentions: Mentions,
}

impl Action for UpdateMessage {
    const META: Meta = Meta::idempotent("update_message", WRITE_MESSAGES_SCOPES)
        .overwrites("the old content of the message")
        .example(r#"{"channel": "project-updates", "ts": "1735689600.000100", "text": "The build is green again."}"#);
    type Output = ChangedMessage;

    fn check(&self) -> Result<()> {
        self.content().check()
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        self.channel.targets(api, Use::Post, Some(&self.ts)).await
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ChangedMessage>> {
        let channel = self.channel.resolve(api, Use::Post).await?.of_message(api, &self.ts)?;
        authorship::check_own(api, &channel, &self.ts).await?;
        let mut body = json!({ "channel": channel.id, "ts": self.ts });
        self.content().write_to(api, &mut body).await?;
        if self.text.is_some() && self.blocks.is_none() {
            // The old blocks would still be shown instead of the new text.
            body["blocks"] = json!([]);
        }
        // https://docs.slack.dev/reference/methods/chat.update
        let updated: Result<Value> = api.post(&["api", "chat.update"]).json(&body).send().await;
        updated.map_err(|error| channel.map_error(api, error))?;
        Ok(ChangedMessage::new(channel, &*self.ts).into_linked_output(api, "The message was changed."))
    }
}

impl UpdateMessage {
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
    use crate::adapters::testing;

    async fn update(content: Value, response: Value) -> (Result<ActionOutput>, Vec<testing::SentRequest>) {
        let mut context = json!({ "channel": "C0123456789", "ts": "1512085960.000100" });
        context.as_object_mut().unwrap().extend(content.as_object().unwrap().clone());
        testing::run(&ADAPTER, "update_message", context, move |_| (200, response.clone())).await
    }

    #[tokio::test]
    async fn replaces_the_whole_message() {
        let ok = json!({ "ok": true, "channel": "C0123456789", "ts": "1512085960.000100", "text": "x", "message": {} });
        let (output, calls) = update(json!({ "text": "a < b" }), ok.clone()).await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "channel": { "id": "C0123456789" }, "ts": "1512085960.000100",
                "createdAt": "2017-11-30T23:52:40.0001Z" })
        );
        assert_eq!(output.external_id.as_deref(), Some("1512085960.000100"));
        assert_eq!(calls[0].line, "POST /api/chat.update");
        assert_eq!(
            calls[0].body,
            json!({ "channel": "C0123456789", "ts": "1512085960.000100", "text": "a &lt; b", "blocks": [] })
        );
        let (_, calls) = update(json!({ "markdown": "**b**" }), ok).await;
        assert_eq!(
            calls[0].body,
            json!({ "channel": "C0123456789", "ts": "1512085960.000100", "markdown_text": "**b**" })
        );
    }

    #[tokio::test]
    async fn foreign_message_is_forbidden_and_lost_response_can_be_repeated() {
        let (output, _) = update(json!({ "text": "x" }), json!({ "ok": false, "error": "cant_update_message" })).await;
        assert_eq!(testing::error_kind(&output), Kind::Forbidden);
        let (output, _) = update(json!({ "text": "x" }), json!({ "ok": false, "error": "internal_error" })).await;
        assert_eq!(testing::error_kind(&output), Kind::Repeatable);
    }

    #[test]
    fn rejects_a_message_without_content() {
        let rejected = |context| testing::refusal(&ADAPTER, "update_message", context).0;
        let without = json!({ "channel": "general", "ts": "1512085960.000100" });
        assert_eq!(rejected(without), "context.text,context.markdown,context.blocks");
    }
}
