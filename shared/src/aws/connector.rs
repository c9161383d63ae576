//! The SDK's calls, sent the engine's own way out: one HTTP stack, one pool, one set of trusted authorities.

use aws_config::retry::RetryConfig;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;

use crate::http::{Http, HttpError, Request};

/// The way out as the SDK wants it. Its timeouts are the SDK's own, around each try.
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
        let Self { http, prewarm_only: rehearsal } = self.clone();
        HttpConnectorFuture::new(async move {
            if rehearsal {
                return open_connection(&http, &request).await;
            }
            let request = to_http_request(request)?;
            let response = http.send(request).await.map_err(|error| match error {
                HttpError::NotSent(_) => ConnectorError::io(error.into()).never_connected(),
                HttpError::Lost(_) => ConnectorError::io(error.into()),
            })?;
            let response = response.map(SdkBody::from);
            HttpResponse::try_from(response).map_err(|error| ConnectorError::user(error.into()))
        })
    }
}

fn to_http_request(request: HttpRequest) -> Result<Request, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let (parts, body) = request.into_parts();
    // Each call the engine makes has its body in memory.
    let body = body.bytes().ok_or_else(|| ConnectorError::user("a streamed body".into()))?;
    Ok(Request::from_parts(parts, Bytes::copy_from_slice(body)))
}

/// Makes the way to DynamoDB ready while a function starts, when its processor is at its fastest and nobody waits: a call is
/// put together and signed like any other, and in its place a bare `GET /` opens the connection that the first call will use.
///
/// It needs no permission and consumes no unit. Whatever goes wrong is the first call's to find out, which tries again. There
/// is nothing to open without TLS, so that on a laptop nothing is sent.
pub(crate) async fn prewarm(http: &Http, client: &aws_sdk_dynamodb::Client) {
    let instead = aws_sdk_dynamodb::config::Builder::new()
        .http_client(Connector { http: http.clone(), prewarm_only: true })
        .retry_config(RetryConfig::disabled());
    // It always fails, since nothing answers it.
    let _ = client.describe_limits().customize().config_override(instead).send().await;
}

/// Opens the connection a request would use, and answers as if it could not.
async fn open_connection(http: &Http, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
    if let Some((authority, _)) = request.uri().strip_prefix("https://").and_then(|rest| rest.split_once('/')) {
        let greeting = http::Request::get(format!("https://{authority}/")).body(Bytes::new());
        let greeting = greeting.map_err(|error| ConnectorError::user(error.into()))?;
        http.send(greeting).await.map_err(|error| ConnectorError::io(error.into()))?;
    }
    Err(ConnectorError::user("a rehearsal".into()))
}
