//! [`Shell`]: what every function with a route needs, whatever its part of the engine is.

use jiff::Timestamp;

use super::timeout::Timeout;
use crate::clock::Clock;
use crate::config::ConnectPage;
use crate::delegations::Delegations;
use crate::deployment::{Deployment, Part};
use crate::error::Error;
use crate::identity::Verifier;
use crate::request_budgets::RequestBudgets;

/// The parts around a route: who the caller is, whom they may act for, how often, the time, and the page of refusals that a person resolves.
#[derive(Debug)]
pub struct Shell {
    /// The verifier of callers' tokens.
    pub(super) verifier: Verifier,
    /// Delegations: the services that may act for a user.
    pub(super) delegations: Delegations,
    /// The budgets of requests.
    pub(super) budgets: &'static RequestBudgets,
    /// The time.
    pub(super) clock: Clock,
    timeout: Timeout,
    connect_page: Option<ConnectPage>,
}

impl Shell {
    /// The deadline of an invocation that starts now; see [`Timeout::deadline`].
    pub fn deadline(&self, deadline_ms: u64) -> Timestamp {
        self.timeout.deadline(deadline_ms)
    }

    /// The page where a person resolves an error by connecting its tool, if there is one.
    pub(super) fn connect_url(&self, error: &Error) -> Option<String> {
        Some(self.connect_page.as_ref()?.url(error.tool_to_connect()?, None))
    }
}

impl Part for Shell {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, http, clock, .. } = deployment;
        Self {
            verifier: Verifier::new(config.jwt.clone(), http.clone(), clock.clone()),
            delegations: deployment.part::<Delegations>().clone(),
            budgets: deployment.part(),
            clock: clock.clone(),
            timeout: deployment.part::<Timeout>().clone(),
            connect_page: config.connect_page.clone(),
        }
    }
}
