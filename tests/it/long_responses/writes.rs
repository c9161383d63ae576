//! Changes whose response is too long: the change was made.

use super::app_with_long_content;
use crate::support::builders::{intent, message};
use crate::support::{EffectKind, TestApp};
use sandbox::Fault;
use sandbox::fixtures::slack::{BOT_MESSAGE, PROJECT_UPDATES};

#[tokio::test]
async fn a_message_with_a_response_that_is_too_long_is_looked_up_and_not_repeated() {
    let app = TestApp::as_documented("a current history resolves it in the request").await;
    app.connect("u1", "slack").await;
    app.fault(Fault::oversize("slack").at_path("/api/chat.postMessage"));
    let result = app.submit("u1", message()).await.succeeded();
    assert_eq!(result.external_id, Some(app.effects(EffectKind::MessagePosted).only().id));
}

#[tokio::test]
async fn an_idempotent_change_with_a_response_that_is_too_long_is_repeated_once() {
    let app = app_with_long_content("slack").await;
    let update = || {
        intent("slack", "update_message").with("channel", PROJECT_UPDATES).with("ts", BOT_MESSAGE).with("text", "Ready")
    };
    app.fault(Fault::oversize("slack").at_path("/api/chat.update"));
    app.submit("u1", update()).await.succeeded();
    app.fault(Fault::oversize("slack").at_path("/api/chat.update").times(2));
    let error = app.submit("u1", update()).await.failed("RESPONSE_LOST").error;
    assert!(error.message.contains("too long to be read; it is safe to repeat"), "{}", error.message);
    app.submit("u1", update()).await.succeeded();
}
