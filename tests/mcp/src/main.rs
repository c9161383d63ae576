//! The fixture of MCP's conformance suite: a server of its catalogue on a free port of 127.0.0.1. It prints its URL.

mod catalogue;
mod input_tools;
mod prompts;
mod resources;
mod sealing;
mod task_store;
mod tools;

use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use catalogue::Fixture;
use http::{Request, Response, StatusCode};
use mcp::{Implementation, Settings};
use std::sync::Arc;
use tokio::net::TcpListener;

/// Maximum length of a body that the server reads. The layer's own limit is lower.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    let (fixture, settings) = (Arc::new(Fixture::new()), Arc::new(settings(port)));
    let app = Router::new().fallback(move |request: Request<Body>| {
        let (fixture, settings) = (Arc::clone(&fixture), Arc::clone(&settings));
        async move { serve(&fixture, request, &settings).await }
    });
    print_url(port);
    axum::serve(listener, app).await
}

/// The settings of a server that a browser on this machine may call.
fn settings(port: u16) -> Settings {
    let server = Implementation {
        name: "mcp-fixture".to_owned(),
        title: Some("Fixture of the conformance suite".to_owned()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    Settings {
        origins: ["127.0.0.1", "localhost"].map(|host| format!("http://{host}:{port}")).to_vec(),
        instructions: Some("Every tool is a test of the protocol.".to_owned()),
        ..Settings::new(server)
    }
}

async fn serve(fixture: &Fixture, request: Request<Body>, settings: &Settings) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return response;
    };
    mcp::handle(fixture, &Request::<Bytes>::from_parts(parts, body), settings).await.map(Body::from)
}

#[expect(clippy::print_stdout, reason = "the judge reads the URL")]
fn print_url(port: u16) {
    println!("http://127.0.0.1:{port}/mcp");
}
