//! `join_channel`: joins a public channel.

use super::access::Use;
use super::channel::{ChannelRef, SharedChannel};
use crate::adapters::prelude::*;

/// Make the app a member of a public Slack channel, so that it can read and write there. A member must invite it to a private one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct JoinChannel {
    channel: SharedChannel,
}

/// A response of `conversations.join`. It has no channel if the app was a member already.
#[derive(Deserialize)]
struct JoinResponse {
    channel: Option<JoinedChannel>,
    /// `already_in_channel`, as a warning or as a code.
    warning: Option<String>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct JoinedChannel {
    name: Option<String>,
}

/// The membership.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Membership {
    /// The channel.
    channel: ChannelRef,
    /// True if the app was a member before.
    already_member: bool,
}

impl Action for JoinChannel {
    const META: Meta = Meta::idempotent("join_channel", &[&["channels:join"]]).example(r#"{"channel": "random"}"#);
    type Output = Membership;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        self.channel.targets(api, Use::Read, None).await
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Membership>> {
        let channel = self.channel.resolve(api, Use::Read).await?;
        // https://docs.slack.dev/reference/methods/conversations.join
        let call = api.post(&["api", "conversations.join"]).json(&json!({ "channel": channel.id }));
        let joined: JoinResponse = call.send().await.map_err(|error| channel.map_error(api, error))?;
        let already_member = [joined.warning, joined.error].iter().flatten().any(|code| code == "already_in_channel");
        let (channel, name) = (channel.into_ref(), joined.channel.and_then(|channel| channel.name));
        let id = channel.id.clone();
        let membership = Membership { channel: ChannelRef { name: name.or(channel.name), ..channel }, already_member };
        Ok(ActionOutput::new("The app is a member of the channel.", membership).with_id(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing;

    async fn join(response: Value) -> (Result<ActionOutput>, Vec<testing::SentRequest>) {
        let context = json!({ "channel": "C0123456789" });
        testing::run(&ADAPTER, "join_channel", context, move |_| (200, response.clone())).await
    }

    #[tokio::test]
    async fn joins_and_reports_existing_membership() {
        let channel = json!({ "id": "C0123456789", "name": "random" });
        let (output, calls) = join(json!({ "ok": true, "channel": channel })).await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "channel": { "id": "C0123456789", "name": "random" }, "alreadyMember": false })
        );
        assert_eq!(output.external_id.as_deref(), Some("C0123456789"));
        assert_eq!(calls[0].line, "POST /api/conversations.join");
        assert_eq!(calls[0].body, json!({ "channel": "C0123456789" }));

        for response in [
            json!({ "ok": true, "channel": channel, "warning": "already_in_channel" }),
            json!({ "ok": false, "error": "already_in_channel" }),
        ] {
            assert_eq!(join(response).await.0.unwrap().data["alreadyMember"], true);
        }
    }

    #[tokio::test]
    async fn unjoinable_channel_type_is_invalid() {
        let (output, _) = join(json!({ "ok": false, "error": "method_not_supported_for_channel_type" })).await;
        assert_eq!(testing::error_kind(&output), Kind::Invalid);
    }
}
