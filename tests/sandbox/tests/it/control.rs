//! Tests of the control endpoints.

use sandbox::{Effect, RunningSandbox, Sandbox};
use serde_json::{Value, json};

use crate::support::{TestRequest, access_token};

/// Sends a request over the socket with these headers, and returns the status and the body.
async fn get_with(running: &RunningSandbox, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
    let mut request = reqwest::Client::new().get(format!("{}{path}", running.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn post(sandbox: &Sandbox, path: &str, body: Value) -> (u16, Value) {
    let reply = TestRequest::post(&format!("/_control/{path}"), &body).send(sandbox).await;
    (reply.status.as_u16(), reply.json())
}

#[tokio::test]
async fn control_endpoints_list_effects_plan_faults_move_the_clock_and_reset() {
    let sandbox = Sandbox::new();
    let token = access_token(&sandbox, "slack", &["chat:write"]);
    let ledger = TestRequest::get("/_control/ledger").send(&sandbox).await.json();
    let effects: Vec<Effect> = serde_json::from_value(ledger["effects"].clone()).unwrap();
    assert_eq!((effects.len(), effects[0].seq, effects[0].kind.as_str()), (1, 1, "token_issued"));
    assert!(effects[0].at.parse::<jiff::Timestamp>().is_ok(), "RFC 3339");

    let fault = json!({"provider": "slack", "times": 1, "kind": "apply_then_drop", "path": "/api/"});
    assert_eq!(post(&sandbox, "faults", fault).await.0, 200);
    for wrong in [
        json!({"provider": "slack", "times": 1, "kind": "explode"}),
        json!({"provider": "slack", "times": 1, "kind": "refuse", "extra": 1}),
        json!({"provider": "nobody", "times": 1, "kind": "refuse"}),
        json!({"provider": "slack", "kind": "refuse"}),
    ] {
        assert_eq!(post(&sandbox, "faults", wrong).await.0, 400);
    }
    assert_eq!(sandbox.pending_faults().len(), 1);

    let before = sandbox.now();
    assert_eq!(post(&sandbox, "clock", json!({"advanceSeconds": 3_600})).await.0, 200);
    assert!(sandbox.now() >= before + 3_600);
    assert_eq!(post(&sandbox, "clock", json!({"advance": 1})).await.0, 400);
    assert_eq!(post(&sandbox, "expire", json!({"provider": "slack"})).await.1, json!({"expired": 1}));

    assert_eq!(post(&sandbox, "reset", json!({})).await.0, 200);
    assert!(sandbox.effects().is_empty() && sandbox.pending_faults().is_empty());
    assert!(sandbox.now() < before + 3_600);
    let call = TestRequest::post("/slack/api/auth.test", &json!({})).bearer(&token).send(&sandbox).await;
    assert_eq!(call.json()["error"], "invalid_auth", "tokens from before the reset are unknown");
}

#[tokio::test]
async fn simulated_sandbox_is_deterministic() {
    let one = Sandbox::simulated(1_800_000_000, 7);
    let two = Sandbox::simulated(1_800_000_000, 7);
    let first = access_token(&one, "notion", &[]);
    assert_eq!(first, access_token(&two, "notion", &[]));
    assert_ne!(first, access_token(&one, "notion", &[]));
    one.reset();
    assert_eq!(first, access_token(&one, "notion", &[]));
}

#[tokio::test]
async fn requests_for_another_host_are_refused() {
    let running = Sandbox::new().bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let port = running.url.rsplit(':').next().unwrap();
    for path in ["/_control/ledger", "/issuer/.well-known/jwks.json"] {
        for own in ["127.0.0.1", "localhost", "[::1]"] {
            let host = format!("{own}:{port}");
            assert_eq!(get_with(&running, path, &[("host", &host)]).await.0, 200, "{host}");
        }
        // The name of a page that resolves to 127.0.0.1 (DNS rebinding), with and without the port.
        let rebound = format!("attacker.example:{port}");
        for host in [rebound.as_str(), "attacker.example", "127.0.0.1:1", "127.0.0.1"] {
            let (status, body) = get_with(&running, path, &[("host", host)]).await;
            assert_eq!(status, 421, "{host}: {body}");
            assert!(body.contains("this server answers requests for 127.0.0.1:"), "{body}");
        }
    }
    running.stop().await;
}

#[tokio::test]
async fn pages_of_other_origins_cannot_use_the_control_endpoints_and_the_issuer() {
    let running = Sandbox::new().bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let own = running.url.clone();
    for path in ["/_control/ledger", "/issuer/.well-known/jwks.json"] {
        for origin in ["https://attacker.example", "http://localhost:3000", "null"] {
            let (status, body) = get_with(&running, path, &[("origin", origin)]).await;
            assert_eq!(status, 403, "{path} {origin}: {body}");
            assert!(body.contains("web pages of other origins may not use this path"), "{body}");
        }
        assert_eq!(get_with(&running, path, &[("origin", &own)]).await.0, 200);
    }
    running.stop().await;
}

#[tokio::test]
async fn the_issuer_gives_a_token_to_json_of_this_host_alone() {
    let running = Sandbox::new().bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let port = running.url.rsplit(':').next().unwrap();
    let ask = async |content_type: &str, header: (&str, &str)| {
        let request = reqwest::Client::new().post(format!("{}/issuer/token", running.url));
        let request = request.header("content-type", content_type).header(header.0, header.1);
        let response = request.body(r#"{"sub":"alex"}"#).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    let accept = ("accept", "*/*");
    assert_eq!(ask("application/json; charset=utf-8", accept).await.0, 200);
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let (status, body) = ask(content_type, accept).await;
        assert_eq!(status, 415, "{content_type}: {body}");
        assert!(body.contains("must be application/json") && !body.contains("access_token"), "{body}");
    }
    let rebound = format!("attacker.example:{port}");
    let (status, body) = ask("application/json", ("host", &rebound)).await;
    assert!(status == 421 && !body.contains("access_token"), "{body}");
    let (status, body) = ask("application/json", ("origin", "https://attacker.example")).await;
    assert!(status == 403 && !body.contains("access_token"), "{body}");
    running.stop().await;
}
