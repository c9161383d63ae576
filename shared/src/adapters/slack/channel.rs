//! A channel as an agent names it (`general`, `#general`, an id, a link; or a person), resolved to its id.
//!
//! Some of Slack's methods accept names; all accept ids, and a rename does not redirect an id.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use std::ops::Deref;

use super::access::{self, Use};
use super::direct_message::{self, OpenResponse};
use super::person::{self, Person};
use super::{channel_name, has_code, link};
use crate::adapters::action::{Target, TargetKind};
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};

const MAX_NAME_CHARS: usize = 80;
/// Maximum length of a text that names a channel. A link is the longest.
const MAX_CHARS: usize = 512;

/// The channel: its name, id or link, such as `general`; or a person's e-mail address or id.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("maxLength" = MAX_CHARS, "x-form" = "a channel's name, its id or a link to it"))]
pub(super) enum Channel {
    /// An id.
    Id(String),
    /// A name, in lower case.
    Name(String),
    /// A person, for the direct conversation.
    Person(Person),
}

/// The channel: its name, id or link, for example `general`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("maxLength" = MAX_CHARS, "x-form" = "a channel's name, its id or a link to it"))]
pub(super) struct SharedChannel(Channel);

/// A channel or a direct conversation in an output.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct ChannelRef {
    /// The id.
    pub(super) id: String,
    /// The name, if it is known.
    pub(super) name: Option<String>,
}

/// A channel resolved to its id.
pub(super) struct ResolvedChannel {
    /// Its id.
    pub(super) id: String,
    /// Its name, if it was named by it.
    pub(super) name: Option<String>,
    /// The key of the cached look-up, if the id came from the cache.
    cache_key: Option<String>,
}

impl TryFrom<String> for Channel {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const REASON: &str = "must be a channel's name, its id or a link to it, for example general";
        if let Some(person) = person::parse(&text) {
            return Ok(Self::Person(person));
        }
        if text.chars().count() > MAX_CHARS {
            return Err(REASON);
        }
        let text = text.trim();
        let linked = link::parse(text).and_then(|link| link.channel);
        let unmarked = mention_id(text).or(linked.as_deref()).unwrap_or(text);
        if link::is_id(unmarked, &['C', 'G', 'D']) {
            return Ok(Self::Id(unmarked.to_owned()));
        }
        // The mark says that a name follows, whatever it looks like.
        let text = text.strip_prefix('#').unwrap_or(text);
        if text.contains('@') {
            return Err("must name a person by their e-mail address in Slack, an id or a name, for example @Ann Lee");
        }
        let is_forbidden = |c: char| c.is_whitespace() || c.is_control() || "<>/,:#".contains(c);
        if text.is_empty() || text.chars().count() > MAX_NAME_CHARS || text.contains(is_forbidden) {
            return Err(REASON);
        }
        Ok(Self::Name(text.to_lowercase()))
    }
}

impl TryFrom<String> for SharedChannel {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match Channel::try_from(text)? {
            Channel::Person(_) => Err("must be a channel, not a person, for example general"),
            channel => Ok(Self(channel)),
        }
    }
}

impl Deref for SharedChannel {
    type Target = Channel;

    fn deref(&self) -> &Channel {
        &self.0
    }
}

impl Channel {
    /// Resolves the channel's id. A name is looked up among the person's channels first, then in the whole workspace; both lists have
    /// only what the person may see. A person resolves to the direct conversation: it is read by that person alone, and everyone may
    /// write to it. Look-ups are cached for a while, for this connection only.
    ///
    /// # Errors
    /// No channel or several channels of that name, one that is not for the person ([`Kind::Forbidden`]), or a failure of the
    /// look-up, which changed nothing.
    pub(super) async fn resolve(&self, api: &Api<'_>, channel_use: Use) -> Result<ResolvedChannel> {
        let (cache_key, name) = match self {
            Self::Id(id) => {
                access::check(api, id, channel_use).await?;
                return Ok(ResolvedChannel { id: id.clone(), name: None, cache_key: None });
            }
            Self::Name(name) => (name_key(name), Some(name.clone())),
            Self::Person(person) => {
                access::check_direct(api, person, channel_use).await?;
                (format!("person {}", person.as_str().to_lowercase()), None)
            }
        };
        if let Some(id) = api.get_lookup(&cache_key) {
            let found = ResolvedChannel { id, name, cache_key: Some(cache_key) };
            return found.checked(api, channel_use).await;
        }
        let id = match self {
            Self::Id(id) => id.clone(),
            Self::Name(name) => channel_name::find(api, name, channel_use).await?,
            Self::Person(person) => {
                let users = [person.resolve_id(api).await?];
                let opened: OpenResponse = direct_message::open(api, &users).preparation().send().await?;
                opened.channel.id
            }
        };
        if id.is_empty() {
            return Err(api.error(Kind::Transient, "unexpected response: a channel without an id"));
        }
        api.insert_lookup(&cache_key, &id);
        ResolvedChannel { id, name, cache_key: None }.checked(api, channel_use).await
    }

