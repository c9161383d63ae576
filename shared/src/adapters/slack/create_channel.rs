//! `create_channel`: creates a channel.

use jiff::SignedDuration;
use std::ops::Deref;

use super::access::{self, Actor};
use super::channel::remember_name;
use super::channel_name::ChannelPage;
use super::conversation::{Channel, Conversation, ConversationResponse};
use super::person::PersonRef;
use super::{LIST_CHANNELS_SCOPES, page, workspace};
use crate::adapters::prelude::*;

const MAX_NAME_CHARS: usize = 80;
/// Channels per page, and maximum number of pages to read in one reconciliation.
const PAGE_LIMIT: u32 = 500;
const MAX_PAGES: usize = 10;
/// Tolerance for a channel whose creation time is before the attempt.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(10);

/// Create a Slack channel. Its first members are the app and, if it is private, the person; `slack_invite_to_channel` adds others.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateChannel {
    /// The name: lower case, without spaces or punctuation other than `-` and `_`. It must be unique, archived channels included.
    name: ChannelName,
    /// True for a private channel, visible only to its members.
    #[serde(default)]
    private: bool,
}

/// The name of a new channel.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("maxLength" = MAX_NAME_CHARS, "x-form" = "a name in lower case"))]
pub(super) struct ChannelName(String);

/// The result of a search for the channel.
enum Search {
    Found(Conversation),
    Absent,
    /// A part of the list was read. Holds the cursor of the next page.
    Unfinished(String),
}

/// The caller in a response of `auth.test`.
#[derive(Deserialize)]
struct AuthTestResponse {
    user_id: String,
}

impl Action for CreateChannel {
    /// The first is for public channels, the second for private ones.
    const META: Meta = Meta::create("create_channel", &[&["channels:manage", "groups:write"]])
        .reconciled_by("its name, creator and age", LIST_CHANNELS_SCOPES)
        .example(r#"{"name": "launch-week"}"#);
    type Output = Channel;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(match Actor::of(api) {
            Actor::BotFor(person) if self.private => vec![PersonRef::of(api, person.to_owned()).into_target()],
            Actor::BotFor(_) | Actor::Bot | Actor::Person => vec![],
        })
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Channel>> {
        let actor = Actor::of(api);
        if self.private && actor == Actor::Bot {
            return Err(access::refusal(api, actor));
        }
        let mut body = json!({ "name": &*self.name, "is_private": self.private });
        workspace::name_in_body(api, &mut body);
        // https://docs.slack.dev/reference/methods/conversations.create
        let call = api.post(&["api", "conversations.create"]).json(&body).step("the channel was created");
        let response: ConversationResponse = call.send().await?;
        let channel = response.channel.into_output(api);
        if let (true, Actor::BotFor(person)) = (self.private, actor) {
            // The channel exists. Reconciliation finds it, and adds the person.
            let unfinished = |_| api.error(Kind::Ambiguous, "the channel was created, and the person is not added yet");
            add_person(api, &channel.id, person).await.map_err(unfinished)?;
        }
        remember_name(api, &self.name, &channel.id);
        Ok(output(channel))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<Channel>> {
        let channel = match self.find_own_channel(api).await? {
            Search::Found(channel) => channel,
            Search::Absent => return Ok(Reconciliation::NotApplied),
            Search::Unfinished(cursor) => return Ok(Reconciliation::Unfinished(cursor)),
        };
        // https://docs.slack.dev/reference/methods/auth.test
        let caller: AuthTestResponse = api.post(&["api", "auth.test"]).read_only().send().await?;
        let is_own = channel.creator.as_deref() == Some(caller.user_id.as_str());
        let is_recent =
            channel.created.is_some_and(|created| created >= (api.attempted_at - MAX_CLOCK_SKEW).as_second());
        match (is_own && is_recent, api.previous_external_id == Some(channel.id.as_str())) {
            (true, false) if self.has_person(api, &channel.id, &caller.user_id).await? => {
                Ok(Reconciliation::Applied(output(channel.into_output(api))))
            }
            // The name is another person's, or the app's from long before: a retry gets `name_taken`.
            _ => Ok(Reconciliation::NotApplied),
        }
    }
}

impl CreateChannel {
    /// Returns true if the channel has the person who asked for it, which every public one has. The person is added to a private
    /// channel in which the bot is alone, because nobody else could. One with other members is that of another person.
    async fn has_person(&self, api: &Api<'_>, channel: &str, bot: &str) -> Result<bool> {
        let (true, Actor::BotFor(person)) = (self.private, Actor::of(api)) else { return Ok(true) };
        let members = access::first_members(api, channel).await?;
        if members.iter().all(|member| member == bot) {
            add_person(api, channel, person).await?;
            return Ok(true);
        }
        Ok(members.iter().any(|member| member == person))
    }

    /// Searches the channels that the app is a member of for this name; a creator is always a member. The search goes on from the
    /// page where the last one stopped.
    async fn find_own_channel(&self, api: &Api<'_>) -> Result<Search> {
        let types = if self.private { "private_channel" } else { "public_channel" };
        let (mut cursor, mut limit) = (api.cursor.map(ToOwned::to_owned), PAGE_LIMIT);
        for page_number in 0..MAX_PAGES {
            // https://docs.slack.dev/reference/methods/users.conversations
            let call = api.get(&["api", "users.conversations"]).query("types", types);
            let call = workspace::name_in(api, call);
            let (list, size): (ChannelPage, u32) = match page::read(api, call, limit, cursor.as_deref()).await {
                Err(error) if page_number > 0 && error.is_rate_limit() => break,
                page => page?,
            };
            limit = size;
            if let Some(found) = list.channels.into_iter().find(|channel| channel.has_name(&self.name)) {
                return Ok(Search::Found(found));
            }
            cursor = page::next_cursor(list.response_metadata);
            if cursor.is_none() {
                return Ok(Search::Absent);
            }
        }
        Ok(cursor.map_or(Search::Absent, Search::Unfinished))
    }
}

impl Deref for ChannelName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ChannelName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let name = text.trim();
        let name = name.strip_prefix('#').unwrap_or(name);
        let is_allowed = |c: char| (c.is_alphanumeric() && !c.is_uppercase()) || c == '-' || c == '_';
        match !name.is_empty() && text.chars().count() <= MAX_NAME_CHARS && name.chars().all(is_allowed) {
            true => Ok(Self(name.to_owned())),
            false => Err("must be 1 to 80 lower-case letters, digits, - and _, for example launch-week"),
        }
    }
}

