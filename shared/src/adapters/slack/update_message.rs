//! `update_message`: edits a message of the app's.

use serde_json::Map;

use super::channel::Channel;
use super::text::Content;
use super::{WRITE_MESSAGES_SCOPES, authorship, time};
use crate::adapters::prelude::*;

/// Slack's limit for an edit is lower than for a new message.
const MAX_TEXT_CHARS: usize = 4_000;

/// Edit a message that the user's own agents posted to Slack with `send_message`. The new content replaces the old content completely.
/// Messages of other people and apps, and those that others posted with this app, cannot be edited.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateMessage {
    /// The channel of the message: its name (`general`, `#general`), its id or a link to it. For a direct message the person,
    /// by e-mail address or id.
    channel: Channel,
    /// The `ts` of the message, such as `1512085950.000216`.
    #[serde(alias = "timestamp")]
    #[schemars(extend("x-aliases" = ["timestamp"]))]
    ts: String,
    /// The new text, at most 4,000 characters. `*bold*`, `_italic_`, `` `code` `` and bare links work; mentions are plain
    /// text. Required unless `markdown` or `blocks` is given.
    #[schemars(extend("x-multiline" = true))]
    text: Option<String>,
    /// The new message as ordinary Markdown, at most 12,000 characters. Instead of `text` and `blocks`.
    #[schemars(extend("x-multiline" = true))]
    markdown: Option<String>,
    /// The new Block Kit blocks, as Slack documents them, shown instead of `text`. They are sent unchanged.
    #[schemars(length(min = 1, max = 50))]
    blocks: Option<Vec<Map<String, Value>>>,
}

#[derive(Deserialize)]
struct UpdateResponse {
    channel: String,
    ts: String,
}

impl Action for UpdateMessage {
    const META: Meta = Meta::idempotent("update_message", WRITE_MESSAGES_SCOPES)
        .example(r#"{"channel": "project-updates", "ts": "1735689600.000100", "text": "The build is green again."}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        self.channel.check()?;
        time::check_ts("ts", &self.ts)?;
        self.content().check(MAX_TEXT_CHARS)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let channel = self.channel.resolve_to_post(api).await?;
        authorship::check_own(api, &channel, &self.ts).await?;
        let mut body = json!({ "channel": channel.id, "ts": self.ts });
        self.content().write_to(&mut body);
        if self.text.is_some() && self.blocks.is_none() {
            // The old blocks would still be shown instead of the new text.
            body["blocks"] = json!([]);
        }
        // https://docs.slack.dev/reference/methods/chat.update
        let updated: Result<UpdateResponse> = api.post(&["api", "chat.update"]).json(&body).send().await;
        let updated = updated.map_err(|error| channel.map_error(api, error))?;
        Ok(ActionOutput {
            message: "The message was changed.".to_owned(),
            data: json!({ "channel": updated.channel, "ts": updated.ts, "postedAt": time::timestamp(&updated.ts) }),
            external_id: Some(updated.ts),
            link: None,
        })
    }
}

impl UpdateMessage {
    fn content(&self) -> Content<'_> {
        Content { text: self.text.as_deref(), markdown: self.markdown.as_deref(), blocks: self.blocks.as_deref() }
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
            json!({ "channel": "C0123456789", "ts": "1512085960.000100", "postedAt": "2017-11-30T23:52:40.0001Z" })
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
    fn rejects_an_invalid_ts_and_missing_or_long_text() {
        let rejected = |context| testing::refusal(&ADAPTER, "update_message", context).0;
        assert_eq!(rejected(json!({ "channel": "general", "ts": "now", "text": "x" })), "context.ts");
        let without = json!({ "channel": "general", "ts": "1512085960.000100" });
        assert_eq!(rejected(without), "context.text,context.markdown,context.blocks");
        let long = json!({ "channel": "general", "ts": "1512085960.000100", "text": "x".repeat(4_001) });
        assert_eq!(rejected(long), "context.text");
    }
}
