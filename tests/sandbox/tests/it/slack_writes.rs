//! Tests of Slack: changes of messages, channels and files.

use sandbox::Sandbox;
use sandbox::fixtures::{ALEX, slack};
use serde_json::{Value, json};

use crate::slack::{get, post};
use crate::support::{TestRequest, access_token, effects_of_kind};

const SCOPES: [&str; 14] = [
    "chat:write",
    "channels:read",
    "channels:history",
    "channels:manage",
    "channels:join",
    "groups:write",
    "im:write",
    "mpim:write",
    "reactions:read",
    "reactions:write",
    "pins:read",
    "pins:write",
    "files:write",
    "files:read",
];

fn sandbox_with_token() -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "slack", &SCOPES);
    (sandbox, token)
}

async fn first_bot_message(sandbox: &Sandbox, token: &str) -> Value {
    let args = [("channel", slack::PROJECT_UPDATES), ("ts", slack::BOT_MESSAGE)];
    get(sandbox, token, "conversations.replies", &args).await["messages"][0].clone()
}

#[tokio::test]
async fn only_own_messages_can_be_changed_or_deleted() {
    let (sandbox, token) = sandbox_with_token();
    let at = |extra: Value| {
        let mut body = json!({"channel": slack::PROJECT_UPDATES, "ts": slack::BOT_MESSAGE});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    let blocks = json!([{"type": "divider"}]);
    let changed = post(&sandbox, &token, "chat.update", at(json!({"text": "Done", "blocks": blocks}))).await;
    assert_eq!((&changed["ok"], &changed["text"]), (&json!(true), &json!("Done")));
    post(&sandbox, &token, "chat.update", at(json!({"text": "Done."}))).await;
    let message = first_bot_message(&sandbox, &token).await;
    assert_eq!(
        (&message["text"], &message["blocks"]),
        (&json!("Done."), &blocks),
        "an update without blocks does not remove them"
    );
    post(&sandbox, &token, "chat.update", at(json!({"text": "Done.", "blocks": []}))).await;
    assert_eq!(first_bot_message(&sandbox, &token).await["blocks"], json!([]));
    let long = at(json!({"text": "x".repeat(4_001)}));
    assert_eq!(post(&sandbox, &token, "chat.update", long).await["error"], "msg_too_long");

    let history = get(&sandbox, &token, "conversations.history", &[("channel", slack::GENERAL)]).await;
    let foreign_message = json!({"channel": slack::GENERAL, "ts": history["messages"][0]["ts"], "text": "Mine"});
    assert_eq!(post(&sandbox, &token, "chat.update", foreign_message.clone()).await["error"], "cant_update_message");
    let foreign_message = json!({"channel": slack::GENERAL, "ts": foreign_message["ts"]});
    assert_eq!(post(&sandbox, &token, "chat.delete", foreign_message).await["error"], "cant_delete_message");
    assert_eq!(post(&sandbox, &token, "chat.delete", at(json!({}))).await["ok"], true);
    assert_eq!(post(&sandbox, &token, "chat.delete", at(json!({}))).await["error"], "message_not_found");
    assert_eq!(
        (effects_of_kind(&sandbox, "message_updated").len(), effects_of_kind(&sandbox, "message_deleted").len()),
        (3, 1)
    );
}

#[tokio::test]
async fn reactions_and_pins_are_added_once() {
    let (sandbox, token) = sandbox_with_token();
    let emoji = |name: &str| json!({"channel": slack::PROJECT_UPDATES, "timestamp": slack::BOT_MESSAGE, "name": name});
    assert_eq!(post(&sandbox, &token, "reactions.add", emoji("eyes")).await["error"], "already_reacted");
    assert_eq!(post(&sandbox, &token, "reactions.add", emoji("tada")).await["ok"], true);
    assert_eq!(first_bot_message(&sandbox, &token).await["reactions"][1]["name"], "tada");
    assert_eq!(post(&sandbox, &token, "reactions.remove", emoji("eyes")).await["ok"], true);
    assert_eq!(post(&sandbox, &token, "reactions.remove", emoji("eyes")).await["error"], "no_reaction");
    assert_eq!(post(&sandbox, &token, "reactions.add", emoji(":eyes:")).await["error"], "invalid_name");
    let pin = json!({"channel": slack::PROJECT_UPDATES, "timestamp": slack::BOT_MESSAGE});
    assert_eq!(post(&sandbox, &token, "pins.add", pin.clone()).await["ok"], true);
    assert_eq!(post(&sandbox, &token, "pins.add", pin).await["error"], "already_pinned");
    assert_eq!(first_bot_message(&sandbox, &token).await["pinned_to"], json!([slack::PROJECT_UPDATES]));
}

#[tokio::test]
async fn pins_and_reactions_are_listed_with_their_people() {
    let (sandbox, token) = sandbox_with_token();
    let place = json!({"channel": slack::PROJECT_UPDATES, "timestamp": slack::BOT_MESSAGE});
    assert_eq!(post(&sandbox, &token, "pins.remove", place.clone()).await["error"], "no_pin");
    post(&sandbox, &token, "pins.add", place.clone()).await;
    let pins = get(&sandbox, &token, "pins.list", &[("channel", slack::PROJECT_UPDATES)]).await;
    assert_eq!(
        (&pins["items"][0]["created_by"], &pins["items"][0]["type"]),
        (&json!(slack::BOT_USER), &json!("message"))
    );
    assert_eq!(pins["items"][0]["message"]["pinned_to"], json!([slack::PROJECT_UPDATES]));
    assert_eq!(post(&sandbox, &token, "pins.remove", place).await["ok"], true);
    let pins = get(&sandbox, &token, "pins.list", &[("channel", slack::PROJECT_UPDATES)]).await;
    assert_eq!((pins["items"].as_array().unwrap().len(), &pins["items"][0]["created_by"]), (1, &json!(slack::KIM)));
    let args = [("channel", slack::PROJECT_UPDATES), ("timestamp", slack::BOT_MESSAGE), ("full", "true")];
    let read = get(&sandbox, &token, "reactions.get", &args).await;
    let eyes = json!([{"name": "eyes", "users": [slack::BOT_USER], "count": 1}]);
    assert_eq!((&read["message"]["reactions"], &read["channel"]), (&eyes, &json!(slack::PROJECT_UPDATES)));
}

#[tokio::test]
async fn channels_are_described_renamed_archived_and_left() {
    let (sandbox, token) = sandbox_with_token();
    let change = async |method: &str, fields: Value| {
        let mut body = json!({"channel": slack::PROJECT_UPDATES});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        post(&sandbox, &token, method, body).await
    };
    let topic = change("conversations.setTopic", json!({"topic": "A & B &lt; C"})).await;
    assert_eq!(topic["channel"]["topic"]["value"], "A &amp; B &lt; C");
    assert_eq!(change("conversations.setPurpose", json!({"purpose": "x".repeat(251)})).await["error"], "too_long");
    assert_eq!(change("conversations.rename", json!({"name": "general"})).await["error"], "name_taken");
    let renamed = change("conversations.rename", json!({"name": "news"})).await;
    assert_eq!(
        (&renamed["channel"]["name"], &renamed["channel"]["previous_names"]),
        (&json!("news"), &json!(["project-updates"]))
    );
    assert_eq!(change("conversations.leave", json!({})).await["ok"], true);
    assert_eq!(change("conversations.leave", json!({})).await, json!({"ok": false, "not_in_channel": true}));
    assert_eq!(change("conversations.archive", json!({})).await["error"], "not_in_channel");
    change("conversations.join", json!({})).await;
    assert_eq!(change("conversations.archive", json!({})).await["ok"], true);
    assert_eq!(change("conversations.archive", json!({})).await["error"], "already_archived");
    assert_eq!(change("chat.postMessage", json!({"text": "Hi"})).await["error"], "is_archived");
    let open = get(&sandbox, &token, "conversations.list", &[("exclude_archived", "true")]).await;
    assert_eq!(open["channels"].as_array().unwrap().len(), 2);
    let foreign = json!({"channel": slack::GENERAL, "name": "all"});
    assert_eq!(post(&sandbox, &token, "conversations.rename", foreign).await["error"], "not_authorized");
}

#[tokio::test]
async fn an_ephemeral_message_is_for_a_member_and_is_not_stored() {
    let (sandbox, token) = sandbox_with_token();
    let to = |user: &str| json!({"channel": slack::GENERAL, "user": user, "text": "Only you"});
    assert!(post(&sandbox, &token, "chat.postEphemeral", to(slack::SAM)).await["message_ts"].is_string());
    assert_eq!(post(&sandbox, &token, "chat.postEphemeral", to("U0NOBODY001")).await["error"], "user_not_in_channel");
    let history = get(&sandbox, &token, "conversations.history", &[("channel", slack::GENERAL)]).await;
    assert!(!history.to_string().contains("Only you"));
}

#[tokio::test]
async fn channels_are_created_and_members_invited() {
    let (sandbox, token) = sandbox_with_token();
    let created = post(&sandbox, &token, "conversations.create", json!({"name": "launch"})).await;
    let id = created["channel"]["id"].as_str().unwrap();
    assert_eq!(
        (&created["channel"]["creator"], &created["channel"]["is_member"]),
        (&json!(slack::BOT_USER), &json!(true))
    );
    for (name, error) in [
        ("launch", "name_taken"),
        ("Launch", "invalid_name_specials"),
        ("--", "invalid_name_punctuation"),
        ("", "invalid_name_required"),
    ] {
        assert_eq!(post(&sandbox, &token, "conversations.create", json!({"name": name})).await["error"], error);
    }
    let invite = |users: &str| json!({"channel": id, "users": users});
    assert_eq!(post(&sandbox, &token, "conversations.invite", invite(slack::SAM)).await["ok"], true);
    let both = format!("{},{}", slack::SAM, slack::KIM);
    assert_eq!(post(&sandbox, &token, "conversations.invite", invite(&both)).await["error"], "already_in_channel");
    let unknown_user = post(&sandbox, &token, "conversations.invite", invite("U0NOBODY001")).await;
    assert_eq!(
        (&unknown_user["error"], &unknown_user["errors"][0]["user"]),
        (&json!("user_not_found"), &json!("U0NOBODY001"))
    );

    let join = |channel: &str| json!({"channel": channel});
    assert_eq!(post(&sandbox, &token, "conversations.join", join(slack::RANDOM)).await["channel"]["is_member"], true);
    let second_join = post(&sandbox, &token, "conversations.join", join(slack::RANDOM)).await;
    assert_eq!(second_join["warning"], "already_in_channel");
    assert_eq!(
        post(&sandbox, &token, "conversations.join", join(slack::LEADERSHIP)).await["error"],
        "channel_not_found"
    );

    let open = |users: &str| json!({"users": users});
    let direct = post(&sandbox, &token, "conversations.open", open(slack::SAM)).await;
    assert_eq!(post(&sandbox, &token, "conversations.open", open(slack::SAM)).await["already_open"], true);
    let group = post(&sandbox, &token, "conversations.open", open(&both)).await;
    assert_ne!(direct["channel"]["id"], group["channel"]["id"]);
    let limited = sandbox.grant("slack", ALEX, &["im:write"]).unwrap().access_token;
    assert_eq!(post(&sandbox, &limited, "conversations.open", open(&both)).await["needed"], "mpim:write");
}

#[tokio::test]
async fn file_upload_takes_three_steps() {
    let (sandbox, token) = sandbox_with_token();
    let upload_path = "/slack/api/files.getUploadURLExternal?filename=a.txt&length=7";
    let ticket = TestRequest::json("POST", upload_path, &json!({})).bearer(&token).send(&sandbox).await.json();
    let path = ticket["upload_url"].as_str().unwrap().strip_prefix("http://localhost").unwrap().to_owned();
    let complete = json!({"files": [{"id": ticket["file_id"], "title": "A"}], "channel_id": slack::GENERAL});
    let incomplete = post(&sandbox, &token, "files.completeUploadExternal", complete.clone()).await;
    assert_eq!(incomplete["error"], "file_not_found", "nothing is uploaded yet");

    let short_upload = TestRequest::post(&path, &json!(1)).send(&sandbox).await;
    assert_eq!(short_upload.status, 400);
    let full_upload = TestRequest::post(&path, &json!({"a": 1})).send(&sandbox).await;
    assert_eq!((full_upload.status.as_u16(), full_upload.text.as_str()), (200, "OK - 7"));
    let file = [("file", ticket["file_id"].as_str().unwrap())];
    assert_eq!(get(&sandbox, &token, "files.info", &file).await["error"], "file_not_found");

    let not_member = json!({"files": [{"id": ticket["file_id"]}], "channel_id": slack::RANDOM});
    assert_eq!(post(&sandbox, &token, "files.completeUploadExternal", not_member).await["error"], "not_in_channel");
    let done = post(&sandbox, &token, "files.completeUploadExternal", complete).await;
    assert_eq!(done["files"][0]["title"], "A");
    assert_eq!(get(&sandbox, &token, "files.info", &file).await["file"]["channels"], json!([slack::GENERAL]));
    let history = get(&sandbox, &token, "conversations.history", &[("channel", slack::GENERAL)]).await;
    assert_eq!(history["messages"][0]["files"][0]["id"], ticket["file_id"]);
    assert_eq!(effects_of_kind(&sandbox, "file_shared").len(), 1);
    assert_eq!(
        TestRequest::post(&path, &json!({"a": 1})).send(&sandbox).await.status,
        404,
        "an upload URL is single-use"
    );
}

#[tokio::test]
async fn undocumented_arguments_are_rejected() {
    let (sandbox, token) = sandbox_with_token();
    let message_with = |extra: Value| {
        let mut body = json!({"channel": slack::GENERAL, "text": "Hi"});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    for (extra, error) in [
        (json!({"chanel": "C1"}), "invalid_arg_name"),
        (json!({"text": 7}), "invalid_arguments"),
        (json!({"unfurl_links": "perhaps"}), "invalid_arguments"),
        (json!({"blocks": "[{"}), "invalid_arguments"),
    ] {
        assert_eq!(post(&sandbox, &token, "chat.postMessage", message_with(extra)).await["error"], error);
    }
    let args = [("channel", slack::GENERAL), ("limit", "few")];
    assert_eq!(get(&sandbox, &token, "conversations.history", &args).await["error"], "invalid_arguments");
}
