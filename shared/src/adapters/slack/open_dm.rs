//! `open_dm`: opens the app's conversation with one or several people.

use super::channel::ChannelRef;
use super::direct_message::{self, OpenResponse};
use super::person::{self, Person, PersonRef};
use crate::adapters::prelude::*;

/// Get the id of the app's direct conversation in Slack with several people, who are not notified. To write to one, use
/// `slack_send_message`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OpenDm {
    /// The people, each by e-mail address in Slack or by id. To read their answers, the connected person must be one of them.
    users: Items<Person, 8>,
}

/// A conversation that is open, as output.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OpenedConversation {
    /// The conversation.
    channel: ChannelRef,
    /// The people.
    users: Vec<PersonRef>,
    /// True if it existed before.
    already_open: bool,
}

impl Action for OpenDm {
    /// The first is for one person, the second for several.
    const META: Meta =
        Meta::idempotent("open_dm", &[&["im:write", "mpim:write"]]).example(r#"{"users": ["sam@example.com"]}"#);
    type Output = OpenedConversation;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(person::resolve_all(api, &self.users).await?.into_iter().map(PersonRef::into_target).collect())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<OpenedConversation>> {
        let users = person::resolve_all(api, &self.users).await?;
        let ids: Vec<String> = users.iter().map(|user| user.id.clone()).collect();
        // https://docs.slack.dev/reference/methods/conversations.open
        let OpenResponse { channel, already_open } = direct_message::open(api, &ids).send().await?;
        let output =
            OpenedConversation { channel: ChannelRef { id: channel.id.clone(), name: None }, users, already_open };
        Ok(ActionOutput::new("The conversation is open.", output).with_id(channel.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};
    use crate::http::HttpError;

    #[tokio::test]
    async fn opens_a_conversation_with_several_people() {
        let context = json!({ "users": ["ann@example.com", "U0123456789"] });
        let (output, calls) = testing::run(&ADAPTER, "open_dm", context, |sent| match sent.line.as_str() {
            "GET /api/users.lookupByEmail" => (200, json!({ "ok": true, "user": { "id": "U0ANN00001" } })),
            _ => (200, json!({ "ok": true, "already_open": true, "channel": { "id": "G1" } })),
        })
        .await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "channel": { "id": "G1" }, "alreadyOpen": true,
                "users": [{ "id": "U0ANN00001", "email": "ann@example.com" }, { "id": "U0123456789" }] })
        );
        assert_eq!(output.external_id.as_deref(), Some("G1"));
        assert_eq!(calls[1].line, "POST /api/conversations.open");
        assert_eq!(calls[1].body, json!({ "users": "U0ANN00001,U0123456789" }));
    }

    #[tokio::test]
    async fn a_lost_response_can_be_repeated() {
        let lost = |_: &SentRequest| Err(HttpError::Lost("cut".to_owned()));
        let (output, _) = testing::run_fallible(&ADAPTER, "open_dm", json!({ "users": ["U0123456789"] }), lost).await;
        assert_eq!(testing::error_kind(&output), Kind::Repeatable);
    }

    #[tokio::test]
    async fn unknown_person_is_not_found() {
        let response = |_: &SentRequest| (200, json!({ "ok": false, "error": "user_not_found" }));
        let (output, _) = testing::run(&ADAPTER, "open_dm", json!({ "users": ["U0123456789"] }), response).await;
        assert_eq!(testing::error_kind(&output), Kind::NotFound);
    }
}
