//! Access: what the person behind a call may see. A workspace has one bot of the app. All users of the app share it, and Slack checks
//! the bot's rights only. So with the bot's token, private channels and direct messages are for their members, as they are in Slack.
//!
//! A granted right is cached with the look-ups, so a person who leaves a channel can read it for some minutes.

use serde::Deserialize;

use super::channel_name::ChannelPage;
use super::conversation::{Channel, ChannelKind, Conversation};
use super::direct_message;
use super::page::{self, ResponseMetadata};
use super::person::Person;
use super::workspace;
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};

/// Members per page, Slack's maximum but for one.
const PAGE_LIMIT: u32 = 999;
/// Maximum number of pages of members to read: 100 calls a minute are allowed.
const MAX_PAGES: usize = 10;

/// The one for whom a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Actor<'a> {
    /// The person whose token it is. Slack checks their rights.
    Person,
    /// The bot, for this person.
    BotFor(&'a str),
    /// The bot, for nobody who is known.
    Bot,
}

/// The use that a call makes of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It sees or changes what is there.
    Read,
    /// It changes a channel itself, which is for its members, and for everyone if the app created a public one.
    Change,
    /// It only posts. Everyone may write to the people of the workspace, one or several.
    Post,
}

/// A page of `conversations.members`.
#[derive(Deserialize)]
pub(super) struct MemberPage {
    pub(super) members: Vec<String>,
    pub(super) response_metadata: Option<ResponseMetadata>,
}

#[derive(Deserialize)]
struct InfoResponse {
    channel: Conversation,
}

/// The owner of the token in a response of `auth.test`.
#[derive(Deserialize)]
struct AuthTestResponse {
    user_id: String,
}

impl<'a> Actor<'a> {
    /// Returns the actor of an action's calls.
    pub(super) fn of(api: &Api<'a>) -> Self {
        match api.person {
            _ if api.adapter.is_user_token(api.token) => Self::Person,
            Some(person) => Self::BotFor(person),
            None => Self::Bot,
        }
    }
}

/// Checks that a conversation may be used, by its id.
///
/// # Errors
/// [`Kind::Forbidden`], or a failure of the look-up, which changed nothing.
pub(super) async fn check(api: &Api<'_>, channel: &str, channel_use: Use) -> Result<()> {
    let actor = Actor::of(api);
    let is_direct = channel.starts_with('D');
    if actor == Actor::Person || (is_direct && channel_use == Use::Post) {
        return Ok(());
    }
    let key = format!("access {channel_use:?} {channel}");
    if api.get_lookup(&key).is_some() {
        return Ok(());
    }
    let is_granted = match actor {
        Actor::BotFor(person) if is_direct => {
            direct_message::find(api, person).await?.is_some_and(|direct| direct == channel)
        }
        Actor::BotFor(person) => is_member_or_open(api, channel, person, channel_use).await?,
        Actor::Bot if is_direct => false,
        Actor::Bot => is_open(api, channel, channel_use).await?,
        Actor::Person => true,
    };
    if !is_granted {
        return Err(match channel_use {
            Use::Change => change_refusal(api, actor),
            Use::Read | Use::Post => refusal(api, actor),
        });
    }
    api.insert_lookup(&key, "granted");
    Ok(())
}

/// Checks that the bot's direct conversation with a person may be used. It is read by that person alone.
///
/// # Errors
/// [`Kind::Forbidden`], or a failure of the look-up.
pub(super) async fn check_direct(api: &Api<'_>, with: &Person, channel_use: Use) -> Result<()> {
    let actor = Actor::of(api);
    let is_granted = match actor {
        _ if channel_use == Use::Post => true,
        Actor::Person => true,
        Actor::BotFor(own) => with.resolve_id(api).await? == own,
        Actor::Bot => false,
    };
    if is_granted { Ok(()) } else { Err(refusal(api, actor)) }
}

/// Returns the members of a conversation that has few.
///
/// # Errors
/// A failure of the look-up.
pub(super) async fn first_members(api: &Api<'_>, channel: &str) -> Result<Vec<String>> {
    Ok(read_members(api, channel, None).await?.members)
}

