//! Tests of Slack: immediate and scheduled messages, reads and permissions.

use sandbox::Sandbox;
use sandbox::fixtures::slack;
use serde_json::{Value, json};

use crate::support::{TestRequest, access_token, effects_of_kind, encode_query};

const SCOPES: [&str; 5] = ["chat:write", "channels:read", "channels:history", "users:read", "users:read.email"];

pub(crate) async fn post(sandbox: &Sandbox, token: &str, method: &str, body: Value) -> Value {
    let reply = TestRequest::post(&format!("/slack/api/{method}"), &body).bearer(token).send(sandbox).await;
    assert_eq!(reply.status, 200);
    reply.json()
}

pub(crate) async fn get(sandbox: &Sandbox, token: &str, method: &str, args: &[(&str, &str)]) -> Value {
    let reply =
        TestRequest::get(&format!("/slack/api/{method}?{}", encode_query(args))).bearer(token).send(sandbox).await;
    assert_eq!(reply.status, 200);
    reply.json()
}

#[tokio::test]
async fn metadata_of_a_posted_message_is_returned() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "slack", &SCOPES);
    let metadata = json!({"event_type": "overseer_send", "event_payload": {"key": "k1"}});
    let posted =
        post(&sandbox, &token, "chat.postMessage", json!({"channel": "#general", "text": "Hi", "metadata": metadata}))
            .await;
    assert_eq!((&posted["ok"], &posted["channel"]), (&json!(true), &json!(slack::GENERAL)));

    let bare = get(&sandbox, &token, "conversations.history", &[("channel", slack::GENERAL), ("limit", "1")]).await;
    assert_eq!((&bare["messages"][0]["ts"], &bare["messages"][0]["metadata"]), (&posted["ts"], &Value::Null));
    assert_eq!(bare["has_more"], true);
    let cursor = bare["response_metadata"]["next_cursor"].as_str().unwrap();
    let next_page =
        get(&sandbox, &token, "conversations.history", &[("channel", slack::GENERAL), ("cursor", cursor)]).await;
    assert_eq!(next_page["messages"].as_array().unwrap().len(), 2);

    let body =
        json!({"channel": slack::GENERAL, "oldest": posted["ts"], "inclusive": true, "include_all_metadata": true});
    let full = post(&sandbox, &token, "conversations.history", body).await;
    assert_eq!(full["messages"][0]["metadata"], metadata);
    let by_name = get(&sandbox, &token, "conversations.history", &[("channel", "general")]).await;
    assert_eq!(by_name["error"], "channel_not_found", "conversations.history requires an id");

    let reply = json!({"channel": slack::GENERAL, "text": "Re", "thread_ts": posted["ts"]});
    let reply = post(&sandbox, &token, "chat.postMessage", reply).await;
    let args = [("channel", slack::GENERAL), ("ts", posted["ts"].as_str().unwrap())];
    let replies = get(&sandbox, &token, "conversations.replies", &args).await;
    assert_eq!((&replies["messages"][0]["reply_count"], &replies["messages"][1]["ts"]), (&json!(1), &reply["ts"]));

    let form = [("channel", slack::PROJECT_UPDATES), ("text", "a form"), ("metadata", &metadata.to_string())];
    let form = TestRequest::form("/slack/api/chat.postMessage", &form).bearer(&token).send(&sandbox).await;
    assert_eq!(form.json()["message"]["metadata"], metadata);
    let effects = effects_of_kind(&sandbox, "message_posted");
    assert_eq!(
        (effects.len(), effects[0].account.as_str(), &effects[0].request["text"]),
        (3, slack::TEAM, &json!("Hi"))
    );
}

#[tokio::test]
async fn scheduled_message_is_posted_when_due() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "slack", &SCOPES);
    let now = sandbox.now();
    let at = |post_at: i64| json!({"channel": "project-updates", "text": "Later", "post_at": post_at});
    assert_eq!(post(&sandbox, &token, "chat.scheduleMessage", at(now - 1)).await["error"], "time_in_past");
    assert_eq!(post(&sandbox, &token, "chat.scheduleMessage", at(now + 121 * 86_400)).await["error"], "time_too_far");
    let first = post(&sandbox, &token, "chat.scheduleMessage", at(now + 600)).await;
    let second = post(&sandbox, &token, "chat.scheduleMessage", at(now + 900)).await;
    let listed =
        post(&sandbox, &token, "chat.scheduledMessages.list", json!({"channel": slack::PROJECT_UPDATES})).await;
    assert_eq!(listed["scheduled_messages"].as_array().unwrap().len(), 2);
    assert_eq!(listed["scheduled_messages"][0]["id"], first["scheduled_message_id"]);

    let cancel = json!({"channel": slack::PROJECT_UPDATES, "scheduled_message_id": second["scheduled_message_id"]});
    assert_eq!(post(&sandbox, &token, "chat.deleteScheduledMessage", cancel.clone()).await["ok"], true);
    assert_eq!(
        post(&sandbox, &token, "chat.deleteScheduledMessage", cancel).await["error"],
        "invalid_scheduled_message_id"
    );

    sandbox.advance_clock(1_000);
    let history = get(&sandbox, &token, "conversations.history", &[("channel", slack::PROJECT_UPDATES)]).await;
    assert_eq!(history["messages"][0]["text"], "Later");
    assert!(history["messages"][0]["ts"].as_str().unwrap().starts_with(&(now + 600).to_string()));
    let listed = post(&sandbox, &token, "chat.scheduledMessages.list", json!({})).await;
    assert_eq!(listed["scheduled_messages"].as_array().unwrap().len(), 1, "only the seed message is pending");
    assert_eq!(effects_of_kind(&sandbox, "message_scheduled").len(), 2);
    assert_eq!(effects_of_kind(&sandbox, "message_posted").len(), 0, "the post is not an effect of the client");
}

