//! A channel as people name it (`general`, `#general`, an id, a link), and its id.
//!
//! Slack's own methods take a name here and there; an id is taken everywhere, and a rename cannot redirect it.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};

/// Channels asked for at once; Slack may give fewer without being at the end.
const PAGE: u32 = 500;
/// Pages read before giving up: `conversations.list` allows some 20 calls a minute.
const MAX_PAGES: usize = 10;
const MAX_NAME: usize = 80;

/// What a text in the field `channel` says.
#[derive(Debug, PartialEq, Eq)]
enum Named {
    Id(String),
    Name(String),
}

/// A channel's name (`general`, `#general`), its id (`C0123456789`) or a link to it.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Channel(String);

#[derive(Deserialize)]
struct Page {
    channels: Vec<Listed>,
    response_metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    id: String,
    name: Option<String>,
    name_normalized: Option<String>,
}

impl Channel {
    /// Checks that the text can name a channel.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field `channel`.
    pub(super) fn check(&self) -> Result<()> {
        parse(&self.0).map(|_| ())
    }

    /// The channel's id; a name is looked up among the bot's channels first, then in the whole workspace.
    ///
    /// # Errors
    /// Not found, more than one of that name, or a failure of the look-up, which changed nothing.
    pub(super) async fn resolve(&self, api: &Api<'_>) -> Result<String> {
        let name = match parse(&self.0)? {
            Named::Id(id) => return Ok(id),
            Named::Name(name) => name,
        };
        // https://docs.slack.dev/reference/methods/users.conversations
        // https://docs.slack.dev/reference/methods/conversations.list
        for method in ["users.conversations", "conversations.list"] {
            let found = find(api, method, &name).await?;
            match found.as_slice() {
                [] => {}
                [id] => return Ok(id.clone()),
                several => return Err(ambiguous(api, &name, several)),
            }
        }
        let hint = "private channels are visible only to members: invite the app, or give the channel's id";
        Err(api.error(Kind::NotFound, format!("no channel '{name}'; {hint}")))
    }
}

fn ambiguous(api: &Api<'_>, name: &str, ids: &[String]) -> Error {
    api.error(Kind::Invalid, format!("more than one channel is called '{name}', give the id: {}", ids.join(", ")))
}

/// The ids of all channels a method lists under this name.
async fn find(api: &Api<'_>, method: &str, name: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut cursor = None;
    for _ in 0..MAX_PAGES {
        let call = api
            .get(&["api", method])
            .query("types", "public_channel,private_channel")
            .query("exclude_archived", true)
            .query("limit", PAGE)
            .maybe("cursor", cursor.as_ref());
        let page: Page = call.send().await?;
        found.extend(page.channels.into_iter().filter(|channel| channel.is_called(name)).map(|channel| channel.id));
        cursor = page.response_metadata.and_then(|metadata| metadata.next_cursor).filter(|next| !next.is_empty());
        if cursor.is_none() {
            return Ok(found);
        }
    }
    if found.is_empty() {
        let hint = "there are too many channels to look all of them up: give the channel's id";
        return Err(api.error(Kind::Invalid, format!("no channel '{name}' among the first; {hint}")));
    }
    Ok(found)
}

impl Listed {
    fn is_called(&self, name: &str) -> bool {
        [&self.name, &self.name_normalized].into_iter().flatten().any(|own| own.to_lowercase() == name)
    }
}

fn parse(text: &str) -> Result<Named> {
    let refuse = |reason: &str| Err(Error::invalid("channel", reason));
    let text = text.trim();
    let text = text.strip_prefix('#').unwrap_or(text);
    let text = mentioned(text).or_else(|| linked(text)).unwrap_or(text);
    if is_id(text, "CGD") {
        return Ok(Named::Id(text.to_owned()));
    }
    if is_id(text, "UW") || text.contains('@') {
        return refuse("names a person; messages to people are not supported yet, name a channel");
    }
    let unnamable = |c: char| c.is_whitespace() || c.is_control() || "<>/,:#".contains(c);
    if text.is_empty() || text.chars().count() > MAX_NAME || text.contains(unnamable) {
        return refuse("must be a channel's name, its id or a link to it");
    }
    Ok(Named::Name(text.to_lowercase()))
}

/// The id in `<#C0123456789|general>`, as Slack writes channels in texts.
fn mentioned(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("<#")?.strip_suffix('>')?;
    Some(inner.split('|').next().unwrap_or(inner))
}

