//! The outbound HTTP client: a request in, a response out.
//!
//! All calls of providers, token endpoints, key sets and AWS use it. Production has one shared client, with one pool of connections
//! and one set of trusted authorities. A simulation passes the providers' router instead, so that no socket waits under a virtual
//! clock.

mod body;
mod budget;
mod client;
mod connection;
mod fence;
mod payload;
mod pool;
mod trust;

use futures::future::BoxFuture;
use http::StatusCode;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub use budget::{ActionSlots, ResponseBudget, SMALL_RESPONSE_BYTES, Slot, Unbudgeted};
use client::Client;
pub use fence::NotAfter;
pub use payload::{Body, ByteStream, StreamError, Streamed};
pub use trust::TrustStore;

/// Maximum size of a response body.
pub const MAX_RESPONSE_BYTES: usize = 5 * 1024 * 1024;
/// Maximum time from the start of a request to the end of its response. A streamed request has more: see [`total_timeout`].
pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
/// Lowest speed at which a body is streamed, in bytes a second.
const MIN_BYTES_PER_SECOND: u64 = 1024 * 1024;

/// Request.
pub type Request = http::Request<Body>;
/// Response. Its body is whole, unless the request was marked as [`Streamed`].
pub type Response = http::Response<Body>;

/// Returns the maximum time of a request with so many bytes: ten seconds, and more for a long body.
pub fn total_timeout(length: u64) -> Duration {
    TOTAL_TIMEOUT + Duration::from_secs(length / MIN_BYTES_PER_SECOND)
}

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
    /// The request was answered, and the body of the response was not read: it is long, and in time no memory was free for it. Holds
    /// the status.
    #[error("response with status {0} was not read: the memory for long responses was taken")]
    NoMemory(StatusCode),
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

    /// Creates a client that trusts the public authorities; see [`Http::client_with`].
    pub fn client() -> Self {
        Self::client_with(TrustStore::public(), ResponseBudget::default())
    }

    /// Creates a client that shares one pool of connections, opened at the first call.
    ///
    /// It speaks HTTP/1.1, follows no redirect, repeats no request that a server may have seen, and reads no proxy from the
    /// environment. Limits: 3 s to connect, 10 s in total ([`total_timeout`] for a long body), 5 MiB of response unless it is [`Streamed`]. Nothing of a request is written from the instant of its
    /// [`NotAfter`] on. A long response is read within the budget, unless its request is [`Unbudgeted`]; the wait for it, at most 10 s
    /// and until that instant, is not counted.
    pub fn client_with(trust_store: TrustStore, budget: ResponseBudget) -> Self {
        let client: Arc<OnceLock<Client>> = Arc::default();
        Self::new(move |request| {
            let (client, trust_store, budget) = (Arc::clone(&client), trust_store.clone(), budget.clone());
            Box::pin(async move {
                let client = match client.get() {
                    Some(client) => client,
                    None => {
                        let built = Client::new(trust_store, budget);
                        let built = built.map_err(|error| HttpError::NotSent(error.to_string()))?;
                        client.get_or_init(|| built)
                    }
                };
                client.send(request).await
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
