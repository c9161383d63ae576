//! The outbound HTTP client over real sockets: which connections carry which requests, and what of a request leaves when it is too
//! late.

use engine::clock::Clock;
use engine::http::{Http, HttpError, NotAfter, Request, Response, ResponseBudget, TrustStore};
use futures::future::join_all;
use jiff::SignedDuration;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

mod strange_servers;
mod streams;

/// The step of a server after a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    /// The connection serves further requests.
    Continue,
    /// The server closes the connection without saying so.
    Close,
    /// There is no response: the server closes the connection when it has read the request.
    CloseUnanswered,
}

/// A server that counts connections and the bytes of requests.
struct Server {
    url: String,
    connections: watch::Receiver<usize>,
    /// Bytes of requests.
    received: Arc<AtomicUsize>,
    /// Connections that the server has closed.
    closed: watch::Receiver<usize>,
    /// True once the server goes on with what it has accepted.
    goes_on: watch::Sender<bool>,
}

impl Server {
    /// Starts a server. With `tls`, it speaks TLS, and answers no handshake before it goes on.
    async fn start(after: After, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url =
            if tls.is_some() { format!("https://localhost:{port}/") } else { format!("http://localhost:{port}/") };
        let (counted, connections) = watch::channel(0);
        let (closing, closed) = watch::channel(0);
        let (goes_on, received) = (watch::Sender::new(tls.is_none()), Arc::<AtomicUsize>::default());
        let (waiting, counter) = (goes_on.subscribe(), Arc::clone(&received));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.send_modify(|count| *count += 1);
                let (mut waiting, counter, tls, closing) =
                    (waiting.clone(), Arc::clone(&counter), tls.clone(), closing.clone());
                tokio::spawn(async move {
                    waiting.wait_for(|goes_on| *goes_on).await.unwrap();
                    match tls {
                        // A client that ends the handshake is a case of these tests.
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, counter, after).await;
                            }
                        }
                        None => serve(stream, counter, after).await,
                    }
                    closing.send_modify(|count| *count += 1);
                });
            }
        });
        Self { url, connections, received, closed, goes_on }
    }

    fn request(&self) -> Request {
        http::Request::post(&self.url).body("hello".into()).unwrap()
    }

    /// Returns a request that is not written from an instant of the clock on.
    fn request_until(&self, clock: &Clock, seconds: i64) -> Request {
        let mut request = self.request();
        let at = clock.now() + SignedDuration::from_secs(seconds);
        request.extensions_mut().insert(NotAfter::new(clock, at));
        request
    }
}

/// Answers the requests of one connection.
async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, received: Arc<AtomicUsize>, after: After) {
    let (mut request, mut buffer) = (vec![], [0; 4096]);
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        received.fetch_add(count, Ordering::SeqCst);
        request.extend_from_slice(&buffer[..count]);
        if !request.ends_with(b"\r\n\r\nhello") {
            continue;
        }
        request.clear();
        if after == After::CloseUnanswered
            || stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.is_err()
        {
            return;
        }
        if after == After::Close {
            return;
        }
    }
}

/// Returns a server's TLS for `localhost`, and the file of its authority.
fn local_tls(name: &str) -> (TlsAcceptor, PathBuf) {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.pem"));
    std::fs::write(&file, issuer.pem()).unwrap();
    let config =
        ServerConfig::builder_with_provider(Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.into()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
            .unwrap();
    (TlsAcceptor::from(Arc::new(config)), file)
}

fn manual_clock() -> Clock {
    Clock::manual("2026-11-23T10:00:00Z".parse().unwrap())
}

fn is_ok(response: &Result<Response, HttpError>) -> bool {
    response.as_ref().is_ok_and(|response| response.body().bytes() == "ok")
}

/// The case of a process that is frozen while it connects, and thawed after its lease.
#[tokio::test]
async fn nothing_of_a_request_leaves_if_its_time_ends_during_the_handshake() {
    let (tls, authority) = local_tls("handshake");
    let server = Server::start(After::Continue, Some(tls)).await;
    let trust_store = TrustStore::with_file(Some(&authority)).unwrap();
    let (http, clock) = (Http::client_with(trust_store, ResponseBudget::default()), manual_clock());
    let requests = (0..30).map(|_| http.send(server.request_until(&clock, 60)));
    let thaw = async {
        server.connections.clone().wait_for(|count| *count == 30).await.unwrap();
        clock.advance(SignedDuration::from_secs(60));
        server.goes_on.send_replace(true);
    };
    let (responses, ()) = futures::join!(join_all(requests), thaw);
    for response in responses {
        assert!(matches!(response, Err(HttpError::NotSent(_))), "{response:?}");
    }
    server.closed.clone().wait_for(|count| *count == 30).await.unwrap();
    assert_eq!(server.received.load(Ordering::SeqCst), 0);
    // The same client over the same TLS in time.
    assert!(is_ok(&http.send(server.request_until(&clock, 60)).await));
}

#[tokio::test]
async fn nothing_of_a_late_request_leaves_on_a_connection_that_is_used_again() {
    let server = Server::start(After::Continue, None).await;
    let (http, clock) = (Http::client(), manual_clock());
    assert!(is_ok(&http.send(server.request_until(&clock, 1)).await));
    let before = server.received.load(Ordering::SeqCst);
    let late = http.send(server.request_until(&clock, 0)).await;
    assert!(matches!(late, Err(HttpError::NotSent(_))), "{late:?}");
    server.closed.clone().wait_for(|count| *count == 1).await.unwrap();
    assert_eq!(server.received.load(Ordering::SeqCst), before);
    // A limit is one of its request alone.
    assert!(is_ok(&http.send(server.request()).await));
    assert_eq!(*server.connections.borrow(), 2);
}

#[tokio::test]
async fn requests_after_each_other_share_a_connection() {
    let server = Server::start(After::Continue, None).await;
    let http = Http::client();
    for _ in 0..10 {
        assert!(is_ok(&http.send(server.request()).await));
    }
    assert_eq!(*server.connections.borrow(), 1);
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_not_used_again() {
    let server = Server::start(After::Close, None).await;
    let http = Http::client();
    for count in 1..=3 {
        assert!(is_ok(&http.send(server.request()).await));
        server.closed.clone().wait_for(|closed| *closed == count).await.unwrap();
    }
    assert_eq!(*server.connections.borrow(), 3);
}

#[tokio::test]
async fn a_request_without_a_response_counts_as_sent_and_is_not_repeated() {
    let server = Server::start(After::CloseUnanswered, None).await;
    let lost = Http::client().send(server.request()).await;
    assert!(matches!(lost, Err(HttpError::Lost(_))), "{lost:?}");
    assert_eq!(*server.connections.borrow(), 1);
}

#[tokio::test]
async fn a_request_without_a_connection_counts_as_not_sent() {
    let (tls, _) = local_tls("unknown_authority");
    let unknown = Server::start(After::Continue, Some(tls)).await;
    unknown.goes_on.send_replace(true);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refused = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    for address in [unknown.url.as_str(), refused.as_str(), "http://no-such-host.invalid/", "ftp://localhost/", "/path"]
    {
        let request = http::Request::get(address).body(engine::http::Body::default()).unwrap();
        let error = Http::client().send(request).await.unwrap_err();
        assert!(matches!(error, HttpError::NotSent(_)), "{address}: {error:?}");
    }
}
