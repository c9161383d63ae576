//! One bot and several people: all users of a workspace act by the app's only bot, and each sees and changes only what is theirs.

use crate::support::builders::intent;
use crate::support::{EffectKind, TestApp};
use sandbox::fixtures::slack::{GENERAL, RANDOM};
use sandbox::fixtures::{ALEX, KIM, SAM};
use sandbox::strangeness::LIST_LAG_SECONDS;
use sandbox::{Fault, fixtures};
use serde_json::{Value, json};

/// Two users of one workspace: `alex` and `kim`, each connected as that person.
async fn two_people() -> TestApp {
    let app = TestApp::start().await;
    app.connect_account("alex", "slack", ALEX).await;
    app.connect_account("kim", "slack", KIM).await;
    app
}

async fn run(app: &TestApp, user: &str, action: &str, context: Value) -> Value {
    // Slack allows one history a minute.
    app.advance(60 + LIST_LAG_SECONDS);
    app.submit(user, intent("slack", action).context(context)).await.succeeded().data().clone()
}

/// The message of the error with which an action of a user fails.
async fn fail(app: &TestApp, user: &str, action: &str, context: Value, code: &str) -> String {
    app.advance(60 + LIST_LAG_SECONDS);
    app.submit(user, intent("slack", action).context(context)).await.failed(code).error.message
}

/// A private channel of Alex's with a message; returns its id and the `ts`.
async fn board(app: &TestApp) -> (Value, Value) {
    let created = run(app, "alex", "create_channel", json!({ "name": "board-only", "private": true })).await;
    let secret = json!({ "channel": "board-only", "text": "the secret of the board" });
    let sent = run(app, "alex", "send_message", secret).await;
    (created["id"].clone(), sent["ts"].clone())
}

fn names(listed: &Value) -> Vec<&str> {
    listed["channels"].as_array().unwrap().iter().filter_map(|channel| channel["name"].as_str()).collect()
}

#[tokio::test]
async fn private_channel_is_for_its_members() {
    let app = two_people().await;
    let (board, ts) = board(&app).await;
    for of_member in [json!({}), json!({ "memberOnly": true }), json!({ "type": "private" })] {
        let (alex, kim) = (
            run(&app, "alex", "list_channels", of_member.clone()).await,
            run(&app, "kim", "list_channels", of_member).await,
        );
        assert!(names(&alex).contains(&"board-only"), "{alex}");
        assert!(!names(&kim).contains(&"board-only"), "{kim}");
    }
    let read = run(&app, "alex", "fetch_messages", json!({ "channel": board })).await;
    assert_eq!(read["messages"][0]["text"], "the secret of the board");
    let effects = || app.sandbox.sandbox.effects().iter().filter(|effect| effect.provider == "slack").count();
    let before = effects();
    let text = json!("Hello");
    for (action, context) in [
        ("fetch_messages", json!({ "channel": board })),
        ("search_messages", json!({ "channel": board, "query": "secret" })),
        ("fetch_thread", json!({ "channel": board, "threadTs": ts })),
        ("channel_info", json!({ "channel": board })),
        ("send_message", json!({ "channel": board, "text": text })),
        ("send_message", json!({ "channel": board, "text": text, "threadTs": ts })),
        ("schedule_message", json!({ "channel": board, "text": text, "post_at": app.after(36_000).to_string() })),
        ("list_scheduled_messages", json!({ "channel": board })),
        ("upload_file", json!({ "channel": board, "file": { "filename": "a.txt", "text": text } })),
        ("invite_to_channel", json!({ "channel": board, "users": ["kim@example.com"] })),
        ("join_channel", json!({ "channel": board })),
        ("add_reaction", json!({ "channel": board, "ts": ts, "emoji": "eyes" })),
        ("remove_reaction", json!({ "channel": board, "ts": ts, "emoji": "eyes" })),
        ("pin_message", json!({ "channel": board, "ts": ts })),
        ("update_message", json!({ "channel": board, "ts": ts, "text": text })),
        ("delete_message", json!({ "channel": board, "ts": ts })),
        ("cancel_scheduled_message", json!({ "channel": board, "id": "Q0CENTURY01" })),
    ] {
        let message = fail(&app, "kim", action, context, "PROVIDER_FORBIDDEN").await;
        assert!(message.contains("ask a member to invite you in Slack"), "{action}: {message}");
    }
    assert_eq!(effects(), before);
    // Nothing tells that the name exists.
    let hidden = fail(&app, "kim", "fetch_messages", json!({ "channel": "board-only" }), "PROVIDER_NOT_FOUND").await;
    let unknown = fail(&app, "kim", "fetch_messages", json!({ "channel": "board-none" }), "PROVIDER_NOT_FOUND").await;
    assert_eq!(hidden.replace("board-only", "board-none"), unknown);

    run(&app, "alex", "invite_to_channel", json!({ "channel": "board-only", "users": ["kim@example.com"] })).await;
    let read = run(&app, "kim", "fetch_messages", json!({ "channel": "board-only" })).await;
    assert_eq!(read["messages"][0]["text"], "the secret of the board");
}

