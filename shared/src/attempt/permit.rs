//! What must hold before a call: the guards permit it, the connection gives access, and there is time for it.

use jiff::Timestamp;

use super::{AttemptContext, Attempts, CallPermit, attempt_time};
use crate::adapters::rate_limit::{ACCOUNT_SCOPE, LimitScope};
use crate::error::{Error, Result};
use crate::http::ActionSlots;
use crate::ids::UserId;
use crate::intent::Intent;
use crate::tables::integrations::CallGuards;

impl Attempts {
    /// Checks what would refuse a call now, for an intent that another process runs. Rate limits do not: its task waits for them.
    ///
    /// # Errors
    /// [`Error::CircuitBreakerOpen`]; those of
    /// [`IntegrationManager::acquire_access`](crate::integrations::IntegrationManager::acquire_access).
    pub async fn check_callable(
        &self,
        user: &UserId,
        intent: &Intent,
        guards: CallGuards,
        deadline: Timestamp,
    ) -> Result<()> {
        let slots = ActionSlots::default();
        let attempt = AttemptContext::for_intent(user, intent, &slots, self.clock.now(), deadline);
        let AttemptContext { adapter, action, .. } = attempt;
        let CallGuards { connection, breaker, .. } = guards;
        let checked = match self.circuit_breaker.check(adapter.tool, breaker.as_ref()) {
            Ok(()) => self.integrations.acquire_access(user, adapter, action, connection, deadline).await.map(drop),
            Err(open) => Err(open),
        };
        if let Err(refusal) = &checked {
            self.record_refusal(attempt, refusal).await;
        }
        checked
    }

    /// Checks the guards and acquires access to the connection.
    pub(super) async fn acquire_permit(&self, attempt: AttemptContext<'_>, guards: CallGuards) -> Result<CallPermit> {
        let AttemptContext { user, adapter, action, deadline, .. } = attempt;
        let CallGuards { connection, breaker, cooldowns, delegation: _ } = guards;
        self.circuit_breaker.check(adapter.tool, breaker.as_ref())?;
        let limits = self.cooldowns.of_account(attempt.connection_key(), cooldowns, attempt.tickets);
        if matches!(adapter.limit_scope, LimitScope::Account) {
            // No access is needed for a call that is not possible yet.
            limits.admit(ACCOUNT_SCOPE).await?;
        }
        let access = self.integrations.acquire_access(user, adapter, action, connection, deadline).await?;
        // The probe comes last, because the agent's other calls wait for it.
        let breaker_permit = self.circuit_breaker.acquire(attempt.breaker_key(), breaker).await?;
        Ok(CallPermit { access, limits, breaker_permit, author: self.author_of(attempt) })
    }

    /// Checks that an immediate intent has the time of an attempt. Nothing is claimed otherwise, so that it can be repeated with its key.
    pub(super) fn check_time(&self, attempt: AttemptContext<'_>) -> Result<()> {
        let is_late = self.clock.now() + attempt_time(attempt.files.bytes) > attempt.deadline;
        if is_late { Err(Error::unavailable("too little time is left for an attempt")) } else { Ok(()) }
    }

    /// Returns the reason why an attempt cannot send its files in the time that is left. The task is deferred to another run.
    pub(super) fn late_for_files(&self, attempt: AttemptContext<'_>) -> Option<Error> {
        let bytes = attempt.files.bytes;
        let is_late = bytes > 0 && self.clock.now() + attempt_time(bytes) > attempt.deadline;
        is_late.then(|| Error::unavailable("too little time is left to send the files"))
    }

    /// Records why an intent was refused before it became a task.
    pub(super) async fn record_refusal(&self, attempt: AttemptContext<'_>, refusal: &Error) {
        self.log_attempt(attempt, refusal.code(), None);
        self.append_error(attempt, refusal, None).await;
    }
}
