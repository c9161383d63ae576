//! A channel as an agent names it (`general`, `#general`, an id, a link; or a person), resolved to its id.
//!
//! Some of Slack's methods accept names; all accept ids, and a rename does not redirect an id.

use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;

use super::conversation::Conversation;
use super::direct_message::{self, OpenResponse};
use super::page::{self, ResponseMetadata};
use super::{has_code, person};
use crate::adapters::api::Api;
use crate::adapters::choices::list_choices;
use crate::error::{Error, Kind, Result};

/// Channels per page; Slack may return fewer before the end of the list.
const PAGE_LIMIT: u32 = 500;
/// Maximum number of pages to read: `conversations.list` allows about 20 calls a minute.
const MAX_PAGES: usize = 10;
const MAX_NAME_CHARS: usize = 80;

/// The parsed text of the field `channel`.
#[derive(Debug, PartialEq, Eq)]
enum ChannelRef {
    Id(String),
    Name(String),
    Person(person::PersonRef),
}

/// A channel's name (`general`, `#general`), its id (`C0123456789`), a link to it, or a person's e-mail address or id.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Channel(String);

/// A channel resolved to its id.
pub(super) struct ResolvedChannel {
    /// Its id.
    pub(super) id: String,
    /// The key of the cached look-up, if the id came from the cache.
    cache_key: Option<String>,
}

/// A page of `users.conversations` or `conversations.list`.
#[derive(Deserialize)]
pub(super) struct ChannelPage {
    pub(super) channels: Vec<Conversation>,
    pub(super) response_metadata: Option<ResponseMetadata>,
}

impl Channel {
    /// Checks that the text names a channel, or a person to write to.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field `channel`.
    pub(super) fn check(&self) -> Result<()> {
        parse(&self.0).map(|_| ())
    }

    /// As [`Channel::check`], but rejects a person.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field `channel`.
    pub(super) fn check_not_person(&self) -> Result<()> {
        match parse(&self.0)? {
            ChannelRef::Person(_) => {
                Err(Error::invalid("channel", "must be a channel, not a person, for example general"))
            }
            ChannelRef::Id(_) | ChannelRef::Name(_) => Ok(()),
        }
    }

    /// Resolves the channel's id. A name is looked up among the bot's channels first, then in the whole workspace; a person
    /// resolves to the direct conversation. Look-ups are cached for a while, for this connection only.
    ///
    /// # Errors
    /// No channel or several channels of that name, or a failure of the look-up, which changed nothing.
    pub(super) async fn resolve(&self, api: &Api<'_>) -> Result<ResolvedChannel> {
        let reference = parse(&self.0)?;
        let cache_key = match &reference {
            ChannelRef::Id(id) => return Ok(ResolvedChannel { id: id.clone(), cache_key: None }),
            ChannelRef::Name(name) => format!("channel {name}"),
            ChannelRef::Person(person::PersonRef::Id(id)) => format!("person {id}"),
            ChannelRef::Person(person::PersonRef::Email(email)) => format!("person {}", email.to_lowercase()),
        };
        if let Some(id) = api.get_lookup(&cache_key) {
            return Ok(ResolvedChannel { id, cache_key: Some(cache_key) });
        }
        let id = match &reference {
            ChannelRef::Id(id) => id.clone(),
            ChannelRef::Name(name) => find_by_name(api, name).await.map_err(|error| advise_id(api, error))?,
            ChannelRef::Person(reference) => {
                let users = [person::resolve_id(api, reference).await?];
                let opened: OpenResponse = direct_message::open(api, &users).preparation().send().await?;
                opened.channel.id
            }
        };
        if id.is_empty() {
            return Err(api.error(Kind::Transient, "unexpected response: a channel without an id"));
        }
        api.insert_lookup(&cache_key, &id);
        Ok(ResolvedChannel { id, cache_key: None })
    }
}

impl ResolvedChannel {
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
}

/// Adds to a look-up that lacks a scope that an id needs no look-up.
fn advise_id(api: &Api<'_>, error: Error) -> Error {
    match error {
        Error::Provider(error) if error.kind == Kind::MissingScope => {
            let message = format!(
                "{} to look up a channel's name; the channel's id, such as C0123456789, needs no scope",
                error.message
            );
            api.error(Kind::MissingScope, message)
        }
        other => other,
    }
}

async fn find_by_name(api: &Api<'_>, name: &str) -> Result<String> {
    // https://docs.slack.dev/reference/methods/users.conversations
    // https://docs.slack.dev/reference/methods/conversations.list
    let mut others = BTreeSet::new();
    for method in ["users.conversations", "conversations.list"] {
        let found = list_ids_by_name(api, method, name, &mut others).await?;
        match found.as_slice() {
            [] => {}
            [id] => return Ok(id.clone()),
            several => return Err(ambiguous_name(api, name, several)),
        }
    }
    let visible = match others.is_empty() {
        true => String::new(),
        false => format!("visible are {}; ", list_choices(others.iter().map(String::as_str))),
    };
    let hint = "private channels are visible only to members: invite the app, or pass the channel's id";
    Err(api.error(Kind::NotFound, format!("no channel '{name}'; {visible}{hint}")))
}

