//! A deployment whose store is empty and rejects every conditional write.

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use engine::clock::{Clock, Random};
use engine::config::Config;
use engine::deployment::{Deployment, Environment, Part};
use engine::error::Result;
use engine::http::{Http, HttpError};
use engine::lambda::{self, Reply, Request};
use lambda_http::{Body, Response};
use serde_json::json;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::OnceLock;

pub(super) const NOW: &str = "2026-11-23T10:00:00Z";
pub(super) const ISSUER: &str = "https://id.example.com";
pub(super) const FRONTEND_URL: &str = "https://app.example.com/integrations";
pub(super) const JWT_SECRET: &str = "a secret of the fuzz targets";

/// Returns the settings; callers' tokens are verified with [`JWT_SECRET`].
pub(super) fn config() -> Config {
    let client = json!({ "clientId": "id", "clientSecret": "secret" });
    let variables = BTreeMap::from([
        ("PLUGIN_ENGINE_FRONTEND_URL", FRONTEND_URL.to_owned()),
        ("PLUGIN_ENGINE_OAUTH_REDIRECT_URI", "https://api.example.com/callback".to_owned()),
        ("PLUGIN_ENGINE_JWT_ISSUER", ISSUER.to_owned()),
        ("PLUGIN_ENGINE_JWT_AUDIENCE", "plugin-engine".to_owned()),
        ("PLUGIN_ENGINE_JWT_ALGORITHMS", "HS256".to_owned()),
        ("PLUGIN_ENGINE_JWT_SECRET", JWT_SECRET.to_owned()),
        ("PLUGIN_ENGINE_VAULT", "encrypted-column".to_owned()),
        ("PLUGIN_ENGINE_KEYRING", json!({ "current": "k1", "k1": "0123456789abcdef0123456789abcdef" }).to_string()),
        (
            "PLUGIN_ENGINE_FLOWS_KEYRING",
            json!({ "current": "f1", "f1": "abcdef0123456789abcdef0123456789" }).to_string(),
        ),
        ("PLUGIN_ENGINE_CLIENTS", json!({ "gmail": client }).to_string()),
    ]);
    Config::read(&|name| variables.get(name).cloned()).unwrap()
}

/// Returns an HTTP client that cannot reach any server.
pub(super) fn unreachable_http() -> Http {
    Http::new(|_| Box::pin(std::future::ready(Err(HttpError::NotSent("nowhere".to_owned())))))
}

/// Handles a request by a route; returns the response.
pub(super) fn handle<P, F>(event: lambda_http::Request, route: fn(&'static P, Request) -> F) -> Response<Body>
where
    P: Part,
    F: Future<Output = Result<Reply>>,
{
    static DEPLOYMENT: OnceLock<&'static Deployment> = OnceLock::new();
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    }
    let deployment = DEPLOYMENT.get_or_init(|| {
        let aws = aws_config::SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(
                Credentials::from_keys("test", "test", None),
            ))
            .http_client(http_client_fn(|_, _| SharedHttpConnector::new(EmptyStore)))
            .build();
        let clock = Clock::manual(NOW.parse().unwrap());
        let environment = Environment { aws, http: unreachable_http(), clock, random: Random::seeded(1) };
        Deployment::start(config(), environment)
    });
    let handled = lambda::handle_request(deployment.part(), event, |request| route(deployment.part(), request));
    RUNTIME.with(|runtime| runtime.block_on(handled))
}

/// A store without items.
#[derive(Debug)]
struct EmptyStore;

impl HttpConnector for EmptyStore {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let operation = request.headers().get("x-amz-target").and_then(|target| target.split_once('.'));
        let (status, body) = match operation.map_or("", |(_, operation)| operation) {
            "GetItem" | "Query" => (200, json!({})),
            "BatchGetItem" => (200, json!({ "Responses": {} })),
            _ => (400, json!({ "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException" })),
        };
        let status = http::StatusCode::from_u16(status).unwrap().into();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body.to_string()))))
    }
}
