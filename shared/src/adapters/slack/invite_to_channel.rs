//! `invite_to_channel`: adds people to a channel.

use serde_json::Map;

use super::access::Use;
use super::channel::{ChannelRef, ResolvedChannel, SharedChannel};
use super::has_code;
use super::person::{self, Person, PersonRef};
use crate::adapters::prelude::*;
use crate::error::{Outcome, Retry};

/// The codes that concern the channel, and not one person.
const CHANNEL_CODES: [&str; 5] = [
    "channel_not_found",
    "external_channel_migrating",
    "is_archived",
    "method_not_supported_for_channel_type",
    "not_in_channel",
];

/// Add people to a Slack channel; they are members immediately, and Slack notifies them. The app must be a member of the channel. If
/// someone is unknown or refused, the others are added, and the error has each person's result.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct InviteToChannel {
    channel: SharedChannel,
    /// The people, each by e-mail address in Slack or by id.
    users: Items<Person, 20>,
}

/// A response of `conversations.invite`. `already_in_channel` counts as success and is a response with a code.
#[derive(Deserialize)]
struct InviteResponse {
    error: Option<String>,
}

/// The people who are members now.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invited {
    /// The channel.
    channel: ChannelRef,
    /// The people who were invited.
    invited: Vec<PersonRef>,
    /// The people who were members before.
    already_members: Vec<PersonRef>,
}