#[tokio::test]
async fn direct_message_is_read_by_its_person_alone() {
    let app = two_people().await;
    app.connect_account("sam", "slack", SAM).await;
    let sent = run(&app, "alex", "send_message", json!({ "channel": "sam@example.com", "text": "for Sam" })).await;
    let (channel, ts) = (&sent["channel"]["id"], &sent["ts"]);
    for user in ["alex", "kim"] {
        for named in [json!("sam@example.com"), json!(fixtures::slack::SAM), channel.clone()] {
            let message = fail(&app, user, "fetch_messages", json!({ "channel": named }), "PROVIDER_FORBIDDEN").await;
            assert!(message.contains("for their members"), "{message}");
            fail(&app, user, "search_messages", json!({ "channel": named, "query": "sam" }), "PROVIDER_FORBIDDEN")
                .await;
            fail(&app, user, "fetch_thread", json!({ "channel": named, "threadTs": ts }), "PROVIDER_FORBIDDEN").await;
            fail(&app, user, "pin_message", json!({ "channel": named, "ts": ts }), "PROVIDER_FORBIDDEN").await;
        }
    }
    for named in [json!("sam@example.com"), json!(fixtures::slack::SAM), channel.clone()] {
        let read = run(&app, "sam", "fetch_messages", json!({ "channel": named })).await;
        assert_eq!(read["messages"][0]["text"], "for Sam", "{read}");
    }
    // Everyone may write to Sam, also by the conversation's id.
    run(&app, "kim", "send_message", json!({ "channel": channel, "text": "and hello" })).await;
}

#[tokio::test]
async fn message_is_changed_by_the_agents_of_its_author() {
    let mut app = two_people().await;
    let posted = |channel: &str| json!({ "channel": channel, "text": "the first text" });
    for channel in ["general", "sam@example.com"] {
        let sent = run(&app, "alex", "send_message", posted(channel)).await;
        let reply = json!({ "channel": channel, "text": "a reply", "threadTs": sent["ts"] });
        let reply = run(&app, "alex", "send_message", reply).await;
        for ts in [&sent["ts"], &reply["ts"]] {
            let update = json!({ "channel": sent["channel"]["id"], "ts": ts, "text": "another text" });
            let message = fail(&app, "kim", "update_message", update.clone(), "PROVIDER_FORBIDDEN").await;
            assert!(message.contains("only messages that your own agents posted"), "{message}");
            let delete = json!({ "channel": sent["channel"]["id"], "ts": ts });
            fail(&app, "kim", "delete_message", delete.clone(), "PROVIDER_FORBIDDEN").await;
            // Another process knows the message by its metadata.
            app.cold_start();
            run(&app, "alex", "update_message", update).await;
        }
        for ts in [&reply["ts"], &sent["ts"]] {
            app.cold_start();
            run(&app, "alex", "delete_message", json!({ "channel": sent["channel"]["id"], "ts": ts })).await;
        }
    }
    app.effects(EffectKind::MessageDeleted).assert_count(4);
}