/// Returns the error of a call for which the person has no right.
pub(super) fn refusal(api: &Api<'_>, actor: Actor<'_>) -> Error {
    let text = match actor {
        Actor::Bot => {
            "private channels and direct messages are for their members, and it is not known for whom this token acts: \
             connect by a consent, or store the token with `metadata`, for example {\"authedUserId\": \"U0123456789\"}"
        }
        Actor::Person | Actor::BotFor(_) => {
            "private channels and direct messages are for their members, and the connected person is none of this one: \
             ask a member to invite you in Slack"
        }
    };
    api.error(Kind::Forbidden, text)
}

/// Returns the error of a change of a channel of which the person is no member.
fn change_refusal(api: &Api<'_>, actor: Actor<'_>) -> Error {
    match actor {
        Actor::Bot => refusal(api, actor),
        Actor::Person | Actor::BotFor(_) => api.error(
            Kind::Forbidden,
            "a channel is changed by its members, and the connected person is none of this one: join it in Slack, or use \
             invite_to_channel",
        ),
    }
}

/// True for a conversation that a person is a member of, or that is open to everyone.
async fn is_member_or_open(api: &Api<'_>, channel: &str, person: &str, channel_use: Use) -> Result<bool> {
    let mut cursor = None;
    for page_number in 0..MAX_PAGES {
        let page = read_members(api, channel, cursor.as_deref()).await?;
        if page.members.iter().any(|member| member == person) {
            return Ok(true);
        }
        // The members of a public channel can be many, and do not matter.
        if page_number == 0 && is_open(api, channel, channel_use).await? {
            return Ok(true);
        }
        cursor = page::next_cursor(page.response_metadata);
        if cursor.is_none() {
            break;
        }
    }
    Ok(false)
}

async fn read_members(api: &Api<'_>, channel: &str, cursor: Option<&str>) -> Result<MemberPage> {
    // https://docs.slack.dev/reference/methods/conversations.members
    let call = api.get(&["api", "conversations.members"]).query("channel", channel).lookup();
    Ok(page::read(api, call, PAGE_LIMIT, cursor).await?.0)
}

/// True for a conversation that everyone in the workspace may use so.
async fn is_open(api: &Api<'_>, channel: &str, channel_use: Use) -> Result<bool> {
    // https://docs.slack.dev/reference/methods/conversations.info
    let call = api.get(&["api", "conversations.info"]).query("channel", channel).lookup();
    let InfoResponse { channel } = call.send().await?;
    Ok(match channel_use {
        Use::Read => channel.is_public(),
        Use::Change => channel.is_public() && channel.creator == Some(app_id(api).await?),
        Use::Post => channel.is_public() || channel.is_direct(),
    })
}

/// Returns the user id of the app's bot.
async fn app_id(api: &Api<'_>) -> Result<String> {
    const KEY: &str = "user of the token";
    if let Some(id) = api.get_lookup(KEY) {
        return Ok(id);
    }
    // https://docs.slack.dev/reference/methods/auth.test
    let caller: AuthTestResponse = api.post(&["api", "auth.test"]).read_only().lookup().send().await?;
    api.insert_lookup(KEY, &caller.user_id);
    Ok(caller.user_id)
}

/// Keeps the channels of a list that the person may see.
///
/// # Errors
/// A failure of the look-up of the person's private channels.
pub(super) async fn retain_visible(api: &Api<'_>, channels: &mut Vec<Channel>) -> Result<()> {
    if channels.iter().all(Channel::is_public) {
        return Ok(());
    }
    let person = match Actor::of(api) {
        Actor::Person => return Ok(()),
        Actor::BotFor(person) => Some(person),
        Actor::Bot => None,
    };
    let mut shared = Vec::new();
    for kind in [ChannelKind::Private, ChannelKind::Group] {
        if let Some(person) = person.filter(|_| channels.iter().any(|channel| channel.kind() == Some(kind))) {
            shared.extend(shared_channels(api, person, kind.slack_type()).await?);
        }
    }
    let is_own = |channel: &Channel| person.is_some_and(|person| channel.is_with(person));
    channels.retain(|channel| channel.is_public() || is_own(channel) || shared.contains(&channel.id));
    Ok(())
}

