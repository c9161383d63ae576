//! Tests of Slack: changes of messages, channels and files.

use sandbox::Sandbox;
use sandbox::fixtures::{ALEX, slack};
use serde_json::{Value, json};

use crate::slack::{get, post};
use crate::support::{TestRequest, access_token, effects_of_kind};

const SCOPES: [&str; 12] = [
    "chat:write",
    "channels:read",
    "channels:history",
    "channels:manage",
    "channels:join",
    "groups:write",
    "im:write",
    "mpim:write",
    "reactions:write",
    "pins:write",
    "files:write",
    "files:read",
];

fn world() -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "slack", &SCOPES);
    (sandbox, token)
}

async fn first(sandbox: &Sandbox, token: &str) -> Value {
    let args = [("channel", slack::PROJECT_UPDATES), ("ts", slack::BOT_MESSAGE)];
    get(sandbox, token, "conversations.replies", &args).await["messages"][0].clone()
}

#[tokio::test]
async fn only_own_messages_can_be_changed_or_deleted() {
    let (sandbox, token) = world();
    let at = |more: Value| {
        let mut body = json!({"channel": slack::PROJECT_UPDATES, "ts": slack::BOT_MESSAGE});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let blocks = json!([{"type": "divider"}]);
    let changed = post(&sandbox, &token, "chat.update", at(json!({"text": "Done", "blocks": blocks}))).await;
    assert_eq!((&changed["ok"], &changed["text"]), (&json!(true), &json!("Done")));
    post(&sandbox, &token, "chat.update", at(json!({"text": "Done."}))).await;
    let message = first(&sandbox, &token).await;
    assert_eq!((&message["text"], &message["blocks"]), (&json!("Done."), &blocks), "blocks stay until taken away");
    post(&sandbox, &token, "chat.update", at(json!({"text": "Done.", "blocks": []}))).await;
    assert_eq!(first(&sandbox, &token).await["blocks"], json!([]));
    let long = at(json!({"text": "x".repeat(4_001)}));
    assert_eq!(post(&sandbox, &token, "chat.update", long).await["error"], "msg_too_long");

    let said = get(&sandbox, &token, "conversations.history", &[("channel", slack::GENERAL)]).await;
    let others = json!({"channel": slack::GENERAL, "ts": said["messages"][0]["ts"], "text": "Mine"});
    assert_eq!(post(&sandbox, &token, "chat.update", others.clone()).await["error"], "cant_update_message");
    let others = json!({"channel": slack::GENERAL, "ts": others["ts"]});
    assert_eq!(post(&sandbox, &token, "chat.delete", others).await["error"], "cant_delete_message");
    assert_eq!(post(&sandbox, &token, "chat.delete", at(json!({}))).await["ok"], true);
    assert_eq!(post(&sandbox, &token, "chat.delete", at(json!({}))).await["error"], "message_not_found");
    assert_eq!(
        (effects_of_kind(&sandbox, "message_updated").len(), effects_of_kind(&sandbox, "message_deleted").len()),
        (3, 1)
    );
}

#[tokio::test]
async fn reactions_and_pins_are_added_once() {
    let (sandbox, token) = world();
    let emoji = |name: &str| json!({"channel": slack::PROJECT_UPDATES, "timestamp": slack::BOT_MESSAGE, "name": name});
    assert_eq!(post(&sandbox, &token, "reactions.add", emoji("eyes")).await["error"], "already_reacted");
    assert_eq!(post(&sandbox, &token, "reactions.add", emoji("tada")).await["ok"], true);
    assert_eq!(first(&sandbox, &token).await["reactions"][1]["name"], "tada");
    assert_eq!(post(&sandbox, &token, "reactions.remove", emoji("eyes")).await["ok"], true);
    assert_eq!(post(&sandbox, &token, "reactions.remove", emoji("eyes")).await["error"], "no_reaction");
    assert_eq!(post(&sandbox, &token, "reactions.add", emoji(":eyes:")).await["error"], "invalid_name");
    let pin = json!({"channel": slack::PROJECT_UPDATES, "timestamp": slack::BOT_MESSAGE});
    assert_eq!(post(&sandbox, &token, "pins.add", pin.clone()).await["ok"], true);
    assert_eq!(post(&sandbox, &token, "pins.add", pin).await["error"], "already_pinned");
    assert_eq!(first(&sandbox, &token).await["pinned_to"], json!([slack::PROJECT_UPDATES]));
}

#[tokio::test]
async fn channels_are_created_and_members_invited() {
    let (sandbox, token) = world();
    let made = post(&sandbox, &token, "conversations.create", json!({"name": "launch"})).await;
    let id = made["channel"]["id"].as_str().unwrap();
    assert_eq!((&made["channel"]["creator"], &made["channel"]["is_member"]), (&json!(slack::BOT_USER), &json!(true)));
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
    let nobody = post(&sandbox, &token, "conversations.invite", invite("U0NOBODY001")).await;
    assert_eq!((&nobody["error"], &nobody["errors"][0]["user"]), (&json!("user_not_found"), &json!("U0NOBODY001")));

    let join = |channel: &str| json!({"channel": channel});
    assert_eq!(post(&sandbox, &token, "conversations.join", join(slack::RANDOM)).await["channel"]["is_member"], true);
    let again = post(&sandbox, &token, "conversations.join", join(slack::RANDOM)).await;
    assert_eq!(again["warning"], "already_in_channel");
    assert_eq!(
        post(&sandbox, &token, "conversations.join", join(slack::LEADERSHIP)).await["error"],
        "channel_not_found"
    );

    let open = |users: &str| json!({"users": users});
    let direct = post(&sandbox, &token, "conversations.open", open(slack::SAM)).await;
    assert_eq!(post(&sandbox, &token, "conversations.open", open(slack::SAM)).await["already_open"], true);
    let group = post(&sandbox, &token, "conversations.open", open(&both)).await;
    assert_ne!(direct["channel"]["id"], group["channel"]["id"]);
    let poor = sandbox.grant("slack", ALEX, &["im:write"]).unwrap().access_token;
    assert_eq!(post(&sandbox, &poor, "conversations.open", open(&both)).await["needed"], "mpim:write");
}

#[tokio::test]
async fn file_upload_takes_three_steps() {
    let (sandbox, token) = world();
    let asked = "/slack/api/files.getUploadURLExternal?filename=a.txt&length=7";
    let ticket = TestRequest::json("POST", asked, &json!({})).bearer(&token).send(&sandbox).await.json();
    let path = ticket["upload_url"].as_str().unwrap().strip_prefix("http://localhost").unwrap().to_owned();
    let complete = json!({"files": [{"id": ticket["file_id"], "title": "A"}], "channel_id": slack::GENERAL});
    let early = post(&sandbox, &token, "files.completeUploadExternal", complete.clone()).await;
    assert_eq!(early["error"], "file_not_found", "there are no bytes yet");

    let short = TestRequest::post(&path, &json!(1)).send(&sandbox).await;
    assert_eq!(short.status, 400);
    let whole = TestRequest::post(&path, &json!({"a": 1})).send(&sandbox).await;
    assert_eq!((whole.status.as_u16(), whole.text.as_str()), (200, "OK - 7"));
    let file = [("file", ticket["file_id"].as_str().unwrap())];
    assert_eq!(get(&sandbox, &token, "files.info", &file).await["error"], "file_not_found");

    let stranger = json!({"files": [{"id": ticket["file_id"]}], "channel_id": slack::RANDOM});
    assert_eq!(post(&sandbox, &token, "files.completeUploadExternal", stranger).await["error"], "not_in_channel");
    let done = post(&sandbox, &token, "files.completeUploadExternal", complete).await;
    assert_eq!(done["files"][0]["title"], "A");
    assert_eq!(get(&sandbox, &token, "files.info", &file).await["file"]["channels"], json!([slack::GENERAL]));
    let said = get(&sandbox, &token, "conversations.history", &[("channel", slack::GENERAL)]).await;
    assert_eq!(said["messages"][0]["files"][0]["id"], ticket["file_id"]);
    assert_eq!(effects_of_kind(&sandbox, "file_shared").len(), 1);
    assert_eq!(TestRequest::post(&path, &json!({"a": 1})).send(&sandbox).await.status, 404, "it is used up");
}

#[tokio::test]
async fn undocumented_arguments_are_rejected() {
    let (sandbox, token) = world();
    let say = |more: Value| {
        let mut body = json!({"channel": slack::GENERAL, "text": "Hi"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (more, error) in [
        (json!({"chanel": "C1"}), "invalid_arg_name"),
        (json!({"text": 7}), "invalid_arguments"),
        (json!({"unfurl_links": "perhaps"}), "invalid_arguments"),
        (json!({"blocks": "[{"}), "invalid_arguments"),
    ] {
        assert_eq!(post(&sandbox, &token, "chat.postMessage", say(more)).await["error"], error);
    }
    let args = [("channel", slack::GENERAL), ("limit", "few")];
    assert_eq!(get(&sandbox, &token, "conversations.history", &args).await["error"], "invalid_arguments");
}
