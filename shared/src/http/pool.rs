//! The pool of kept-alive connections that carry no request.

use http::uri::{Authority, Scheme};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

use super::connection::Connection;
use super::fence::Fence;

/// Time after which an idle connection is not used again: a server may be about to close it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(90);

/// A scheme, a host and a port. Requests to the same origin share connections.
pub(super) type Origin = (Scheme, Authority);

/// The idle connections of a client.
#[derive(Debug, Default)]
pub(super) struct Pool {
    idle: Mutex<HashMap<Origin, Vec<Idle>>>,
}

/// A connection without a request.
#[derive(Debug)]
struct Idle {
    connection: Connection,
    since: Instant,
}

/// A connection that carries a request. It is closed when it is dropped.
#[derive(Debug)]
pub(super) struct Lent {
    pub(super) pool: Arc<Pool>,
    pub(super) origin: Origin,
    pub(super) connection: Connection,
    /// The fence of the request.
    pub(super) fence: Arc<Fence>,
}

impl Lent {
    /// Returns the connection to the pool after the whole response was read.
    pub(super) fn give_back(self) {
        // A server that answers early may never read the rest, and the next request would wait behind it.
        if !self.fence.has_unwritten() {
            self.connection.gate.clear();
            self.pool.insert(self.origin, self.connection);
        }
    }
}

impl Pool {
    /// Takes the connection of an origin that was used last.
    pub(super) async fn take(&self, origin: &Origin) -> Option<Connection> {
        loop {
            let Idle { mut connection, since } = self.idle().get_mut(origin)?.pop()?;
            // The end of the exchange before it may still have to pass through the connection's task.
            if since.elapsed() < IDLE_TIMEOUT && connection.sender.ready().await.is_ok() && connection.is_silent() {
                return Some(connection);
            }
        }
    }

    fn insert(&self, origin: Origin, connection: Connection) {
        let mut pool = self.idle();
        pool.retain(|_, idle| {
            idle.retain(|idle| !idle.connection.sender.is_closed() && idle.since.elapsed() < IDLE_TIMEOUT);
            !idle.is_empty()
        });
        pool.entry(origin).or_default().push(Idle { connection, since: Instant::now() });
    }

    fn idle(&self) -> MutexGuard<'_, HashMap<Origin, Vec<Idle>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
