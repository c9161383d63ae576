//! `set_purpose`: sets the purpose of a channel.

use super::access::Use;
use super::channel::SharedChannel;
use super::channel_change::{self, ChangedChannel, DESCRIBE_CHANNELS_SCOPES, Description};
use crate::adapters::prelude::*;

/// Set the purpose of a Slack channel, its description, in place of the old one. The app and the person must be members.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SetPurpose {
    channel: SharedChannel,
    /// The purpose, as plain text.
    purpose: Option<Description>,
    /// True to remove the purpose.
    #[serde(default)]
    clear: bool,
}

impl Action for SetPurpose {
    const META: Meta = Meta::idempotent("set_purpose", DESCRIBE_CHANNELS_SCOPES)
        .overwrites("the old purpose")
        .example(r#"{"channel": "project-updates", "purpose": "What moved and what is stuck"}"#);
    type Output = ChangedChannel;

    fn check(&self) -> Result<()> {
        channel_change::check_description("purpose", self.purpose.as_ref(), self.clear)
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        self.channel.targets(api, Use::Change, None).await
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ChangedChannel>> {
        // https://docs.slack.dev/reference/methods/conversations.setPurpose
        let channel =
            channel_change::describe(api, &self.channel, "conversations.setPurpose", "purpose", self.purpose.as_ref())
                .await?;
        let changed =
            ChangedChannel { purpose: self.purpose.as_deref().map(ToOwned::to_owned), ..ChangedChannel::new(channel) };
        Ok(changed.into_output(if self.clear { "The purpose was removed." } else { "The purpose was set." }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::slack::channel_change::testing;
    use crate::adapters::testing as actions;

    async fn set(fields: Value) -> (Value, Value) {
        let (output, calls) = testing::change("set_purpose", fields, json!({ "ok": true })).await;
        assert_eq!(calls[0].line, "POST /api/conversations.setPurpose");
        (output.unwrap().data, calls[0].body.clone())
    }

    #[tokio::test]
    async fn sets_the_purpose_as_text_and_removes_it() {
        let (data, body) = set(json!({ "purpose": "R&D <!here>" })).await;
        assert_eq!(data, json!({ "channel": { "id": "C0123456789" }, "purpose": "R&D <!here>" }));
        assert_eq!(body, json!({ "channel": "C0123456789", "purpose": "R&amp;D &lt;!here&gt;" }));
        let (data, body) = set(json!({ "clear": true })).await;
        assert_eq!(data, json!({ "channel": { "id": "C0123456789" } }));
        assert_eq!(body, json!({ "channel": "C0123456789", "purpose": "" }));
    }

    #[test]
    fn a_purpose_is_set_or_removed() {
        let refused = |fields| actions::refusal(&ADAPTER, "set_purpose", fields).0;
        assert_eq!(refused(json!({ "channel": "general" })), "context.purpose,context.clear");
        assert_eq!(refused(json!({ "channel": "general", "purpose": "" })), "context.purpose,context.clear");
        assert_eq!(refused(json!({ "channel": "general", "purpose": "Plans", "clear": true })), "context.clear");
        assert_eq!(refused(json!({ "channel": "general", "purpose": "x".repeat(251) })), "context.purpose");
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
        testing::assert_error_kinds("set_purpose", json!({ "purpose": "Plans" }), &codes).await;
    }
}
