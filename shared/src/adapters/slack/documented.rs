//! Responses as Slack's reference shows them, and the same with surprises.

use serde_json::{Value, json};

use super::ADAPTER;
use crate::adapters::testing::{self, SentRequest};

/// A channel's id, by which no look-up is made.
const CHANNEL: &str = "C012AB3CD";
const TS: &str = "1512085950.000216";

/// <https://docs.slack.dev/reference/events/message> <https://docs.slack.dev/reference/objects/file-object>
fn message(ts: &str) -> Value {
    json!({
        "type": "message",
        "user": "U123ABC456",
        "text": "I find you punny",
        "ts": ts,
        "thread_ts": "1482960137.003543",
        "reply_count": 3,
        "subscribed": true,
        "reactions": [
            { "name": "astonished", "count": 3, "users": ["U1", "U2", "U3"] },
            { "name": "facepalm", "count": 1034, "users": ["U1"] },
        ],
        "files": [{
            "id": "F0S43P1CZ",
            "created": 1_531_763_254,
            "name": "billair.gif",
            "title": "billair.gif",
            "mimetype": "image/gif",
            "size": 144_538,
            "permalink": "https://.../billair.gif",
        }],
    })
}

/// <https://docs.slack.dev/reference/events/message/bot_message>
fn bot_message(ts: &str) -> Value {
    json!({
        "type": "message",
        "subtype": "bot_message",
        "ts": ts,
        "text": "Pushing is the answer",
        "bot_id": "BB12033",
        "username": "github",
        "icons": {},
    })
}

/// <https://docs.slack.dev/reference/objects/conversation-object>
fn channel(id: &str) -> Value {
    json!({
        "id": id,
        "name": "general",
        "is_channel": true,
        "is_group": false,
        "is_im": false,
        "is_mpim": false,
        "is_private": false,
        "created": 1_449_252_889,
        "is_archived": false,
        "name_normalized": "general",
        "updated": 1_689_965_803_820_u64,
        "parent_conversation": null,
        "creator": "W123456",
        "is_member": true,
        "topic": { "value": "For public discussion of generalities", "creator": "W123456", "last_set": 1_449_709_364 },
        "purpose": { "value": "This part of the workspace is for fun.", "creator": "W123456", "last_set": 1_449_709_364 },
        "num_members": 4,
    })
}

/// <https://docs.slack.dev/reference/objects/user-object>
fn user(id: &str) -> Value {
    json!({
        "id": id,
        "team_id": "T012AB3C4",
        "name": "spengler",
        "deleted": false,
        "real_name": "Egon Spengler",
        "tz": "America/Los_Angeles",
        "tz_label": "Pacific Daylight Time",
        "tz_offset": -25_200,
        "profile": {
            "title": "Scientist",
            "real_name": "Egon Spengler",
            "display_name": "egon",
            "email": "spengler@ghostbusters.example.com",
        },
        "is_admin": true,
        "is_bot": false,
        "updated": 1_502_138_686,
    })
}

/// A page of a list: <https://docs.slack.dev/apis/web-api/pagination>
fn page(name: &str, items: [Value; 2]) -> (u16, Value) {
    (200, json!({ "ok": true, name: items, "response_metadata": { "next_cursor": "dGVhbTpDMDYxRkE1UEI=" } }))
}

async fn assert_degrades(intent: &'static str, context: Value, responses: fn(&SentRequest) -> (u16, Value)) {
    testing::assert_surprises_degrade(&ADAPTER, intent, context, responses).await;
}

#[tokio::test]
async fn a_surprise_in_a_message_costs_its_field() {
    // https://docs.slack.dev/reference/methods/conversations.history
    let messages = |_: &SentRequest| page("messages", [message(TS), bot_message("1512104434.000490")]);
    assert_degrades("fetch_messages", json!({ "channel": CHANNEL }), messages).await;
    assert_degrades("fetch_thread", json!({ "channel": CHANNEL, "threadTs": "1482960137.003543" }), messages).await;
}