    /// Returns the target of an action on the channel, or on a message of it. No conversation is opened for it: of a direct
    /// conversation the target is the person.
    ///
    /// # Errors
    /// As [`Channel::resolve`].
    pub(super) async fn targets(&self, api: &Api<'_>, channel_use: Use, message: Option<&str>) -> Result<Vec<Target>> {
        let target = match self {
            Self::Person(person) => {
                access::check_direct(api, person, channel_use).await?;
                person.resolve(api).await?.into_target()
            }
            Self::Id(_) | Self::Name(_) => {
                let ResolvedChannel { id, name, .. } = self.resolve(api, channel_use).await?;
                Target::new(TargetKind::Channel, id).named(name)
            }
        };
        Ok([target].into_iter().chain(message.map(|id| Target::new(TargetKind::Message, id))).collect())
    }
}

/// Remembers for a while which channel a name means: Slack lists a new one some time after its creation.
pub(super) fn remember_name(api: &Api<'_>, name: &str, id: &str) {
    api.insert_lookup(&name_key(name), id);
}

/// Forgets which channel a name means: the channel has another one, or none that is looked up.
pub(super) fn forget_name(api: &Api<'_>, name: &str) {
    api.remove_lookup(&name_key(name));
}

fn name_key(name: &str) -> String {
    format!("channel {name}")
}

impl ResolvedChannel {
    /// Returns the channel of a name, if it may be used. The lists of names have what the person may see, and not only their own.
    async fn checked(self, api: &Api<'_>, channel_use: Use) -> Result<Self> {
        if channel_use == Use::Change {
            access::check(api, &self.id, channel_use).await.map_err(|error| self.map_error(api, error))?;
        }
        Ok(self)
    }

    /// Maps the error of a call to this channel. A cached id may be outdated: `channel_not_found` then removes it from the cache
    /// and becomes transient, and the next attempt looks the name up again.
    pub(super) fn map_error(&self, api: &Api<'_>, error: Error) -> Error {
        match &self.cache_key {
            Some(key) if has_code(&error, "channel_not_found") => {
                api.remove_lookup(key);
                api.error(Kind::Transient, "the cached id of the channel is outdated; the name will be looked up again")
            }
            _ => error,
        }
    }

    /// Returns the channel as an output names it.
    pub(super) fn into_ref(self) -> ChannelRef {
        ChannelRef { id: self.id, name: self.name }
    }
}

