//! The last moment at which a request may be written.
//!
//! A process can be frozen at any instruction: by SIGSTOP, with its virtual machine, with a laptop that sleeps. When it goes on, its
//! sockets and its timers are ready together, and another process may have done the work meanwhile. A check before the connection is
//! open does not help then. So the check stands directly before each `write` of the socket, below TLS: a request that is too late is
//! not written, whatever the code above has decided before. What the kernel took over before the freeze has left.
//!
//! HTTP/1.1 has one request at a time on a connection, so the fence of a connection is that of its request.

use jiff::Timestamp;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::HttpError;
use super::payload::Body;
use crate::clock::Clock;

/// The instant from which nothing of a request is written, in the request's extensions.
#[derive(Clone, Debug)]
pub struct NotAfter {
    clock: Clock,
    at: Timestamp,
}

impl NotAfter {
    /// Returns the instant `at` of a clock.
    pub fn new(clock: &Clock, at: Timestamp) -> Self {
        Self { clock: clock.clone(), at }
    }

    /// Returns true from the instant on.
    pub fn has_passed(&self) -> bool {
        self.clock.now() >= self.at
    }

    /// Waits for the instant.
    pub(super) async fn pass(&self) {
        self.clock.sleep_until(self.at).await;
    }
}

/// The fence of one request.
#[derive(Debug)]
pub(super) struct Fence {
    /// The limit by the wall clock. It goes on while a virtual machine is suspended.
    not_after: Option<NotAfter>,
    /// The limit by the monotonic clock, which nobody sets back: the end of the exchange.
    pub(super) expires_at: Instant,
    state: Mutex<FenceState>,
}

/// The progress of a request, which changes together with the writes.
#[derive(Debug, Default)]
struct FenceState {
    /// True if nothing more is written.
    is_closed: bool,
    /// True if a byte was written.
    has_written: bool,
    /// True if the socket did not take the last bytes that it was given.
    is_blocked: bool,
    /// True if the body has bytes that were not read from its source yet.
    is_streaming: bool,
}

impl Fence {
    /// Creates the fence of a request.
    pub(super) fn new(not_after: Option<NotAfter>, expires_at: Instant) -> Self {
        Self { not_after, expires_at, state: Mutex::default() }
    }

    /// Closes the fence, and returns the error of its request: once it is returned, nothing of the request leaves.
    pub(super) fn fail(&self, reason: impl ToString) -> HttpError {
        let mut state = lock(&self.state);
        state.is_closed = true;
        match state.has_written {
            true => HttpError::Lost(reason.to_string()),
            false => HttpError::NotSent(reason.to_string()),
        }
    }

    /// Writes if the fence is open. A closed fence stays closed: TLS would otherwise write later what it has encrypted.
    fn write(&self, write: impl FnOnce() -> Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        let mut state = lock(&self.state);
        let is_late = || self.not_after.as_ref().is_some_and(NotAfter::has_passed) || Instant::now() >= self.expires_at;
        if state.is_closed || is_late() {
            state.is_closed = true;
            return Poll::Ready(Err(io::Error::other("it is too late to write the request")));
        }
        let written = write();
        state.has_written |= matches!(written, Poll::Ready(Ok(count)) if count > 0);
        state.is_blocked = written.is_pending();
        written
    }

    /// Watches the body of the request until its source has ended.
    pub(super) fn watch(self: &Arc<Self>, body: Body) -> Body {
        lock(&self.state).is_streaming = body.is_stream();
        let fence = Arc::clone(self);
        body.on_end(move || lock(&fence.state).is_streaming = false)
    }

    /// True if a part of the request waits to be read or to be written.
    pub(super) fn has_unwritten(&self) -> bool {
        let state = lock(&self.state);
        state.is_blocked || state.is_streaming
    }
}

/// The fence of the request that a connection carries. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Gate(Arc<Mutex<Option<Arc<Fence>>>>);

impl Gate {
    /// Puts the connection behind the fence of its next request.
    pub(super) fn set(&self, fence: &Arc<Fence>) {
        *lock(&self.0) = Some(Arc::clone(fence));
    }

    /// Removes the fence of a request that has its whole response.
    pub(super) fn clear(&self) {
        *lock(&self.0) = None;
    }

    fn write(&self, write: impl FnOnce() -> Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        let fence = lock(&self.0).clone();
        match fence {
            Some(fence) => fence.write(write),
            None => write(),
        }
    }
}

/// A TCP connection behind a gate.
#[derive(Debug)]
pub(super) struct FencedStream {
    /// Shared with the pool, which looks at what the server has sent.
    tcp: Arc<Mutex<TcpStream>>,
    gate: Gate,
}

impl FencedStream {
    /// Puts a connection behind a gate.
    pub(super) fn new(tcp: TcpStream, gate: Gate) -> Self {
        Self { tcp: Arc::new(Mutex::new(tcp)), gate }
    }

    /// Returns the socket, as long as the stream holds it.
    pub(super) fn socket(&self) -> Weak<Mutex<TcpStream>> {
        Arc::downgrade(&self.tcp)
    }
}

impl AsyncRead for FencedStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *lock(&self.tcp)).poll_read(cx, buffer)
    }
}

impl AsyncWrite for FencedStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.gate.write(|| Pin::new(&mut *lock(&self.tcp)).poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.gate.write(|| Pin::new(&mut *lock(&self.tcp)).poll_write_vectored(cx, parts))
    }

    fn is_write_vectored(&self) -> bool {
        lock(&self.tcp).is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *lock(&self.tcp)).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *lock(&self.tcp)).poll_shutdown(cx)
    }
}

/// Locks a mutex, also after a panic of another holder.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
