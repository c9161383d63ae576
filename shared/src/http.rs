//! The one seam to the outside over HTTP: a request in, a response out.
//!
//! Providers, token endpoints, key sets and AWS are called through it. Production has one shared client, with one pool of
//! connections and one set of trusted authorities; a simulation hands in the providers' router instead, so that no socket
//! waits under a virtual clock.

mod lookup_cache;
mod trust;

use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use lookup_cache::LookupCache;
pub use trust::TrustStore;

/// Most bytes of a response that are read.
pub const MAX_RESPONSE_BYTES: usize = 5 * 1024 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);

/// A request with its whole body.
pub type Request = http::Request<Bytes>;
/// A response with its whole body.
pub type Response = http::Response<Bytes>;

/// Why there is no response. The difference decides whether a write may have happened.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// No byte of the request left: it cannot have happened.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The request left and the answer is missing, late, cut or too long: it may have happened.
    #[error("answer lost: {0}")]
    Lost(String),
}

type Handler = dyn Fn(Request) -> BoxFuture<'static, Result<Response, HttpError>> + Send + Sync;

/// The way out. Cheap to clone.
#[derive(Clone)]
pub struct Http(Arc<Client>);

struct Client {
    handler: Box<Handler>,
    memo: LookupCache,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

impl Http {
    /// Sends through `handler`: the seam for a simulation.
    pub fn new(
        handler: impl Fn(Request) -> BoxFuture<'static, Result<Response, HttpError>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Client { handler: Box::new(handler), memo: LookupCache::default() }))
    }

    /// Sends through one shared client that trusts the public authorities, as [`Http::trusting`].
    pub fn client() -> Self {
        Self::with_trust_store(TrustStore::public())
    }

    /// Sends through one shared client, made at the first call.
    ///
    /// It follows no redirect and takes no proxy from the environment; 3 s to connect, 10 s altogether, 5 MiB of answer.
    pub fn with_trust_store(trust: TrustStore) -> Self {
        let client: Arc<OnceLock<reqwest::Client>> = Arc::default();
        Self::new(move |request| {
            let (client, trust) = (Arc::clone(&client), trust.clone());
            Box::pin(async move {
                let client = match client.get() {
                    Some(client) => client,
                    None => {
                        let made = build_client(trust).map_err(HttpError::NotSent)?;
                        client.get_or_init(|| made)
                    }
                };
                send(client, request).await
            })
        })
    }

    /// Sends one request.
    ///
    /// # Errors
    /// [`HttpError`], by whether the request may have arrived.
    pub async fn send(&self, request: Request) -> Result<Response, HttpError> {
        (self.0.handler)(request).await
    }

    /// What was told on this way a while ago.
    pub(crate) fn memo(&self) -> &LookupCache {
        &self.0.memo
    }
}

fn build_client(trust: TrustStore) -> Result<reqwest::Client, String> {
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(trust.tls_config().map_err(|error| error.to_string())?)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        // reqwest repeats a request by itself when a kept-alive connection closes under it. Whether a write may be
        // repeated is for the attempt ledger to say, nobody else.
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TOTAL_TIMEOUT);
    client.build().map_err(|error| error.to_string())
}

async fn send(client: &reqwest::Client, request: Request) -> Result<Response, HttpError> {
    let request = reqwest::Request::try_from(request).map_err(|error| HttpError::NotSent(error.to_string()))?;
    let mut reply = client.execute(request).await.map_err(|error| {
        // `is_connect` covers name resolution, TCP and TLS: all before the first byte of the request.
        let kind = if error.is_connect() || error.is_builder() { HttpError::NotSent } else { HttpError::Lost };
        kind(error.without_url().to_string())
    })?;
    let mut response = http::Response::new(Bytes::new());
    *response.status_mut() = reply.status();
    *response.headers_mut() = std::mem::take(reply.headers_mut());
    let mut body = BytesMut::new();
    while let Some(chunk) = reply.chunk().await.map_err(|error| HttpError::Lost(error.without_url().to_string()))? {
        if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
            return Err(HttpError::Lost(format!("longer than {MAX_RESPONSE_BYTES} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    *response.body_mut() = body.freeze();
    Ok(response)
}
