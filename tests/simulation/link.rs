//! One worker's way to the store and the providers. Every call passes here, meets its fate, and is recorded; a worker that
//! was killed gets no answer any more and nothing of it leaves.

use axum::body::{Body, to_bytes};
use engine::http::{HttpError, Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tower::ServiceExt as _;

use crate::world::World;

/// One worker's way out.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) world: Arc<World>,
    /// The worker's name; whoever takes a killed one's place has another.
    pub(crate) name: String,
    /// How wrong its clock is.
    pub(crate) skew: SignedDuration,
    /// Whether its calls count as places where a worker can be killed.
    pub(crate) exposed: bool,
    dead: watch::Sender<bool>,
}

impl Link {
    /// A way out for a new worker.
    pub(crate) fn new(world: &Arc<World>, name: String, skew: SignedDuration, exposed: bool) -> Arc<Self> {
        Arc::new(Self { world: Arc::clone(world), name, skew, exposed, dead: watch::Sender::new(false) })
    }

    /// What its clock shows.
    pub(crate) fn clock(&self) -> Timestamp {
        let now = self.world.now() + self.skew;
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Ends the worker: it never acts again.
    pub(crate) fn kill(&self, why: &str) {
        if !self.dead.send_replace(true) {
            self.world.state().kills += 1;
            self.world.trace(&format!("{} is killed {why}", self.name));
        }
    }

    /// Whether it was killed.
    pub(crate) fn is_dead(&self) -> bool {
        *self.dead.borrow()
    }

    /// Waits until it is killed.
    pub(crate) async fn killed(&self) {
        // The sender lives in `self`, so the channel cannot close while we wait.
        let _ = self.dead.subscribe().wait_for(|dead| *dead).await;
    }

    /// Kills the worker at this point of a call, which therefore never goes on.
    pub(crate) async fn die<T>(&self, what: &str) -> T {
        self.kill(&format!("at {what}"));
        std::future::pending().await
    }

    /// A dead worker's calls stop here; a living one's take a moment.
    pub(crate) async fn leave(&self, most: u64) {
        let wait = self.world.state().dice.between(0, most);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        if self.is_dead() {
            std::future::pending::<()>().await;
        }
    }

    /// Counts a call at which a worker could be killed.
    pub(crate) fn number(&self) -> usize {
        let mut state = self.world.state();
        state.all_calls += 1;
        let number = state.calls;
        state.calls += usize::from(self.exposed);
        number
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("World")
    }
}

/// Hands a request to the sandbox's router.
pub(crate) async fn ask(world: &World, request: Request) -> Result<Response, HttpError> {
    let Ok(response) = world.router.clone().oneshot(request.map(Body::from)).await;
    if response.extensions().get::<sandbox::DroppedConnection>().is_some() {
        return Err(HttpError::Lost("dropped".to_owned()));
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|error| HttpError::Lost(error.to_string()))?;
    Ok(http::Response::from_parts(parts, body))
}

/// Runs `work` after `by`, on a task of its own: a request that is on its way arrives whether or not anybody waits.
pub(crate) async fn later<T: Send + 'static>(
    by: Duration,
    work: impl Future<Output = T> + Send + 'static,
) -> Option<T> {
    let arriving = tokio::spawn(async move {
        tokio::time::sleep(by).await;
        work.await
    });
    arriving.await.ok()
}

/// A JSON body, or null.
pub(crate) fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_default()
}
