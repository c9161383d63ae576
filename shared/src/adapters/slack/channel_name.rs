//! The look-up of a channel by its name, in the lists of what the person may see.

use serde::Deserialize;
use std::collections::BTreeSet;

use super::access::{Actor, Use};
use super::conversation::Conversation;
use super::granted_types;
use super::page::{self, ResponseMetadata};
use super::workspace;
use crate::adapters::api::{Api, Call};
use crate::adapters::choices::list_choices;
use crate::error::{Error, Kind, Result};

/// Channels per page; Slack may return fewer before the end of the list.
const PAGE_LIMIT: u32 = 500;
/// Maximum number of pages to read: `conversations.list` allows about 20 calls a minute.
pub(super) const MAX_PAGES: usize = 10;

/// A page of `users.conversations` or `conversations.list`.
#[derive(Deserialize)]
pub(super) struct ChannelPage {
    pub(super) channels: Vec<Conversation>,
    pub(super) response_metadata: Option<ResponseMetadata>,
}

/// Finds the channel of a name, in lower case, among those that the person may see.
///
/// # Errors
/// No channel or several channels of that name, or a failure of the look-up.
pub(super) async fn find(api: &Api<'_>, name: &str, channel_use: Use) -> Result<String> {
    let mut others = BTreeSet::new();
    for (list, types) in visible_lists(api, channel_use) {
        let found = list_ids_by_name(api, list, types, name, &mut others).await?;
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
    let hint = "private channels are visible only to members: join it, and invite the app";
    Err(api.error(Kind::NotFound, format!("no channel '{name}'; {visible}{hint}")))
}

/// Returns the lists of the channels that the person may see with their types, those of the person first. Who changes a channel is told
/// that it is archived.
fn visible_lists<'a>(api: &'a Api<'_>, channel_use: Use) -> [(Call<'a>, &'static str); 2] {
    const ALL: &str = "public_channel,private_channel";
    const PUBLIC: &str = "public_channel";
    let (own, all, person) = match Actor::of(api) {
        Actor::Person => (ALL, ALL, None),
        // Of another one's private channels Slack lists those that the bot shares.
        Actor::BotFor(person) => (ALL, PUBLIC, Some(person.to_owned())),
        Actor::Bot => (PUBLIC, PUBLIC, None),
    };
    // https://docs.slack.dev/reference/methods/users.conversations
    // https://docs.slack.dev/reference/methods/conversations.list
    let list = |method: &str| {
        let call = api.get(&["api", method]).exact().query("exclude_archived", channel_use != Use::Change);
        workspace::name_in(api, call)
    };
    [(list("users.conversations").query_opt("user", person), own), (list("conversations.list"), all)]
}

fn ambiguous_name(api: &Api<'_>, name: &str, ids: &[String]) -> Error {
    api.error(Kind::Invalid, format!("more than one channel is called '{name}'; pass the id: {}", ids.join(", ")))
}

/// Returns the ids of all channels of a list that have this name, and adds the names of the others to `others`.
async fn list_ids_by_name(
    api: &Api<'_>,
    call: Call<'_>,
    types: &str,
    name: &str,
    others: &mut BTreeSet<String>,
) -> Result<Vec<String>> {
    let (mut found, mut cursor, mut limit) = (Vec::new(), None, PAGE_LIMIT);
    for _ in 0..MAX_PAGES {
        let (page, size): (ChannelPage, u32) =
            granted_types::read(api, call.clone(), types, limit, cursor.as_deref()).await?;
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
