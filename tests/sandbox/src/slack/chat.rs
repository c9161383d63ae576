//! Immediate and scheduled messages (<https://docs.slack.dev/reference/methods/chat.postMessage> and related methods).

use serde_json::{Value, json};

use super::args::Arguments;
use super::workspace::{ConversationKind, Message, ScheduledMessage, format_ts, parse_ts};
use super::{Caller, formatting, paginate, slack_error};
use crate::fixtures::slack;
use crate::state::SandboxState;

/// The maximum length of a text; longer ones are truncated.
const MAX_TEXT_CHARS: usize = 40_000;
const MAX_SCHEDULE_AHEAD_SECONDS: i64 = 120 * 86_400;

/// `chat.postMessage`.
pub(crate) fn post_message(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let channel = writable_channel(state, caller, args)?;
    let body = message_body(caller, args)?;
    let metadata = metadata(args)?;
    let thread = thread_parent(state, &channel, args)?;
    let (now, strangeness) = (state.clock.millis() * 1_000, state.strangeness.slack);
    let found = state.slack.channel_mut(&channel).ok_or_else(|| slack_error("channel_not_found"))?;
    let broadcast = thread.is_some() && args.flag("reply_broadcast");
    let micros = found.add_message(Message { broadcast, metadata, ..Message::new(now, thread, body) });
    let shown = found.message(micros).map(|message| found.message_json(message, true, strangeness));
    state.record_effect("slack", "message_posted", &format_ts(micros), caller.team.id, args.without_token());
    Ok(json!({"channel": channel, "ts": format_ts(micros), "message": shown}))
}

/// `chat.postEphemeral`: to one member of the channel. Nothing is stored.
pub(crate) fn post_ephemeral(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let channel = writable_channel(state, caller, args)?;
    message_body(caller, args)?;
    let user = args.text("user").ok_or_else(|| slack_error("user_not_in_channel"))?;
    if !state.slack.channel(&channel).is_some_and(|found| found.has_member(&user)) {
        return Err(slack_error("user_not_in_channel"));
    }
    let ts = format_ts(state.clock.millis() * 1_000);
    state.record_effect("slack", "ephemeral_posted", &ts, caller.team.id, args.without_token());
    Ok(json!({"message_ts": ts}))
}

/// Returns the id of the requested channel if the caller can write to it.
fn writable_channel(state: &SandboxState, caller: &Caller, args: &Arguments) -> Result<String, Value> {
    check_writable(state, caller, args.text("channel"))
}

/// Returns the id of a channel, by id or name, if the caller can write to it.
pub(super) fn check_writable(
    state: &SandboxState,
    caller: &Caller,
    requested: Option<String>,
) -> Result<String, Value> {
    let requested = requested.ok_or_else(|| slack_error("channel_not_found"))?;
    let channel = state.slack.find_channel(&requested, &caller.user).ok_or_else(|| slack_error("channel_not_found"))?;
    let open = channel.kind == ConversationKind::Public && caller.has_scope("chat:write.public");
    if channel.archived {
        return Err(slack_error("is_archived"));
    }
    if !channel.has_member(&caller.user) && !open {
        return Err(slack_error("not_in_channel"));
    }
    Ok(channel.id.clone())
}

/// Builds the stored message from the arguments.
pub(super) fn message_body(caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let (text, markdown) = (args.text("text"), args.text("markdown_text"));
    let (blocks, attachments) = (args.structure("blocks"), args.structure("attachments"));
    if markdown.is_some() && (text.is_some() || blocks.is_some()) {
        return Err(slack_error("markdown_text_conflict"));
    }
    if blocks.as_ref().is_some_and(|blocks| !blocks.is_array()) {
        return Err(slack_error("invalid_blocks_format"));
    }
    if blocks.as_ref().and_then(Value::as_array).is_some_and(|blocks| blocks.len() > 50) {
        return Err(slack_error("invalid_blocks"));
    }
    if attachments.as_ref().and_then(Value::as_array).is_some_and(|list| list.len() > 100) {
        return Err(slack_error("too_many_attachments"));
    }
    if markdown.as_ref().is_some_and(|markdown| markdown.chars().count() > 12_000) {
        return Err(slack_error("msg_too_long"));
    }
    let content = text.or(markdown);
    if content.is_none() && blocks.is_none() && attachments.is_none() {
        return Err(slack_error("no_text"));
    }
    let text: String = content.unwrap_or_default().chars().take(MAX_TEXT_CHARS).collect();
    let mut body = json!({"type": "message", "user": caller.user, "team": caller.team.id, "text": text});
    if caller.is_bot() {
        body["bot_id"] = json!(caller.team.bot);
        body["app_id"] = json!(slack::APP);
    }
    for (name, value) in [("blocks", blocks), ("attachments", attachments)] {
        if let Some(value) = value {
            body[name] = value;
        }
    }
    Ok(body)
}

