//! What is done to a message that is there (<https://docs.slack.dev/reference/methods/chat.update> and its neighbours).

use serde_json::{Value, json};

use super::args::Args;
use super::conversations::visible;
use super::workspace::{Message, micros, ts};
use super::{Caller, chat, no};
use crate::state::World;
use crate::fixtures::slack;

/// An edit allows less than a new message.
const MAX_TEXT: usize = 4_000;
/// Emoji under one message.
const MAX_EMOJI: usize = 50;
const MAX_PINS: usize = 100;

/// `chat.update`: the caller's own message.
pub(crate) fn update(world: &mut World, caller: &Caller, args: &Args) -> Result<Value, Value> {
    let (channel, at) = find(world, caller, args, "ts")?;
    if args.text("text").is_some_and(|text| text.chars().count() > MAX_TEXT) {
        return Err(no("msg_too_long"));
    }
    let written = chat::compose(caller, args)?;
    let metadata = chat::metadata(args)?;
    let edited = json!({"user": caller.user, "ts": ts(world.clock.millis() * 1_000)});
    let message = message_mut(world, &channel, at)?;
    if !message.is_by(&caller.user) {
        return Err(no("cant_update_message"));
    }
    message.body["text"] = written["text"].clone();
    for part in ["blocks", "attachments"] {
        // What is left out stays; an empty list takes it away.
        if !written[part].is_null() {
            message.body[part] = written[part].clone();
        }
    }
    message.body["edited"] = edited;
    message.metadata = metadata.or(message.metadata.take());
    let text = message.body["text"].clone();
    world.record("slack", "message_updated", &ts(at), slack::TEAM, args.request());
    let shown = world.slack.channel(&channel).and_then(|found| Some(found.show(found.message(at)?, false)));
    Ok(json!({"channel": channel, "ts": ts(at), "text": text, "message": shown}))
}

/// `chat.delete`: the caller's own message.
pub(crate) fn delete(world: &mut World, caller: &Caller, args: &Args) -> Result<Value, Value> {
    let (channel, at) = find(world, caller, args, "ts")?;
    if !message_mut(world, &channel, at)?.is_by(&caller.user) {
        return Err(no("cant_delete_message"));
    }
    if let Some(found) = world.slack.channel_mut(&channel) {
        found.remove(at);
    }
    world.record("slack", "message_deleted", &ts(at), slack::TEAM, args.request());
    Ok(json!({"channel": channel, "ts": ts(at)}))
}

/// `reactions.add`.
pub(crate) fn react(world: &mut World, caller: &Caller, args: &Args) -> Result<Value, Value> {
    let reaction = reaction(caller, args)?;
    let (channel, at) = find(world, caller, args, "timestamp")?;
    let message = message_mut(world, &channel, at)?;
    if message.reactions.contains(&reaction) {
        return Err(no("already_reacted"));
    }
    if message.reactions.len() >= MAX_EMOJI {
        return Err(no("too_many_emoji"));
    }
    message.reactions.push(reaction);
    world.record("slack", "reaction_added", &ts(at), slack::TEAM, args.request());
    Ok(json!({}))
}

/// `reactions.remove`: the caller's own.
pub(crate) fn unreact(world: &mut World, caller: &Caller, args: &Args) -> Result<Value, Value> {
    let reaction = reaction(caller, args)?;
    let (channel, at) = find(world, caller, args, "timestamp")?;
    let message = message_mut(world, &channel, at)?;
    if !message.reactions.contains(&reaction) {
        return Err(no("no_reaction"));
    }
    message.reactions.retain(|other| *other != reaction);
    world.record("slack", "reaction_removed", &ts(at), slack::TEAM, args.request());
    Ok(json!({}))
}

/// `pins.add`.
pub(crate) fn pin(world: &mut World, caller: &Caller, args: &Args) -> Result<Value, Value> {
    let (channel, at) = find(world, caller, args, "timestamp")?;
    if world.slack.channel(&channel).is_some_and(|found| found.pins() >= MAX_PINS) {
        return Err(no("too_many_pins"));
    }
    let message = message_mut(world, &channel, at)?;
    if message.pinned {
        return Err(no("already_pinned"));
    }
    message.pinned = true;
    world.record("slack", "message_pinned", &ts(at), slack::TEAM, args.request());
    Ok(json!({}))
}

/// The channel and the message an argument names.
fn find(world: &World, caller: &Caller, args: &Args, name: &str) -> Result<(String, i64), Value> {
    let channel = visible(world, caller, args)?;
    if !channel.has_member(&caller.user) {
        return Err(no("not_in_channel"));
    }
    let text =
        args.text(name).ok_or_else(|| no(if name == "ts" { "message_not_found" } else { "no_item_specified" }))?;
    let at = micros(&text).ok_or_else(|| no("bad_timestamp"))?;
    channel.message(at).ok_or_else(|| no("message_not_found"))?;
    Ok((channel.id.clone(), at))
}

fn message_mut<'a>(world: &'a mut World, channel: &str, at: i64) -> Result<&'a mut Message, Value> {
    let found = world.slack.channel_mut(channel).and_then(|channel| channel.message_mut(at));
    found.ok_or_else(|| no("message_not_found"))
}

/// The emoji, by the name it has in Slack, and the caller.
fn reaction(caller: &Caller, args: &Args) -> Result<(String, String), Value> {
    let name = args.text("name").ok_or_else(|| no("invalid_name"))?;
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-+':".contains(c);
    if !name.chars().all(fits) || name.starts_with(':') {
        return Err(no("invalid_name"));
    }
    Ok((name, caller.user.clone()))
}