#[tokio::test]
async fn scheduled_message_is_seen_and_cancelled_by_the_agents_of_its_author() {
    let app = two_people().await;
    for channel in ["general", "sam@example.com"] {
        let scheduled = json!({ "channel": channel, "text": "later", "post_at": app.after(36_000).to_string() });
        let scheduled = run(&app, "alex", "schedule_message", scheduled).await;
        let cancel = json!({ "channel": scheduled["channel"]["id"], "id": scheduled["id"] });
        let message = fail(&app, "kim", "cancel_scheduled_message", cancel.clone(), "PROVIDER_NOT_FOUND").await;
        assert!(message.contains("your agents have no such message scheduled"), "{message}");
        for context in [json!({}), json!({ "channel": channel })] {
            let ids = async |user| {
                let listed = run(&app, user, "list_scheduled_messages", context.clone()).await;
                listed["messages"].as_array().unwrap().iter().map(|message| message["id"].clone()).collect::<Vec<_>>()
            };
            assert!(ids("alex").await.contains(&scheduled["id"]));
            assert!(!ids("kim").await.contains(&scheduled["id"]));
        }
        run(&app, "alex", "cancel_scheduled_message", cancel).await;
    }
}

#[tokio::test]
async fn metadata_that_was_copied_or_lost_names_no_author() {
    let mut app = two_people().await;
    run(&app, "alex", "send_message", json!({ "channel": GENERAL, "text": "Hello" })).await;
    let metadata = app.effects(EffectKind::MessagePosted).only().request["metadata"].clone();
    let mut of_another_effect = metadata.clone();
    of_another_effect["event_payload"]["key"] = json!("01J00000000000000000000009.1");
    let update = json!({ "channel": "project-updates", "ts": fixtures::slack::BOT_MESSAGE, "text": "The build is green again." });
    for metadata in [json!({}), json!({ "event_type": "plugin_engine_send", "event_payload": {} }), of_another_effect] {
        app.sandbox.sandbox.set_slack_metadata(metadata);
        app.cold_start();
        fail(&app, "alex", "update_message", update.clone(), "PROVIDER_FORBIDDEN").await;
    }
    // A mark is not the user's id, and differs from message to message.
    run(&app, "alex", "send_message", json!({ "channel": GENERAL, "text": "Hello" })).await;
    let marks: Vec<_> = app.effects(EffectKind::MessagePosted).iter().map(|effect| mark(&effect.request)).collect();
    assert_ne!(marks[0], marks[1]);
    assert!(marks.iter().all(|mark| !mark.contains("alex") && mark.len() > 40), "{marks:?}");
}

