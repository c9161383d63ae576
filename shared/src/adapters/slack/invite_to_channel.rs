//! `invite_to_channel`: makes people members of a channel.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::channel::Channel;
use super::person::Person;
use crate::adapters::action::{Action, ActionOutput, Effect, Scopes};
use crate::adapters::api::Api;
use crate::error::{Error, Result};

const MAX_USERS: usize = 20;

/// Invite people into a Slack channel; they are members at once. Who is one already stays one. The app must be a member of the
/// channel itself.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct InviteToChannel {
    /// The channel: its name (`general`, `#general`), its id or a link to it.
    channel: Channel,
    /// Whom to invite, 1 to 20 people: the e-mail address each has in Slack, or an id (`U0123456789`).
    #[schemars(length(min = 1, max = 20))]
    users: Vec<Person>,
}

/// `already_in_channel` is no failure, and shows as an answer with a code.
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
            return Err(Error::invalid("users", format!("must be 1 to {MAX_USERS} people")));
        }
        self.users.iter().enumerate().try_for_each(|(at, user)| user.check(&format!("users[{at}]")))
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let place = self.channel.resolve(api).await?;
        let mut users = Vec::with_capacity(self.users.len());
        for user in &self.users {
            users.push(user.resolve_id(api).await?);
        }
        let (mut invited, mut members) = (vec![], vec![]);
        // One by one: of several, one who cannot be invited keeps the others out, and a member already counts as such.
        for user in users {
            let body = json!({ "channel": place.id, "users": user });
            // https://docs.slack.dev/reference/methods/conversations.invite
            let answer: Result<InviteResponse> = api.post(&["api", "conversations.invite"]).json(&body).send().await;
            match answer.map_err(|error| place.map_error(api, error))?.error {
                None => invited.push(user),
                Some(_) => members.push(user),
            }
        }
        Ok(ActionOutput {
            message: format!("{} invited, {} already there.", invited.len(), members.len()),
            data: json!({ "channel": place.id, "invited": invited, "alreadyMembers": members }),
            external_id: Some(place.id),
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
        let (done, calls) = testing::run(&ADAPTER, "invite_to_channel", context, |sent| {
            let there = json!({ "ok": false, "error": "already_in_channel",
                "errors": [{ "user": "U0ANN00001", "ok": false, "error": "already_in_channel" }] });
            let answer = match (sent.line.as_str(), sent.body["users"].as_str()) {
                ("GET /api/users.lookupByEmail", _) => json!({ "ok": true, "user": { "id": "U0ANN00001" } }),
                (_, Some("U0ANN00001")) => there,
                _ => json!({ "ok": true, "channel": { "id": "C0123456789" } }),
            };
            (200, answer)
        })
        .await;
        let done = done.unwrap();
        assert_eq!(
            done.data,
            json!({ "channel": "C0123456789", "invited": ["U0123456789"], "alreadyMembers": ["U0ANN00001"] })
        );
        assert_eq!(done.external_id.as_deref(), Some("C0123456789"));
        assert_eq!(calls[0].parameter("email"), "ann@example.com");
        assert_eq!(calls[1].line, "POST /api/conversations.invite");
        assert_eq!(calls[1].body, json!({ "channel": "C0123456789", "users": "U0123456789" }));
    }

    #[tokio::test]
    async fn invites_no_one_if_one_address_is_unknown() {
        let context = json!({ "channel": "C0123456789", "users": ["U0123456789", "ann@example.com"] });
        let answer = |_: &SentRequest| (200, json!({ "ok": false, "error": "users_not_found" }));
        let (done, calls) = testing::run(&ADAPTER, "invite_to_channel", context, answer).await;
        assert_eq!((testing::error_kind(&done), calls.len()), (Kind::NotFound, 1));
    }

    #[test]
    fn rejects_an_empty_list_and_invalid_people() {
        let refused = |context| testing::refusal(&ADAPTER, "invite_to_channel", context).0;
        assert_eq!(refused(json!({ "channel": "general", "users": [] })), "context.users");
        assert_eq!(refused(json!({ "channel": "general", "users": ["U0123456789", "ann"] })), "context.users[1]");
        assert_eq!(refused(json!({ "channel": "ann@example.com", "users": ["U0123456789"] })), "context.channel");
    }
}
