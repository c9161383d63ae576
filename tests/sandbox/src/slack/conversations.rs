//! Channels and their history (<https://docs.slack.dev/reference/methods/conversations.history> and related methods).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::args::Arguments;
use super::workspace::{Channel, ConversationKind, Message, parse_ts};
use super::{Caller, OldestPage, missing_scope, paginate, slack_error};
use crate::state::SandboxState;

/// `conversations.list`: public channels, and private ones that the caller is a member of. Every requested type needs its scope.
pub(crate) fn list(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let kinds = requested_kinds(caller, args)?;
    let visible = state
        .slack
        .channels
        .iter()
        .filter(|channel| channel.kind == ConversationKind::Public || channel.has_member(&caller.user));
    list_response(visible.filter(|channel| kinds.contains(&channel.kind)), caller, args)
}

/// `users.conversations`: conversations that the caller is a member of, or another user with `user`. Of another one's conversations that
/// are not public it lists those that the caller shares, and of none the fields `is_member` and `num_members`
/// (<https://docs.slack.dev/reference/methods/users.conversations>).
pub(crate) fn list_joined(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let kinds = requested_kinds(caller, args)?;
    let user = args.text("user").unwrap_or_else(|| caller.user.clone());
    let is_shared = |channel: &Channel| channel.kind == ConversationKind::Public || channel.has_member(&caller.user);
    let listed = |channel: &&Channel| {
        channel.has_member(&user) && is_shared(channel) && state.is_listed(channel.created * 1_000)
    };
    let own = state.slack.channels.iter().filter(listed);
    let mut reply = list_response(own.filter(|channel| kinds.contains(&channel.kind)), caller, args)?;
    for channel in reply["channels"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        channel.remove("is_member");
        channel.remove("num_members");
    }
    Ok(reply)
}

/// `conversations.members`.
pub(crate) fn members(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let members = &readable_channel(state, caller, args, "read")?.members;
    let page = paginate(members.iter().map(|member| json!(member)).collect(), args, 100, 999)?;
    Ok(json!({"members": page.items, "response_metadata": {"next_cursor": page.next_cursor}}))
}

fn requested_kinds(caller: &Caller, args: &Arguments) -> Result<Vec<ConversationKind>, Value> {
    let requested = args.text("types").unwrap_or_else(|| ConversationKind::Public.name().to_owned());
    let mut kinds = Vec::new();
    for name in requested.split(',').map(str::trim) {
        let needed = match name {
            "public_channel" => ConversationKind::Public,
            "private_channel" => ConversationKind::Private,
            "im" => ConversationKind::Direct,
            "mpim" => ConversationKind::Group,
            _ => return Err(slack_error("invalid_types")),
        };
        require_scope_for(caller, needed, "read")?;
        kinds.push(needed);
    }
    Ok(kinds)
}

/// Checks that the caller has the scope for this kind of channel.
fn require_scope_for(caller: &Caller, kind: ConversationKind, right: &str) -> Result<(), Value> {
    let scope = format!("{}:{right}", kind.scope());
    if caller.has_scope(&scope) { Ok(()) } else { Err(missing_scope(&scope, caller)) }
}

fn list_response<'a>(
    channels: impl Iterator<Item = &'a Channel>,
    caller: &Caller,
    args: &Arguments,
) -> Result<Value, Value> {
    let is_wanted = |channel: &&Channel| !(channel.archived && args.flag("exclude_archived"));
    let shown = channels.filter(is_wanted).map(|channel| channel.to_json(&caller.user)).collect();
    let page = paginate(shown, args, 100, 1_000)?;
    Ok(json!({"channels": page.items, "response_metadata": {"next_cursor": page.next_cursor}}))
}

/// Returns a channel by id (not by name) if the caller can see it and has its scope.
fn readable_channel<'a>(
    state: &'a SandboxState,
    caller: &Caller,
    args: &Arguments,
    right: &str,
) -> Result<&'a Channel, Value> {
    let channel = visible_channel(state, caller, args)?;
    require_scope_for(caller, channel.kind, right)?;
    Ok(channel)
}

/// Returns a channel by id if the caller can see it.
pub(super) fn visible_channel<'a>(
    state: &'a SandboxState,
    caller: &Caller,
    args: &Arguments,
) -> Result<&'a Channel, Value> {
    let id = args.text("channel").ok_or_else(|| slack_error("channel_not_found"))?;
    let channel = state.slack.channel(&id).ok_or_else(|| slack_error("channel_not_found"))?;
    let open = channel.kind == ConversationKind::Public || channel.has_member(&caller.user);
    if open { Ok(channel) } else { Err(slack_error("channel_not_found")) }
}