/// The id in `https://team.slack.com/archives/C0123456789/p1512085950000216`.
fn linked(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once(".slack.com/archives/")?;
    rest.split(['/', '?', '#']).next()
}

fn is_id(text: &str, first: &str) -> bool {
    let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    text.len() >= 9 && text.starts_with(|c| first.contains(c)) && text.chars().all(upper)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, Sent};

    #[test]
    fn the_forms_of_a_channel() {
        for text in [
            "C0123456789",
            " C0123456789 ",
            "#C0123456789",
            "<#C0123456789|general>",
            "<#C0123456789>",
            "https://team.slack.com/archives/C0123456789",
            "https://team.slack.com/archives/C0123456789/p1512085950000216?thread_ts=1#x",
        ] {
            assert_eq!(parse(text).unwrap(), Named::Id("C0123456789".to_owned()), "{text}");
        }
        for (text, name) in
            [("general", "general"), ("#General", "general"), ("C012", "c012"), ("büro", "büro"), ("a_b-c", "a_b-c")]
        {
            assert_eq!(parse(text).unwrap(), Named::Name(name.to_owned()), "{text}");
        }
        for text in ["", "#", "two words", "https://example.com/x", "<!channel>", "a,b", "x\ny", &"x".repeat(81)] {
            assert!(parse(text).is_err(), "{text}");
        }
        for text in ["@ann", "U0123456789", "W0123456789", "ann@example.com"] {
            assert!(parse(text).unwrap_err().to_string().contains("person"), "{text}");
        }
    }

    async fn post(channel: &str, provider: fn(&Sent) -> (u16, Value)) -> (crate::error::Result<Value>, Vec<Sent>) {
        let context = json!({ "channel": channel, "text": "Hi" });
        let (done, calls) = testing::run(&ADAPTER, "send_message", context, provider).await;
        (done.map(|done| done.data), calls)
    }

    fn channels(list: Value, next: &str) -> (u16, Value) {
        (200, json!({ "ok": true, "channels": list, "response_metadata": { "next_cursor": next } }))
    }

    #[tokio::test]
    async fn a_name_is_looked_for_on_every_page_of_both_lists() {
        let (data, calls) = post("#General", |sent| match (sent.line.as_str(), sent.parameter("cursor")) {
            ("GET /api/users.conversations", "") => channels(json!([{ "id": "C1", "name": "random" }]), "p2"),
            ("GET /api/users.conversations", "p2") => channels(json!([]), ""),
            ("GET /api/conversations.list", _) => {
                channels(json!([{ "id": "C2", "name": "x", "name_normalized": "general" }]), "")
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
    async fn none_and_two_of_a_name() {
        let (none, calls) = post("nowhere", |_| channels(json!([]), "")).await;
        assert!(none.unwrap_err().to_string().contains("private channels are visible only to members"));
        assert_eq!(calls.len(), 2);

        let (several, _) = post("general", |_| {
            channels(json!([{ "id": "C1", "name": "general" }, { "id": "C2", "name_normalized": "general" }]), "")
        })
        .await;
        assert!(several.unwrap_err().to_string().contains("C1, C2"));
    }

    #[tokio::test]
    async fn a_failed_look_up_is_no_unclear_write_and_pages_end() {
        let context = json!({ "channel": "general", "text": "Hi" });
        let (done, _) = testing::run(&ADAPTER, "send_message", context.clone(), |_| (502, Value::Null)).await;
        assert_eq!(testing::kind(&done), Kind::Transient);
        let (done, calls) = testing::run(&ADAPTER, "send_message", context, |_| channels(json!([]), "again")).await;
        assert_eq!((testing::kind(&done), calls.len()), (Kind::Invalid, MAX_PAGES));
    }

    proptest! {
        #[test]
        fn any_text_is_an_id_a_name_or_refused(
            text in prop_oneof!["(?s).{0,100}", "[CGDUW<>#|@/ .:]{0,4}[A-Z0-9]{0,12}[<>#|@/ .:a-zé]{0,20}", "https://[a-z.@/]{0,12}.slack.com/archives/.{0,20}"],
        ) {
            match parse(&text) {
                Ok(Named::Id(id)) => prop_assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()) && text.contains(&id)),
                Ok(Named::Name(name)) => {
                    prop_assert!(!name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || "<>/,:#@".contains(c)), "{name:?}");
                }
                Err(error) => prop_assert_eq!(error.code(), "INVALID_FIELD"),
            }
        }
    }
}
