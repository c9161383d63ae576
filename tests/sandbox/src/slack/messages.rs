//! Changes of existing messages: edits, reactions and pins (<https://docs.slack.dev/reference/methods/chat.update> and related
//! methods).

use serde_json::{Value, json};

use super::args::Arguments;
use super::conversations::visible_channel;
use super::workspace::{Channel, Message, Pin, Reaction, format_ts, parse_ts};
use super::{Caller, chat, formatting, slack_error};
use crate::state::SandboxState;

/// The maximum length of an edited text, which is less than that of a new message.
const MAX_EDITED_TEXT_CHARS: usize = 4_000;
/// The maximum number of reactions to one message.
const MAX_REACTIONS: usize = 50;
const MAX_PINS: usize = 100;

/// `chat.update`: the caller's own messages only.
pub(crate) fn update(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let MessageId { channel, micros: at } = find_message(state, caller, args, "ts")?;
    if args.text("text").is_some_and(|text| text.chars().count() > MAX_EDITED_TEXT_CHARS) {
        return Err(slack_error("msg_too_long"));
    }
    let content = chat::message_body(caller, args)?;
    let metadata = chat::metadata(args)?;
    let edited = json!({"user": caller.user, "ts": format_ts(state.clock.millis() * 1_000)});
    let message = message_mut(state, &channel, at)?;
    if !message.is_written_by(&caller.user) {
        return Err(slack_error("cant_update_message"));
    }
    message.body["text"] = content["text"].clone();
    for part in ["blocks", "attachments"] {
        // An absent field is unchanged; an empty list removes it.
        if !content[part].is_null() {
            message.body[part] = content[part].clone();
        }
    }
    message.body["edited"] = edited;
    message.metadata = metadata.or(message.metadata.take());
    let strangeness = state.strangeness.slack;
    let text = formatting::shown_text(strangeness, &message_mut(state, &channel, at)?.body["text"]);
    state.record_effect("slack", "message_updated", &format_ts(at), caller.team.id, args.without_token());
    let shown = state
        .slack
        .channel(&channel)
        .and_then(|found| Some(found.message_json(found.message(at)?, false, strangeness)));
    Ok(json!({"channel": channel, "ts": format_ts(at), "text": text, "message": shown}))
}

/// `chat.delete`: the caller's own messages only.
pub(crate) fn delete(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let MessageId { channel, micros: at } = find_message(state, caller, args, "ts")?;
    if !message_mut(state, &channel, at)?.is_written_by(&caller.user) {
        return Err(slack_error("cant_delete_message"));
    }
    if let Some(found) = state.slack.channel_mut(&channel) {
        found.remove_message(at);
    }
    state.record_effect("slack", "message_deleted", &format_ts(at), caller.team.id, args.without_token());
    Ok(json!({"channel": channel, "ts": format_ts(at)}))
}

/// `reactions.add`.
pub(crate) fn add_reaction(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let reaction = reaction_from(caller, args)?;
    let MessageId { channel, micros: at } = find_message(state, caller, args, "timestamp")?;
    let message = message_mut(state, &channel, at)?;
    if message.reactions.contains(&reaction) {
        return Err(slack_error("already_reacted"));
    }
    if message.reactions.len() >= MAX_REACTIONS {
        return Err(slack_error("too_many_emoji"));
    }
    message.reactions.push(reaction);
    state.record_effect("slack", "reaction_added", &format_ts(at), caller.team.id, args.without_token());
    Ok(json!({}))
}

/// `reactions.remove`: the caller's own reactions only.
pub(crate) fn remove_reaction(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let reaction = reaction_from(caller, args)?;
    let MessageId { channel, micros: at } = find_message(state, caller, args, "timestamp")?;
    let message = message_mut(state, &channel, at)?;
    if !message.reactions.contains(&reaction) {
        return Err(slack_error("no_reaction"));
    }
    message.reactions.retain(|other| *other != reaction);
    state.record_effect("slack", "reaction_removed", &format_ts(at), caller.team.id, args.without_token());
    Ok(json!({}))
}

/// `pins.add`.
pub(crate) fn add_pin(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let MessageId { channel, micros: at } = find_message(state, caller, args, "timestamp")?;
    if state.slack.channel(&channel).is_some_and(|found| found.pin_count() >= MAX_PINS) {
        return Err(slack_error("too_many_pins"));
    }
    let pin = Pin { created: state.clock.seconds(), created_by: caller.user.clone() };
    let message = message_mut(state, &channel, at)?;
    if message.pin.is_some() {
        return Err(slack_error("already_pinned"));
    }
    message.pin = Some(pin);
    state.record_effect("slack", "message_pinned", &format_ts(at), caller.team.id, args.without_token());
    Ok(json!({}))
}