#[tokio::test]
async fn a_surprise_in_one_message_costs_its_field() {
    // https://docs.slack.dev/reference/methods/chat.getPermalink
    assert_degrades("get_permalink", json!({ "channel": CHANNEL, "ts": TS }), |_| {
        let permalink = "https://ghostbusters.slack.com/archives/C1H9RESGA/p135854651500008";
        (200, json!({ "ok": true, "channel": CHANNEL, "permalink": permalink }))
    })
    .await;
    // https://docs.slack.dev/reference/methods/conversations.replies
    assert_degrades("get_message", json!({ "channel": CHANNEL, "ts": TS }), |sent| match sent.line.as_str() {
        "GET /api/chat.getPermalink" => (200, json!({ "ok": true, "permalink": "https://example.com" })),
        _ => page("messages", [message(TS), bot_message("1512104434.000490")]),
    })
    .await;
}

#[tokio::test]
async fn a_surprise_in_a_file_costs_its_field() {
    // https://docs.slack.dev/reference/methods/files.info
    assert_degrades("get_file", json!({ "fileId": "F0S43PZDF", "asText": true }), |sent| {
        if sent.line != "GET /api/files.info" {
            return (200, json!("the bytes"));
        }
        let file = json!({
            "id": "F0S43PZDF",
            "created": 1_531_763_342,
            "name": "tedair.gif",
            "title": "Ted",
            "mimetype": "image/gif",
            "filetype": "gif",
            "user": "U061F7AUR",
            "size": 11,
            "mode": "hosted",
            "is_external": false,
            "external_type": "",
            "is_public": true,
            "url_private": "https://files.slack.com/files-pri/T061EG9R6-F0S43PZDF/tedair.gif",
            "url_private_download": "https://files.slack.com/files-pri/T061EG9R6-F0S43PZDF/download/tedair.gif",
            "permalink": "https://team.slack.com/files/U061F7AUR/F0S43PZDF/tedair.gif",
            "shares": { "public": { "C0T8SE4AU": [{ "ts": "1531763348.000001" }] } },
            "channels": ["C0T8SE4AU"],
            "groups": [],
            "ims": [],
        });
        (200, json!({ "ok": true, "file": file, "comments": [], "response_metadata": { "next_cursor": "" } }))
    })
    .await;
}

#[tokio::test]
async fn a_surprise_in_a_search_costs_its_field() {
    // https://docs.slack.dev/reference/methods/search.messages
    assert_degrades("search_workspace", json!({ "query": "life" }), |_| {
        let found = |ts: &str, user: &str, username: &str| {
            json!({
                "channel": { "id": "C12345678", "is_private": false, "name": "general", "pending_shared": [] },
                "iid": "cb64bdaa-c1e8-4631-8a91-0f78080113e9",
                "permalink": "https://hitchhikers.slack.com/archives/C12345678/p1508284197000015",
                "team": "T12345678",
                "text": "The meaning of life the universe and everything is 42.",
                "ts": ts,
                "type": "message",
                "user": user,
                "username": username,
            })
        };
        let matches =
            [found("1508284197.000015", "U2U85N1RV", "roach"), found("1508795665.000236", "", "robot overlord")];
        let paging = json!({ "count": 20, "page": 1, "pages": 2, "total": 22 });
        (200, json!({ "ok": true, "messages": { "matches": matches, "paging": paging, "total": 22 }, "query": "life" }))
    })
    .await;
}

#[tokio::test]
async fn a_surprise_in_a_list_of_files_costs_its_field() {
    // https://docs.slack.dev/reference/methods/files.list
    assert_degrades("list_files", json!({ "channel": CHANNEL }), |_| {
        let file = |id: &str, name: &str, created: i64| {
            json!({ "id": id, "created": created, "timestamp": created, "name": name, "title": name, "mimetype": "image/gif",
                "filetype": "gif", "user": "U061F7AUR", "size": 144_538, "mode": "hosted", "is_external": false,
                "external_type": "", "permalink": "https://.../billair.gif", "channels": ["C0T8SE4AU"], "groups": [], "ims": [] })
        };
        let files = [file("F0S43P1CZ", "billair.gif", 1_531_763_254), file("F0S43PZDF", "tedair.gif", 1_531_763_342)];
        (200, json!({ "ok": true, "files": files, "paging": { "count": 100, "total": 2, "page": 1, "pages": 1 } }))
    })
    .await;
}

