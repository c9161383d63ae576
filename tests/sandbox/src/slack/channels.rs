//! Changes of channels: topic, purpose, name, archive, and leaving (<https://docs.slack.dev/reference/methods/conversations.setTopic>
//! and related methods).

use serde_json::{Value, json};

use super::args::Arguments;
use super::conversations::visible_channel;
use super::workspace::{Channel, ConversationKind};
use super::{Caller, formatting, members, require_any_scope, slack_error};
use crate::state::SandboxState;

/// The maximum length of a topic and of a purpose.
const MAX_DESCRIPTION_CHARS: usize = 250;
/// The channel that everyone is a member of.
const GENERAL: &str = "general";

/// `conversations.setTopic`.
pub(crate) fn set_topic(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let topic = description(args, "topic")?;
    change(state, caller, args, "channel_topic_set", |channel| channel.topic = topic)
}

/// `conversations.setPurpose`.
pub(crate) fn set_purpose(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let purpose = description(args, "purpose")?;
    change(state, caller, args, "channel_purpose_set", |channel| channel.purpose = purpose)
}

/// Returns a topic or a purpose as Slack stores it: as a text of its own, with entities.
fn description(args: &Arguments, name: &str) -> Result<String, Value> {
    let text = args.text(name).unwrap_or_default();
    match text.chars().count() > MAX_DESCRIPTION_CHARS {
        true => Err(slack_error("too_long")),
        false => Ok(formatting::escape_once(&text)),
    }
}

/// `conversations.rename`: by the channel's creator only.
pub(crate) fn rename(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let channel = own_channel(state, caller, args)?;
    if channel.creator != caller.user {
        return Err(slack_error("not_authorized"));
    }
    if args.text("name").as_ref() == Some(&channel.name) {
        return Ok(json!({"channel": channel.to_json(&caller.user)}));
    }
    let name = members::new_name(state, args)?;
    change(state, caller, args, "channel_renamed", |channel| {
        channel.previous_names.insert(0, std::mem::replace(&mut channel.name, name));
    })
}

/// `conversations.archive`.
pub(crate) fn archive(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let channel = visible_channel(state, caller, args)?;
    require_manage_scope(caller, channel)?;
    if channel.archived {
        return Err(slack_error("already_archived"));
    }
    if channel.name == GENERAL {
        return Err(slack_error("cant_archive_general"));
    }
    change(state, caller, args, "channel_archived", |channel| channel.archived = true)?;
    Ok(json!({}))
}

/// `conversations.leave`. Of a channel that the caller is not in it says so, without a code.
pub(crate) fn leave(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let channel = visible_channel(state, caller, args)?;
    require_manage_scope(caller, channel)?;
    if channel.archived {
        return Err(slack_error("is_archived"));
    }
    if channel.name == GENERAL {
        return Err(slack_error("cant_leave_general"));
    }
    if !channel.has_member(&caller.user) {
        return Err(json!({"ok": false, "not_in_channel": true}));
    }
    if channel.members.len() == 1 {
        return Err(slack_error("last_member"));
    }
    change(state, caller, args, "channel_left", |channel| channel.members.retain(|member| *member != caller.user))?;
    Ok(json!({}))
}

/// Changes a channel of the caller's.
fn change(
    state: &mut SandboxState,
    caller: &Caller,
    args: &Arguments,
    effect: &str,
    change: impl FnOnce(&mut Channel),
) -> Result<Value, Value> {
    let id = own_channel(state, caller, args)?.id.clone();
    let channel = state.slack.channel_mut(&id).ok_or_else(|| slack_error("channel_not_found"))?;
    change(channel);
    let shown = channel.to_json(&caller.user);
    state.record_effect("slack", effect, &id, caller.team.id, args.without_token());
    Ok(json!({"channel": shown}))
}

/// Returns the channel of the arguments, if the caller is a member and may manage it.
fn own_channel<'a>(state: &'a SandboxState, caller: &Caller, args: &Arguments) -> Result<&'a Channel, Value> {
    let channel = visible_channel(state, caller, args)?;
    require_manage_scope(caller, channel)?;
    if channel.archived {
        return Err(slack_error("is_archived"));
    }
    if channel.has_member(&caller.user) { Ok(channel) } else { Err(slack_error("not_in_channel")) }
}

fn require_manage_scope(caller: &Caller, channel: &Channel) -> Result<(), Value> {
    match channel.kind {
        ConversationKind::Public => require_any_scope(caller, &["channels:manage", "channels:write"]),
        ConversationKind::Private => require_any_scope(caller, &["groups:write"]),
        ConversationKind::Direct | ConversationKind::Group => Err(slack_error("method_not_supported_for_channel_type")),
    }
}
