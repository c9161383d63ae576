//! Tests of Slack's strangeness: limits, lags, and messages that are read otherwise than they were sent.

use sandbox::fixtures::slack;
use sandbox::strangeness::{OldestPage, SlackLimits};
use sandbox::{Sandbox, Strangeness};
use serde_json::{Value, json};

use crate::slack::{get, post};
use crate::support::{TestRequest, access_token};

const SCOPES: [&str; 4] = ["chat:write", "channels:read", "channels:history", "channels:manage"];

fn strange(change: impl Fn(&mut Strangeness)) -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    let mut strangeness = Strangeness::documented();
    change(&mut strangeness);
    sandbox.set_strangeness(strangeness);
    let token = access_token(&sandbox, "slack", &SCOPES);
    (sandbox, token)
}

async fn texts(sandbox: &Sandbox, token: &str, args: &[(&str, &str)]) -> Vec<String> {
    let args = [&[("channel", slack::GENERAL)], args].concat();
    let found = get(sandbox, token, "conversations.history", &args).await;
    let texts = found["messages"].as_array().into_iter().flatten().filter_map(|message| message["text"].as_str());
    texts.map(str::to_owned).collect()
}

async fn send(sandbox: &Sandbox, token: &str, text: &str) -> Value {
    post(sandbox, token, "chat.postMessage", json!({"channel": slack::GENERAL, "text": text})).await
}

#[tokio::test]
async fn history_outside_the_marketplace_is_one_call_a_minute_of_15_items() {
    let (sandbox, token) = strange(|strangeness| {
        strangeness.slack.limits = SlackLimits::OutsideMarketplace;
    });
    for number in 0..20 {
        assert_eq!(send(&sandbox, &token, &number.to_string()).await["ok"], true);
        sandbox.advance_clock(1);
    }
    assert_eq!(texts(&sandbox, &token, &[("limit", "100")]).await.len(), 15);
    let path = format!("/slack/api/conversations.history?channel={}", slack::PROJECT_UPDATES);
    let limited = TestRequest::get(&path).bearer(&token).send(&sandbox).await;
    assert_eq!((limited.status.as_u16(), limited.json()), (429, json!({"ok": false, "error": "ratelimited"})));
    let wait: i64 = limited.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((50..=60).contains(&wait), "{wait}");
    let list = get(&sandbox, &token, "conversations.list", &[]).await;
    assert_eq!(list["ok"], true, "other methods have their own limits");
    sandbox.advance_clock(wait);
    assert_eq!(texts(&sandbox, &token, &[("limit", "1")]).await, ["19"]);
}

#[tokio::test]
async fn messages_to_a_channel_are_limited_to_one_a_second() {
    let (sandbox, token) = strange(|strangeness| strangeness.slack.limits = SlackLimits::Internal);
    for _ in 0..5 {
        assert_eq!(send(&sandbox, &token, "a burst").await["ok"], true);
    }
    let message = |channel: &str| json!({"channel": channel, "text": "one more"});
    let path = "/slack/api/chat.postMessage";
    let limited = TestRequest::post(path, &message(slack::GENERAL)).bearer(&token).send(&sandbox).await;
    assert_eq!((limited.status.as_u16(), limited.json()["error"].as_str()), (429, Some("ratelimited")));
    assert_eq!(post(&sandbox, &token, "chat.postMessage", message(slack::PROJECT_UPDATES)).await["ok"], true);
    sandbox.advance_clock(5);
    assert_eq!(send(&sandbox, &token, "later").await["ok"], true);
}

#[tokio::test]
async fn new_objects_appear_in_lists_after_the_lag() {
    let (sandbox, token) = strange(|strangeness| strangeness.list_lag_seconds = 8);
    let sent = send(&sandbox, &token, "new").await;
    let parent = sent["ts"].as_str().unwrap();
    let reply = json!({"channel": slack::GENERAL, "text": "reply", "thread_ts": parent});
    post(&sandbox, &token, "chat.postMessage", reply).await;
    let later = json!({"channel": slack::GENERAL, "text": "later", "post_at": sandbox.now() + 600});
    post(&sandbox, &token, "chat.scheduleMessage", later).await;
    post(&sandbox, &token, "conversations.create", json!({"name": "brand-new"})).await;
    let counts = async || {
        let channel = [("channel", slack::GENERAL), ("ts", parent)];
        let replies = get(&sandbox, &token, "conversations.replies", &channel).await;
        let scheduled = post(&sandbox, &token, "chat.scheduledMessages.list", json!({})).await;
        let joined = get(&sandbox, &token, "users.conversations", &[]).await;
        let count = |list: &Value| list.as_array().unwrap().len();
        [
            texts(&sandbox, &token, &[]).await.len(),
            count(&replies["messages"]),
            count(&scheduled["scheduled_messages"]),
            count(&joined["channels"]),
        ]
    };
    assert_eq!(counts().await, [2, 1, 1, 2]);
    sandbox.advance_clock(8);
    assert_eq!(counts().await, [3, 2, 2, 3]);
}

