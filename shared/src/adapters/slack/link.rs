//! Links that Slack's clients copy: to a conversation, to a message and to a person.

use url::Url;

use super::channel::ResolvedChannel;
use crate::adapters::api::Api;
use crate::error::{Kind, Result};

/// The place to which a link leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Link {
    /// The id of the conversation.
    pub(super) channel: Option<String>,
    /// The id of the person.
    pub(super) person: Option<String>,
    /// The `ts` of the message.
    pub(super) message: Option<String>,
    /// The `ts` of the first message of its thread.
    pub(super) thread: Option<String>,
}

/// A message that may have been named by a link, which leads to a channel.
pub(super) trait LinkedMessage {
    /// Returns the id of the channel to which the link leads, if it was a link.
    fn linked_channel(&self) -> Option<&str>;
}

impl ResolvedChannel {
    /// Returns the channel, if the message is in it as far as a link says so: a `ts` alone is of any channel.
    ///
    /// # Errors
    /// A link to a message of another channel ([`Kind::Invalid`]).
    pub(super) fn of_message(self, api: &Api<'_>, message: &impl LinkedMessage) -> Result<Self> {
        match message.linked_channel().filter(|linked| *linked != self.id) {
            None => Ok(self),
            Some(linked) => Err(api.error(
                Kind::Invalid,
                format!(
                    "the link leads to a message of the channel {linked}, and `channel` is {}: pass the message's own channel",
                    self.id
                ),
            )),
        }
    }
}

/// Reads a link to one of Slack's own hosts. Returns `None` for any other text.
///
/// <https://docs.slack.dev/reference/methods/chat.getPermalink>
/// <https://docs.slack.dev/interactivity/deep-linking>
pub(super) fn parse(text: &str) -> Option<Link> {
    let bare = text.trim().trim_start_matches('<').split(['|', '>']).next().unwrap_or_default();
    let url = Url::parse(bare).ok()?;
    let parameter = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    if url.scheme() == "slack" {
        return Some(Link {
            channel: parameter("id").filter(|_| url.host_str() == Some("channel")),
            ..Link::default()
        });
    }
    let host = url.host_str()?;
    if url.scheme() != "https" || !(host == "slack.com" || host.ends_with(".slack.com")) {
        return None;
    }
    let path: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    let link = Link { thread: parameter("thread_ts"), ..Link::default() };
    Some(match path.as_slice() {
        ["archives", channel, rest @ ..] => Link {
            channel: Some((*channel).to_owned()),
            message: rest.first().and_then(|part| compact_ts(part)),
            ..link
        },
        ["client", _, channel, rest @ ..] => {
            let thread = match rest {
                ["thread", place, ..] => place.split_once('-').map(|(_, ts)| ts.to_owned()),
                _ => None,
            };
            Link { channel: Some((*channel).to_owned()), message: thread.clone(), thread, ..link }
        }
        ["team", person, ..] => Link { person: Some((*person).to_owned()), ..link },
        ["app_redirect", ..] => Link { channel: parameter("channel"), ..link },
        _ => return None,
    })
}

/// Reads the `ts` of a link's path: `p1512085950000216`.
fn compact_ts(part: &str) -> Option<String> {
    let digits = part.strip_prefix('p')?;
    let fits = (7..=18).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let (seconds, micros) = fits.then(|| digits.split_at(digits.len() - 6))?;
    Some(format!("{seconds}.{micros}"))
}

/// True for an id: one of these letters, then letters and digits, at least one of them a digit, so that `CUSTOMERS` is a name.
pub(super) fn is_id(text: &str, letters: &[char]) -> bool {
    let is_id_byte = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    text.len() >= 9
        && text.starts_with(letters)
        && text.bytes().all(is_id_byte)
        && text.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_of_slacks_clients_is_read() {
        let place = |channel: &str, message: Option<&str>, thread: Option<&str>| Link {
            channel: Some(channel.to_owned()),
            person: None,
            message: message.map(str::to_owned),
            thread: thread.map(str::to_owned),
        };
        for (text, expected) in [
            ("https://works.slack.com/archives/C0123456789", place("C0123456789", None, None)),
            (
                "https://works.enterprise.slack.com/archives/C0123456789/p1512085950000216",
                place("C0123456789", Some("1512085950.000216"), None),
            ),
            (
                "<https://works.slack.com/archives/C0123456789/p1512085960000100?thread_ts=1512085950.000216&cid=C0123456789|see>",
                place("C0123456789", Some("1512085960.000100"), Some("1512085950.000216")),
            ),
            ("https://app.slack.com/client/T0123456789/D0123456789", place("D0123456789", None, None)),
            (
                "https://app.slack.com/client/T0123456789/C0123456789/thread/C0123456789-1512085950.000216",
                place("C0123456789", Some("1512085950.000216"), Some("1512085950.000216")),
            ),
            ("https://slack.com/app_redirect?channel=C0123456789&team=T0123456789", place("C0123456789", None, None)),
            ("slack://channel?team=T0123456789&id=C0123456789", place("C0123456789", None, None)),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        let person = parse("https://works.slack.com/team/U0123456789").unwrap();
        assert_eq!(person.person.as_deref(), Some("U0123456789"));
    }

    #[test]
    fn links_elsewhere_are_none() {
        for text in [
            "general",
            "https://example.com/archives/C0123456789",
            "https://evilslack.com/archives/C0123456789",
            "https://slack.com/help",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
