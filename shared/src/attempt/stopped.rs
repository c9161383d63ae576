//! Tasks that must not call their provider any more: they were stopped, or their service may no longer act for the user.

use super::{AttemptContext, Attempts};
use crate::error::Error;
use crate::ids::Creator;
use crate::tables::integrations::CallGuards;
use crate::tables::tasks::Task;

impl Attempts {
    /// Returns the reason why a claimed task must not call its provider, if there is one. The task is stopped then: neither another
    /// attempt nor another occurrence follows.
    pub(super) fn stop_reason(
        &self,
        attempt: AttemptContext<'_>,
        task: &mut Task,
        guards: &CallGuards,
    ) -> Option<Error> {
        let now = self.clock.now();
        let service = task.created_by.as_ref().and_then(Creator::service);
        let may_act = || guards.delegation.as_ref().is_some_and(|delegation| delegation.is_valid(now));
        if service.is_some() && !may_act() {
            task.stopped = true;
            return Some(Error::DelegationEnded);
        }
        task.stopped.then_some(Error::AbortedNoEffect { tool: attempt.adapter.tool })
    }
}
