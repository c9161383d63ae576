//! The views of an answer: everything, or what a model can use.

use super::{answer, call, code, done};
use crate::support::TestApp;
use sandbox::Fault;
use serde_json::{Value, json};

fn for_model(mut body: Value, max_chars: Option<u32>) -> Value {
    body["view"] = "model".into();
    body["maxChars"] = max_chars.into();
    body
}

#[tokio::test]
async fn the_full_view_has_everything_and_the_models_view_what_it_can_use() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    let attachment = call("gmail_get_attachment", json!({ "messageId": "18f0000000000006", "attachmentId": "1" }));
    let full = done(answer(&app, attachment.clone()).await);
    let bytes = full.structured["content"].as_str().unwrap();
    assert!(full.content.contains(bytes));
    let view = done(answer(&app, for_model(attachment, None)).await);
    assert!(!view.content.contains(bytes) && !view.structured.contains_key("content"), "{view:?}");
    for field in ["filename", "contentType", "size"] {
        assert_eq!(view.structured[field], full.structured[field]);
    }
    assert!(view.content.contains("The bytes of 1 file are left out"), "{}", view.content);

    let mails = call("gmail_fetch_emails", json!({ "limit": 20 }));
    let full = done(answer(&app, mails.clone()).await);
    let view = done(answer(&app, for_model(mails, Some(700))).await);
    assert!(view.content.chars().count() <= 700 && full.content.chars().count() > 700);
    let says = view.content.contains("left out") || view.content.contains("shows the first");
    assert!(says && view.content.contains("the view full"), "{}", view.content);
}

#[tokio::test]
async fn a_refusal_fits_into_the_models_view_too() {
    let app = TestApp::start().await;
    let mut arguments = serde_json::Map::new();
    arguments.extend((0..60).map(|at| (format!("unknown{at}"), json!("x"))));
    let refused = answer(&app, for_model(call("gmail_send_email", arguments.into()), Some(500))).await;
    assert_eq!(code(&refused), "MISSING_FIELDS");
    assert!(refused.content.chars().count() <= 500 && refused.content.contains("cut at"), "{}", refused.content);
}

#[tokio::test]
async fn data_that_fits_once_is_not_in_two_places() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    let bytes = json!({ "size": 3_000_000, "data": "A".repeat(4_000_000) });
    app.fault(Fault::status("gmail", 200, bytes).at_path("/gmail/v1/users/me/messages/18f0000000000006/attachments/"));
    let attachment = call("gmail_get_attachment", json!({ "messageId": "18f0000000000006", "attachmentId": "1" }));
    let full = done(answer(&app, attachment).await);
    assert!(
        full.content.ends_with("it is in structured.")
            && full.structured["content"].as_str().unwrap().len() >= 4_000_000
    );
}
