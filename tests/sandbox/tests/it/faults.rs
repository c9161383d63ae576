//! Tests of each kind of fault with a real HTTP client.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sandbox::fixtures::slack;
use sandbox::{Fault, RunningSandbox, Sandbox};
use serde_json::json;

use crate::support::{TestRequest, access_token, effects_of_kind};

async fn start() -> (RunningSandbox, String) {
    let running = Sandbox::new().bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let token = access_token(&running.sandbox, "slack", &["chat:write"]);
    (running, token)
}

async fn post(client: &reqwest::Client, running: &RunningSandbox, token: &str) -> reqwest::Result<reqwest::Response> {
    let body = json!({"channel": slack::GENERAL, "text": "Hi"}).to_string();
    let url = format!("{}/api/chat.postMessage", running.provider_urls()["slack"]);
    client.post(url).bearer_auth(token).header("content-type", "application/json").body(body).send().await
}

fn posted_count(running: &RunningSandbox) -> usize {
    effects_of_kind(&running.sandbox, "message_posted").len()
}

#[tokio::test]
async fn refuse_closes_the_connection_without_effect() {
    let (running, token) = start().await;
    let client = reqwest::Client::new();
    running.sandbox.fault(Fault::refuse("slack").at_path("/api/chat.postMessage").on_method("POST").times(2));
    for _ in 0..2 {
        let error = post(&client, &running, &token).await.unwrap_err();
        assert!(error.status().is_none(), "no HTTP status: {error}");
    }
    assert_eq!(posted_count(&running), 0);
    assert_eq!(post(&client, &running, &token).await.unwrap().status(), 200);
    assert_eq!(posted_count(&running), 1);
    running.stop().await;
}

#[tokio::test]
async fn apply_then_drop_takes_effect_without_a_response() {
    let (running, token) = start().await;
    let client = reqwest::Client::new();
    // A kept-alive connection is dropped too.
    post(&client, &running, &token).await.unwrap().text().await.unwrap();
    running.sandbox.fault(Fault::apply_then_drop("slack"));
    let error = post(&client, &running, &token).await.unwrap_err();
    assert!(error.status().is_none(), "no HTTP status: {error}");
    assert_eq!(posted_count(&running), 2);
}

#[tokio::test]
async fn truncate_cuts_the_response_body() {
    let (running, token) = start().await;
    running.sandbox.fault(Fault::truncate("slack"));
    let response = post(&reqwest::Client::new(), &running, &token).await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.content_length().unwrap() > 10);
    assert!(response.text().await.is_err());
    assert_eq!(posted_count(&running), 1);
}

#[tokio::test]
async fn status_fault_answers_and_delay_fault_waits() {
    let (running, token) = start().await;
    let client = reqwest::Client::new();
    running
        .sandbox
        .fault(Fault::status("slack", 429, json!({"ok": false, "error": "ratelimited"})).header("retry-after", "30"));
    let limited = post(&client, &running, &token).await.unwrap();
    assert_eq!((limited.status().as_u16(), limited.headers()["retry-after"].to_str().unwrap()), (429, "30"));
    assert_eq!(limited.text().await.unwrap(), r#"{"error":"ratelimited","ok":false}"#);
    assert_eq!(posted_count(&running), 0);

    running.sandbox.fault(Fault::delay("slack", 30));
    let start = Instant::now();
    assert_eq!(post(&client, &running, &token).await.unwrap().status(), 200);
    assert!(start.elapsed() >= Duration::from_millis(30));

    running.sandbox.fault(Fault::delay("slack", 600_000));
    let impatient = reqwest::Client::builder().timeout(Duration::from_millis(50)).build().unwrap();
    assert!(post(&impatient, &running, &token).await.unwrap_err().is_timeout());
    assert_eq!(posted_count(&running), 1);
}

#[tokio::test]
async fn in_process_drop_is_marked() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "slack", &["chat:write"]);
    sandbox.fault(Fault::apply_then_drop("slack"));
    let body = json!({"channel": slack::GENERAL, "text": "Hi"});
    let reply = TestRequest::post("/slack/api/chat.postMessage", &body).bearer(&token).send(&sandbox).await;
    assert!(reply.dropped && reply.text.is_empty());
    assert_eq!(effects_of_kind(&sandbox, "message_posted").len(), 1);
}

#[tokio::test]
async fn stop_closes_the_port() {
    let (running, token) = start().await;
    let client = reqwest::Client::new();
    post(&client, &running, &token).await.unwrap().text().await.unwrap();
    let url = running.url.clone();
    running.stop().await;
    assert!(client.get(&url).send().await.unwrap_err().is_connect());
    assert!(Sandbox::new().bind(SocketAddr::from(([0, 0, 0, 0], 0))).await.is_err(), "loopback only");
}

#[tokio::test]
async fn apply_then_delay_takes_effect_before_the_response() {
    let (running, token) = start().await;
    running.sandbox.fault(Fault::apply_then_delay("slack", 60_000).at_path("/api/chat.postMessage"));
    let client = reqwest::Client::new();
    let posted = async {
        while posted_count(&running) == 0 {
            tokio::task::yield_now().await
        }
    };
    tokio::select! {
        response = post(&client, &running, &token) => panic!("the response came first: {response:?}"),
        () = posted => {}
    }
    running.stop().await;
}
