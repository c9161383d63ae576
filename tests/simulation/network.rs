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
pub(crate) struct Network {
    pub(crate) world: Arc<World>,
    /// The worker's name; whoever takes a killed one's place has another.
    pub(crate) name: String,
    /// How wrong its clock is.
    pub(crate) skew: SignedDuration,
    /// Whether its calls count as places where a worker can be killed.
    pub(crate) is_kill_target: bool,
    killed_flag: watch::Sender<bool>,
}

impl Network {
    /// A way out for a new worker.
    pub(crate) fn new(world: &Arc<World>, name: String, skew: SignedDuration, exposed: bool) -> Arc<Self> {
        Arc::new(Self {
            world: Arc::clone(world),
            name,
            skew,
            is_kill_target: exposed,
            killed_flag: watch::Sender::new(false),
        })
    }

    /// What its clock shows.
    pub(crate) fn clock(&self) -> Timestamp {
        let now = self.world.now() + self.skew;
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Ends the worker: it never acts again.
    pub(crate) fn kill(&self, why: &str) {
        if !self.killed_flag.send_replace(true) {
            self.world.state().kill_count += 1;
            self.world.trace(&format!("{} is killed {why}", self.name));
        }
    }

    /// Whether it was killed.
    pub(crate) fn is_killed(&self) -> bool {
        *self.killed_flag.borrow()
    }

    /// Waits until it is killed.
    pub(crate) async fn wait_until_killed(&self) {
        // The sender lives in `self`, so the channel cannot close while we wait.
        let _ = self.killed_flag.subscribe().wait_for(|dead| *dead).await;
    }

    /// Kills the worker at this point of a call, which therefore never goes on.
    pub(crate) async fn kill_during<T>(&self, what: &str) -> T {
        self.kill(&format!("at {what}"));
        std::future::pending().await
    }

    /// A dead worker's calls stop here; a living one's take a moment.
    pub(crate) async fn add_latency(&self, most: u64) {
        let wait = self.world.state().rng.in_range(0, most);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        if self.is_killed() {
            std::future::pending::<()>().await;
        }
    }

    /// Counts a call at which a worker could be killed.
    pub(crate) fn next_call_number(&self) -> usize {
        let mut state = self.world.state();
        state.all_calls += 1;
        let number = state.kill_target_calls;
        state.kill_target_calls += usize::from(self.is_kill_target);
        number
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("World")
    }
}

/// Hands a request to the sandbox's router.
pub(crate) async fn send_to_sandbox(world: &World, request: Request) -> Result<Response, HttpError> {
    let Ok(response) = world.router.clone().oneshot(request.map(Body::from)).await;
    if response.extensions().get::<sandbox::DroppedConnection>().is_some() {
        return Err(HttpError::Lost("dropped".to_owned()));
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|error| HttpError::Lost(error.to_string()))?;
    Ok(http::Response::from_parts(parts, body))
}

/// Runs `work` after `by`, on a task of its own: a request that is on its way arrives whether or not anybody waits.
pub(crate) async fn run_after<T: Send + 'static>(
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
pub(crate) fn parse_json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_default()
}
