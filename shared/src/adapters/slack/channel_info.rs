//! `channel_info`: reads one channel.

use super::channel::Channel;
use super::conversation::ConversationResponse;
use crate::adapters::prelude::*;

/// Look up one Slack channel: its id, name, topic, purpose, number of members, and whether the app is a member.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ChannelInfo {
    /// The channel: its name (`general`, `#general`), its id or a link to it.
    channel: Channel,
}

impl Action for ChannelInfo {
    /// The channel's type, which only Slack knows, decides which of them is needed.
    const META: Meta = Meta::read("channel_info", &[&["channels:read", "groups:read", "im:read", "mpim:read"]])
        .example(r#"{"channel": "general"}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        self.channel.check_not_person()
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let channel = self.channel.resolve(api).await?;
        // https://docs.slack.dev/reference/methods/conversations.info
        let call =
            api.get(&["api", "conversations.info"]).query("channel", &channel.id).query("include_num_members", true);
        let response: ConversationResponse = call.send().await.map_err(|error| channel.map_error(api, error))?;
        Ok(ActionOutput {
            message: "The channel was found.".to_owned(),
            data: json!({ "channel": response.channel.to_json() }),
            external_id: None,
            link: None,
        })
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
            json!({ "channel": { "id": "C0123456789", "name": "secret", "type": "private", "user": null,
                "archived": false, "member": null, "members": 2, "topic": "Plans", "purpose": null, "createdAt": null } })
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

    #[test]
    fn rejects_invalid_channels_and_people() {
        for bad in ["two words", "ann@example.com", "U0123456789"] {
            assert_eq!(testing::refusal(&ADAPTER, "channel_info", json!({ "channel": bad })).0, "context.channel");
        }
    }
}
