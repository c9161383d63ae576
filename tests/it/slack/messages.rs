//! Pins, reactions and files of messages; messages for one person; scheduled messages and files in channels that are joined for them.

use super::{app, fail_action, run_action};
use sandbox::fixtures::slack::{BOT_MESSAGE, BOT_USER, FILE, PINNED_REPLY, RANDOM, SAM};
use serde_json::{Value, json};

#[tokio::test]
async fn a_message_is_pinned_listed_and_unpinned() {
    let app = app().await;
    let place = || json!({ "channel": "project-updates", "ts": BOT_MESSAGE });
    run_action(&app, "u1", "pin_message", place()).await;
    let pins = run_action(&app, "u1", "list_pins", json!({ "channel": "project-updates" })).await;
    let link = run_action(&app, "u1", "get_permalink", place()).await["link"].clone();
    let message = &pins["pins"][0]["message"];
    assert_eq!((&message["ts"], &message["link"]), (&json!(BOT_MESSAGE), &link), "{pins}");
    assert_eq!(pins["pins"][0]["pinnedBy"]["id"], BOT_USER);
    for _ in 0..2 {
        run_action(&app, "u1", "unpin_message", json!({ "channel": link, "ts": link })).await;
    }
    let pins = run_action(&app, "u1", "list_pins", json!({ "channel": "project-updates" })).await;
    let left: Vec<_> = pins["pins"].as_array().unwrap().iter().map(|pin| pin["message"]["ts"].clone()).collect();
    assert_eq!(left, [PINNED_REPLY]);
}

#[tokio::test]
async fn reactions_are_read_with_their_people() {
    let app = app().await;
    let place = json!({ "channel": "project-updates", "ts": BOT_MESSAGE });
    let read = run_action(&app, "u1", "get_reactions", place.clone()).await;
    assert_eq!(read["reactions"], json!([{ "name": "eyes", "count": 1, "people": [{ "id": BOT_USER }] }]));
    run_action(
        &app,
        "u1",
        "remove_reaction",
        json!({ "channel": "project-updates", "ts": BOT_MESSAGE, "emoji": "eyes" }),
    )
    .await;
    assert_eq!(run_action(&app, "u1", "get_reactions", place).await["reactions"], json!([]));
}

#[tokio::test]
async fn files_of_a_channel_are_listed_in_pages_and_read_by_their_ids() {
    let app = app().await;
    let (mut found, mut cursor) = (vec![], Value::Null);
    loop {
        let context = json!({ "channel": "project-updates", "limit": 2, "cursor": cursor });
        let page = run_action(&app, "u1", "list_files", context).await;
        found.extend(page["files"].as_array().unwrap().clone());
        cursor = page["cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(found.len(), 3, "{found:?}");
    let file = found.iter().find(|file| file["id"] == FILE).unwrap();
    assert_eq!(file["filename"], "landing-page.md");
    let read = run_action(&app, "u1", "get_file", json!({ "fileId": file["id"], "asText": true })).await;
    assert!(read["text"].as_str().unwrap().contains("One button"), "{read}");
    let none = run_action(&app, "u1", "list_files", json!({ "channel": "project-updates", "user": SAM })).await;
    assert_eq!(none, json!({ "files": [] }));
}

#[tokio::test]
async fn one_member_of_a_channel_is_written_to() {
    let app = app().await;
    let sent = run_action(
        &app,
        "u1",
        "send_ephemeral",
        json!({ "channel": "random", "user": "sam@example.com", "markdown": "**Only** you" }),
    )
    .await;
    assert_eq!((&sent["channel"]["id"], &sent["person"]["id"]), (&json!(RANDOM), &json!(SAM)), "the app joined it");
    run_action(&app, "u1", "create_channel", json!({ "name": "empty" })).await;
    let context = json!({ "channel": "empty", "user": SAM, "text": "Hi" });
    let refused = fail_action(&app, "send_ephemeral", context, "PROVIDER_REJECTED").await;
    assert!(refused.contains("user_not_in_channel: only a member"), "{refused}");
}

#[tokio::test]
async fn a_channel_is_joined_for_a_scheduled_message_and_for_a_file() {
    for (action, context) in [
        ("schedule_message", json!({ "channel": "random", "markdown": "**Later**", "postAt": 4_000_000_000_i64 })),
        (
            "upload_file",
            json!({ "channel": "random", "file": { "filename": "a.txt", "text": "a" }, "initialComment": "Hi" }),
        ),
    ] {
        let app = app().await;
        let mut context = context;
        if action == "schedule_message" {
            context["postAt"] = json!(app.after(3600).as_second());
        }
        context["joinChannel"] = json!(false);
        let stays_out = fail_action(&app, action, context.clone(), "PROVIDER_REJECTED").await;
        assert!(stays_out.contains("not_in_channel"), "{action}: {stays_out}");
        context["joinChannel"] = Value::Null;
        run_action(&app, "u1", action, context).await;
        let info = run_action(&app, "u1", "channel_info", json!({ "channel": RANDOM })).await;
        assert_eq!(info["member"], true, "{action}");
    }
}

#[tokio::test]
async fn each_person_of_an_invitation_has_a_result() {
    let app = app().await;
    run_action(&app, "u1", "create_channel", json!({ "name": "guests" })).await;
    let users = ["nobody@example.com", "sam@example.com", BOT_USER];
    let invite = crate::support::builders::intent("slack", "invite_to_channel")
        .context(json!({ "channel": "guests", "users": users }));
    let answer = app.submit("u1", invite).await;
    let results = answer.body["data"]["results"].as_array().unwrap_or_else(|| panic!("{}", answer.body)).clone();
    let statuses: Vec<_> = results.iter().map(|result| result["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["notFound", "invited", "refused"], "{results:?}");
}
