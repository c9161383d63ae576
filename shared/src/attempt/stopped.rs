//! Tasks that must not call their provider any more: they were stopped, or their service may no longer act for the user, or
//! not in this way.

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
        if task.created_by.as_ref().and_then(Creator::service).is_some() {
            let delegation = guards.delegation.as_ref().filter(|delegation| delegation.is_valid(now));
            let permitted = delegation.ok_or(Error::DelegationEnded).and_then(|delegation| {
                delegation.permissions.check(&task.tool, Some(&task.action), Some(&task.account))
            });
            if let Err(reason) = permitted {
                task.stopped = true;
                return Some(reason);
            }
        }
        task.stopped.then_some(Error::AbortedNoEffect { tool: attempt.adapter.tool })
    }
}