/// Returns the id in `<#C0123456789|general>`, as Slack writes channels in texts.
fn mention_id(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("<#")?.strip_suffix('>')?;
    Some(inner.split('|').next().unwrap_or(inner))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::slack::channel_name::MAX_PAGES;
    use crate::adapters::testing::{self, ActionHarness, SentRequest};

    fn parse(text: &str) -> Result<Channel, &'static str> {
        Channel::try_from(text.to_owned())
    }

    #[test]
    fn parse_accepts_every_channel_form() {
        for text in [
            "C0123456789",
            " C0123456789 ",
            "<#C0123456789|general>",
            "<#C0123456789>",
            "https://team.slack.com/archives/C0123456789",
            "https://team.slack.com/archives/C0123456789/p1512085950000216?thread_ts=1#x",
            "https://app.slack.com/client/T0123456789/C0123456789",
            "slack://channel?team=T0123456789&id=C0123456789",
        ] {
            assert_eq!(parse(text).unwrap(), Channel::Id("C0123456789".to_owned()), "{text}");
        }
        for (text, name) in [
            ("general", "general"),
            ("#General", "general"),
            ("C012", "c012"),
            ("büro", "büro"),
            ("a_b-c", "a_b-c"),
            ("CUSTOMERS", "customers"),
            ("DEVELOPMENT", "development"),
            ("WATERCOOLER", "watercooler"),
            ("#GENERAL2026", "general2026"),
        ] {
            assert_eq!(parse(text).unwrap(), Channel::Name(name.to_owned()), "{text}");
        }
        for text in ["", "#", "two words", "https://example.com/x", "<!channel>", "a,b", "x\ny", &"x".repeat(81)] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("an@n").unwrap_err().contains("person"));
        for text in [
            "U0123456789",
            "W0123456789",
            "ann@example.com",
            "@ann@example.com",
            "<@U0123456789>",
            "@Ann Lee",
            "https://works.slack.com/team/U0123456789",
        ] {
            assert!(matches!(parse(text), Ok(Channel::Person(_))), "{text}");
        }
    }

    async fn post_message(
        channel: &str,
        provider: impl Fn(&SentRequest) -> (u16, Value) + Send + Sync + 'static,
    ) -> (crate::error::Result<Value>, Vec<SentRequest>) {
        let context = json!({ "channel": channel, "text": "Hi" });
        let (output, calls) = testing::run(&ADAPTER, "send_message", context, provider).await;
        (output.map(|output| output.data), calls)
    }

    fn channel_page(list: Value, next: &str) -> (u16, Value) {
        (200, json!({ "ok": true, "channels": list, "response_metadata": { "next_cursor": next } }))
    }

    #[tokio::test]
    async fn name_lookup_reads_every_page_of_both_lists() {
        let (data, calls) = post_message("#General", |sent| match (sent.line.as_str(), sent.parameter("cursor")) {
            ("GET /api/users.conversations", "") => channel_page(json!([{ "id": "C1", "name": "random" }]), "p2"),
            ("GET /api/users.conversations", "p2") => channel_page(json!([]), ""),
            ("GET /api/conversations.list", _) => {
                channel_page(json!([{ "id": "C2", "name": "x", "name_normalized": "general" }]), "")
            }
            _ => (200, json!({ "ok": true, "channel": "C2", "ts": "1512085950.000216" })),
        })
        .await;
        assert_eq!(data.unwrap()["channel"], json!({ "id": "C2", "name": "general" }));
        assert_eq!(calls.len(), 4);
        assert_eq!(calls[0].parameter("types"), "public_channel,private_channel");
        assert_eq!(calls[0].parameter("exclude_archived"), "true");
        assert_eq!(calls[3].body["channel"], "C2");
    }

    #[tokio::test]
    async fn name_lookup_fails_for_zero_or_several_matches() {
        let (none, calls) = post_message("nowhere", |_| channel_page(json!([]), "")).await;
        assert!(none.unwrap_err().to_string().contains("private channels are visible only to members"));
        assert_eq!(calls.len(), 2);
        let others = json!([{ "id": "C1", "name": "random" }, { "id": "C2", "name": "general" }]);
        let (none, _) = post_message("nowhere", move |_| channel_page(others.clone(), "")).await;
        let text = none.unwrap_err().to_string();
        assert!(text.starts_with("slack: no channel 'nowhere'; visible are general, random; "), "{text}");

        let (several, _) = post_message("general", |_| {
            channel_page(json!([{ "id": "C1", "name": "general" }, { "id": "C2", "name_normalized": "general" }]), "")
        })
        .await;
        assert!(several.unwrap_err().to_string().contains("C1, C2"));
    }

    #[tokio::test]
    async fn failed_name_lookup_is_transient_and_stops_after_max_pages() {
        let context = json!({ "channel": "general", "text": "Hi" });
        let (output, _) = testing::run(&ADAPTER, "send_message", context.clone(), |_| (502, Value::Null)).await;
        assert_eq!(testing::error_kind(&output), Kind::Transient);
        let without_id = |_: &SentRequest| channel_page(json!([{ "id": "", "name": "general" }]), "");
        let (output, calls) = testing::run(&ADAPTER, "send_message", context.clone(), without_id).await;
        assert_eq!((testing::error_kind(&output), calls.len()), (Kind::Transient, 1));
        let (output, calls) =
            testing::run(&ADAPTER, "send_message", context, |_| channel_page(json!([]), "again")).await;
        assert_eq!((testing::error_kind(&output), calls.len()), (Kind::Invalid, MAX_PAGES));
    }

    #[tokio::test]
    async fn person_resolves_to_a_direct_conversation() {
        let (data, calls) = post_message("@ann@example.com", |sent| match sent.line.as_str() {
            "GET /api/users.lookupByEmail" => (200, json!({ "ok": true, "user": { "id": "U1" } })),
            "POST /api/conversations.open" => (200, json!({ "ok": true, "channel": { "id": "D1" } })),
            _ => (200, json!({ "ok": true, "channel": "D1", "ts": "1512085950.000216" })),
        })
        .await;
        assert_eq!(data.unwrap()["channel"], json!({ "id": "D1" }));
        assert_eq!(calls[0].query, [("email".to_owned(), "ann@example.com".to_owned())]);
        assert_eq!((&calls[1].body, &calls[2].body["channel"]), (&json!({ "users": "U1" }), &json!("D1")));
    }

    #[tokio::test]
    async fn name_lookup_is_cached_until_channel_not_found() {
        let harness = ActionHarness::new(&ADAPTER, |sent: &SentRequest| {
            let not_found = sent.line.ends_with("chat.delete") && sent.body["channel"] == "C0123456789";
            Ok(match sent.line.as_str() {
                _ if not_found => (200, json!({ "ok": false, "error": "channel_not_found" })),
                "GET /api/users.conversations" => channel_page(json!([{ "id": "C0123456789", "name": "general" }]), ""),
                _ => (200, json!({ "ok": true, "channel": "C0123456789", "ts": "1512085950.000216" })),
            })
        });
        let run = async |intent: &str, context: Value| {
            let action = ADAPTER.action(intent).unwrap();
            action.run(&harness.api(action, None), &context).await
        };
        let post = json!({ "channel": "#General", "text": "Hi" });
        run("send_message", post.clone()).await.unwrap();
        run("send_message", post.clone()).await.unwrap();
        assert_eq!(harness.calls().len(), 3, "the name is looked up once");
        let failed = run("delete_message", json!({ "channel": "general", "ts": "1512085950.000216" })).await;
        assert_eq!(testing::error_kind(&failed), Kind::Transient, "the next attempt looks the name up again");
        run("send_message", post).await.unwrap();
        assert_eq!(harness.calls().len(), 6, "the name was looked up again");
        let failed = run("delete_message", json!({ "channel": "C0123456789", "ts": "1512085950.000216" })).await;
        assert_eq!(testing::error_kind(&failed), Kind::NotFound);
    }

    proptest! {
        #[test]
        fn any_text_parses_as_id_name_or_person_or_is_rejected(
            text in prop_oneof!["(?s).{0,100}", "[CGDUW<>#|@/ .:]{0,4}[A-Z0-9]{0,12}[<>#|@/ .:a-zé]{0,20}", "https://[a-z.@/]{0,12}.slack.com/archives/.{0,20}"],
        ) {
            match parse(&text) {
                Ok(Channel::Id(id)) => prop_assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()) && text.contains(&id)),
                Ok(Channel::Name(name)) => {
                    prop_assert!(!name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || "<>/,:#@".contains(c)), "{name:?}");
                }
                Ok(Channel::Person(Person::Name(name))) => prop_assert!(text.contains(&name)),
                Ok(Channel::Person(Person::Id(id))) => prop_assert!(id.starts_with(['U', 'W']) && text.contains(&id)),
                Ok(Channel::Person(Person::Email(email))) => prop_assert!(email.contains('@') && text.contains(&email)),
                Err(error) => prop_assert!(error.contains("for example")),
            }
        }
    }
}
