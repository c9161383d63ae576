//! `join_channel`: joins a public channel.

use super::channel::Channel;
use super::conversation::Conversation;
use crate::adapters::prelude::*;

/// Make the app a member of a public Slack channel, so that it can read and write there. It cannot join a private channel: a
/// member must invite it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct JoinChannel {
    /// The channel: its name (`general`, `#general`), its id or a link to it.
    channel: Channel,
}

/// A response of `conversations.join`. It has no channel if the app was a member already.
#[derive(Deserialize)]
struct JoinResponse {
    channel: Option<Conversation>,
    /// `already_in_channel`, as a warning or as a code.
    warning: Option<String>,
    error: Option<String>,
}

impl Action for JoinChannel {
    const META: Meta = Meta::idempotent("join_channel", &[&["channels:join"]]).example(r#"{"channel": "random"}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        self.channel.check_not_person()
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let channel = self.channel.resolve(api).await?;
        // https://docs.slack.dev/reference/methods/conversations.join
        let call = api.post(&["api", "conversations.join"]).json(&json!({ "channel": channel.id }));
        let joined: JoinResponse = call.send().await.map_err(|error| channel.map_error(api, error))?;
        let already_member = [joined.warning, joined.error].iter().flatten().any(|code| code == "already_in_channel");
        Ok(ActionOutput {
            message: "The app is a member of the channel.".to_owned(),
            data: json!({
                "channel": channel.id,
                "name": joined.channel.and_then(|channel| channel.name),
                "alreadyMember": already_member,
            }),
            external_id: Some(channel.id),
            link: None,
        })
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
        assert_eq!(output.data, json!({ "channel": "C0123456789", "name": "random", "alreadyMember": false }));
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

    #[test]
    fn rejects_people() {
        assert_eq!(
            testing::refusal(&ADAPTER, "join_channel", json!({ "channel": "U0123456789" })).0,
            "context.channel"
        );
    }
}
