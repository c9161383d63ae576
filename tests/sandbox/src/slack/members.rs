//! Creating conversations and adding members (<https://docs.slack.dev/reference/methods/conversations.create> and related
//! methods).

use serde_json::{Value, json};

use super::args::Arguments;
use super::conversations::visible_channel;
use super::workspace::{Channel, ConversationKind};
use super::{Caller, DirectConversation, require_any_scope, slack_error};
use crate::state::SandboxState;

const MAX_NAME_CHARS: usize = 80;
/// The maximum number of members of a group conversation besides the caller.
const MAX_GROUP_MEMBERS: usize = 8;
const MAX_INVITED_USERS: usize = 100;

/// `conversations.create`.
pub(crate) fn create(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let kind = if args.flag("is_private") { ConversationKind::Private } else { ConversationKind::Public };
    require_any_scope(
        caller,
        if kind == ConversationKind::Private { &["groups:write"] } else { &["channels:manage", "channels:write"] },
    )?;
    let name = new_name(state, args)?;
    let (id, created) = (state.slack.next_id("C"), state.clock.seconds());
    let mut channel = Channel::new(&id, &name, kind, &[&caller.user], created, "");
    channel.creator.clone_from(&caller.user);
    let shown = channel.to_json(&caller.user);
    state.slack.channels.push(channel);
    state.record_effect("slack", "channel_created", &id, caller.team.id, args.without_token());
    Ok(json!({"channel": shown}))
}

/// Returns the name that the arguments give to a channel.
pub(super) fn new_name(state: &SandboxState, args: &Arguments) -> Result<String, Value> {
    let name = args.text("name").ok_or_else(|| slack_error("invalid_name_required"))?;
    if name.chars().count() > MAX_NAME_CHARS {
        return Err(slack_error("invalid_name_maxlength"));
    }
    if name.chars().any(|c| c.is_uppercase() || !(c.is_alphanumeric() || "-_".contains(c))) {
        return Err(slack_error("invalid_name_specials"));
    }
    if !name.chars().any(char::is_alphanumeric) {
        return Err(slack_error("invalid_name_punctuation"));
    }
    if state.slack.channels.iter().any(|channel| channel.name == name) {
        return Err(slack_error("name_taken"));
    }
    Ok(name)
}

/// `conversations.invite`: all users, or with `force` those that can be invited.
pub(crate) fn invite(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let channel = visible_channel(state, caller, args)?;
    match channel.kind {
        ConversationKind::Public => {
            require_any_scope(caller, &["channels:write.invites", "channels:manage", "channels:write"])?
        }
        ConversationKind::Private => require_any_scope(caller, &["groups:write.invites", "groups:write"])?,
        ConversationKind::Direct | ConversationKind::Group => {
            return Err(slack_error("method_not_supported_for_channel_type"));
        }
    }
    if channel.archived {
        return Err(slack_error("is_archived"));
    }
    if !channel.has_member(&caller.user) {
        return Err(slack_error("not_in_channel"));
    }
    let users = user_ids(args).ok_or_else(|| slack_error("no_user"))?;
    if users.len() > MAX_INVITED_USERS {
        return Err(slack_error("too_many_users"));
    }
    let invite_error = |user: &String| match user {
        user if *user == caller.user => Some("cant_invite_self"),
        user if !state.slack.has_user(user) => Some("user_not_found"),
        user if channel.has_member(user) => Some("already_in_channel"),
        _ => None,
    };
    let errors: Vec<Value> = users
        .iter()
        .filter_map(|user| Some(json!({"user": user, "ok": false, "error": invite_error(user)?})))
        .collect();
    if let (Some(first), false) = (errors.first(), args.flag("force")) {
        return Err(json!({"ok": false, "error": first["error"], "errors": errors}));
    }
    let invitable: Vec<String> = users.iter().filter(|user| invite_error(user).is_none()).cloned().collect();
    let id = channel.id.clone();
    let shown = state.slack.channel_mut(&id).map(|channel| {
        channel.members.extend(invitable);
        channel.to_json(&caller.user)
    });
    state.record_effect("slack", "members_invited", &id, caller.team.id, args.without_token());
    Ok(json!({"channel": shown, "errors": errors}))
}

/// `conversations.join`: public channels only.
pub(crate) fn join(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    require_any_scope(caller, &[if caller.is_bot() { "channels:join" } else { "channels:write" }])?;
    let channel = visible_channel(state, caller, args)?;
    if channel.kind != ConversationKind::Public {
        return Err(slack_error("method_not_supported_for_channel_type"));
    }
    if channel.archived {
        return Err(slack_error("is_archived"));
    }
    let shown = channel.to_json(&caller.user);
    if channel.has_member(&caller.user) {
        let warning = "already_in_channel";
        return Ok(json!({"channel": shown, "warning": warning, "response_metadata": {"warnings": [warning]}}));
    }
    let id = channel.id.clone();
    let shown = state.slack.channel_mut(&id).map(|channel| {
        channel.members.push(caller.user.clone());
        channel.to_json(&caller.user)
    });
    state.record_effect("slack", "channel_joined", &id, caller.team.id, args.without_token());
    Ok(json!({"channel": shown}))
}

/// `conversations.open`: opens a direct conversation with one person or several. With `prevent_creation` it only says which one exists.
pub(crate) fn open(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let users = user_ids(args).ok_or_else(|| slack_error("users_list_not_supplied"))?;
    require_any_scope(caller, &[if users.len() > 1 { "mpim:write" } else { "im:write" }])?;
    if users.len() > MAX_GROUP_MEMBERS {
        return Err(slack_error("too_many_users"));
    }
    if users.iter().any(|user| !state.slack.has_user(user)) {
        return Err(slack_error("user_not_found"));
    }
    let mut members: Vec<&str> = users.iter().map(String::as_str).filter(|user| *user != caller.user).collect();
    members.sort_unstable();
    members.dedup();
    members.push(&caller.user);
    if args.flag("prevent_creation") {
        let found = state.slack.find_direct(&members).map(|channel| json!({"id": channel.id}));
        return Ok(json!({"no_op": true, "already_open": found.is_some(), "channel": found}));
    }
    let DirectConversation { id, existed } = state.slack.open_direct(&members, state.clock.seconds());
    if existed {
        return Ok(json!({"no_op": true, "already_open": true, "channel": {"id": id}}));
    }
    state.record_effect("slack", "conversation_opened", &id, caller.team.id, args.without_token());
    Ok(json!({"channel": {"id": id}}))
}

/// Parses `users`: ids separated by commas.
fn user_ids(args: &Arguments) -> Option<Vec<String>> {
    let users: Vec<String> =
        args.text("users")?.split(',').map(|user| user.trim().to_owned()).filter(|user| !user.is_empty()).collect();
    (!users.is_empty()).then_some(users)
}