/// `pins.remove`.
pub(crate) fn remove_pin(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let MessageId { channel, micros: at } = find_message(state, caller, args, "timestamp")?;
    if message_mut(state, &channel, at)?.pin.take().is_none() {
        return Err(slack_error("no_pin"));
    }
    state.record_effect("slack", "message_unpinned", &format_ts(at), caller.team.id, args.without_token());
    Ok(json!({}))
}

/// `pins.list`: all of them, the newest first.
pub(crate) fn pins(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let channel = visible_channel(state, caller, args)?;
    let items = channel.pinned().map(|(message, pin)| {
        json!({
            "type": "message", "channel": channel.id, "created": pin.created, "created_by": pin.created_by,
            "message": linked_message(state, caller, channel, message),
        })
    });
    Ok(json!({"items": items.collect::<Vec<_>>()}))
}

/// `reactions.get`: the message with its reactions.
pub(crate) fn reactions(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let MessageId { channel, micros: at } = find_message(state, caller, args, "timestamp")?;
    let channel = state.slack.channel(&channel).ok_or_else(|| slack_error("channel_not_found"))?;
    let message = channel.message(at).ok_or_else(|| slack_error("message_not_found"))?;
    let shown = linked_message(state, caller, channel, message);
    Ok(json!({"type": "message", "channel": channel.id, "message": shown}))
}

/// Returns a message as lists of pins and reactions have it: with its link.
fn linked_message(state: &SandboxState, caller: &Caller, channel: &Channel, message: &Message) -> Value {
    let mut shown = channel.message_json(message, false, state.strangeness.slack);
    shown["permalink"] = json!(link_to(caller, channel, message));
    shown
}

/// `chat.getPermalink`: of a reply with the thread (<https://docs.slack.dev/reference/methods/chat.getPermalink>).
pub(crate) fn permalink(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let channel = visible_channel(state, caller, args)?;
    let at = args.text("message_ts").and_then(|ts| parse_ts(&ts));
    let message = at.and_then(|at| channel.message(at)).ok_or_else(|| slack_error("message_not_found"))?;
    Ok(json!({"channel": channel.id, "permalink": link_to(caller, channel, message)}))
}

fn link_to(caller: &Caller, channel: &Channel, message: &Message) -> String {
    let place = format_ts(message.micros).replace('.', "");
    let mut link = format!("https://{}.slack.com/archives/{}/p{place}", caller.team.domain, channel.id);
    if let Some(thread) = message.thread {
        link.push_str(&format!("?thread_ts={}&cid={}", format_ts(thread), channel.id));
    }
    link
}

/// A message of a channel.
struct MessageId {
    channel: String,
    micros: i64,
}

/// Finds the channel and message named by the arguments.
fn find_message(state: &SandboxState, caller: &Caller, args: &Arguments, name: &str) -> Result<MessageId, Value> {
    let channel = visible_channel(state, caller, args)?;
    if !channel.has_member(&caller.user) {
        return Err(slack_error("not_in_channel"));
    }
    let text = args
        .text(name)
        .ok_or_else(|| slack_error(if name == "ts" { "message_not_found" } else { "no_item_specified" }))?;
    let at = parse_ts(&text).ok_or_else(|| slack_error("bad_timestamp"))?;
    channel.message(at).ok_or_else(|| slack_error("message_not_found"))?;
    Ok(MessageId { channel: channel.id.clone(), micros: at })
}

fn message_mut<'a>(state: &'a mut SandboxState, channel: &str, at: i64) -> Result<&'a mut Message, Value> {
    let found = state.slack.channel_mut(channel).and_then(|channel| channel.message_mut(at));
    found.ok_or_else(|| slack_error("message_not_found"))
}

/// Builds the caller's reaction from the emoji name in the arguments.
fn reaction_from(caller: &Caller, args: &Arguments) -> Result<Reaction, Value> {
    let name = args.text("name").ok_or_else(|| slack_error("invalid_name"))?;
    let is_valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-+':".contains(c);
    if !name.chars().all(is_valid) || name.starts_with(':') {
        return Err(slack_error("invalid_name"));
    }
    Ok(Reaction { emoji: name, user: caller.user.clone() })
}