/// Parses `metadata`: an event type and an object.
pub(super) fn metadata(args: &Arguments) -> Result<Option<Value>, Value> {
    let Some(metadata) = args.structure("metadata") else { return Ok(None) };
    if !metadata["event_type"].is_string() || !metadata["event_payload"].is_object() {
        return Err(slack_error("invalid_metadata_format"));
    }
    Ok(Some(metadata))
}

/// Returns the parent of a reply. A reply to a reply joins its thread.
pub(super) fn thread_parent(state: &SandboxState, channel: &str, args: &Arguments) -> Result<Option<i64>, Value> {
    let Some(requested) = args.text("thread_ts") else { return Ok(None) };
    let missing = || slack_error("thread_not_found");
    let at = parse_ts(&requested).ok_or_else(missing)?;
    let parent = state.slack.channel(channel).and_then(|channel| channel.message(at)).ok_or_else(missing)?;
    Ok(Some(parent.thread.unwrap_or(parent.micros)))
}

/// `chat.scheduleMessage`: up to 120 days ahead, at most 30 messages in five minutes of one channel.
pub(crate) fn schedule_message(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let channel = writable_channel(state, caller, args)?;
    let body = message_body(caller, args)?;
    let has_metadata = metadata(args)?.is_some();
    let thread = thread_parent(state, &channel, args)?;
    let now = state.clock.seconds();
    let post_at: i64 =
        args.text("post_at").and_then(|text| text.parse().ok()).ok_or_else(|| slack_error("invalid_time"))?;
    if post_at <= now {
        return Err(slack_error("time_in_past"));
    }
    if post_at > now + MAX_SCHEDULE_AHEAD_SECONDS {
        return Err(slack_error("time_too_far"));
    }
    let window = post_at.div_euclid(300);
    let same_window = state
        .slack
        .scheduled
        .iter()
        .filter(|other| other.channel == channel && other.post_at.div_euclid(300) == window);
    if same_window.count() >= 30 {
        return Err(slack_error("restricted_too_many"));
    }
    let id = state.slack.next_scheduled_id();
    let scheduled = ScheduledMessage {
        id: id.clone(),
        channel: channel.clone(),
        post_at,
        created: now,
        thread,
        has_metadata,
        body: body.clone(),
    };
    state.slack.scheduled.push(scheduled);
    state.record_effect("slack", "message_scheduled", &id, caller.team.id, args.without_token());
    let mut message = body;
    message["type"] = json!("delayed_message");
    Ok(json!({"channel": channel, "scheduled_message_id": id, "post_at": post_at, "message": message}))
}

/// `chat.scheduledMessages.list`: pending messages, soonest first.
pub(crate) fn list_scheduled(state: &mut SandboxState, _caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let bound = |name: &str| args.text(name).and_then(|text| parse_ts(&text)).map(|micros| micros / 1_000_000);
    let (oldest, latest, channel) = (bound("oldest"), bound("latest"), args.text("channel"));
    if channel.as_deref().is_some_and(|id| state.slack.channel(id).is_none()) {
        return Err(slack_error("invalid_channel"));
    }
    let mut pending: Vec<&ScheduledMessage> = state
        .slack
        .scheduled
        .iter()
        .filter(|one| state.is_listed(one.created * 1_000))
        .filter(|one| channel.as_ref().is_none_or(|id| *id == one.channel))
        .filter(|one| oldest.is_none_or(|from| one.post_at >= from) && latest.is_none_or(|to| one.post_at <= to))
        .collect();
    pending.sort_by_key(|one| (one.post_at, one.id.clone()));
    let shown = pending.into_iter().map(|one| {
        json!({
            "id": one.id, "channel_id": one.channel, "post_at": one.post_at, "date_created": one.created,
            "text": formatting::shown_text(state.strangeness.slack, &one.body["text"]),
        })
    });
    let page = paginate(shown.collect(), args, 100, 999)?;
    Ok(json!({"scheduled_messages": page.items, "response_metadata": {"next_cursor": page.next_cursor}}))
}

/// `chat.deleteScheduledMessage`.
pub(crate) fn delete_scheduled(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let channel = args.text("channel").ok_or_else(|| slack_error("channel_not_found"))?;
    if state.slack.channel(&channel).is_none() {
        return Err(slack_error("channel_not_found"));
    }
    let id = args.text("scheduled_message_id").ok_or_else(|| slack_error("invalid_scheduled_message_id"))?;
    let index = state.slack.scheduled.iter().position(|one| one.id == id && one.channel == channel);
    state.slack.scheduled.remove(index.ok_or_else(|| slack_error("invalid_scheduled_message_id"))?);
    state.record_effect("slack", "scheduled_message_deleted", &id, caller.team.id, args.without_token());
    Ok(json!({}))
}
