//! `rename_channel`: gives a channel another name.

use super::access::Use;
use super::channel::{self, Channel, ChannelRef, ResolvedChannel, SharedChannel};
use super::channel_change::{ChangedChannel, MANAGE_CHANNELS_SCOPES};
use super::create_channel::ChannelName;
use super::has_code;
use crate::adapters::prelude::*;

/// Give a Slack channel another name. Slack lets the app rename the channels that it created; the app and the person must be members.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RenameChannel {
    channel: SharedChannel,
    /// The new name: lower case, without spaces or punctuation other than `-` and `_`. It must be unique, archived channels included.
    name: ChannelName,
}

/// A response of `conversations.rename` or `conversations.info`.
#[derive(Deserialize)]
struct NamesResponse {
    channel: Names,
}

#[derive(Deserialize)]
struct Names {
    name: Option<String>,
    #[serde(default)]
    previous_names: Vec<String>,
}

impl Action for RenameChannel {
    const META: Meta = Meta::idempotent("rename_channel", MANAGE_CHANNELS_SCOPES)
        .overwrites("the old name")
        .example(r#"{"channel": "project-updates", "name": "project-news"}"#);
    type Output = ChangedChannel;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        self.channel.targets(api, Use::Change, None).await
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ChangedChannel>> {
        let channel = match self.channel.resolve(api, Use::Change).await {
            // An earlier attempt renamed the channel: its old name finds nothing.
            Err(error) if api.was_deleted_before(&error) => match self.find_renamed(api).await? {
                Some(channel) => return Ok(self.output(api, channel, None)),
                None => return Err(error),
            },
            channel => channel?,
        };
        let body = json!({ "channel": channel.id, "name": &*self.name });
        // https://docs.slack.dev/reference/methods/conversations.rename
        match api.post(&["api", "conversations.rename"]).json(&body).send::<NamesResponse>().await {
            // Slack may have changed the name, and recommends to take the one that it returns.
            Ok(NamesResponse { channel: renamed }) => Ok(self.output(api, channel, renamed.name)),
            // It can be this channel that has the name, since an earlier attempt.
            Err(error) if api.is_retry && has_code(&error, "name_taken") => {
                match read_names(api, &channel.id).await?.name {
                    Some(name) if name == *self.name => Ok(self.output(api, channel, None)),
                    _ => Err(error),
                }
            }
            Err(error) => Err(channel.map_error(api, error)),
        }
    }
}

impl RenameChannel {
    /// Returns the channel that has the new name and had the old one.
    async fn find_renamed(&self, api: &Api<'_>) -> Result<Option<ResolvedChannel>> {
        let Channel::Name(old) = &*self.channel else { return Ok(None) };
        let channel = match Channel::Name(self.name.to_string()).resolve(api, Use::Change).await {
            Err(error) if error.kind() == Some(Kind::NotFound) => return Ok(None),
            channel => channel?,
        };
        let names = read_names(api, &channel.id).await?;
        Ok(names.previous_names.contains(old).then_some(channel))
    }

    fn output(&self, api: &Api<'_>, renamed: ResolvedChannel, name: Option<String>) -> ActionOutput<ChangedChannel> {
        if let Channel::Name(old) = &*self.channel {
            channel::forget_name(api, old);
        }
        let name = name.unwrap_or_else(|| self.name.to_string());
        channel::remember_name(api, &name, &renamed.id);
        ChangedChannel::new(ChannelRef { id: renamed.id, name: Some(name) }).into_output("The channel was renamed.")
    }
}

async fn read_names(api: &Api<'_>, channel: &str) -> Result<Names> {
    // https://docs.slack.dev/reference/methods/conversations.info
    let call = api.get(&["api", "conversations.info"]).query("channel", channel);
    Ok(call.send::<NamesResponse>().await?.channel)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::channel_change::testing;

    #[tokio::test]
    async fn returns_the_name_that_slack_made_of_it() {
        let channel = json!({ "id": "C0123456789", "name": "launch-2", "previous_names": ["launch"] });
        let response = json!({ "ok": true, "channel": channel });
        let (output, calls) = testing::change("rename_channel", json!({ "name": "#launch-2" }), response).await;
        assert_eq!(output.unwrap().data, json!({ "channel": { "id": "C0123456789", "name": "launch-2" } }));
        assert_eq!(calls[0].line, "POST /api/conversations.rename");
        assert_eq!(calls[0].body, json!({ "channel": "C0123456789", "name": "launch-2" }));
    }

    #[tokio::test]
    async fn provider_errors_map_to_their_kinds() {
        let codes = [
            ("channel_not_found", Kind::NotFound),
            ("invalid_name", Kind::Invalid),
            ("invalid_name_specials", Kind::Invalid),
            ("is_archived", Kind::Invalid),
            ("method_not_supported_for_channel_type", Kind::Invalid),
            ("missing_scope", Kind::MissingScope),
            ("name_taken", Kind::Invalid),
            ("not_authorized", Kind::Forbidden),
            ("not_in_channel", Kind::Invalid),
        ];
        testing::assert_error_kinds("rename_channel", json!({ "name": "launch" }), &codes).await;
    }
}
