//! [`Deployment`]: the settings and the outside world of a function; and [`Part`], what a function uses of the engine.
//!
//! A function links only what its own part reaches. Each part builds itself from the deployment and takes other parts from there,
//! so that the wiring of a part stands in its own file, and once.

use aws_sdk_dynamodb::Client;
use aws_types::SdkConfig;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::aws;
use crate::clock::{Clock, Random};
use crate::config::Config;
use crate::http::Http;

/// The outside world, which a test or a simulation replaces.
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

/// A part of the engine: what a function uses.
pub trait Part: Send + Sync + Sized + 'static {
    /// Builds the part. Nothing is called yet: clients connect and secrets are read at their first use.
    fn build(deployment: &Deployment) -> Self;
}

/// A function that uses several parts takes them as a tuple.
impl<A: Part + Clone, B: Part + Clone> Part for (A, B) {
    fn build(deployment: &Deployment) -> Self {
        (deployment.part::<A>().clone(), deployment.part::<B>().clone())
    }
}

impl<A: Part + Clone, B: Part + Clone, C: Part + Clone> Part for (A, B, C) {
    fn build(deployment: &Deployment) -> Self {
        (deployment.part::<A>().clone(), deployment.part::<B>().clone(), deployment.part::<C>().clone())
    }
}

/// A function's settings and environment, with the parts built so far.
pub struct Deployment {
    pub(crate) config: Config,
    pub(crate) aws: SdkConfig,
    pub(crate) http: Http,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    /// The client of the store, which every function uses.
    pub(crate) dynamodb: Client,
    parts: Mutex<HashMap<TypeId, &'static (dyn Any + Send + Sync)>>,
}

impl Deployment {
    /// Creates a deployment without parts. It is leaked: it lives as long as the process, so that every future can borrow its parts
    /// for `'static`.
    pub fn start(config: Config, environment: Environment) -> &'static Self {
        let Environment { aws, http, clock, random } = environment;
        let dynamodb = Client::new(&aws);
        Box::leak(Box::new(Self { config, aws, http, clock, random, dynamodb, parts: Mutex::default() }))
    }

    /// Returns a part, built at the first request. There is one of each kind, so that all its users share its caches.
    pub fn part<P: Part>(&self) -> &'static P {
        let built = self.with_parts(|parts| parts.get(&TypeId::of::<P>()).copied());
        if let Some(part) = built.and_then(|part| part.downcast_ref()) {
            return part;
        }
        // Not under the lock: a part takes other parts.
        let part: &'static P = Box::leak(Box::new(P::build(self)));
        let kept = self.with_parts(|parts| *parts.entry(TypeId::of::<P>()).or_insert(part));
        kept.downcast_ref().unwrap_or(part)
    }

    /// Pre-warms the connection to DynamoDB for the first event.
    pub async fn prewarm(&self) {
        aws::prewarm(&self.http, &self.dynamodb).await;
    }

    fn with_parts<T>(&self, run: impl FnOnce(&mut HashMap<TypeId, &'static (dyn Any + Send + Sync)>) -> T) -> T {
        run(&mut self.parts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Deployment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deployment").field("config", &self.config).finish_non_exhaustive()
    }
}
