//! The client behind [`Http`](super::Http): HTTP/1.1 over a pool of kept-alive connections.
//!
//! The client is built on hyper's connections and not on a ready-made pool, because only the owner of a connection knows which request
//! it carries, and so which fence its writes obey: see `http/fence.rs`.

use http::header::{ACCEPT, HOST};
use http::uri::Scheme;
use http::{HeaderValue, Uri};
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::HttpConnector;
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

use super::body::{self, BodyReader, SlotTerms};
use super::budget::ResponseBudget;
use super::connection::Connection;
use super::fence::Fence;
use super::payload::Streamed;
use super::pool::{Lent, Origin, Pool};
use super::{HttpError, Request, Response, TrustStore, total_timeout};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// A client with its pool of connections.
pub(super) struct Client {
    tcp: HttpConnector,
    tls: TlsConnector,
    budget: ResponseBudget,
    pool: Arc<Pool>,
}

/// A request that was sent, and the beginning of its response.
struct Exchange {
    origin: Origin,
    connection: Connection,
    received: http::Response<Incoming>,
}

impl Client {
    /// Creates a client without a connection.
    pub(super) fn new(trust_store: TrustStore, budget: ResponseBudget) -> Result<Self, rustls::Error> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let tls = TlsConnector::from(Arc::new(trust_store.tls_config()?));
        Ok(Self { tcp, tls, budget, pool: Arc::default() })
    }

    /// Sends one request.
    pub(super) async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let expires_at = Instant::now() + total_timeout(request.body().length().unwrap_or_default());
        let (terms, is_streamed) = (SlotTerms::of(&request), request.extensions().get::<Streamed>().is_some());
        let fence = Arc::new(Fence::new(terms.not_after.clone(), expires_at));
        let request = request.map(|body| fence.watch(body));
        let exchange = timeout_at(expires_at, self.exchange(request, &fence)).await;
        let Exchange { origin, connection, received } =
            exchange.unwrap_or_else(|_| Err(fence.fail("it took too long")))?;
        let lent = Lent { pool: Arc::clone(&self.pool), origin, connection, fence: Arc::clone(&fence) };
        if is_streamed && received.status().is_success() {
            return Ok(body::stream(received, lent));
        }
        let reader = BodyReader { budget: &self.budget, terms: &terms, fence: &fence, expires_at };
        let response = reader.read(received).await?;
        lent.give_back();
        Ok(response)
    }

    /// Sends a request, and returns the head of its response.
    async fn exchange(&self, request: Request, fence: &Arc<Fence>) -> Result<Exchange, HttpError> {
        let address = request.uri().clone();
        let (origin, mut request) = to_wire(request)?;
        loop {
            let (mut connection, is_reused) = match self.pool.take(&origin).await {
                Some(connection) => (connection, true),
                None => (self.connect(&address).await.map_err(HttpError::NotSent)?, false),
            };
            connection.gate.set(fence);
            let received = match connection.sender.try_send_request(request).await {
                Ok(received) => received,
                Err(mut error) => match error.take_message() {
                    // The server had closed the connection before the request was written to it.
                    Some(unsent) if is_reused => {
                        request = unsent;
                        continue;
                    }
                    _ => return Err(fence.fail(describe(&error.into_error()))),
                },
            };
            return Ok(Exchange { origin, connection, received });
        }
    }

    async fn connect(&self, address: &Uri) -> Result<Connection, String> {
        match timeout(CONNECT_TIMEOUT, Connection::open(&self.tcp, &self.tls, address)).await {
            Ok(opened) => opened.map_err(|error| format!("no connection: {error}")),
            Err(_) => Err("no connection: it took too long".to_owned()),
        }
    }
}

/// Returns a request as HTTP/1.1 has it: the path in the first line, the host in a header (RFC 9112 sections 3.2 and 3.2.1).
fn to_wire(request: Request) -> Result<(Origin, Request), HttpError> {
    let invalid = |error: &dyn std::fmt::Display| HttpError::NotSent(format!("not an address: {error}"));
    let (mut parts, body) = request.into_parts();
    let address = parts.uri.clone().into_parts();
    let (Some(scheme), Some(authority)) = (address.scheme, address.authority) else {
        return Err(invalid(&"it has no host"));
    };
    let is_https = scheme == Scheme::HTTPS;
    if !is_https && scheme != Scheme::HTTP {
        return Err(invalid(&"it is neither http nor https"));
    }
    let port = authority.port_u16().filter(|port| *port != if is_https { 443 } else { 80 });
    let host = authority.host();
    let host = port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    parts.headers.insert(HOST, HeaderValue::try_from(host).map_err(|error| invalid(&error))?);
    parts.headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    parts.version = http::Version::HTTP_11;
    parts.uri = address
        .path_and_query
        .map_or_else(|| Ok(Uri::from_static("/")), Uri::try_from)
        .map_err(|error| invalid(&error))?;
    Ok(((scheme, authority), http::Request::from_parts(parts, body)))
}

/// Returns the text of an error with its cause.
pub(super) fn describe(error: &hyper::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}
