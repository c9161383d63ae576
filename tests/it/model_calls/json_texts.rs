//! JSON texts in arguments: they are read before anything is checked, so that they can carry nothing past a check.

use super::{answer, call, code, connected, done};
use crate::support::{EffectKind, TestApp};
use sandbox::fixtures::slack::GENERAL;
use serde_json::{Value, json};

fn with_blocks(blocks: Value) -> Value {
    call("slack_send_message", json!({ "channel": GENERAL, "text": "Hi", "blocks": blocks }))
}

#[tokio::test]
async fn a_text_nests_no_deeper_than_an_object() {
    let app = connected().await;
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100), "]".repeat(100));
    for blocks in [json!([deep]), json!(format!("[{deep}]"))] {
        let mut planned = with_blocks(blocks);
        planned["executeAt"] = app.after(3600).to_string().into();
        let planned = json!({ "name": "slack_send_message", "arguments": planned["arguments"], "executeAt": planned["executeAt"] });
        let refused = answer(&app, call("engine_schedule_action", planned)).await;
        assert_eq!(code(&refused), "INVALID_FIELD");
        assert!(refused.content.contains("nested at most 32 levels"), "{}", refused.content);
    }
    assert_eq!(app.tasks("agentId=a").await.tasks, []);
}

#[tokio::test]
async fn a_name_twice_in_a_text_is_refused() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    let twice = r#"{"to":"ann@example.com","to":"eve@example.com","subject":"s","body":"b"}"#;
    let refused = answer(&app, call("gmail_send_email", twice.into())).await;
    assert!(code(&refused) == "INVALID_FIELD" && refused.content.contains("occurs twice"), "{}", refused.content);
    app.effects(EffectKind::MessageSent).assert_none();
}

#[tokio::test]
async fn an_object_or_a_list_as_a_text_is_what_it_contains() {
    let app = connected().await;
    let block = json!({ "type": "section", "text": { "type": "mrkdwn", "text": "Hi" } });
    for blocks in [json!([block]), json!(json!([block]).to_string()), json!([block.to_string()])] {
        done(answer(&app, with_blocks(blocks)).await);
        app.advance(2);
    }
    app.effects(EffectKind::MessagePosted).assert_count(3);
    let key = json!({ "tool": "slack", "contextKey": "home", "externalId": GENERAL });
    done(answer(&app, call("engine_save_key", key)).await);
    let arguments = json!({ "channel": { "contextKey": "home" }, "text": "By key." }).to_string();
    done(answer(&app, call("slack_send_message", arguments.into())).await);
    app.effects(EffectKind::MessagePosted).assert_count(4);
    // Where the schema allows only a text, as the strict one does, a reference is written in it; a message is text whatever it says.
    app.advance(2);
    let written = r#"{"contextKey":"home"}"#;
    done(answer(&app, call("slack_send_message", json!({ "channel": written, "text": written }))).await);
    app.effects(EffectKind::MessagePosted).assert_count(5);
    app.advance(60);
    let read = done(answer(&app, call("slack_fetch_messages", json!({ "channel": GENERAL, "limit": 1 }))).await);
    assert_eq!(read.structured["messages"][0]["text"], written);
}
