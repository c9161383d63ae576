//! The views of an answer: everything, or what a model can use.

use super::{answer, call, code, done};
use crate::support::TestApp;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
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
    let view = done(answer(&app, for_model(attachment, None)).await);
    for answer in [&full, &view] {
        let file = answer.structured["file"].as_str().unwrap();
        assert!(file.starts_with("file_") && answer.content.contains(file), "{answer:?}");
    }
    for field in ["filename", "contentType", "size"] {
        assert_eq!(view.structured[field], full.structured[field]);
    }

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
    // A quotation mark is two characters in JSON.
    let data = URL_SAFE.encode("\"".repeat(1 << 20));
    let part = |kind: &str| json!({ "mimeType": kind, "body": { "size": 1 << 20, "data": data } });
    let parts = json!([part("text/plain"), part("text/html")]);
    let mail = json!({ "id": "18f0000000000006", "payload": { "mimeType": "multipart/alternative", "parts": parts } });
    app.fault(Fault::status("gmail", 200, mail).at_path("/gmail/v1/users/me/messages/18f0000000000006"));
    let full = done(answer(&app, call("gmail_get_email", json!({ "messageId": "18f0000000000006" }))).await);
    assert!(full.content.ends_with("it is in structured."), "{} bytes", full.content.len());
    assert!(full.structured["text"].as_str().unwrap().len() >= 1 << 19);
}