/// `conversations.info`.
pub(crate) fn info(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    Ok(json!({"channel": readable_channel(state, caller, args, "read")?.to_json(&caller.user)}))
}

/// `conversations.history`: newest first.
pub(crate) fn history(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let channel = readable_channel(state, caller, args, "history")?;
    if !channel.has_member(&caller.user) {
        return Err(slack_error("not_in_channel"));
    }
    let from = history_cursor(args)?;
    let listed = channel.timeline().filter(|message| state.is_listed(message.micros.div_euclid(1_000)));
    let mut messages: Vec<&Message> = in_time_range(listed, args)?;
    let starts_at_oldest = args.text("oldest").is_some()
        && args.text("latest").is_none()
        && state.strangeness.slack.oldest_page == OldestPage::ClosestToOldest;
    if starts_at_oldest {
        messages.retain(|message| from.is_none_or(|from| message.micros >= from));
        let mut reply = history_page(state, channel, &messages, args, 100)?;
        // The messages of a page are newest first, whichever page it is.
        if let Some(page) = reply["messages"].as_array_mut() {
            page.reverse();
        }
        return Ok(reply);
    }
    messages.reverse();
    messages.retain(|message| from.is_none_or(|from| message.micros <= from));
    history_page(state, channel, &messages, args, 100)
}

/// `conversations.replies`: the parent and its replies, oldest first.
pub(crate) fn replies(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let channel = readable_channel(state, caller, args, "history")?;
    if !channel.has_member(&caller.user) {
        return Err(slack_error("not_in_channel"));
    }
    let requested = args.text("ts").and_then(|ts| parse_ts(&ts)).ok_or_else(|| slack_error("thread_not_found"))?;
    let found = channel.message(requested).ok_or_else(|| slack_error("thread_not_found"))?;
    let parent = found.thread.unwrap_or(found.micros);
    let is_listed = |reply: &&Message| reply.micros != parent && state.is_listed(reply.micros.div_euclid(1_000));
    let mut messages: Vec<&Message> = in_time_range(channel.thread(parent).filter(is_listed), args)?;
    messages.splice(0..0, channel.message(parent));
    if let Some(from) = history_cursor(args)? {
        messages.retain(|message| message.micros >= from);
    }
    history_page(state, channel, &messages, args, 1_000)
}

/// Returns the messages between `oldest` and `latest`, both exclusive unless `inclusive`.
fn in_time_range<'a>(messages: impl Iterator<Item = &'a Message>, args: &Arguments) -> Result<Vec<&'a Message>, Value> {
    let bound =
        |name: &str, error: &str| args.text(name).map(|ts| parse_ts(&ts).ok_or_else(|| slack_error(error))).transpose();
    let (oldest, latest) = (bound("oldest", "invalid_ts_oldest")?, bound("latest", "invalid_ts_latest")?);
    let inclusive = args.flag("inclusive");
    let after = |at: i64| oldest.is_none_or(|bound| at > bound || (inclusive && at == bound));
    let before = |at: i64| latest.is_none_or(|bound| at < bound || (inclusive && at == bound));
    Ok(messages.filter(|message| after(message.micros) && before(message.micros)).collect())
}

/// Builds one page; its cursor is the first message of the next page.
fn history_page(
    state: &SandboxState,
    channel: &Channel,
    messages: &[&Message],
    args: &Arguments,
    default: usize,
) -> Result<Value, Value> {
    let strangeness = state.strangeness.slack;
    let limit = super::limit(args, default, strangeness.max_history_items())?;
    let with_metadata = args.flag("include_all_metadata");
    let show = |message: &&Message| channel.message_json(message, with_metadata, strangeness);
    let shown: Vec<Value> = messages.iter().take(limit).map(show).collect();
    let mut reply = json!({"messages": shown, "has_more": messages.len() > limit, "pin_count": channel.pin_count()});
    if let Some(next) = messages.get(limit) {
        let cursor = STANDARD.encode(format!("next_ts:{}", next.micros));
        reply["response_metadata"] = json!({"next_cursor": cursor});
    }
    Ok(reply)
}

fn history_cursor(args: &Arguments) -> Result<Option<i64>, Value> {
    let Some(text) = args.text("cursor") else { return Ok(None) };
    let decoded = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let micros = decoded.and_then(|plain| plain.strip_prefix("next_ts:")?.parse().ok());
    micros.map(Some).ok_or_else(|| slack_error("invalid_cursor"))
}