#[tokio::test]
async fn texts_are_rewritten_on_reading() {
    let (sandbox, token) = strange(|strangeness| strangeness.slack.rewrites_texts = true);
    let sent = "R&D: a<b, see https://example.com/a?b=1&c=2. Ask kim@example.com or <@U0SAM000001> &amp; <https://x.example|x>";
    let shown = "R&amp;D: a&lt;b, see <https://example.com/a?b=1&amp;c=2>. Ask <mailto:kim@example.com|kim@example.com> or \
                 <@U0SAM000001> &amp; <https://x.example|x>";
    let posted = send(&sandbox, &token, sent).await;
    assert_eq!(posted["message"]["text"], shown);
    assert_eq!(texts(&sandbox, &token, &[("limit", "1")]).await, [shown]);
    let later = json!({"channel": slack::GENERAL, "text": "a & b", "post_at": sandbox.now() + 600});
    post(&sandbox, &token, "chat.scheduleMessage", later).await;
    let listed = post(&sandbox, &token, "chat.scheduledMessages.list", json!({})).await;
    assert_eq!(listed["scheduled_messages"][0]["text"], "a &amp; b");
}

#[tokio::test]
async fn messages_of_apps_have_further_fields() {
    let (sandbox, token) = strange(|strangeness| {
        strangeness.slack.rewrites_texts = true;
        strangeness.slack.completes_app_messages = true;
    });
    let metadata = json!({"event_type": "sent", "event_payload": {"key": "k1"}});
    let body = json!({"channel": slack::GENERAL, "text": "see https://example.com", "metadata": metadata});
    post(&sandbox, &token, "chat.postMessage", body).await;
    let args = [("channel", slack::GENERAL), ("limit", "2"), ("include_all_metadata", "true")];
    let found = get(&sandbox, &token, "conversations.history", &args).await;
    let (of_app, of_person) = (&found["messages"][0], &found["messages"][1]);
    assert_eq!((&of_app["app_id"], &of_app["bot_profile"]["app_id"]), (&json!(slack::APP), &json!(slack::APP)));
    assert_eq!(of_app["blocks"][0]["type"], "rich_text");
    assert_eq!(of_app["attachments"][0]["from_url"], "https://example.com");
    assert_eq!(of_app["metadata"]["event_payload"], metadata["event_payload"]);
    assert_ne!(of_app["metadata"], metadata, "the metadata has further fields");
    assert_eq!((&of_person["bot_profile"], &of_person["blocks"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn history_with_oldest_starts_there() {
    let (sandbox, token) = strange(|strangeness| strangeness.slack.oldest_page = OldestPage::ClosestToOldest);
    let start = sandbox.now().to_string();
    for text in ["1", "2", "3"] {
        sandbox.advance_clock(1);
        send(&sandbox, &token, text).await;
    }
    let first = [("oldest", start.as_str()), ("limit", "2"), ("channel", slack::GENERAL)];
    let page = get(&sandbox, &token, "conversations.history", &first).await;
    assert_eq!((&page["messages"][0]["text"], &page["messages"][1]["text"]), (&json!("2"), &json!("1")));
    assert_eq!(page["has_more"], true);
    let cursor = page["response_metadata"]["next_cursor"].as_str().unwrap();
    assert_eq!(texts(&sandbox, &token, &[("oldest", &start), ("limit", "2"), ("cursor", cursor)]).await, ["3"]);
    assert_eq!(texts(&sandbox, &token, &[("limit", "2")]).await, ["3", "2"]);
    let latest = (sandbox.now() + 1).to_string();
    let both = [("oldest", start.as_str()), ("latest", &latest), ("limit", "2")];
    assert_eq!(texts(&sandbox, &token, &both).await, ["3", "2"]);
}
