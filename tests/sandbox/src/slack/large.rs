//! Messages that together, or alone, are too long for one response.

use serde_json::{Value, json};

use super::State;
use super::workspace::{Channel, ConversationKind, Message, format_ts, parse_ts};
use crate::fixtures::slack;

/// The maximum length of a text (<https://docs.slack.dev/reference/methods/chat.postMessage>).
const MAX_TEXT_CHARS: usize = 40_000;
/// Number of the channel's messages, and of the replies.
const MESSAGES: i64 = 120;

/// Adds a channel with a thread of 120 replies and 120 messages of the maximum length, and one with a message of 6 MiB between two
/// short ones. A message has, beside its text, up to 100 attachments
/// (<https://docs.slack.dev/reference/methods/chat.postMessage>).
pub(crate) fn add(state: &mut State, now: i64) {
    let Some(workspace) = state.workspaces.first_mut() else { return };
    let members = [slack::ALEX, slack::SAM, slack::KIM, slack::BOT_USER];
    let created = now / 1_000 - 86_400;
    let channel = |id, name| Channel::new(id, name, ConversationKind::Public, &members, created, "Words");
    let (mut long, mut longest) = (channel(slack::LONG, "minutes"), channel(slack::LONGEST, "transcripts"));
    let thread = parse_ts(slack::LONG_THREAD).unwrap_or_default();
    long.add_message(Message::new(thread, None, body("Read this".to_owned())));
    let text = |number: i64| format!("Minutes {number} ").repeat(MAX_TEXT_CHARS / 12);
    for number in 1..=MESSAGES {
        let at = |hours: i64| (now - hours * 3_600_000 + number * 1_000) * 1_000;
        long.add_message(Message::new(at(30), Some(thread), body(text(number))));
        long.add_message(Message::new(at(20), None, body(text(number))));
    }
    for (number, attachments) in [(1, 0), (2, 100), (3, 0)] {
        let mut message = body(format!("Transcript {number}"));
        let attachment = json!({"id": 1, "text": "All of the words that were said. ".repeat(2_000)});
        message["attachments"] = (0..attachments).map(|_| attachment.clone()).collect();
        longest.add_message(Message::new((now - 3_600_000 + number * 60_000) * 1_000, None, message));
    }
    debug_assert_eq!(format_ts(thread), slack::LONG_THREAD);
    workspace.channels.extend([long, longest]);
}

/// A person's message has its text in `blocks` too (<https://docs.slack.dev/reference/block-kit/blocks/rich-text-block>).
fn body(text: String) -> Value {
    let section = json!({"type": "rich_text_section", "elements": [{"type": "text", "text": text}]});
    let blocks = json!([{"type": "rich_text", "block_id": "b0", "elements": [section]}]);
    json!({"type": "message", "user": slack::KIM, "team": slack::TEAM, "text": text, "blocks": blocks})
}
