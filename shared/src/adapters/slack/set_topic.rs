//! `set_topic`: sets the topic of a channel.

use super::access::Use;
use super::channel::SharedChannel;
use super::channel_change::{self, ChangedChannel, DESCRIBE_CHANNELS_SCOPES, Description};
use crate::adapters::prelude::*;

/// Set the topic of a Slack channel, the line above its messages, in place of the old one. The app and the person must be members.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SetTopic {
    channel: SharedChannel,
    /// The topic, as plain text.
    topic: Option<Description>,
    /// True to remove the topic.
    #[serde(default)]
    clear: bool,
}

impl Action for SetTopic {
    const META: Meta = Meta::idempotent("set_topic", DESCRIBE_CHANNELS_SCOPES)
        .overwrites("the old topic")
        .example(r#"{"channel": "project-updates", "topic": "Launch on the 3rd"}"#);
    type Output = ChangedChannel;

    fn check(&self) -> Result<()> {
        channel_change::check_description("topic", self.topic.as_ref(), self.clear)
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        self.channel.targets(api, Use::Change, None).await
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ChangedChannel>> {
        // https://docs.slack.dev/reference/methods/conversations.setTopic
        let channel =
            channel_change::describe(api, &self.channel, "conversations.setTopic", "topic", self.topic.as_ref())
                .await?;
        let changed =
            ChangedChannel { topic: self.topic.as_deref().map(ToOwned::to_owned), ..ChangedChannel::new(channel) };
        Ok(changed.into_output(if self.clear { "The topic was removed." } else { "The topic was set." }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::slack::channel_change::testing;
    use crate::adapters::testing as actions;

    async fn set(fields: Value) -> (Value, Value) {
        let (output, calls) = testing::change("set_topic", fields, json!({ "ok": true })).await;
        assert_eq!(calls[0].line, "POST /api/conversations.setTopic");
        (output.unwrap().data, calls[0].body.clone())
    }

    #[tokio::test]
    async fn sets_the_topic_as_text_and_removes_it() {
        let (data, body) = set(json!({ "topic": "R&D <!here>" })).await;
        assert_eq!(data, json!({ "channel": { "id": "C0123456789" }, "topic": "R&D <!here>" }));
        assert_eq!(body, json!({ "channel": "C0123456789", "topic": "R&amp;D &lt;!here&gt;" }));
        let (data, body) = set(json!({ "clear": true })).await;
        assert_eq!(data, json!({ "channel": { "id": "C0123456789" } }));
        assert_eq!(body, json!({ "channel": "C0123456789", "topic": "" }));
    }

    #[test]
    fn a_topic_is_set_or_removed() {
        let refused = |fields| actions::refusal(&ADAPTER, "set_topic", fields).0;
        assert_eq!(refused(json!({ "channel": "general" })), "context.topic,context.clear");
        assert_eq!(refused(json!({ "channel": "general", "topic": "" })), "context.topic,context.clear");
        assert_eq!(refused(json!({ "channel": "general", "topic": "Plans", "clear": true })), "context.clear");
        assert_eq!(refused(json!({ "channel": "general", "topic": "x".repeat(251) })), "context.topic");
    }

    #[tokio::test]
    async fn provider_errors_map_to_their_kinds() {
        let codes = [
            ("channel_not_found", Kind::NotFound),
            ("is_archived", Kind::Invalid),
            ("method_not_supported_for_channel_type", Kind::Invalid),
            ("missing_scope", Kind::MissingScope),
            ("not_in_channel", Kind::Invalid),
            ("too_long", Kind::Invalid),
            ("user_is_restricted", Kind::Forbidden),
        ];
        testing::assert_error_kinds("set_topic", json!({ "topic": "Plans" }), &codes).await;
    }
}