#[tokio::test]
async fn people_and_channels_are_listed() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "slack", &SCOPES);
    let mut names = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = get(&sandbox, &token, "conversations.list", &[("limit", "2"), ("cursor", &cursor)]).await;
        names.extend(page["channels"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()));
        page["response_metadata"]["next_cursor"].as_str().unwrap().clone_into(&mut cursor);
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(names, ["general", "random", "project-updates"], "private channels stay hidden");
    let own = get(&sandbox, &token, "users.conversations", &[]).await;
    assert_eq!(own["channels"].as_array().unwrap().len(), 2);
    let info = get(&sandbox, &token, "conversations.info", &[("channel", slack::RANDOM)]).await;
    assert_eq!(info["channel"]["is_member"], false);

    let people = get(&sandbox, &token, "users.list", &[]).await;
    let with_mail = people["members"].as_array().unwrap().iter().filter(|one| one["profile"]["email"].is_string());
    assert_eq!(with_mail.count(), 3);
    let sam = get(&sandbox, &token, "users.lookupByEmail", &[("email", "sam@example.com")]).await;
    assert_eq!(sam["user"]["id"], slack::SAM);
    assert_eq!(get(&sandbox, &token, "users.info", &[("user", slack::KIM)]).await["user"]["name"], "kim");
}

#[tokio::test]
async fn members_of_a_conversation_are_listed_and_of_a_person_the_shared_conversations() {
    let sandbox = Sandbox::new();
    let scopes = ["channels:read", "groups:read", "groups:write", "im:read", "im:write"];
    let token = access_token(&sandbox, "slack", &scopes);
    let created = post(&sandbox, &token, "conversations.create", json!({"name": "board", "is_private": true})).await;
    let board = created["channel"]["id"].as_str().unwrap();
    let members = get(&sandbox, &token, "conversations.members", &[("channel", board)]).await;
    assert_eq!(members["members"], json!([slack::BOT_USER]));
    let page = get(&sandbox, &token, "conversations.members", &[("channel", slack::GENERAL), ("limit", "3")]).await;
    assert_eq!(page["members"], json!([slack::ALEX, slack::SAM, slack::KIM]));
    assert_ne!(page["response_metadata"]["next_cursor"], "");
    let hidden = get(&sandbox, &token, "conversations.members", &[("channel", slack::LEADERSHIP)]).await;
    assert_eq!(hidden["error"], "channel_not_found", "the bot is no member");

    post(&sandbox, &token, "conversations.invite", json!({"channel": board, "users": slack::SAM})).await;
    for (user, shared) in [(slack::SAM, vec!["board"]), (slack::ALEX, vec![])] {
        let args = [("user", user), ("types", "private_channel")];
        let listed = get(&sandbox, &token, "users.conversations", &args).await;
        let names: Vec<_> = listed["channels"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
        assert_eq!(names, shared, "{user}");
    }

    let open = json!({"users": slack::SAM, "prevent_creation": true});
    assert_eq!(post(&sandbox, &token, "conversations.open", open.clone()).await["channel"], Value::Null);
    let direct = post(&sandbox, &token, "conversations.open", json!({"users": slack::SAM})).await;
    assert_eq!(post(&sandbox, &token, "conversations.open", open).await["channel"], direct["channel"]);
}

#[tokio::test]
async fn errors_use_slack_codes() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "slack", &["chat:write"]);
    let missing = get(&sandbox, &token, "conversations.list", &[]).await;
    assert_eq!(
        missing,
        json!({"ok": false, "error": "missing_scope", "needed": "channels:read", "provided": "chat:write"})
    );
    let message = |channel: &str| json!({"channel": channel, "text": "Hi"});
    assert_eq!(post(&sandbox, &token, "chat.postMessage", message("nowhere")).await["error"], "channel_not_found");
    assert_eq!(
        post(&sandbox, &token, "chat.postMessage", message(slack::LEADERSHIP)).await["error"],
        "channel_not_found"
    );
    assert_eq!(post(&sandbox, &token, "chat.postMessage", message("random")).await["error"], "not_in_channel");
    assert_eq!(post(&sandbox, &token, "chat.postMessage", json!({"channel": "general"})).await["error"], "no_text");
    assert_eq!(post(&sandbox, &token, "chat.unheardOf", json!({})).await["error"], "unknown_method");
    assert_eq!(post(&sandbox, "made-up", "auth.test", json!({})).await["error"], "invalid_auth");
    assert_eq!(TestRequest::get("/slack/api/auth.test").send(&sandbox).await.json()["error"], "not_authed");
    assert_eq!(post(&sandbox, &token, "auth.revoke", json!({})).await["revoked"], true);
    assert_eq!(post(&sandbox, &token, "auth.test", json!({})).await["error"], "token_revoked");
    let public =
        sandbox.grant("slack", sandbox::fixtures::ALEX, &["chat:write", "chat:write.public"]).unwrap().access_token;
    assert_eq!(post(&sandbox, &public, "chat.postMessage", message("random")).await["ok"], true);
}
