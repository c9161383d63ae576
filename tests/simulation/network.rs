//! One worker's network to the store and the providers. Every call passes through it, gets its fault and is recorded; the calls
//! of a killed worker are neither sent nor answered, and those of a frozen one wait until it is thawed.

use axum::body::{Body, to_bytes};
use engine::http::{HttpError, Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tower::ServiceExt as _;

use crate::world::World;

/// Longest time from the call of a route to the takeover of what it claimed: its timeout, the margin of the lease, and the tolerance
/// for two clocks.
const ROUTE_LEASE: Duration = Duration::from_secs(29 + 30 + 10);
/// The same for a run of the processor.
const PROCESSOR_LEASE: Duration = Duration::from_secs(150 + 30 + 10);

/// One worker's network.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) world: Arc<World>,
    /// The worker's name. The replacement of a killed worker has another name.
    pub(crate) name: String,
    /// The skew of the worker's clock.
    pub(crate) skew: SignedDuration,
    /// True if the worker's calls are numbered as kill points.
    pub(crate) is_kill_target: bool,
    killed_flag: watch::Sender<bool>,
    /// The time until which the worker is frozen, since the start of the run.
    frozen_until: Mutex<Duration>,
}

impl Network {
    /// Creates the network of a new worker.
    pub(crate) fn new(world: &Arc<World>, name: String, skew: SignedDuration, kill_points: bool) -> Arc<Self> {
        Arc::new(Self {
            world: Arc::clone(world),
            name,
            skew,
            is_kill_target: kill_points,
            killed_flag: watch::Sender::new(false),
            frozen_until: Mutex::default(),
        })
    }

    /// The time of the worker's clock.
    pub(crate) fn clock(&self) -> Timestamp {
        let now = self.world.now() + self.skew;
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Kills the worker permanently.
    pub(crate) fn kill(&self, why: &str) {
        if !self.killed_flag.send_replace(true) {
            self.world.state().kill_count += 1;
            self.world.trace(&format!("{} is killed {why}", self.name));
        }
    }

    /// True if the worker was killed.
    pub(crate) fn is_killed(&self) -> bool {
        *self.killed_flag.borrow()
    }

    /// Waits until the worker is killed.
    pub(crate) async fn wait_until_killed(&self) {
        // The sender is in `self`, so the channel cannot close while waiting.
        let _ = self.killed_flag.subscribe().wait_for(|dead| *dead).await;
    }

    /// Kills the worker during a call. The returned future never completes.
    pub(crate) async fn kill_during<T>(&self, what: &str) -> T {
        self.kill(&format!("at {what}"));
        std::future::pending().await
    }

    /// Freezes the worker: until it is thawed, nothing of it is sent, and nothing reaches it.
    pub(crate) fn freeze(&self, by: Duration, what: &str) {
        let thawed_at = self.world.elapsed() + by;
        *self.frozen_until.lock().unwrap_or_else(PoisonError::into_inner) = thawed_at;
        self.world.state().freeze_count += 1;
        self.world.trace(&format!("{} is frozen for {:.1} s at {what}", self.name, by.as_secs_f64()));
    }

    /// Freezes the worker at a call if the run's faults say so.
    pub(crate) fn draw_freeze(&self, what: &str, of_store: bool) {
        let lease = if self.name.starts_with("api") { ROUTE_LEASE } else { PROCESSOR_LEASE };
        let by = {
            let mut state = self.world.state();
            let fault_plan = state.fault_plan.clone();
            fault_plan.freeze(&mut state.rng, of_store, lease)
        };
        if let Some(by) = by {
            self.freeze(by, what);
        }
    }

    fn thawed_at(&self) -> Duration {
        *self.frozen_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True if the worker is frozen.
    pub(crate) fn is_frozen(&self) -> bool {
        self.world.elapsed() < self.thawed_at()
    }

    /// Waits while the worker is frozen.
    pub(crate) async fn wait_until_thawed(&self) {
        while self.is_frozen() {
            tokio::time::sleep(self.thawed_at().saturating_sub(self.world.elapsed())).await;
        }
    }

    /// Runs the part of a call that leaves the worker: now, or when it is thawed. The timers of a frozen process end as late as its
    /// sockets are ready, so a call that its caller gave up meanwhile leaves as well. That of a killed worker does not.
    pub(crate) async fn leave<T: Send + 'static>(
        self: &Arc<Self>,
        call: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        if !self.is_frozen() {
            return Some(call.await);
        }
        let network = Arc::clone(self);
        let thawing = tokio::spawn(async move {
            network.wait_until_thawed().await;
            if network.is_killed() {
                std::future::pending::<()>().await;
            }
            call.await
        });
        thawing.await.ok()
    }

    /// Delays a call by up to `most` milliseconds. The call of a killed worker never continues.
    pub(crate) async fn add_latency(&self, most: u64) {
        let wait = self.world.state().rng.in_range(0, most);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        if self.is_killed() {
            std::future::pending::<()>().await;
        }
    }

    /// Returns the number of a call as a kill point and counts the call.
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

/// Sends a request to the sandbox's router.
pub(crate) async fn send_to_sandbox(world: &World, request: Request) -> Result<Response, HttpError> {
    let Ok(response) = world.router.clone().oneshot(request.map(Body::new)).await;
    if response.extensions().get::<sandbox::DroppedConnection>().is_some() {
        return Err(HttpError::Lost("dropped".to_owned()));
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|error| HttpError::Lost(error.to_string()))?;
    Ok(http::Response::from_parts(parts, body.into()))
}

/// Runs `future` after `by` on its own task: a request in flight arrives even if its caller no longer waits.
pub(crate) async fn run_after<T: Send + 'static>(
    by: Duration,
    future: impl Future<Output = T> + Send + 'static,
) -> Option<T> {
    let arriving = tokio::spawn(async move {
        tokio::time::sleep(by).await;
        future.await
    });
    arriving.await.ok()
}

/// Parses a JSON body; null if it is not JSON.
pub(crate) fn parse_json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_default()
}
