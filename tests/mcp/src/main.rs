//! The fixture of MCP's conformance suite: a server of its catalogue on a free port of 127.0.0.1. It prints its URL. With the
//! argument `faulty` it has a wrong error code, which the suite must find.

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
use mcp_protocol::{Implementation, Settings};
use std::sync::Arc;
use tokio::net::TcpListener;

/// Argument of a server with a fault.
const FAULTY: &str = "faulty";
/// The code of a header that differs from the body, and the one that a faulty server has instead.
const CODES: [&str; 2] = ["-32020", "-32000"];
/// Maximum length of a body that the server reads. The layer's own limit is lower.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    let (fixture, settings) = (Arc::new(Fixture::new()), Arc::new(settings(port)));
    let faulty = std::env::args().nth(1).is_some_and(|argument| argument == FAULTY);
    let app = Router::new().fallback(move |request: Request<Body>| {
        let (fixture, settings) = (Arc::clone(&fixture), Arc::clone(&settings));
        async move {
            let response = serve(&fixture, request, &settings).await;
            if faulty { response.map(with_fault) } else { response }.map(Body::from)
        }
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

async fn serve(fixture: &Fixture, request: Request<Body>, settings: &Settings) -> Response<Bytes> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return response;
    };
    mcp_protocol::handle(fixture, &Request::from_parts(parts, body), settings).await
}

/// A body with the wrong code.
fn with_fault(body: Bytes) -> Bytes {
    String::from_utf8_lossy(&body).replace(CODES[0], CODES[1]).into()
}

#[expect(clippy::print_stdout, reason = "the judge reads the URL")]
fn print_url(port: u16) {
    println!("http://127.0.0.1:{port}/mcp");
}
