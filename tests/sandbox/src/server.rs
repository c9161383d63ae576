//! The sandbox on a real socket. It has its own accept loop because a fault must be able to close a connection without a
//! response.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tower::ServiceExt as _;

use crate::control;
use crate::faults::DroppedConnection;
use crate::http::ApiResponse;
use crate::issuer;
use crate::loopback::{self, Refused};
use crate::sandbox::Sandbox;
use crate::settings::PROVIDER_PREFIXES;

/// A listening sandbox. Dropping it closes the port and all connections.
#[derive(Debug)]
pub struct RunningSandbox {
    /// The base URL `http://127.0.0.1:<port>`, without a slash at the end.
    pub url: String,
    /// The sandbox.
    pub sandbox: Sandbox,
    accept_loop: JoinHandle<()>,
}

impl RunningSandbox {
    pub(crate) async fn start(sandbox: Sandbox, addr: SocketAddr) -> io::Result<Self> {
        if !addr.ip().is_loopback() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the sandbox listens on a loopback address only"));
        }
        let listener = TcpListener::bind(addr).await?;
        let bound = listener.local_addr()?;
        let url = format!("http://{bound}");
        sandbox.set_base_url(&url);
        let site = Site { router: sandbox.router(), port: bound.port() };
        let accepting = tokio::spawn(accept_connections(listener, site));
        Ok(Self { url, sandbox, accept_loop: accepting })
    }

    /// Closes the port and all connections, and waits until they are closed.
    pub async fn stop(mut self) {
        self.accept_loop.abort();
        // The only possible result is the cancellation.
        let _ = (&mut self.accept_loop).await;
    }

    /// Returns base URLs by provider (`gmail`, `google`, `slack`, `notion`, `asana`, `notes`), the value of
    /// `PLUGIN_ENGINE_PROVIDER_URLS`.
    pub fn provider_urls(&self) -> BTreeMap<String, String> {
        PROVIDER_PREFIXES.into_iter().map(|name| (name.to_owned(), format!("{}/{name}", self.url))).collect()
    }

    /// Returns the `iss` of the identity provider's tokens; its JWKS is at `/.well-known/jwks.json` below.
    pub fn issuer(&self) -> String {
        format!("{}/issuer", self.url)
    }

    /// Returns the endpoint URL for the AWS SDK's Secrets Manager and EventBridge clients.
    pub fn aws_endpoint(&self) -> String {
        format!("{}/aws", self.url)
    }

    /// Returns the endpoint URL of S3.
    pub fn s3_endpoint(&self) -> String {
        format!("{}/s3", self.url)
    }
}

impl Drop for RunningSandbox {
    fn drop(&mut self) {
        self.accept_loop.abort();
    }
}

/// The routes, and the port they are served at.
#[derive(Clone)]
struct Site {
    router: Router,
    port: u16,
}

async fn accept_connections(listener: TcpListener, site: Site) {
    // The set is owned by this task: aborting the task drops all connections.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => { connections.spawn(serve_connection(stream, site.clone())); }
                // The likely cause is a lack of file descriptors: wait for other connections to finish.
                Err(error) => {
                    tracing::warn!(%error, "the sandbox could not accept a connection");
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve_connection(stream: TcpStream, site: Site) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was refused");
    }
    let service = service_fn(move |request: Request<Incoming>| respond(site.clone(), request));
    if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
        // Planned drops end here too: an error of the service closes the socket without a response.
        tracing::debug!(%error, "a sandbox connection ended early");
    }
}

async fn respond(site: Site, request: Request<Incoming>) -> Result<Response, io::Error> {
    if let Err(refused) = check(&request, site.port) {
        return Ok(ApiResponse::json(refused.status.as_u16(), json!({ "error": refused.reason })).into_response());
    }
    let response = site.router.oneshot(request.map(Body::new)).await;
    let response = response.unwrap_or_else(|never: Infallible| match never {});
    if response.extensions().get::<DroppedConnection>().is_some() {
        return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "dropped on purpose"));
    }
    Ok(response)
}

/// Refuses requests for another host, and requests of other sites' pages to the control endpoints and the issuer, which need no
/// credentials.
fn check(request: &Request<Incoming>, port: u16) -> Result<(), Refused> {
    loopback::check_host(request.headers(), port)?;
    if [control::PREFIX, issuer::PREFIX].iter().any(|prefix| request.uri().path().starts_with(prefix)) {
        loopback::check_origin(request.headers(), port)?;
    }
    Ok(())
}
