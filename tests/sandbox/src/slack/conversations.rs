//! Channels and their history (<https://docs.slack.dev/reference/methods/conversations.history> and its neighbours).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::args::Args;
use super::workspace::{Channel, Kind, Message, micros};
use super::{Caller, missing_scope, no, page};
use crate::state::World;

/// `conversations.list`: public channels, and private ones the caller is in. Every type asked for needs its scope.
pub(crate) fn list(world: &mut World, caller: &Caller, args: &Args) -> Result<Value, Value> {
    let kinds = kinds(caller, args)?;
    let visible =
        world.slack.channels.iter().filter(|channel| channel.kind == Kind::Public || channel.has_member(&caller.user));
    describe(visible.filter(|channel| kinds.contains(&channel.kind)), caller, args)
}

/// `users.conversations`: those the caller is in.
pub(crate) fn own(world: &mut World, caller: &Caller, args: &Args) -> Result<Value, Value> {
    let kinds = kinds(caller, args)?;
    let own = world.slack.channels.iter().filter(|channel| channel.has_member(&caller.user));
    describe(own.filter(|channel| kinds.contains(&channel.kind)), caller, args)
}

fn kinds(caller: &Caller, args: &Args) -> Result<Vec<Kind>, Value> {
    let asked = args.text("types").unwrap_or_else(|| Kind::Public.name().to_owned());
    let mut kinds = Vec::new();
    for name in asked.split(',').map(str::trim) {
        let needed = match name {
            "public_channel" => Kind::Public,
            "private_channel" => Kind::Private,
            "im" => Kind::Direct,
            "mpim" => Kind::Group,
            _ => return Err(no("invalid_types")),
        };
        allowed(caller, needed, "read")?;
        kinds.push(needed);
    }
    Ok(kinds)
}

/// Does the caller hold the scope of this kind of channel?
fn allowed(caller: &Caller, kind: Kind, right: &str) -> Result<(), Value> {
    let scope = format!("{}:{right}", kind.scope());
    if caller.has(&scope) { Ok(()) } else { Err(missing_scope(&scope, caller)) }
}

fn describe<'a>(channels: impl Iterator<Item = &'a Channel>, caller: &Caller, args: &Args) -> Result<Value, Value> {
    let shown = channels.map(|channel| channel.describe(&caller.user)).collect();
    let (shown, next) = page(shown, args, 100, 1_000)?;
    Ok(json!({"channels": shown, "response_metadata": {"next_cursor": next}}))
}

/// A channel by id (names will not do), if the caller can see it and holds its scope.
fn channel<'a>(world: &'a World, caller: &Caller, args: &Args, right: &str) -> Result<&'a Channel, Value> {
    let channel = visible(world, caller, args)?;
    allowed(caller, channel.kind, right)?;
    Ok(channel)
}

/// A channel by id, if the caller can see it.
pub(super) fn visible<'a>(world: &'a World, caller: &Caller, args: &Args) -> Result<&'a Channel, Value> {
    let id = args.text("channel").ok_or_else(|| no("channel_not_found"))?;
    let channel = world.slack.channel(&id).ok_or_else(|| no("channel_not_found"))?;
    let open = channel.kind == Kind::Public || channel.has_member(&caller.user);
    if open { Ok(channel) } else { Err(no("channel_not_found")) }
}

/// `conversations.info`.
pub(crate) fn info(world: &mut World, caller: &Caller, args: &Args) -> Result<Value, Value> {
    Ok(json!({"channel": channel(world, caller, args, "read")?.describe(&caller.user)}))
}

/// `conversations.history`: newest first.
pub(crate) fn history(world: &mut World, caller: &Caller, args: &Args) -> Result<Value, Value> {
    let channel = channel(world, caller, args, "history")?;
    if !channel.has_member(&caller.user) {
        return Err(no("not_in_channel"));
    }
    let mut messages: Vec<&Message> = within(channel.timeline(), args)?;
    messages.reverse();
    if let Some(from) = cursor(args)? {
        messages.retain(|message| message.micros <= from);
    }
    window(channel, &messages, args, 100)
}

/// `conversations.replies`: the parent and its replies, oldest first.
pub(crate) fn replies(world: &mut World, caller: &Caller, args: &Args) -> Result<Value, Value> {
    let channel = channel(world, caller, args, "history")?;
    if !channel.has_member(&caller.user) {
        return Err(no("not_in_channel"));
    }
    let asked = args.text("ts").and_then(|ts| micros(&ts)).ok_or_else(|| no("thread_not_found"))?;
    let found = channel.message(asked).ok_or_else(|| no("thread_not_found"))?;
    let parent = found.thread.unwrap_or(found.micros);
    let mut messages: Vec<&Message> = within(channel.thread(parent).filter(|one| one.micros != parent), args)?;
    messages.splice(0..0, channel.message(parent));
    if let Some(from) = cursor(args)? {
        messages.retain(|message| message.micros >= from);
    }
    window(channel, &messages, args, 1_000)
}

/// Those between `oldest` and `latest`, both left out unless `inclusive`.
fn within<'a>(messages: impl Iterator<Item = &'a Message>, args: &Args) -> Result<Vec<&'a Message>, Value> {
    let bound = |name: &str, error: &str| args.text(name).map(|ts| micros(&ts).ok_or_else(|| no(error))).transpose();
    let (oldest, latest) = (bound("oldest", "invalid_ts_oldest")?, bound("latest", "invalid_ts_latest")?);
    let inclusive = args.flag("inclusive");
    let after = |at: i64| oldest.is_none_or(|bound| at > bound || (inclusive && at == bound));
    let before = |at: i64| latest.is_none_or(|bound| at < bound || (inclusive && at == bound));
    Ok(messages.filter(|message| after(message.micros) && before(message.micros)).collect())
}

/// One page, and a cursor that names the first message of the next.
fn window(channel: &Channel, messages: &[&Message], args: &Args, default: usize) -> Result<Value, Value> {
    let limit = super::limit(args, default, 999)?;
    let with_metadata = args.flag("include_all_metadata");
    let shown: Vec<Value> = messages.iter().take(limit).map(|message| channel.show(message, with_metadata)).collect();
    let mut reply = json!({"messages": shown, "has_more": messages.len() > limit, "pin_count": channel.pins()});
    if let Some(next) = messages.get(limit) {
        let cursor = STANDARD.encode(format!("next_ts:{}", next.micros));
        reply["response_metadata"] = json!({"next_cursor": cursor});
    }
    Ok(reply)
}

fn cursor(args: &Args) -> Result<Option<i64>, Value> {
    let Some(text) = args.text("cursor") else { return Ok(None) };
    let decoded = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let micros = decoded.and_then(|plain| plain.strip_prefix("next_ts:")?.parse().ok());
    micros.map(Some).ok_or_else(|| no("invalid_cursor"))
}
