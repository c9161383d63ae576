//! `create_channel`: creates a channel.

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::channel::ChannelPage;
use super::conversation::{Conversation, ConversationResponse};
use super::{LIST_CHANNELS_SCOPES, page};
use crate::adapters::action::{Action, ActionOutput, Effect, ReconcileBy, Reconciliation, Scopes};
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};

const MAX_NAME_CHARS: usize = 80;
/// Channels per page, and maximum number of pages to read.
const PAGE_LIMIT: u32 = 500;
const MAX_PAGES: usize = 10;
/// Tolerance for a channel whose creation time is before the planned time.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(10);

/// Create a channel in the Slack workspace. The app becomes its first member; invite people with `invite_to_channel`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateChannel {
    /// The name: at most 80 characters, lower case, without spaces or punctuation other than `-` and `_`. It must be unique,
    /// archived channels included.
    name: String,
    /// True for a private channel, visible only to its members. By default it is public.
    #[serde(default)]
    private: bool,
}

/// The caller in a response of `auth.test`.
#[derive(Deserialize)]
struct AuthTestResponse {
    user_id: String,
}

impl Action for CreateChannel {
    const NAME: &'static str = "create_channel";
    /// The first is for public channels, the second for private ones.
    const SCOPES: Scopes = &[&["channels:manage", "groups:write"]];
    const EFFECT: Effect = Effect::Create;
    const RECONCILE_BY: Option<ReconcileBy> =
        Some(ReconcileBy { by: "its name, creator and age", scopes: LIST_CHANNELS_SCOPES });

    fn example() -> Value {
        json!({ "name": "launch-week" })
    }

    fn check(&self) -> Result<()> {
        let name = self.normalized_name();
        let is_allowed = |c: char| (c.is_alphanumeric() && !c.is_uppercase()) || c == '-' || c == '_';
        if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || !name.chars().all(is_allowed) {
            let reason = "must be 1 to 80 lower-case letters, digits, - and _, for example launch-week";
            return Err(Error::invalid("name", reason));
        }
        Ok(())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let body = json!({ "name": self.normalized_name(), "is_private": self.private });
        // https://docs.slack.dev/reference/methods/conversations.create
        let response: ConversationResponse = api.post(&["api", "conversations.create"]).json(&body).send().await?;
        Ok(output(&response.channel))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation> {
        let Some(channel) = self.find_own_channel(api).await? else { return Ok(Reconciliation::NotApplied) };
        // https://docs.slack.dev/reference/methods/auth.test
        let caller: AuthTestResponse = api.post(&["api", "auth.test"]).read_only().send().await?;
        let is_own = channel.creator.as_deref() == Some(caller.user_id.as_str());
        let is_recent =
            channel.created.is_some_and(|created| created >= (api.attempted_at - MAX_CLOCK_SKEW).as_second());
        match (is_own && is_recent, api.previous_external_id == Some(channel.id.as_str())) {
            (true, false) => Ok(Reconciliation::Applied(output(&channel))),
            // The name is another person's, or the app's from long before: a retry gets `name_taken`.
            _ => Ok(Reconciliation::NotApplied),
        }
    }
}

impl CreateChannel {
    /// Returns the name without surrounding spaces and a leading `#`.
    fn normalized_name(&self) -> &str {
        let name = self.name.trim();
        name.strip_prefix('#').unwrap_or(name)
    }