impl Action for InviteToChannel {
    const META: Meta = Meta::idempotent(
        "invite_to_channel",
        &[&["channels:write.invites", "groups:write.invites", "channels:manage", "groups:write"]],
    )
    .example(r#"{"channel": "general", "users": ["kim@example.com"]}"#);
    type Output = Invited;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        let mut targets = self.channel.targets(api, Use::Read, None).await?;
        targets.extend(person::resolve_all(api, &self.users).await?.into_iter().map(PersonRef::into_target));
        Ok(targets)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Invited>> {
        let channel = self.channel.resolve(api, Use::Read).await?;
        let (mut found, mut refused) = (Vec::with_capacity(self.users.len()), None);
        for given in &*self.users {
            match given.resolve(api).await {
                Ok(user) => found.push((given.as_str(), user)),
                Err(error) if is_of_person(&error) => {
                    api.journal.record_item(given.as_str(), failed_item(&error));
                    refused = refused.or(Some(error));
                }
                Err(error) => return Err(error),
            }
        }
        let (mut invited, mut already_members) = (vec![], vec![]);
        for (given, user) in found {
            match invite(api, &channel, given, &user).await {
                Ok(InviteResponse { error: None }) => invited.push(user),
                Ok(InviteResponse { error: Some(_) }) => already_members.push(user),
                // This person cannot be invited; the others can.
                Err(error) if is_of_person(&error) => refused = refused.or(Some(error)),
                Err(error) => return Err(error),
            }
        }
        if let Some(error) = refused {
            return Err(error);
        }
        let message = format!("{} invited, {} already members.", invited.len(), already_members.len());
        let (id, channel) = (channel.id.clone(), channel.into_ref());
        Ok(ActionOutput::new(message, Invited { channel, invited, already_members }).with_id(id))
    }
}

/// Invites one person, and records their result. One call per person: in a joint call one person who cannot be invited, or is a member
/// already, fails it for all. With `force` it does not, but no document tells how its response names those who were invited.
async fn invite(api: &Api<'_>, channel: &ResolvedChannel, given: &str, user: &PersonRef) -> Result<InviteResponse> {
    let body = json!({ "channel": channel.id, "users": user.id });
    let call = api.post(&["api", "conversations.invite"]).json(&body).step("invited");
    // https://docs.slack.dev/reference/methods/conversations.invite
    let response =
        call.send_change(|response: &InviteResponse| response.error.as_deref() != Some("already_in_channel")).await;
    let result = response.map_err(|error| channel.map_error(api, error));
    let mut item = match &result {
        Ok(InviteResponse { error: None }) => item("invited"),
        Ok(InviteResponse { error: Some(_) }) => item("alreadyMember"),
        Err(error) => failed_item(error),
    };
    item.insert("id".to_owned(), user.id.as_str().into());
    api.journal.record_item(given, item);
    result
}

/// True for a failure that concerns one person: the others can be invited.
fn is_of_person(error: &Error) -> bool {
    let is_final = error.retry() == Retry::Never && error.tool_to_connect().is_none();
    is_final && !CHANNEL_CODES.iter().any(|code| has_code(error, code))
}

/// Returns the result of one person, as the caller receives it if another one fails.
fn item(status: &str) -> Map<String, Value> {
    Map::from_iter([("status".to_owned(), status.into())])
}

/// Returns the result of a person who was not invited, with the reason.
fn failed_item(error: &Error) -> Map<String, Value> {
    let status = match error.kind() {
        _ if error.outcome() == Outcome::Unknown => "unknown",
        Some(Kind::NotFound) if is_of_person(error) => "notFound",
        _ if is_of_person(error) => "refused",
        _ => "failed",
    };
    let reason = [("code".to_owned(), error.code().into()), ("message".to_owned(), error.to_string().into())];
    item(status).into_iter().chain(reason).collect()
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
            json!({ "channel": { "id": "C0123456789" }, "invited": [{ "id": "U0123456789" }],
                "alreadyMembers": [{ "id": "U0ANN00001", "email": "ann@example.com" }] })
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
        assert_eq!((calls.len(), error.code(), error.outcome()), (5, "PROVIDER_FORBIDDEN", Outcome::Partial));
        let result = |index: usize| error.data().unwrap()["results"][index].clone();
        assert_eq!(result(0), json!({ "item": "U0123456789", "id": "U0123456789", "status": "invited" }));
        assert_eq!((&result(1)["status"], &result(1)["code"]), (&json!("refused"), &json!("PROVIDER_FORBIDDEN")));
        assert!(result(1)["message"].as_str().unwrap().contains("ura_max_channels"));
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
    async fn the_others_are_invited_if_one_person_is_unknown() {
        let context = json!({ "channel": "C0123456789", "users": ["ann@example.com", "U0UNKNOWN01", "U0123456789"] });
        let (output, calls) = testing::run(&ADAPTER, "invite_to_channel", context, |sent| {
            (
                200,
                match (sent.line.as_str(), sent.body["users"].as_str()) {
                    ("GET /api/users.lookupByEmail", _) => json!({ "ok": false, "error": "users_not_found" }),
                    (_, Some("U0UNKNOWN01")) => json!({ "ok": false, "error": "user_not_found" }),
                    _ => json!({ "ok": true, "channel": { "id": "C0123456789" } }),
                },
            )
        })
        .await;
        let error = output.unwrap_err();
        assert_eq!((calls.len(), error.kind(), error.outcome()), (3, Some(Kind::NotFound), Outcome::Partial));
        let statuses = error.data().unwrap()["results"].as_array().unwrap().iter();
        let statuses: Vec<_> = statuses.map(|result| (result["item"].clone(), result["status"].clone())).collect();
        assert_eq!(
            json!(statuses),
            json!([["ann@example.com", "notFound"], ["U0UNKNOWN01", "notFound"], ["U0123456789", "invited"]])
        );
    }

    #[tokio::test]
    async fn a_failure_of_the_channel_ends_the_list() {
        let context = json!({ "channel": "C0123456789", "users": ["U0123456789", "U0ANN00001"] });
        let response = |_: &SentRequest| (200, json!({ "ok": false, "error": "not_in_channel" }));
        let (output, calls) = testing::run(&ADAPTER, "invite_to_channel", context, response).await;
        let error = output.unwrap_err();
        assert_eq!((error.kind(), error.outcome(), calls.len()), (Some(Kind::Invalid), Outcome::None, 1));
        assert_eq!(error.data().unwrap()["results"][0]["status"], "failed");
    }
}
