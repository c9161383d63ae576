//! `dryRun`: returns the requests an intent would send, in order, without sending them.

use crate::support::builders::{Intent, email, intent, message};
use crate::support::{EffectKind, TestApp};
use engine::adapters;
use engine::adapters::action::Effect;
use engine::adapters::api::Writes;
use engine::http::Http;
use sandbox::fixtures;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

fn dry_message() -> Intent {
    message().with("channel", "general").dry_run()
}

#[tokio::test]
async fn a_dry_run_returns_the_resolved_request_and_sends_nothing() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let dry = app.submit("u1", dry_message()).await.succeeded();
    assert_eq!(dry.metadata.as_ref().unwrap().dry_run, Some(true));
    assert_eq!(dry.data()["requests"].as_array().map(Vec::len), Some(1));
    let request = &dry.data()["requests"][0];
    assert_eq!(request["method"], "POST");
    assert!(request["url"].as_str().unwrap().ends_with("/api/chat.postMessage"), "{request}");
    assert_eq!(request["body"]["channel"], fixtures::slack::GENERAL, "the name is resolved");
    assert!(request["headers"]["authorization"].is_null() && !format!("{dry:?}").contains("xox"), "{dry:?}");
    app.effects(EffectKind::MessagePosted).assert_none();
    assert_eq!(app.tasks("agentId=a&kind=immediate").await.tasks, [], "nothing is journaled");
}

/// The calls with an effect of every action, as a dry run shows them and as they are made.
#[tokio::test]
async fn a_dry_run_shows_every_call_with_an_effect_in_order() {
    for adapter in adapters::ALL {
        for action in adapter.actions.iter().filter(|action| action.effect != Effect::Read) {
            let sent = Arc::new(Mutex::new(vec![]));
            let app = TestApp::start_with_client(&[], recording_client(&sent)).await;
            app.connect("u1", adapter.tool.as_str()).await;
            let example = app.example(adapter, action);
            let dry = app.submit("u1", example.clone().dry_run()).await.succeeded();
            let shown: Vec<String> = dry.data()["requests"].as_array().unwrap().iter().map(line).collect();
            assert_eq!(*sent.lock().unwrap(), Vec::<String>::new(), "{}", action.name);
            // Slack allows one history a minute.
            app.advance(60);
            app.submit("u1", example).await.succeeded();
            assert_eq!(shown, *sent.lock().unwrap(), "{}", action.name);
            assert!(!shown.is_empty(), "{}", action.name);
        }
    }
}

/// The method and the path of a request, without the ids that the provider gives.
fn line(request: &Value) -> String {
    let url: url::Url = request["url"].as_str().unwrap().parse().unwrap();
    comparable(request["method"].as_str().unwrap(), url.path())
}

/// An upload's address and a new object's id differ; everything else is compared.
fn comparable(method: &str, path: &str) -> String {
    let known = |segment: &str| segment.starts_with("new-") || segment.len() > 30;
    let segments = path.split('/').map(|segment| if known(segment) { "*" } else { segment });
    let path = segments.collect::<Vec<_>>().join("/");
    let path = if path.contains("/upload/v1/") { "/upload/v1/*".to_owned() } else { path };
    format!("{method} {path}")
}

/// A client that records each call with an effect.
fn recording_client(sent: &Arc<Mutex<Vec<String>>>) -> Http {
    let (sent, client) = (Arc::clone(sent), Http::client());
    Http::new(move |request| {
        if request.extensions().get::<Writes>().is_some() {
            sent.lock().unwrap().push(comparable(request.method().as_str(), request.uri().path()));
        }
        let client = client.clone();
        Box::pin(async move { client.send(request).await })
    })
}

#[tokio::test]
async fn a_dry_run_shows_the_content_of_a_mail_and_of_a_file() {
    let app = TestApp::start().await;
    for tool in ["gmail", "slack"] {
        app.connect("u1", tool).await;
    }
    let dry = app.submit("u1", email().dry_run()).await.succeeded();
    let requests = dry.data()["requests"].clone();
    assert!(requests[0]["body"]["message"]["raw"].is_string(), "{requests}");
    assert_eq!(requests[1]["body"], json!({ "id": "new-draft" }));
    let to_person = json!({ "channel": "sam@example.com", "file": { "filename": "a.txt", "text": "a text" } });
    let dry = app.submit("u1", intent("slack", "upload_file").context(to_person).dry_run()).await.succeeded();
    let requests = dry.data()["requests"].clone();
    assert_eq!(requests[2]["body"], json!({ "text": "a text" }), "{requests}");
    assert_eq!(requests[3]["body"]["channel_id"], "new-conversation", "{requests}");
    let file = app.upload("u1", "b.txt", "text/plain", "another text").await;
    let upload = json!({ "channel": "general", "file": { "file": file } });
    let dry = app.submit("u1", intent("slack", "upload_file").context(upload).dry_run()).await.succeeded();
    let facts = json!({ "file": file, "filename": "b.txt", "size": 12 });
    assert_eq!(dry.data()["requests"][1]["body"], facts, "{}", dry.data());
    app.connect("u1", "asana").await;
    let upload = json!({ "taskId": fixtures::asana::TASK, "file": { "file": file } });
    let dry = app.submit("u1", intent("asana", "upload_attachment").context(upload).dry_run()).await.succeeded();
    let facts = json!({ "filename": "b.txt", "contentType": "text/plain", "size": 12 });
    let form = json!({ "parent": fixtures::asana::TASK, "file": facts });
    assert_eq!(dry.data()["requests"][0]["body"], form, "{}", dry.data());
    app.effects(EffectKind::DraftCreated).assert_none();
}

#[tokio::test]
async fn a_dry_run_reports_failures_and_logs_none() {
    let app = TestApp::start().await;
    app.submit("u1", dry_message()).await.failed("NOT_CONNECTED");
    app.connect("u1", "slack").await;
    app.submit("u1", dry_message().with("channel", "nowhere")).await.failed("PROVIDER_NOT_FOUND");
    let without_text = intent("slack", "send_message").with("channel", "general").dry_run();
    app.submit("u1", without_text).await.refused(400, "MISSING_FIELDS");
    let later = dry_message().at(app.after(60));
    assert!(app.submit("u1", later).await.refused(400, "INVALID_FIELD").contains("dryRun"));
    assert_eq!(app.logged_errors("agentId=a").await.errors, [], "a dry run is no failure of anything");
}