/// Adds a person to a channel. A second call changes nothing.
async fn add_person(api: &Api<'_>, channel: &str, person: &str) -> Result<()> {
    let body = json!({ "channel": channel, "users": person });
    // https://docs.slack.dev/reference/methods/conversations.invite
    let call = api.post(&["api", "conversations.invite"]).json(&body).step("the person was added");
    call.send::<Value>().await.map(drop)
}

fn output(channel: Channel) -> ActionOutput<Channel> {
    let id = channel.id.clone();
    ActionOutput::new("The channel was created.", channel).with_id(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, SentRequest, Step, StepOutput};

    #[tokio::test]
    async fn creates_a_channel() {
        let (output, calls) = testing::run(&ADAPTER, "create_channel", json!({ "name": "#launch-week" }), |_| {
            let channel = json!({ "id": "C1", "name": "launch-week", "created": 1_512_085_950, "creator": "U1", "is_private": false,
                "is_member": true });
            (200, json!({ "ok": true, "channel": channel }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "id": "C1", "name": "launch-week", "type": "public", "member": true,
                "createdAt": "2017-11-30T23:52:30Z", "createdBy": { "id": "U1" } })
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

    #[tokio::test]
    async fn a_long_list_of_channels_is_read_in_parts() {
        let provider = |sent: &SentRequest| {
            Ok(match sent.parameter("cursor") {
                "p3" => (429, json!({ "ok": false, "error": "ratelimited" })),
                "" => (200, json!({ "ok": true, "channels": [], "response_metadata": { "next_cursor": "p2" } })),
                _ => (200, json!({ "ok": true, "channels": [], "response_metadata": { "next_cursor": "p3" } })),
            })
        };
        let context = json!({ "name": "launch-week" });
        let (result, _) =
            testing::run_step(&ADAPTER, "create_channel", None, Step::Reconcile, context.clone(), provider).await;
        let unfinished = Reconciliation::Unfinished("p3".to_owned());
        assert_eq!(result.unwrap(), StepOutput::Reconciliation(unfinished));
        let last = |_: &SentRequest| Ok((200, json!({ "ok": true, "channels": [] })));
        let harness = testing::ActionHarness::new(&ADAPTER, last);
        let action = ADAPTER.action("create_channel").unwrap();
        let api = Api { cursor: Some("p3"), ..harness.api(action, None) };
        assert_eq!(action.reconcile(&api, &context).await.unwrap(), Reconciliation::NotApplied);
        assert_eq!(harness.calls()[0].parameter("cursor"), "p3");
    }

    #[test]
    fn rejects_invalid_names() {
        for bad in ["", "#", "Launch", "launch week", "launch.week", &"x".repeat(81)] {
            assert!(ChannelName::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
