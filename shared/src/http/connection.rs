//! One connection to an origin: TCP, TLS, and HTTP/1.1 on it.

use http::Uri;
use http::uri::Scheme;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::io::ErrorKind;
use std::net::TcpStream;
use std::os::fd::AsFd as _;
use std::sync::{Mutex, Weak};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tower::ServiceExt as _;

use super::budget::SMALL_RESPONSE_BYTES;
use super::fence::{FencedStream, Gate, lock};
use super::payload::Body;

/// A connection that carries one request at a time.
#[derive(Debug)]
pub(super) struct Connection {
    /// Hands requests over to the connection's task.
    pub(super) sender: SendRequest<Body>,
    /// Holds the fence of the request that the connection carries.
    pub(super) gate: Gate,
    /// The socket, which the connection's task reads, writes and closes.
    socket: Weak<Mutex<tokio::net::TcpStream>>,
    /// The connection's task. It ends with the connection, also while a server does not read what is left of a request.
    _task: JoinSet<()>,
}

type OpenError = Box<dyn std::error::Error + Send + Sync>;

/// A stream of bytes, plain or encrypted.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Connection {
    /// Opens a connection to the host of an address. No byte of a request is written.
    pub(super) async fn open(tcp: &HttpConnector, tls: &TlsConnector, address: &Uri) -> Result<Self, OpenError> {
        let tcp = tcp.clone().oneshot(address.clone()).await?.into_inner();
        let gate = Gate::default();
        let fenced = FencedStream::new(tcp, gate.clone());
        let socket = fenced.socket();
        let stream: Box<dyn Stream> = if address.scheme() == Some(&Scheme::HTTPS) {
            // An IPv6 address has brackets in an address only.
            let host = address.host().unwrap_or_default().trim_matches(['[', ']']);
            Box::new(tls.connect(ServerName::try_from(host.to_owned())?, fenced).await?)
        } else {
            Box::new(fenced)
        };
        // A response that waits for memory holds no more than this.
        let (sender, connection) =
            http1::Builder::new().max_buf_size(SMALL_RESPONSE_BYTES).handshake(TokioIo::new(stream)).await?;
        let mut task = JoinSet::new();
        // Its error is that of the request that it carries.
        task.spawn(async move { drop(connection.await) });
        Ok(Self { sender, gate, socket, _task: task })
    }

    /// True if the server has neither closed the connection nor sent anything that was not read. The kernel is asked: in a process that
    /// stood still, such as a function between two invocations, the runtime has heard of neither, and would write a request to a closed
    /// connection, or take the 408 of a proxy to an idle client for the response.
    pub(super) fn is_silent(&self) -> bool {
        let Some(socket) = self.socket.upgrade() else { return false };
        // A copy for the one question: the socket's own `peek` asks the runtime first.
        let copy = lock(&socket).as_fd().try_clone_to_owned();
        let is_empty =
            |socket: TcpStream| socket.peek(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
        copy.map_or(true, |copy| is_empty(copy.into()))
    }
}