fn ambiguous_name(api: &Api<'_>, name: &str, ids: &[String]) -> Error {
    api.error(Kind::Invalid, format!("more than one channel is called '{name}'; pass the id: {}", ids.join(", ")))
}

/// Returns the ids of all channels that a method lists under this name, and adds the names of the others to `others`.
async fn list_ids_by_name(
    api: &Api<'_>,
    method: &str,
    name: &str,
    others: &mut BTreeSet<String>,
) -> Result<Vec<String>> {
    let (mut found, mut cursor, mut limit) = (Vec::new(), None, PAGE_LIMIT);
    let call =
        api.get(&["api", method]).query("types", "public_channel,private_channel").query("exclude_archived", true);
    for _ in 0..MAX_PAGES {
        let (page, size): (ChannelPage, u32) = page::read(api, call.clone(), limit, cursor.as_deref()).await?;
        limit = size;
        for channel in page.channels {
            match channel.has_name(name) {
                true => found.push(channel.id),
                false => others.extend(channel.name),
            }
        }
        cursor = page::next_cursor(page.response_metadata);
        if cursor.is_none() {
            return Ok(found);
        }
    }
    if found.is_empty() {
        let hint = "the workspace has too many channels to search them all: pass the channel's id";
        return Err(api.error(Kind::Invalid, format!("no channel '{name}' among the first; {hint}")));
    }
    Ok(found)
}

fn parse(text: &str) -> Result<ChannelRef> {
    let reject = |reason: &str| Err(Error::invalid("channel", reason));
    if let Some(person) = person::parse(text) {
        return Ok(ChannelRef::Person(person));
    }
    let text = text.trim();
    let text = text.strip_prefix('#').unwrap_or(text);
    let text = mention_id(text).or_else(|| link_id(text)).unwrap_or(text);
    if is_channel_id(text) {
        return Ok(ChannelRef::Id(text.to_owned()));
    }
    if text.contains('@') {
        return reject("must name a person by their e-mail address in Slack or an id, for example U0123456789");
    }
    let is_forbidden = |c: char| c.is_whitespace() || c.is_control() || "<>/,:#".contains(c);
    if text.is_empty() || text.chars().count() > MAX_NAME_CHARS || text.contains(is_forbidden) {
        return reject("must be a channel's name, its id or a link to it, for example general");
    }
    Ok(ChannelRef::Name(text.to_lowercase()))
}

/// Returns the id in `<#C0123456789|general>`, as Slack writes channels in texts.
fn mention_id(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("<#")?.strip_suffix('>')?;
    Some(inner.split('|').next().unwrap_or(inner))
}

/// Returns the id in `https://team.slack.com/archives/C0123456789/p1512085950000216`.
fn link_id(text: &str) -> Option<&str> {
    let (_, path) = text.split_once(".slack.com/archives/")?;
    path.split(['/', '?', '#']).next()
}

fn is_channel_id(text: &str) -> bool {
    let is_id_byte = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    text.len() >= 9 && text.starts_with(['C', 'G', 'D']) && text.bytes().all(is_id_byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, ActionHarness, SentRequest};

    #[test]
    fn parse_accepts_every_channel_form() {
        for text in [
            "C0123456789",
            " C0123456789 ",
            "#C0123456789",
            "<#C0123456789|general>",
            "<#C0123456789>",
            "https://team.slack.com/archives/C0123456789",
            "https://team.slack.com/archives/C0123456789/p1512085950000216?thread_ts=1#x",
        ] {
            assert_eq!(parse(text).unwrap(), ChannelRef::Id("C0123456789".to_owned()), "{text}");
        }
        for (text, name) in
            [("general", "general"), ("#General", "general"), ("C012", "c012"), ("büro", "büro"), ("a_b-c", "a_b-c")]
        {
            assert_eq!(parse(text).unwrap(), ChannelRef::Name(name.to_owned()), "{text}");
        }
        for text in ["", "#", "two words", "https://example.com/x", "<!channel>", "a,b", "x\ny", &"x".repeat(81)] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("@ann").unwrap_err().to_string().contains("person"));
        for text in ["U0123456789", "W0123456789", "ann@example.com", "@ann@example.com", "<@U0123456789>"] {
            assert!(matches!(parse(text), Ok(ChannelRef::Person(_))), "{text}");
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
        assert_eq!(data.unwrap()["channel"], "C2");
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
        assert_eq!(data.unwrap()["channel"], "D1");
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
                Ok(ChannelRef::Id(id)) => prop_assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()) && text.contains(&id)),
                Ok(ChannelRef::Name(name)) => {
                    prop_assert!(!name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || "<>/,:#@".contains(c)), "{name:?}");
                }
                Ok(ChannelRef::Person(person::PersonRef::Id(id))) => prop_assert!(id.starts_with(['U', 'W']) && text.contains(&id)),
                Ok(ChannelRef::Person(person::PersonRef::Email(email))) => prop_assert!(email.contains('@') && text.contains(&email)),
                Err(error) => prop_assert_eq!(error.code(), "INVALID_FIELD"),
            }
        }
    }
}
