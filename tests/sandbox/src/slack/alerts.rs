//! The messages of another app, which have no `text`: what they say is in `blocks`, in `attachments` or in a file.

use serde_json::{Value, json};

use super::State;
use super::workspace::{Channel, ConversationKind, Message, parse_ts};
use crate::fixtures::slack;

/// Shows `#alerts` with its messages, or hides it.
pub(crate) fn show(state: &mut State, is_shown: bool) {
    let Some(workspace) = state.workspaces.first_mut() else { return };
    let is_there = workspace.channel(slack::ALERTS).is_some();
    if is_shown && !is_there {
        workspace.channels.push(channel());
    } else if !is_shown {
        workspace.channels.retain(|channel| channel.id != slack::ALERTS);
    }
}

fn channel() -> Channel {
    let members = [slack::ALEX, slack::SAM, slack::KIM, slack::BOT_USER];
    let first = parse_ts(slack::ALERT).unwrap_or_default();
    let created = first / 1_000_000 - 86_400;
    let mut alerts =
        Channel::new(slack::ALERTS, "alerts", ConversationKind::Public, &members, created, "What is wrong");
    for (minutes, body) in [(0, incident()), (10, build()), (20, snippet()), (30, report())] {
        alerts.add_message(Message::new(first + minutes * 60_000_000, None, body));
    }
    alerts.add_message(Message::new(first + 60_000_000, Some(first), resolved()));
    alerts
}

/// The fields of a message of an app (<https://docs.slack.dev/reference/events/message/bot_message>).
fn app_message(parts: Value) -> Value {
    let mut body = json!({
        "type": "message", "subtype": "bot_message", "text": "", "bot_id": "B0WATCHER01", "username": "Watcher",
        "icons": {"emoji": ":rotating_light:"},
    });
    if let (Some(body), Value::Object(parts)) = (body.as_object_mut(), parts) {
        body.extend(parts);
    }
    body
}

/// Blocks alone (<https://docs.slack.dev/reference/block-kit/blocks>).
fn incident() -> Value {
    app_message(json!({"blocks": [
        {"type": "header", "block_id": "h1", "text": {"type": "plain_text", "text": "Disk full &amp; read-only", "emoji": true}},
        {"type": "section", "block_id": "s1", "text": {"type": "mrkdwn", "verbatim": false,
            "text": format!("<https://status.example.com/7|Incident 7>: ask <@{}> or <!here>", slack::SAM)},
         "fields": [{"type": "mrkdwn", "text": "*Host*\ndb-1"}, {"type": "mrkdwn", "text": "*Used*\n99 %"}]},
        {"type": "actions", "block_id": "a1", "elements": [{"type": "button", "action_id": "ack",
            "text": {"type": "plain_text", "text": "Acknowledge"}, "value": "7"}]},
        {"type": "context", "block_id": "c1", "elements": [{"type": "mrkdwn", "text": "Watched by *Watcher*"}]},
    ]}))
}

/// An attachment alone, in a thread, and `text` null
/// (<https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments>).
fn resolved() -> Value {
    app_message(json!({"text": null, "attachments": [
        {"id": 1, "color": "2eb886", "fallback": "Incident 7 is resolved", "title": "Resolved", "mrkdwn_in": ["text"],
         "text": "Space was freed on db-1.", "fields": [{"title": "Duration", "value": "12 minutes", "short": true}]},
    ]}))
}

fn build() -> Value {
    app_message(json!({"attachments": [
        {"id": 1, "color": "a30200", "fallback": "Build 42 failed", "pretext": "A build has ended", "title": "Build 42 failed",
         "title_link": "https://ci.example.com/42", "text": "2 of 310 tests &lt; green", "ts": 1_735_689_600},
        {"id": 2, "fallback": "no preview", "blocks": [{"type": "section", "block_id": "s1",
            "text": {"type": "mrkdwn", "text": "Flaky: `clock_goes_back`"}}]},
    ]}))
}

/// A snippet alone: the start of its text is in `preview` (<https://docs.slack.dev/reference/objects/file-object>).
fn snippet() -> Value {
    app_message(json!({"files": [{
        "id": slack::SNIPPET, "created": 1_735_689_600, "timestamp": 1_735_689_600, "name": "trace.txt", "title": "Stack of db-1",
        "mimetype": "text/plain", "filetype": "text", "pretty_type": "Plain Text", "mode": "snippet", "editable": true,
        "size": 2_400, "is_external": false, "external_type": "", "is_public": true,
        "preview": "panicked at 'no space left'\n  at write_page", "lines": 60, "lines_more": 58, "preview_is_truncated": true,
        "preview_highlight": "<div class=\"CodeMirror\"><pre>panicked</pre></div>",
    }]}))
}

/// A file alone, with a title of its own.
fn report() -> Value {
    app_message(json!({"files": [{
        "id": slack::REPORT, "created": 1_735_689_600, "timestamp": 1_735_689_600, "name": "q4.pdf", "title": "Outage report",
        "mimetype": "application/pdf", "filetype": "pdf", "mode": "hosted", "size": 12_000, "is_external": false,
    }]}))
}