fn mark(request: &Value) -> String {
    request["metadata"]["event_payload"]["author"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn token_without_a_known_person_serves_public_channels() {
    let app = two_people().await;
    let (board, ts) = board(&app).await;
    let scopes = engine::adapters::slack::ADAPTER.oauth.scopes;
    let bot = app.sandbox.sandbox.grant("slack", ALEX, scopes).unwrap().access_token;
    app.post("robot", "/integrations", json!({ "tool": "slack", "accessToken": bot })).await.ok();
    run(&app, "robot", "fetch_messages", json!({ "channel": "general" })).await;
    run(&app, "robot", "send_message", json!({ "channel": GENERAL, "text": "Hello" })).await;
    run(&app, "robot", "send_message", json!({ "channel": "sam@example.com", "text": "Hello" })).await;
    let listed = run(&app, "robot", "list_channels", json!({})).await;
    assert!(!names(&listed).contains(&"board-only"), "{listed}");
    for (action, context) in [
        ("fetch_messages", json!({ "channel": board })),
        ("send_message", json!({ "channel": board, "text": "Hello" })),
        ("fetch_messages", json!({ "channel": "sam@example.com" })),
        ("pin_message", json!({ "channel": board, "ts": ts })),
        ("create_channel", json!({ "name": "nobody-only", "private": true })),
    ] {
        let message = fail(&app, "robot", action, context, "PROVIDER_FORBIDDEN").await;
        assert!(message.contains("authedUserId"), "{action}: {message}");
    }
    // The one who has the bot's token says for whom it acts.
    let ready = json!({ "tool": "slack", "accessToken": bot, "metadata": { "authedUserId": fixtures::slack::ALEX } });
    app.post("robot", "/integrations", ready).await.ok();
    let read = run(&app, "robot", "fetch_messages", json!({ "channel": board })).await;
    assert_eq!(read["messages"][0]["text"], "the secret of the board");
}

#[tokio::test]
async fn token_of_a_person_needs_no_check() {
    let app = two_people().await;
    let (board, _) = board(&app).await;
    let scopes = ["channels:read", "groups:read", "channels:history", "groups:history", "chat:write"];
    let token = |person| app.sandbox.sandbox.grant_slack_user("", person, &scopes).unwrap().access_token;
    let checks = || app.sandbox.sandbox.call_count("/slack/api/conversations.members");
    for (user, person, code) in [("own", ALEX, None), ("other", KIM, Some("PROVIDER_NOT_FOUND"))] {
        app.post(user, "/integrations", json!({ "tool": "slack", "accessToken": token(person) })).await.ok();
        let before = checks();
        match code {
            None => drop(run(&app, user, "fetch_messages", json!({ "channel": board })).await),
            // Slack says so.
            Some(code) => drop(fail(&app, user, "fetch_messages", json!({ "channel": board }), code).await),
        }
        assert_eq!(checks(), before);
    }
}

#[tokio::test]
async fn right_of_a_person_is_checked_once_in_five_minutes() {
    let app = two_people().await;
    let (board, _) = board(&app).await;
    let calls = || {
        let count = |method: &str| app.sandbox.sandbox.call_count(&format!("/slack/api/{method}"));
        ["conversations.members", "conversations.info", "conversations.open"].map(count)
    };
    let added = |before: [usize; 3]| {
        let after = calls();
        [after[0] - before[0], after[1] - before[1], after[2] - before[2]]
    };
    let open = run(&app, "kim", "create_channel", json!({ "name": "open" })).await["id"].clone();
    // A member of a private and of a public channel; one who is none of a public one; a name; oneself.
    for (channel, expected) in [
        (board, [1, 0, 0]),
        (json!(RANDOM), [1, 0, 0]),
        (open, [1, 1, 0]),
        (json!("board-only"), [0, 0, 0]),
        (json!("alex@example.com"), [0, 0, 1]),
    ] {
        let before = calls();
        for _ in 0..2 {
            let context = json!({ "channel": channel, "limit": 1 });
            drop(app.submit("alex", intent("slack", "fetch_messages").context(context)).await);
            app.advance(70);
        }
        assert_eq!(added(before), expected, "{channel}");
    }
    app.advance(301);
    let before = calls();
    drop(run(&app, "alex", "fetch_messages", json!({ "channel": GENERAL })).await);
    assert_eq!(added(before), [1, 0, 0]);
}

#[tokio::test]
async fn person_is_in_the_private_channel_that_was_created_for_them_whatever_was_lost() {
    for lost in ["conversations.create", "conversations.invite"] {
        let app = two_people().await;
        app.fault(Fault::apply_then_drop("slack").at_path(&format!("/api/{lost}")));
        let create = intent("slack", "create_channel").context(json!({ "name": "board-only", "private": true }));
        app.submit("alex", create).await;
        app.run_processor_after(60).await;
        app.effects(EffectKind::ChannelCreated).assert_count(1);
        let listed = run(&app, "alex", "list_channels", json!({})).await;
        assert!(names(&listed).contains(&"board-only"), "{lost}: {listed}");
        assert!(!names(&run(&app, "kim", "list_channels", json!({})).await).contains(&"board-only"));
    }
}

#[tokio::test]
async fn lost_answer_adds_no_one_to_the_channel_of_another_person() {
    let app = two_people().await;
    board(&app).await;
    app.fault(Fault::apply_then_drop("slack").at_path("/api/conversations.create"));
    let create = intent("slack", "create_channel").context(json!({ "name": "board-only", "private": true }));
    app.submit("kim", create).await;
    app.run_processor_after(60).await;
    let listed = run(&app, "kim", "list_channels", json!({})).await;
    assert!(!names(&listed).contains(&"board-only"), "{listed}");
    app.effects(EffectKind::ChannelCreated).assert_count(1);
}
