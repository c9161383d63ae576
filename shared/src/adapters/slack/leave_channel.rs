//! `leave_channel`: leaves a channel.

use super::access::Use;
use super::channel::{ChannelRef, SharedChannel};
use super::channel_change::MANAGE_CHANNELS_SCOPES;
use super::has_code;
use crate::adapters::prelude::*;

/// Take the app out of a Slack channel: it no longer reads or writes there, for any of its users. `slack_join_channel` lets it into a
/// public channel again; a member must invite it to a private one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LeaveChannel {
    channel: SharedChannel,
}

/// A response of `conversations.leave`.
#[derive(Deserialize)]
struct LeaveResponse {
    #[serde(default)]
    not_in_channel: bool,
}

/// A channel of which the app is no member, as output.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LeftChannel {
    /// The channel.
    channel: ChannelRef,
    /// True if the app was no member before.
    already_left: bool,
}

impl Action for LeaveChannel {
    const META: Meta = Meta::idempotent("leave_channel", MANAGE_CHANNELS_SCOPES)
        .overwrites("the app's membership")
        .stores_checkpoint()
        .example(r#"{"channel": "project-updates"}"#);
    type Output = LeftChannel;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        self.channel.targets(api, Use::Read, None).await
    }

    /// Stores the channel's id: a private channel that was left has no name any more.
    async fn prepare(&self, api: &Api<'_>) -> Result<Option<String>> {
        Ok(Some(self.channel.resolve(api, Use::Read).await?.id))
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<LeftChannel>> {
        if let Some(id) = api.checkpoint.filter(|_| api.is_retry) {
            // An earlier attempt may have left the private channel, which the app does not see any more.
            let left = match leave(api, id).await {
                Err(error) if has_code(&error, "channel_not_found") => LeaveResponse { not_in_channel: true },
                left => left?,
            };
            return Ok(output(ChannelRef { id: id.to_owned(), name: None }, left.not_in_channel));
        }
        let channel = self.channel.resolve(api, Use::Read).await?;
        let left = leave(api, &channel.id).await.map_err(|error| channel.map_error(api, error))?;
        Ok(output(channel.into_ref(), left.not_in_channel))
    }
}

async fn leave(api: &Api<'_>, channel: &str) -> Result<LeaveResponse> {
    // https://docs.slack.dev/reference/methods/conversations.leave
    api.post(&["api", "conversations.leave"]).json(&json!({ "channel": channel })).send().await
}

fn output(channel: ChannelRef, already_left: bool) -> ActionOutput<LeftChannel> {
    let id = channel.id.clone();
    ActionOutput::new("The app is no member of the channel.", LeftChannel { channel, already_left }).with_id(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::channel_change::testing;

    #[tokio::test]
    async fn leaves_and_reports_that_the_app_was_no_member() {
        // The second is documented without a code.
        for (response, already_left) in
            [(json!({ "ok": true }), false), (json!({ "ok": false, "not_in_channel": true }), true)]
        {
            let (output, calls) = testing::change("leave_channel", json!({}), response).await;
            assert_eq!(
                output.unwrap().data,
                json!({ "channel": { "id": "C0123456789" }, "alreadyLeft": already_left })
            );
            assert_eq!(calls[0].line, "POST /api/conversations.leave");
            assert_eq!(calls[0].body, json!({ "channel": "C0123456789" }));
        }
    }

    #[tokio::test]
    async fn provider_errors_map_to_their_kinds() {
        let codes = [
            ("cant_leave_general", Kind::Forbidden),
            ("channel_not_found", Kind::NotFound),
            ("is_archived", Kind::Invalid),
            ("last_member", Kind::Invalid),
            ("method_not_supported_for_channel_type", Kind::Invalid),
            ("missing_scope", Kind::MissingScope),
            ("user_is_restricted", Kind::Forbidden),
        ];
        testing::assert_error_kinds("leave_channel", json!({}), &codes).await;
    }
}
