//! Hosts that belong to no provider: they count visits, redirect, or respond without end.

use sandbox::Fault;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A fault that redirects a call.
pub(super) fn redirect(provider: &str, path: &str, status: u16, to: &str) -> Fault {
    Fault::status(provider, status, json!({})).at_path(path).header("location", to)
}

/// A host on its own socket.
pub(super) struct CanaryHost {
    pub(super) url: String,
    visits: Arc<AtomicUsize>,
    written: Arc<AtomicUsize>,
    acceptor: JoinHandle<()>,
}

/// The response of the host.
#[derive(Clone)]
enum Reply {
    Head(String),
    Body { length: usize, chunked: bool },
}

impl CanaryHost {
    /// A host that only counts visits.
    pub(super) async fn start() -> Self {
        Self::spawn(Reply::Head("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned())).await
    }

    /// A host that redirects.
    pub(super) async fn redirecting(to: &str) -> Self {
        let head = format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        Self::spawn(Reply::Head(head)).await
    }

    /// A host whose response has `length` bytes, chunked or with a `content-length`.
    pub(super) async fn answering(length: usize, chunked: bool) -> Self {
        Self::spawn(Reply::Body { length, chunked }).await
    }

    async fn spawn(answer: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (visits, written) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let (visited, wrote) = (Arc::clone(&visits), Arc::clone(&written));
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                visited.fetch_add(1, Ordering::SeqCst);
                // An error means that the client closed the connection.
                let _ = serve(stream, &answer, &wrote).await;
                if matches!(answer, Reply::Body { .. }) {
                    return;
                }
            }
        });
        Self { url, visits, written, acceptor: accepting }
    }

    pub(super) fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }

    /// The number of bytes written when the only client has disconnected.
    pub(super) async fn written(self) -> usize {
        self.acceptor.await.unwrap();
        self.written.load(Ordering::SeqCst)
    }

    pub(super) fn stop(&mut self) {
        self.acceptor.abort();
    }
}

async fn serve(mut stream: TcpStream, answer: &Reply, written: &AtomicUsize) -> std::io::Result<()> {
    let _ = stream.read(&mut [0; 4096]).await?;
    let (length, chunked) = match answer {
        Reply::Head(head) => return stream.write_all(head.as_bytes()).await,
        Reply::Body { length, chunked } => (*length, *chunked),
    };
    let framing = if chunked { "transfer-encoding: chunked".to_owned() } else { format!("content-length: {length}") };
    stream.write_all(format!("HTTP/1.1 200 OK\r\n{framing}\r\n\r\n").as_bytes()).await?;
    let piece = vec![b'x'; 64 * 1024];
    let mut left = length;
    while left > 0 {
        let next = &piece[..piece.len().min(left)];
        if chunked {
            stream.write_all(format!("{:x}\r\n", next.len()).as_bytes()).await?;
        }
        stream.write_all(next).await?;
        if chunked {
            stream.write_all(b"\r\n").await?;
        }
        written.fetch_add(next.len(), Ordering::SeqCst);
        left -= next.len();
    }
    if chunked { stream.write_all(b"0\r\n\r\n").await } else { Ok(()) }
}