#[tokio::test]
async fn a_surprise_in_pins_and_reactions_costs_its_field() {
    // https://docs.slack.dev/reference/methods/pins.list
    assert_degrades("list_pins", json!({ "channel": CHANNEL }), |_| {
        let pinned = |created: i64, message: Value| {
            json!({ "channel": CHANNEL, "created": created, "created_by": "U123ABC456", "message": message,
                "type": "message" })
        };
        (200, json!({ "ok": true, "items": [pinned(1_508_881_078, message(TS)), pinned(1_508_880_991, bot_message(TS))] }))
    })
    .await;
    // https://docs.slack.dev/reference/methods/reactions.get
    assert_degrades("get_reactions", json!({ "channel": CHANNEL, "ts": TS }), |_| {
        (200, json!({ "ok": true, "type": "message", "message": message(TS), "channel": CHANNEL }))
    })
    .await;
}

#[tokio::test]
async fn a_surprise_in_a_changed_message_costs_its_field() {
    let place = || json!({ "channel": CHANNEL, "ts": TS });
    // https://docs.slack.dev/reference/methods/chat.postMessage
    assert_degrades("send_message", json!({ "channel": CHANNEL, "text": "Hi" }), |_| {
        (200, json!({ "ok": true, "channel": CHANNEL, "ts": TS, "message": bot_message(TS) }))
    })
    .await;
    // https://docs.slack.dev/reference/methods/chat.update
    assert_degrades("update_message", json!({ "channel": CHANNEL, "ts": TS, "text": "Updated text" }), |_| {
        let message = json!({ "text": "Updated text", "user": "U34567890" });
        (200, json!({ "ok": true, "channel": CHANNEL, "ts": TS, "text": "Updated text", "message": message }))
    })
    .await;
    // https://docs.slack.dev/reference/methods/chat.delete
    let deleted = |_: &SentRequest| (200, json!({ "ok": true, "channel": CHANNEL, "ts": TS }));
    assert_degrades("delete_message", place(), deleted).await;
    // https://docs.slack.dev/reference/methods/pins.add
    assert_degrades("pin_message", place(), |_| (200, json!({ "ok": true }))).await;
    // https://docs.slack.dev/reference/methods/pins.remove
    assert_degrades("unpin_message", place(), |_| (200, json!({ "ok": true }))).await;
    // https://docs.slack.dev/reference/methods/chat.postEphemeral
    let to_one = json!({ "channel": CHANNEL, "user": "U0123456789", "text": "Hi" });
    assert_degrades("send_ephemeral", to_one, |_| (200, json!({ "ok": true, "message_ts": TS }))).await;
    // https://docs.slack.dev/reference/methods/reactions.add
    let reaction = json!({ "channel": CHANNEL, "ts": TS, "emoji": "thumbsup" });
    assert_degrades("add_reaction", reaction.clone(), |_| (200, json!({ "ok": true }))).await;
    assert_degrades("remove_reaction", reaction, |_| (200, json!({ "ok": true }))).await;
}

#[tokio::test]
async fn a_surprise_in_a_scheduled_message_costs_its_field() {
    // https://docs.slack.dev/reference/methods/chat.scheduleMessage
    let later = json!({ "channel": CHANNEL, "text": "Later", "postAt": "2026-11-24T09:50:00Z" });
    assert_degrades("schedule_message", later, |_| {
        let message = json!({ "text": "Later", "bot_id": "B123ABC456", "type": "delayed_message" });
        let id = "Q1298393284";
        (
            200,
            json!({ "ok": true, "channel": CHANNEL, "scheduled_message_id": id, "post_at": "1562180400", "message": message }),
        )
    })
    .await;
    // https://docs.slack.dev/reference/methods/chat.scheduledMessages.list
    assert_degrades("list_scheduled_messages", json!({}), |_| {
        let scheduled = |id: Value| {
            json!({ "id": id, "channel_id": "C1H9RESGL", "post_at": 1_551_991_428, "date_created": 1_551_891_734,
                "text": "Here's a message for you in the future" })
        };
        page("scheduled_messages", [scheduled(json!(1_298_393_284)), scheduled(json!("Q1298393284"))])
    })
    .await;
    // https://docs.slack.dev/reference/methods/chat.deleteScheduledMessage
    let cancel = json!({ "channel": CHANNEL, "id": "Q1298393284" });
    assert_degrades("cancel_scheduled_message", cancel, |_| (200, json!({ "ok": true }))).await;
}