    /// Returns the channel of this name among those the app is a member of; a creator is always a member.
    async fn find_own_channel(&self, api: &Api<'_>) -> Result<Option<Conversation>> {
        let types = if self.private { "private_channel" } else { "public_channel" };
        let mut cursor: Option<String> = None;
        for _ in 0..MAX_PAGES {
            // https://docs.slack.dev/reference/methods/users.conversations
            let call = api
                .get(&["api", "users.conversations"])
                .query("types", types)
                .query("limit", PAGE_LIMIT)
                .query_opt("cursor", cursor.as_deref());
            let list: ChannelPage = call.send().await?;
            if let Some(found) = list.channels.into_iter().find(|channel| channel.has_name(self.normalized_name())) {
                return Ok(Some(found));
            }
            cursor = page::next_cursor(list.response_metadata);
            if cursor.is_none() {
                return Ok(None);
            }
        }
        Err(api.error(Kind::Transient, "the app is a member of too many channels to search them all"))
    }
}

fn output(channel: &Conversation) -> ActionOutput {
    ActionOutput {
        message: "The channel was created.".to_owned(),
        data: json!({ "channel": channel.to_json() }),
        external_id: Some(channel.id.clone()),
        link: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, SentRequest, Step, StepOutput};

    #[tokio::test]
    async fn creates_a_channel() {
        let (output, calls) = testing::run(&ADAPTER, "create_channel", json!({ "name": "#launch-week" }), |_| {
            let channel = json!({ "id": "C1", "name": "launch-week", "created": 1_512_085_950, "creator": "U1", "is_member": true });
            (200, json!({ "ok": true, "channel": channel }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "channel": { "id": "C1", "name": "launch-week", "type": "public", "user": null, "archived": false,
                "member": true, "members": null, "topic": null, "purpose": null, "createdAt": "2017-11-30T23:52:30Z" } })
        );
        assert_eq!(output.external_id.as_deref(), Some("C1"));
        assert_eq!(calls[0].line, "POST /api/conversations.create");
        assert_eq!(calls[0].body, json!({ "name": "launch-week", "is_private": false }));
    }

    #[tokio::test]
    async fn taken_name_is_invalid_and_lost_response_is_ambiguous() {
        let context = json!({ "name": "launch-week", "private": true });
        for (status, body, kind) in [
            (200, json!({ "ok": false, "error": "name_taken" }), Kind::Invalid),
            (200, json!({ "ok": false, "error": "invalid_name_specials" }), Kind::Invalid),
            (500, Value::Null, Kind::Ambiguous),
        ] {
            let response = move |_: &SentRequest| (status, body.clone());
            let (output, _) = testing::run(&ADAPTER, "create_channel", context.clone(), response).await;
            assert_eq!(testing::error_kind(&output), kind);
        }
    }

    #[tokio::test]
    async fn reconciles_by_name_creator_and_age() {
        let reconcile = async |name: &'static str, creator: &'static str, created: i64| {
            let response = move |sent: &SentRequest| {
                let channel = json!({ "id": "C1", "name": name, "creator": creator, "created": created });
                let is_auth_test = sent.line.ends_with("auth.test");
                let list = json!({ "ok": true, "channels": [channel], "response_metadata": { "next_cursor": "" } });
                Ok((200, if is_auth_test { json!({ "ok": true, "user_id": "U0BOT" }) } else { list }))
            };
            testing::run_step(
                &ADAPTER,
                "create_channel",
                None,
                Step::Reconcile,
                json!({ "name": "launch-week" }),
                response,
            )
            .await
        };
        // The test's time is 1795428000.
        let (found, calls) = reconcile("launch-week", "U0BOT", 1_795_427_990).await;
        assert_eq!(found.unwrap().applied_id(), Some("C1"));
        assert_eq!(
            (calls[0].line.as_str(), calls[0].parameter("types")),
            ("GET /api/users.conversations", "public_channel")
        );
        assert_eq!(calls[1].line, "POST /api/auth.test");
        for (name, creator, created) in [
            ("another", "U0BOT", 1_795_427_990),
            ("launch-week", "U0ANN", 1_795_427_990),
            ("launch-week", "U0BOT", 1_795_000_000),
        ] {
            assert_eq!(
                reconcile(name, creator, created).await.0.unwrap(),
                StepOutput::Reconciliation(Reconciliation::NotApplied)
            );
        }
    }

    #[test]
    fn rejects_invalid_names() {
        for bad in ["", "#", "Launch", "launch week", "launch.week", &"x".repeat(81)] {
            assert_eq!(testing::refusal(&ADAPTER, "create_channel", json!({ "name": bad })).0, "context.name", "{bad}");
        }
    }
}
