//! `archive_channel`: archives a channel.

use super::access::Use;
use super::channel::SharedChannel;
use super::channel_change::{self, ChangedChannel, MANAGE_CHANNELS_SCOPES};
use crate::adapters::prelude::*;

/// Archive a Slack channel, for everyone: its messages remain, and nobody can post to it. A person can restore it in Slack. The app
/// and the person must be members. A second call changes nothing.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ArchiveChannel {
    channel: SharedChannel,
}

impl Action for ArchiveChannel {
    const META: Meta = Meta::idempotent("archive_channel", MANAGE_CHANNELS_SCOPES)
        .overwrites("the channel, which nobody can post to")
        .example(r#"{"channel": "project-updates"}"#);
    type Output = ChangedChannel;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        self.channel.targets(api, Use::Change, None).await
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ChangedChannel>> {
        // An archived channel is found by its name too: an earlier attempt may have archived it.
        let channel = self.channel.resolve(api, Use::Change).await?;
        // https://docs.slack.dev/reference/methods/conversations.archive
        channel_change::send(api, &channel, "conversations.archive", &json!({ "channel": channel.id })).await?;
        Ok(ChangedChannel::new(channel.into_ref()).into_output("The channel was archived."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::channel_change::testing;

    #[tokio::test]
    async fn archived_channel_counts_as_success() {
        for response in [json!({ "ok": true }), json!({ "ok": false, "error": "already_archived" })] {
            let (output, calls) = testing::change("archive_channel", json!({}), response).await;
            assert_eq!(output.unwrap().data, json!({ "channel": { "id": "C0123456789" } }));
            assert_eq!(calls[0].line, "POST /api/conversations.archive");
            assert_eq!(calls[0].body, json!({ "channel": "C0123456789" }));
        }
    }

    #[tokio::test]
    async fn provider_errors_map_to_their_kinds() {
        let codes = [
            ("cant_archive_general", Kind::Forbidden),
            ("cant_archive_required", Kind::Forbidden),
            ("channel_not_found", Kind::NotFound),
            ("method_not_supported_for_channel_type", Kind::Invalid),
            ("missing_scope", Kind::MissingScope),
            ("not_in_channel", Kind::Invalid),
            ("restricted_action", Kind::Forbidden),
        ];
        testing::assert_error_kinds("archive_channel", json!({}), &codes).await;
    }
}
