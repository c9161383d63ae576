//! [`Engine`]: everything a function needs, built once per cold start; and [`Engine::process_intent`], the main job.
//!
//! * `engine/build.rs`: the composition root.
//! * `engine/intents.rs`: the main job, with replay, dry run and scheduling.

mod build;
mod intents;

use aws_config::SdkConfig;
use jiff::{SignedDuration, Timestamp};

use crate::attempt::Attempts;
use crate::aws;
use crate::circuit_breaker::CircuitBreaker;
use crate::clock::{Clock, Random};
use crate::context_mapper::ContextMapper;
use crate::delegations::Delegations;
use crate::error_log::ErrorHandler;
use crate::http::Http;
use crate::identity::Verifier;
use crate::integrations::IntegrationManager;
use crate::scheduler::{DueQueue, Scheduler};
use crate::tables::tasks::{Limit, LimitItems};

/// The environment of an engine: the outside world, which a test or a simulation replaces.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The AWS clients' configuration.
    pub aws: SdkConfig,
    /// The outbound HTTP client for providers and key sets.
    pub http: Http,
    /// The time.
    pub clock: Clock,
    /// The source of ids, secrets and jitter.
    pub random: Random,
}

/// The plugin engine.
#[derive(Debug)]
pub struct Engine {
    /// Connections.
    pub integrations: IntegrationManager,
    /// Delegations: the services that may act for a user.
    pub delegations: Delegations,
    /// Tasks.
    pub scheduler: Scheduler,
    /// The queue of due tasks.
    pub due_queue: DueQueue,
    /// Attempts, immediate and due.
    pub attempts: Attempts,
    /// The error log and the failure policies.
    pub errors: ErrorHandler,
    /// Circuit breakers of agents and tools.
    pub circuit_breaker: CircuitBreaker,
    /// Context mappings.
    pub context_mapper: ContextMapper,
    /// The verifier of callers' tokens.
    pub verifier: Verifier,
    /// The time.
    pub clock: Clock,
    random: Random,
    dynamodb: aws_sdk_dynamodb::Client,
    http: Http,
    /// The function's own timeout.
    timeout: SignedDuration,
    limits: LimitItems,
    intent_limit: Limit,
}

impl Engine {
    /// Pre-warms the connection to DynamoDB for the first event.
    pub async fn prewarm(&self) {
        aws::prewarm(&self.http, &self.dynamodb).await;
    }

    /// The deadline of an invocation that starts now: the configured timeout, or `deadline_ms` of the runtime if that is earlier.
    /// A `deadline_ms` in the past is ignored (`cargo lambda watch` sends a duration where Lambda sends an instant).
    pub fn deadline(&self, deadline_ms: u64) -> Timestamp {
        let now = self.clock.now();
        let configured = now + self.timeout;
        let runtime = i64::try_from(deadline_ms).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
        runtime.filter(|runtime| *runtime > now).map_or(configured, |runtime| runtime.min(configured))
    }
}
