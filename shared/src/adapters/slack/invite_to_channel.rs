//! `invite_to_channel`: adds people to a channel.

use serde_json::Map;

use super::channel::Channel;
use super::person::Person;
use crate::adapters::prelude::*;
use crate::error::{Outcome, Retry};

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
    const META: Meta = Meta::idempotent(
        "invite_to_channel",
        &[&["channels:write.invites", "groups:write.invites", "channels:manage", "groups:write"]],
    )
    .example(r#"{"channel": "general", "users": ["kim@example.com"]}"#);
    type Output = Value;

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
            users.push((user.as_str(), user.resolve_id(api).await?));
        }
        let (mut invited, mut members, mut refused) = (vec![], vec![], None);
        // One call per person: in a joint call one person who cannot be invited, or is a member already, fails it for all.
        for (given, user) in users {
            let body = json!({ "channel": channel.id, "users": user });
            let call = api.post(&["api", "conversations.invite"]).json(&body).step("invited");
            // https://docs.slack.dev/reference/methods/conversations.invite
            let response = call
                .send_change(|response: &InviteResponse| response.error.as_deref() != Some("already_in_channel"))
                .await;
            let result = response.map_err(|error| channel.map_error(api, error));
            api.journal.record_item(given, item_result(&user, &result));
            match result {
                Ok(InviteResponse { error: None }) => invited.push(user),
                Ok(InviteResponse { error: Some(_) }) => members.push(user),
                // This person cannot be invited; the others can.
                Err(error) if error.retry() == Retry::Never && error.tool_to_connect().is_none() => {
                    refused = refused.or(Some(error));
                }
                Err(error) => return Err(error),
            }
        }
        if let Some(error) = refused {
            return Err(error);
        }
        Ok(ActionOutput {
            message: format!("{} invited, {} already members.", invited.len(), members.len()),
            data: json!({ "channel": channel.id, "invited": invited, "alreadyMembers": members }),
            external_id: Some(channel.id),
            link: None,
        })
    }
}

/// Returns the result of one person, as the caller receives it if another one fails.
fn item_result(user: &str, result: &Result<InviteResponse>) -> Map<String, Value> {
    let mut result = match result {
        Ok(InviteResponse { error: None }) => json!({ "status": "invited" }),
        Ok(InviteResponse { error: Some(_) }) => json!({ "status": "alreadyMember" }),
        Err(error) => {
            let status = if error.outcome() == Outcome::Unknown { "unknown" } else { "failed" };
            json!({ "status": status, "code": error.code(), "message": error.to_string() })
        }
    };
    result["id"] = user.into();
    result.as_object().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

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
    async fn each_person_has_a_result_if_one_cannot_be_invited() {
        let people = ["U0123456789", "U0GUEST0001", "U0MEMBER001", "ann@example.com"];
        let context = json!({ "channel": "C0123456789", "users": people });
        let (output, calls) = testing::run(&ADAPTER, "invite_to_channel", context, |sent| {
            if sent.line.ends_with("users.lookupByEmail") {
                return (200, json!({ "ok": true, "user": { "id": "U0ANN00001" } }));
            }
            let error = match sent.body["users"].as_str() {
                Some("U0GUEST0001") => "ura_max_channels",
                Some("U0MEMBER001") => "already_in_channel",
                _ => return (200, json!({ "ok": true, "channel": { "id": "C0123456789" } })),
            };
            (200, json!({ "ok": false, "error": error }))
        })
        .await;
        let error = output.unwrap_err();
        assert_eq!((calls.len(), error.code(), error.outcome()), (5, "PROVIDER_REJECTED", Outcome::Partial));
        let result = |index: usize| error.data().unwrap()["results"][index].clone();
        assert_eq!(result(0), json!({ "item": "U0123456789", "id": "U0123456789", "status": "invited" }));
        assert_eq!((&result(1)["status"], &result(1)["code"]), (&json!("failed"), &json!("PROVIDER_REJECTED")));
        assert_eq!(result(2), json!({ "item": "U0MEMBER001", "id": "U0MEMBER001", "status": "alreadyMember" }));
        assert_eq!(result(3), json!({ "item": "ann@example.com", "id": "U0ANN00001", "status": "invited" }));
    }

    #[tokio::test]
    async fn a_person_who_is_a_member_already_is_no_part_of_the_effect() {
        let context = json!({ "channel": "C0123456789", "users": ["U0MEMBER001", "U0GUEST0001"] });
        let (output, _) = testing::run(&ADAPTER, "invite_to_channel", context, |sent| {
            let is_member = sent.body["users"] == "U0MEMBER001";
            (200, json!({ "ok": false, "error": if is_member { "already_in_channel" } else { "ura_max_channels" } }))
        })
        .await;
        let error = output.unwrap_err();
        assert_eq!((error.outcome(), &error.data().unwrap()["done"]), (Outcome::None, &json!([])));
    }

    #[tokio::test]
    async fn a_failure_that_is_not_of_the_person_ends_the_list() {
        let context = json!({ "channel": "C0123456789", "users": ["U0123456789", "U0ANN00001", "U0ANN00002"] });
        let (output, calls) = testing::run(&ADAPTER, "invite_to_channel", context, |sent| {
            let is_first = sent.body["users"] == "U0123456789";
            (if is_first { 200 } else { 429 }, json!({ "ok": is_first, "error": "ratelimited" }))
        })
        .await;
        let error = output.unwrap_err();
        assert_eq!((calls.len(), error.kind(), error.outcome()), (2, Some(Kind::RateLimited), Outcome::Partial));
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
