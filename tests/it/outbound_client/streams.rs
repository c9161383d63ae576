//! Bodies that are streamed, in both directions, over a real socket.

use axum::body::Body as AxumBody;
use axum::extract::State;
use axum::routing::{get, post};
use bytes::Bytes;
use engine::http::{Body, ByteStream, Http, HttpError, MAX_RESPONSE_BYTES, Response, StreamError, Streamed};
use futures::{StreamExt as _, stream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Notify;

const CHUNK: usize = 64 * 1024;
const CHUNKS: usize = 400;
const LENGTH: u64 = (CHUNK * CHUNKS) as u64;

/// A server that counts the bytes it receives, and sends as many.
struct Server {
    url: String,
    received: Arc<AtomicUsize>,
    connections: Arc<AtomicUsize>,
    /// Ends the response of `/cut`.
    cut: Arc<Notify>,
}

impl Server {
    async fn start() -> Self {
        let (received, connections) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let cut = Arc::new(Notify::new());
        let cuts = Arc::clone(&cut);
        let app = axum::Router::new()
            .route("/put", post(receive))
            .route("/get", get(|| async { AxumBody::from_stream(chunks(CHUNKS)) }))
            .route("/cut", get(move || async move { AxumBody::from_stream(failing_when(cuts)) }))
            .route("/refuse", get(|| async { (http::StatusCode::NOT_FOUND, "no such file") }))
            .with_state(Arc::clone(&received));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let counted = Arc::clone(&connections);
        let listener = axum::serve::ListenerExt::tap_io(listener, move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, received, connections, cut }
    }

    async fn put(&self, http: &Http, body: Body) -> Result<Response, HttpError> {
        http.send(http::Request::post(format!("{}/put", self.url)).body(body).unwrap()).await
    }

    async fn get(&self, http: &Http, path: &str) -> Result<Response, HttpError> {
        let request = http::Request::get(format!("{}{path}", self.url)).extension(Streamed);
        http.send(request.body(Body::default()).unwrap()).await
    }
}

async fn receive(State(received): State<Arc<AtomicUsize>>, body: AxumBody) -> String {
    let mut body = body.into_data_stream();
    let mut count = 0;
    while let Some(Ok(chunk)) = body.next().await {
        count += chunk.len();
        received.fetch_add(chunk.len(), Ordering::SeqCst);
    }
    count.to_string()
}

fn chunks(count: usize) -> ByteStream {
    let chunk = Bytes::from(vec![b'x'; CHUNK]);
    stream::iter((0..count).map(move |_| Ok(chunk.clone()))).boxed()
}

/// A stream that fails after some chunks.
fn failing(count: usize) -> ByteStream {
    chunks(count).chain(stream::iter([Err(StreamError("the source is gone".to_owned()))])).boxed()
}

/// A stream that fails after some chunks, once it is notified.
fn failing_when(notified: Arc<Notify>) -> ByteStream {
    let failure = stream::once(async move {
        notified.notified().await;
        Err(StreamError("cut".to_owned()))
    });
    chunks(3).chain(failure).boxed()
}

#[tokio::test]
async fn a_long_body_is_sent_as_it_is_read() {
    let (server, http) = (Server::start().await, Http::client());
    let response = server.put(&http, Body::stream(Some(LENGTH), chunks(CHUNKS))).await.unwrap();
    assert_eq!(response.body().bytes(), &LENGTH.to_string());
    // The connection is used again.
    let response = server.put(&http, Body::from("abc")).await.unwrap();
    assert_eq!((response.body().bytes().as_ref(), server.connections.load(Ordering::SeqCst)), (&b"3"[..], 1));
}

#[tokio::test]
async fn a_source_that_fails_or_has_another_length_never_ends_its_request() {
    let (server, http) = (Server::start().await, Http::client());
    for body in [failing(3), chunks(CHUNKS - 1), chunks(CHUNKS + 1)] {
        let result = server.put(&http, Body::stream(Some(LENGTH), body)).await;
        assert!(matches!(result, Err(HttpError::Lost(_))), "{result:?}");
    }
    assert!(server.received.load(Ordering::SeqCst) < 3 * CHUNK * CHUNKS);
    assert!(server.put(&http, Body::from("abc")).await.is_ok());
}

#[tokio::test]
async fn a_long_response_is_read_as_it_arrives() {
    let (server, http) = (Server::start().await, Http::client());
    assert!(LENGTH > MAX_RESPONSE_BYTES as u64);
    let mut body = server.get(&http, "/get").await.unwrap().into_body().into_stream();
    let mut length = 0;
    while let Some(chunk) = body.next().await {
        let chunk = chunk.unwrap();
        assert!(chunk.len() <= CHUNK, "{}", chunk.len());
        length += chunk.len() as u64;
    }
    drop(body);
    assert_eq!(length, LENGTH);
    assert!(server.get(&http, "/get").await.unwrap().body().is_stream());
    assert_eq!(server.connections.load(Ordering::SeqCst), 1, "the connection returned to the pool");
}

#[tokio::test]
async fn a_refusal_is_read_whole_and_a_cut_response_fails() {
    let (server, http) = (Server::start().await, Http::client());
    let refused = server.get(&http, "/refuse").await.unwrap();
    assert_eq!((refused.status().as_u16(), refused.body().bytes().as_ref()), (404, &b"no such file"[..]));
    let cut = server.get(&http, "/cut").await.unwrap().into_body();
    server.cut.notify_one();
    assert!(cut.collect(usize::MAX).await.is_err());
}

/// Answers each request when it has read its head, and counts connections.
async fn start_hasty_server() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (url, connections) = (format!("http://{}/", listener.local_addr().unwrap()), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let (mut seen, mut buffer) = (vec![], [0; 4096]);
                while let Ok(length @ 1..) = socket.read(&mut buffer).await {
                    seen.extend_from_slice(&buffer[..length]);
                    if seen.windows(4).any(|end| end == b"\r\n\r\n") {
                        seen.clear();
                        socket.write_all(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n").await.unwrap();
                    }
                }
            });
        }
    });
    (url, connections)
}

#[tokio::test]
async fn a_connection_with_an_unfinished_body_is_not_used_again() {
    let (url, connections) = start_hasty_server().await;
    let http = Http::client();
    let post = |body: Body| http.send(http::Request::post(&url).body(body).unwrap());
    // The source never has its second chunk, so that nothing of the body is blocked in the socket.
    let stalled = chunks(1).chain(stream::pending()).boxed();
    assert_eq!(post(Body::stream(Some(LENGTH), stalled)).await.unwrap().status(), 413);
    for _ in 0..2 {
        assert_eq!(post(Body::default()).await.unwrap().status(), 413);
    }
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn what_one_server_sends_another_receives() {
    let (from, to, http) = (Server::start().await, Server::start().await, Http::client());
    let stream = from.get(&http, "/get").await.unwrap().into_body().into_stream();
    let response = to.put(&http, Body::stream(Some(LENGTH), stream)).await.unwrap();
    assert_eq!(response.body().bytes(), &LENGTH.to_string());
    let cut = from.get(&http, "/cut").await.unwrap().into_body().into_stream();
    from.cut.notify_one();
    assert!(matches!(to.put(&http, Body::stream(Some(LENGTH), cut)).await, Err(HttpError::Lost(_))));
}
