//! `channel_info`: reads one channel.

use super::access::Use;
use super::channel::SharedChannel;
use super::conversation::{Channel, ConversationResponse};
use crate::adapters::prelude::*;

/// Look up one Slack channel: its name, topic, purpose, number of members, and whether the app is a member.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ChannelInfo {
    channel: SharedChannel,
}

impl Action for ChannelInfo {
    /// The channel's type, which only Slack knows, decides which of them is needed.
    const META: Meta = Meta::read("channel_info", &[&["channels:read", "groups:read", "im:read", "mpim:read"]])
        .example(r#"{"channel": "general"}"#);
    type Output = Channel;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Channel>> {
        let channel = self.channel.resolve(api, Use::Read).await?;
        // https://docs.slack.dev/reference/methods/conversations.info
        let call =
            api.get(&["api", "conversations.info"]).query("channel", &channel.id).query("include_num_members", true);
        let response: ConversationResponse = call.send().await.map_err(|error| channel.map_error(api, error))?;
        Ok(ActionOutput::new("The channel was found.", response.channel.into_output(api)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_the_channel() {
        let (output, calls) = testing::run(&ADAPTER, "channel_info", json!({ "channel": "C0123456789" }), |_| {
            let channel = json!({ "id": "C0123456789", "name": "secret", "is_private": true, "num_members": 2,
                "topic": { "value": "Plans", "creator": "U1", "last_set": 0 } });
            (200, json!({ "ok": true, "channel": channel }))
        })
        .await;
        assert_eq!(
            output.unwrap().data,
            json!({ "id": "C0123456789", "name": "secret", "type": "private", "memberCount": 2, "topic": "Plans" })
        );
        assert_eq!(calls[0].line, "GET /api/conversations.info");
        assert_eq!((calls[0].parameter("channel"), calls[0].parameter("include_num_members")), ("C0123456789", "true"));
    }

    #[tokio::test]
    async fn invisible_channel_is_not_found() {
        let response = |_: &testing::SentRequest| (200, json!({ "ok": false, "error": "channel_not_found" }));
        let (output, _) = testing::run(&ADAPTER, "channel_info", json!({ "channel": "C0123456789" }), response).await;
        assert_eq!(testing::error_kind(&output), Kind::NotFound);
    }
}