/// Returns the ids of the conversations of some types that the person and the bot are both members of.
///
/// # Errors
/// A failure of the look-up.
pub(super) async fn shared_channels(api: &Api<'_>, person: &str, types: &str) -> Result<Vec<String>> {
    let (mut shared, mut cursor) = (Vec::new(), None);
    for _ in 0..MAX_PAGES {
        // https://docs.slack.dev/reference/methods/users.conversations
        let call = api.get(&["api", "users.conversations"]).exact().query("types", types).query("user", person);
        let call = workspace::name_in(api, call);
        let (page, _): (ChannelPage, u32) = page::read(api, call, PAGE_LIMIT, cursor.as_deref()).await?;
        shared.extend(page.channels.into_iter().map(|channel| channel.id));
        cursor = page::next_cursor(page.response_metadata);
        if cursor.is_none() {
            break;
        }
    }
    Ok(shared)
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;
    use serde_json::{Value, json};

    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{ActionHarness, SentRequest};

    const CHANNEL: &str = "C0123456789";

    /// Checks the right of `U1` to a channel with two pages of members, `second` on the second one.
    async fn check_with(second: &'static str, info: Value, channel_use: Use) -> (Result<()>, Vec<String>) {
        let harness = ActionHarness::new(&ADAPTER, move |sent: &SentRequest| {
            let answer = match (sent.line.as_str(), sent.parameter("cursor")) {
                ("GET /api/conversations.members", "") => {
                    json!({ "members": ["U8"], "response_metadata": { "next_cursor": "p2" } })
                }
                ("GET /api/conversations.members", _) => json!({ "members": [second] }),
                ("POST /api/auth.test", _) => json!({ "user_id": "UBOT" }),
                _ => json!({ "channel": info }),
            };
            let mut answer = answer;
            answer["ok"] = json!(true);
            Ok((200, answer))
        });
        let (bot, action) = (SecretString::from("xoxb-1"), ADAPTER.action("fetch_messages").unwrap());
        let api = Api { token: &bot, person: Some("U1"), ..harness.api(action, None) };
        let checked = check(&api, CHANNEL, channel_use).await;
        let lines = harness.calls().into_iter().map(|sent| sent.line.replace("GET /api/conversations.", ""));
        (checked, lines.collect())
    }

    #[tokio::test]
    async fn members_are_read_to_the_end_unless_everyone_may_use_the_channel() {
        let private = || json!({ "id": CHANNEL, "is_private": true });
        let (granted, calls) = check_with("U1", private(), Use::Read).await;
        assert_eq!((granted.is_ok(), calls), (true, vec!["members".into(), "info".into(), "members".into()]));
        let (refused, _) = check_with("U9", private(), Use::Post).await;
        assert_eq!(refused.unwrap_err().kind(), Some(Kind::Forbidden));
        let (granted, calls) = check_with("U9", json!({ "id": CHANNEL, "is_private": false }), Use::Read).await;
        assert_eq!((granted.is_ok(), calls), (true, vec!["members".into(), "info".into()]));
    }

    #[tokio::test]
    async fn a_channel_is_changed_by_its_members_and_one_of_the_app_by_everyone() {
        let public = |creator: &str| json!({ "id": CHANNEL, "is_private": false, "creator": creator });
        assert!(check_with("U1", public("U9"), Use::Change).await.0.is_ok());
        assert!(check_with("U8", public("UBOT"), Use::Change).await.0.is_ok());
        let (refused, _) = check_with("U8", public("U9"), Use::Change).await;
        assert!(refused.unwrap_err().to_string().contains("changed by its members"));
        let private = json!({ "id": CHANNEL, "is_private": true, "creator": "UBOT" });
        assert_eq!(check_with("U8", private, Use::Change).await.0.unwrap_err().kind(), Some(Kind::Forbidden));
    }

    #[tokio::test]
    async fn everyone_may_post_to_a_group_conversation_and_its_members_read_it() {
        let group = || json!({ "id": CHANNEL, "is_mpim": true, "is_private": true });
        assert!(check_with("U9", group(), Use::Post).await.0.is_ok());
        assert_eq!(check_with("U9", group(), Use::Read).await.0.unwrap_err().kind(), Some(Kind::Forbidden));
    }
}
