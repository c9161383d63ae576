//! `invite_to_channel`: adds people to a channel.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::channel::Channel;
use super::person::Person;
use crate::adapters::action::{Action, ActionOutput, Effect, Scopes};
use crate::adapters::api::Api;
use crate::error::{Error, Result};

const MAX_USERS: usize = 20;

/// Invite people to a Slack channel; they become members immediately. Existing members are left unchanged. The app must be a
/// member of the channel.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct InviteToChannel {
    /// The channel: its name (`general`, `#general`), its id or a link to it.
    channel: Channel,
    /// The people to invite, 1 to 20: each by e-mail address in Slack or by id (`U0123456789`).
    #[schemars(length(min = 1, max = 20))]
    users: Vec<Person>,
}

/// A response of `conversations.invite`. `already_in_channel` counts as success and is a response with a code.
#[derive(Deserialize)]
struct InviteResponse {
    error: Option<String>,
}

impl Action for InviteToChannel {
    const NAME: &'static str = "invite_to_channel";
    const SCOPES: Scopes = &[&["channels:write.invites", "groups:write.invites", "channels:manage", "groups:write"]];
    const EFFECT: Effect = Effect::Idempotent;

    fn example() -> Value {
        json!({ "channel": "general", "users": ["kim@example.com"] })
    }

    fn check(&self) -> Result<()> {
        self.channel.check_not_person()?;
        if self.users.is_empty() || self.users.len() > MAX_USERS {
            return Err(Error::invalid(
                "users",
                format!("must be 1 to {MAX_USERS} people, for example [\"U0123456789\"]"),
            ));
        }
        self.users.iter().enumerate().try_for_each(|(index, user)| user.check(&format!("users[{index}]")))
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let channel = self.channel.resolve(api).await?;
        let mut users = Vec::with_capacity(self.users.len());
        for user in &self.users {
            users.push(user.resolve_id(api).await?);
        }
        let (mut invited, mut members) = (vec![], vec![]);
        // One call per person: in a joint call one person who cannot be invited, or is a member already, fails it for all.
        for user in users {
            let body = json!({ "channel": channel.id, "users": user });
            // https://docs.slack.dev/reference/methods/conversations.invite
            let response: Result<InviteResponse> = api.post(&["api", "conversations.invite"]).json(&body).send().await;
            match response.map_err(|error| channel.map_error(api, error))?.error {
                None => invited.push(user),
                Some(_) => members.push(user),
            }
        }
        Ok(ActionOutput {
            message: format!("{} invited, {} already members.", invited.len(), members.len()),
            data: json!({ "channel": channel.id, "invited": invited, "alreadyMembers": members }),
            external_id: Some(channel.id),
            link: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};
    use crate::error::Kind;

    #[tokio::test]
    async fn invites_people_by_id_and_by_address() {
        let context = json!({ "channel": "C0123456789", "users": ["U0123456789", "ann@example.com"] });
        let (output, calls) = testing::run(&ADAPTER, "invite_to_channel", context, |sent| {
            let already_member = json!({ "ok": false, "error": "already_in_channel",
                "errors": [{ "user": "U0ANN00001", "ok": false, "error": "already_in_channel" }] });
            let response = match (sent.line.as_str(), sent.body["users"].as_str()) {
                ("GET /api/users.lookupByEmail", _) => json!({ "ok": true, "user": { "id": "U0ANN00001" } }),
                (_, Some("U0ANN00001")) => already_member,
                _ => json!({ "ok": true, "channel": { "id": "C0123456789" } }),
            };
            (200, response)
        })
        .await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "channel": "C0123456789", "invited": ["U0123456789"], "alreadyMembers": ["U0ANN00001"] })
        );
        assert_eq!(output.external_id.as_deref(), Some("C0123456789"));
        assert_eq!(calls[0].parameter("email"), "ann@example.com");
        assert_eq!(calls[1].line, "POST /api/conversations.invite");
        assert_eq!(calls[1].body, json!({ "channel": "C0123456789", "users": "U0123456789" }));
    }

    #[tokio::test]
    async fn invites_no_one_if_one_address_is_unknown() {
        let context = json!({ "channel": "C0123456789", "users": ["U0123456789", "ann@example.com"] });
        let response = |_: &SentRequest| (200, json!({ "ok": false, "error": "users_not_found" }));
        let (output, calls) = testing::run(&ADAPTER, "invite_to_channel", context, response).await;
        assert_eq!((testing::error_kind(&output), calls.len()), (Kind::NotFound, 1));
    }

    #[test]
    fn rejects_an_empty_list_and_invalid_people() {
        let rejected = |context| testing::refusal(&ADAPTER, "invite_to_channel", context).0;
        assert_eq!(rejected(json!({ "channel": "general", "users": [] })), "context.users");
        assert_eq!(rejected(json!({ "channel": "general", "users": ["U0123456789", "ann"] })), "context.users[1]");
        assert_eq!(rejected(json!({ "channel": "ann@example.com", "users": ["U0123456789"] })), "context.channel");
    }
}
