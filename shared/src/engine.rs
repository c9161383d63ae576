//! [`Engine`]: the parts that run intents; and [`Engine::process_intent`], the main job.
//!
//! * `engine/intake.rs`: what is done with an intent before it runs: it is parsed, or accepted for later.
//! * `engine/intents.rs`: the main job, with replay and dry run.

mod intake;
mod intents;

pub use intake::{BoundIntent, Intake};

use std::time::Duration;

use crate::agents::Agents;
use crate::attempt::Attempts;
use crate::circuit_breaker::CircuitBreaker;
use crate::clock::{Clock, Random};
use crate::config::ConnectPage;
use crate::deployment::{Deployment, Part};
use crate::error_log::ErrorHandler;
use crate::files::Files;
use crate::integrations::{ConnectionReader, IntegrationManager};
use crate::payloads::Payloads;
use crate::scheduler::{DueQueue, Scheduler, WaitingTasks};
use crate::tables::tasks::Limit;

/// The plugin engine: what the functions that run intents use, and with it every part below it.
#[derive(Debug)]
pub struct Engine {
    /// Connections and their tokens.
    pub integrations: IntegrationManager,
    /// Connections as the API lists them.
    pub connections: ConnectionReader,
    /// Intents before they run.
    pub intake: Intake,
    /// Tasks.
    pub scheduler: Scheduler,
    /// The agents of users.
    pub agents: Agents,
    /// The queue of due tasks.
    pub due_queue: DueQueue,
    /// Tasks that wait for a connection.
    pub waiting: WaitingTasks,
    /// Attempts, immediate and due.
    pub attempts: Attempts,
    /// The files of users.
    pub files: Files,
    /// The payloads of tasks.
    pub payloads: Payloads,
    /// The error log and the failure policies.
    pub errors: ErrorHandler,
    /// The time.
    pub clock: Clock,
    circuit_breaker: CircuitBreaker,
    random: Random,
    intent_limit: Limit,
    connect_page: Option<ConnectPage>,
}

impl Part for Engine {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, clock, random, .. } = deployment;
        Self {
            integrations: deployment.part::<IntegrationManager>().clone(),
            connections: deployment.part::<ConnectionReader>().clone(),
            intake: deployment.part::<Intake>().clone(),
            scheduler: deployment.part::<Scheduler>().clone(),
            agents: deployment.part::<Agents>().clone(),
            due_queue: deployment.part::<DueQueue>().clone(),
            waiting: deployment.part::<WaitingTasks>().clone(),
            attempts: deployment.part::<Attempts>().clone(),
            files: deployment.part::<Files>().clone(),
            payloads: deployment.part::<Payloads>().clone(),
            errors: deployment.part::<ErrorHandler>().clone(),
            clock: clock.clone(),
            circuit_breaker: deployment.part::<CircuitBreaker>().clone(),
            random: random.clone(),
            intent_limit: Limit {
                name: "intents",
                max: config.intents_per_minute,
                things: "intents a minute",
                window: Duration::from_secs(60),
            },
            connect_page: config.connect_page.clone(),
        }
    }
}