#[tokio::test]
async fn a_surprise_in_a_channel_costs_its_field() {
    let one = |_: &SentRequest| (200, json!({ "ok": true, "channel": channel(CHANNEL) }));
    // https://docs.slack.dev/reference/methods/conversations.info
    assert_degrades("channel_info", json!({ "channel": CHANNEL }), one).await;
    // https://docs.slack.dev/reference/methods/conversations.create
    assert_degrades("create_channel", json!({ "name": "general" }), one).await;
    // https://docs.slack.dev/reference/methods/conversations.list
    assert_degrades("list_channels", json!({}), |_| page("channels", [channel(CHANNEL), channel("C061EG9T2")])).await;
    // https://docs.slack.dev/reference/methods/conversations.members
    assert_degrades("list_members", json!({ "channel": CHANNEL }), |_| {
        page("members", [json!("U023BECGF"), json!("U061F7AUR")])
    })
    .await;
    // https://docs.slack.dev/reference/methods/conversations.join
    assert_degrades("join_channel", json!({ "channel": CHANNEL }), |_| {
        let metadata = json!({ "warnings": ["already_in_channel"] });
        let channel = channel(CHANNEL);
        (200, json!({ "ok": true, "channel": channel, "warning": "already_in_channel", "response_metadata": metadata }))
    })
    .await;
    // https://docs.slack.dev/reference/methods/conversations.invite
    assert_degrades("invite_to_channel", json!({ "channel": CHANNEL, "users": ["U0123456789"] }), one).await;
    // https://docs.slack.dev/reference/methods/conversations.leave
    assert_degrades("leave_channel", json!({ "channel": CHANNEL }), |_| (200, json!({ "ok": true }))).await;
    // https://docs.slack.dev/reference/methods/conversations.archive
    assert_degrades("archive_channel", json!({ "channel": CHANNEL }), |_| (200, json!({ "ok": true }))).await;
    // https://docs.slack.dev/reference/methods/conversations.rename
    assert_degrades("rename_channel", json!({ "channel": CHANNEL, "name": "general" }), one).await;
    // https://docs.slack.dev/reference/methods/conversations.setTopic
    assert_degrades("set_topic", json!({ "channel": CHANNEL, "topic": "Tips" }), one).await;
    // https://docs.slack.dev/reference/methods/conversations.setPurpose
    assert_degrades("set_purpose", json!({ "channel": CHANNEL, "purpose": "Tips" }), |_| (200, json!({ "ok": true })))
        .await;
    // https://docs.slack.dev/reference/methods/conversations.open
    assert_degrades("open_dm", json!({ "users": ["U0123456789"] }), |_| {
        let channel = json!({ "id": "D069C7QFK", "created": 1_460_147_748, "is_im": true, "user": "U069C7QF3",
            "latest": null, "unread_count": 0, "is_open": true });
        (200, json!({ "ok": true, "no_op": true, "already_open": true, "channel": channel }))
    })
    .await;
}

#[tokio::test]
async fn a_surprise_in_a_user_costs_its_field() {
    let one = |_: &SentRequest| (200, json!({ "ok": true, "user": user("W012A3CDE") }));
    // https://docs.slack.dev/reference/methods/users.info
    assert_degrades("user_info", json!({ "user": "W012A3CDE" }), one).await;
    // https://docs.slack.dev/reference/methods/users.lookupByEmail
    assert_degrades("lookup_user_by_email", json!({ "email": "spengler@ghostbusters.example.com" }), one).await;
    // https://docs.slack.dev/reference/methods/users.list
    assert_degrades("list_users", json!({}), |_| page("members", [user("W012A3CDE"), user("W07QCRPA4")])).await;
}
