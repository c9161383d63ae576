//! `open_dm`: opens the app's conversation with one or several people.

use super::direct_message::{self, OpenResponse};
use super::person::Person;
use crate::adapters::prelude::*;

/// Slack allows eight people besides the caller.
const MAX_USERS: usize = 8;

/// Get the id of the app's direct conversation in Slack with one person, or with up to eight. They are not notified before a
/// message is posted. To write to one person, `send_message` with their e-mail address does both. To read the answers of several, the
/// connected person must be one of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OpenDm {
    /// The people, 1 to 8: each by e-mail address in Slack or by id (`U0123456789`).
    #[schemars(length(min = 1, max = 8))]
    users: Vec<Person>,
}

impl Action for OpenDm {
    /// The first is for one person, the second for several.
    const META: Meta =
        Meta::idempotent("open_dm", &[&["im:write", "mpim:write"]]).example(r#"{"users": ["sam@example.com"]}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        if self.users.is_empty() || self.users.len() > MAX_USERS {
            return Err(Error::invalid(
                "users",
                format!("must be 1 to {MAX_USERS} people, for example [\"U0123456789\"]"),
            ));
        }
        self.users.iter().enumerate().try_for_each(|(index, user)| user.check(&format!("users[{index}]")))
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let mut users = Vec::with_capacity(self.users.len());
        for user in &self.users {
            users.push(user.resolve_id(api).await?);
        }
        // https://docs.slack.dev/reference/methods/conversations.open
        let opened: OpenResponse = direct_message::open(api, &users).send().await?;
        Ok(ActionOutput {
            message: "The conversation is open.".to_owned(),
            data: json!({ "channel": opened.channel.id, "users": users, "alreadyOpen": opened.already_open }),
            external_id: Some(opened.channel.id),
            link: None,
        })
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
            json!({ "channel": "G1", "users": ["U0ANN00001", "U0123456789"], "alreadyOpen": true })
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

    #[test]
    fn rejects_an_empty_list_too_many_and_invalid_people() {
        let rejected = |users: Value| testing::refusal(&ADAPTER, "open_dm", json!({ "users": users })).0;
        assert_eq!(rejected(json!([])), "context.users");
        assert_eq!(rejected(json!(["ann"])), "context.users[0]");
        assert_eq!(rejected(json!(vec!["U0123456789"; 9])), "context.users");
    }
}
