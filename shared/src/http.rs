//! The outbound HTTP client: a request in, a response out.
//!
//! All calls of providers, token endpoints, key sets and AWS use it. Production has one shared client, with one pool of connections
//! and one set of trusted authorities. A simulation passes the providers' router instead, so that no socket waits under a virtual
//! clock.

mod trust;

use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use http::StatusCode;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub use trust::TrustStore;

/// Maximum size of a response body.
pub const MAX_RESPONSE_BYTES: usize = 5 * 1024 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);

/// Request with its whole body.
pub type Request = http::Request<Bytes>;
/// Response with its whole body.
pub type Response = http::Response<Bytes>;

/// Reason why there is no response. The variant decides if a write may have taken effect.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// No byte of the request was sent: it had no effect.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The request was sent, and the response is missing, late or truncated: the request may have had its effect.
    #[error("response lost: {0}")]
    Lost(String),
    /// The request was answered, and the body of the response is longer than [`MAX_RESPONSE_BYTES`]. Holds the status.
    #[error("response with status {0} is longer than {max} bytes", max = MAX_RESPONSE_BYTES)]
    TooLarge(StatusCode),
}

type Handler = dyn Fn(Request) -> BoxFuture<'static, Result<Response, HttpError>> + Send + Sync;

/// Outbound HTTP client. Cheap to clone.
#[derive(Clone)]
pub struct Http(Arc<Handler>);

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

impl Http {
    /// Creates a client that sends through `handler`, for simulations and tests.
    pub fn new(
        handler: impl Fn(Request) -> BoxFuture<'static, Result<Response, HttpError>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(handler))
    }

    /// Creates a client that trusts the public authorities; see [`Http::with_trust_store`].
    pub fn client() -> Self {
        Self::with_trust_store(TrustStore::public())
    }

    /// Creates a client that shares one pool of connections, opened at the first call.
    ///
    /// It follows no redirect and reads no proxy from the environment. Limits: 3 s to connect, 10 s in total, 5 MiB of response.
    pub fn with_trust_store(trust_store: TrustStore) -> Self {
        let client: Arc<OnceLock<reqwest::Client>> = Arc::default();
        Self::new(move |request| {
            let (client, trust_store) = (Arc::clone(&client), trust_store.clone());
            Box::pin(async move {
                let client = match client.get() {
                    Some(client) => client,
                    None => {
                        let built = build_client(trust_store).map_err(HttpError::NotSent)?;
                        client.get_or_init(|| built)
                    }
                };
                send(client, request).await
            })
        })
    }

    /// Sends one request.
    ///
    /// # Errors
    /// [`HttpError`]; its variant says if the request may have arrived.
    pub async fn send(&self, request: Request) -> Result<Response, HttpError> {
        (self.0)(request).await
    }
}

fn build_client(trust_store: TrustStore) -> Result<reqwest::Client, String> {
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(trust_store.tls_config().map_err(|error| error.to_string())?)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        // By default reqwest retries a request when a kept-alive connection closes under it. Only the attempt ledger decides if a
        // write may be retried.
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TOTAL_TIMEOUT);
    client.build().map_err(|error| error.to_string())
}

async fn send(client: &reqwest::Client, request: Request) -> Result<Response, HttpError> {
    let request = reqwest::Request::try_from(request).map_err(|error| HttpError::NotSent(error.to_string()))?;
    let mut received = client.execute(request).await.map_err(|error| {
        // `is_connect` covers name resolution, TCP and TLS: all before the first byte of the request.
        let kind = if error.is_connect() || error.is_builder() { HttpError::NotSent } else { HttpError::Lost };
        kind(error.without_url().to_string())
    })?;
    let mut response = http::Response::new(Bytes::new());
    *response.status_mut() = received.status();
    *response.headers_mut() = std::mem::take(received.headers_mut());
    let too_large = || HttpError::TooLarge(response.status());
    let max = u64::try_from(MAX_RESPONSE_BYTES).unwrap_or(u64::MAX);
    if received.content_length().is_some_and(|length| length > max) {
        return Err(too_large());
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = received.chunk().await.map_err(|error| HttpError::Lost(error.without_url().to_string()))? {
        if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    *response.body_mut() = body.freeze();
    Ok(response)
}
