//! A proxy between the functions and the emulator that corrects differences to AWS.
//!
//! * `CreateSecret` uses its `ClientRequestToken` as the id of the first version
//!   (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>); the emulator ignores it there and
//!   accepts it in `PutSecretValue`.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::Services;
use crate::client::HttpResponse;
use crate::failure::{Context as _, Result};
use crate::stack::listen;

/// A Secrets Manager endpoint that behaves as AWS does. Dropping it closes the port.
#[derive(Debug)]
pub(super) struct SecretsManagerShim {
    /// The endpoint.
    pub(super) url: String,
    server: JoinHandle<()>,
}

impl SecretsManagerShim {
    /// Starts the endpoint on a free port.
    ///
    /// # Errors
    /// If no port is free.
    pub(super) async fn start(emulated: Services) -> Result<Self> {
        let listener = listen(0).await.context("the Secrets Manager shim")?;
        let url = format!("http://{}", listener.local_addr().context("the address of the Secrets Manager shim")?);
        let router = Router::new().route("/", post(handle)).with_state(emulated);
        let serving = tokio::spawn(async {
            // The server runs until its task is aborted.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, server: serving })
    }
}

impl Drop for SecretsManagerShim {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn handle(State(emulated): State<Services>, headers: HeaderMap, body: String) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let body: Value = serde_json::from_str(&body).unwrap_or_default();
    let result = match (target, body["ClientRequestToken"].is_string()) {
        ("secretsmanager.CreateSecret", true) => create_secret(&emulated, body).await,
        _ => emulated.send(target, &body).await,
    };
    match result {
        Ok(answer) => {
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
            (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.1")], answer.text).into_response()
        }
        Err(failure) => (StatusCode::BAD_GATEWAY, failure.to_string()).into_response(),
    }
}

async fn create_secret(emulated: &Services, mut body: Value) -> Result<HttpResponse> {
    let value = json!({ "SecretId": body["Name"], "ClientRequestToken": body["ClientRequestToken"].take(),
        "SecretString": body["SecretString"].take() });
    let created = emulated.send("secretsmanager.CreateSecret", &body).await?;
    match created.status {
        200 => emulated.send("secretsmanager.PutSecretValue", &value).await,
        _ => Ok(created),
    }
}
