//! The SDK's connection to the outbound HTTP client: one HTTP stack, one pool, one set of trusted authorities.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use bytes::Bytes;

use crate::http::{Body, Http, HttpError, Request, Unbudgeted};

/// Wraps the outbound HTTP client for the SDK. The SDK applies its own timeouts to each try.
pub fn connector(http: Http) -> SharedHttpClient {
    SharedHttpClient::new(Connector { http, prewarm_only: false })
}

#[derive(Clone, Debug)]
struct Connector {
    http: Http,
    prewarm_only: bool,
}

impl HttpClient for Connector {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { http, prewarm_only } = self.clone();
        HttpConnectorFuture::new(async move {
            if prewarm_only {
                return open_connection(&http, &request).await;
            }
            let request = to_http_request(request)?;
            let response = http.send(request).await.map_err(|error| match error {
                HttpError::NotSent(_) => ConnectorError::io(error.into()).never_connected(),
                HttpError::Lost(_) | HttpError::TooLarge(_) | HttpError::NoMemory(_) => {
                    ConnectorError::io(error.into())
                }
            })?;
            let response = response.map(|body| SdkBody::from(body.bytes().clone()));
            HttpResponse::try_from(response).map_err(|error| ConnectorError::user(error.into()))
        })
    }
}

fn to_http_request(request: HttpRequest) -> Result<Request, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let (parts, body) = request.into_parts();
    // All calls of the engine have their body in memory.
    let body = body.bytes().ok_or_else(|| ConnectorError::user("a streamed body".into()))?;
    let mut request = Request::from_parts(parts, Body::from(Bytes::copy_from_slice(body)));
    request.extensions_mut().insert(Unbudgeted);
    Ok(request)
}

/// Pre-warms the connection to DynamoDB while a function starts, when its processor is at its fastest and no caller waits: a call is
/// built and signed like any other, and instead of it a bare `GET /` opens the connection that the first call will use.
///
/// It needs no permission and consumes no capacity unit. A failure is ignored: the first call meets it again and retries. Without
/// TLS there is no connection worth opening, so nothing is sent on a laptop.
pub(crate) async fn prewarm(http: &Http, client: &aws_sdk_dynamodb::Client) {
    let config = aws_sdk_dynamodb::config::Builder::new()
        .http_client(Connector { http: http.clone(), prewarm_only: true })
        .retry_config(RetryConfig::disabled());
    // The call always fails, because the connector returns no response.
    let _ = client.describe_limits().customize().config_override(config).send().await;
}

/// Opens the connection that a request would use, and returns an error instead of a response.
async fn open_connection(http: &Http, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
    if let Some((authority, _)) = request.uri().strip_prefix("https://").and_then(|rest| rest.split_once('/')) {
        let warm_up = http::Request::get(format!("https://{authority}/")).body(Body::default());
        let warm_up = warm_up.map_err(|error| ConnectorError::user(error.into()))?;
        http.send(warm_up).await.map_err(|error| ConnectorError::io(error.into()))?;
    }
    Err(ConnectorError::user("pre-warming sends no call".into()))
}
