//! The calls of an attempt: prepare, run, ask; each bounded by the time that is left.

use jiff::SignedDuration;
use std::time::Duration;

use super::{AttemptContext, Attempts};
use crate::adapters::action::{ActionOutput, Reconciliation};
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result, Retry};
use crate::integrations::Access;
use crate::tables::tasks::Task;

/// What is kept of the time that is left for writing how an attempt ended.
const STORE_RESERVE: SignedDuration = SignedDuration::from_secs(5);
/// No action takes longer, however much time is left.
const MAX_CALL_TIME: SignedDuration = SignedDuration::from_secs(45);

impl Attempts {
    /// Does the action; after a lost answer the provider is asked at once. So soon only its "yes" counts.
    pub(super) async fn execute(
        &self,
        work: AttemptContext<'_>,
        access: &mut Access,
        task: &mut Task,
        journaled: bool,
    ) -> Result<ActionOutput> {
        let outcome = match self.call_action(work, access, task, journaled).await {
            // Nothing was done with the token, so once more with a new one.
            Err(error) if error.kind() == Some(Kind::AuthExpired) => {
                *access = self.integrations.refresh_rejected(work.user, work.adapter, access, work.deadline).await?;
                self.call_action(work, access, task, journaled).await
            }
            outcome => outcome,
        };
        match outcome {
            Err(error) if error.retry() == Retry::Reconcile && work.action.can_reconcile(&access.connection.scopes) => {
                match self.reconcile(work, access, task).await {
                    Ok(Reconciliation::Applied(done)) => Ok(done),
                    Ok(Reconciliation::NotApplied | Reconciliation::Inconclusive) | Err(_) => Err(error),
                }
            }
            outcome => outcome,
        }
    }

    pub(super) async fn call_action(
        &self,
        work: AttemptContext<'_>,
        access: &Access,
        task: &mut Task,
        journaled: bool,
    ) -> Result<ActionOutput> {
        if journaled && work.action.stores_checkpoint && task.checkpoint.is_none() {
            let api = self.api(work, access, task)?;
            let late = || api.error(Kind::Transient, "it took too long to prepare");
            let handle = self
                .with_time_limit(work, work.action.prepare(&api, work.context))
                .await
                .unwrap_or_else(|| Err(late()))?;
            if let Some(handle) = handle {
                if !self.tasks.store_checkpoint(task, &handle).await? {
                    return Err(Error::unavailable("the claim was taken over before the call"));
                }
                task.checkpoint = Some(handle);
            }
        }
        let api = self.api(work, access, task)?;
        let late = || api.error(work.action.effect.ambiguous_kind(), "it took too long");
        // An action may make several calls; one that is stopped here may have got through.
        self.with_time_limit(work, work.action.run(&api, work.context)).await.unwrap_or_else(|| Err(late()))
    }

    /// Asks the provider what became of an effect whose answer was lost.
    pub(super) async fn reconcile(
        &self,
        work: AttemptContext<'_>,
        access: &mut Access,
        task: &Task,
    ) -> Result<Reconciliation> {
        if work.action.stores_checkpoint && task.checkpoint.is_none() {
            // What is prepared is written down before the call, so there was none.
            return Ok(Reconciliation::NotApplied);
        }
        match self.reconcile_once(work, access, task).await {
            Err(error) if error.kind() == Some(Kind::AuthExpired) => {
                *access = self.integrations.refresh_rejected(work.user, work.adapter, access, work.deadline).await?;
                self.reconcile_once(work, access, task).await
            }
            verdict => verdict,
        }
    }

    async fn reconcile_once(&self, work: AttemptContext<'_>, access: &Access, task: &Task) -> Result<Reconciliation> {
        let api = self.api(work, access, task)?;
        let late = || api.error(Kind::Transient, "it took too long to ask");
        self.with_time_limit(work, work.action.reconcile(&api, work.context)).await.unwrap_or_else(|| Err(late()))
    }

    /// Takes back what was prepared for an action that will not be done.
    pub(super) async fn discard(&self, work: AttemptContext<'_>, access: &Access, task: &Task) -> Result<()> {
        let api = self.api(work, access, task)?;
        self.with_time_limit(work, work.action.discard(&api, work.context)).await.unwrap_or(Ok(()))
    }

    fn api<'a>(&'a self, work: AttemptContext<'a>, access: &'a Access, task: &'a Task) -> Result<Api<'a>> {
        let base_url = self.integrations.oauth.origin_url(work.adapter.api, "")?;
        Ok(Api {
            context: work.context,
            effect: work.action.effect,
            effect_key: task.effect_key(),
            checkpoint: task.checkpoint.as_deref(),
            is_retry: task.attempt > 1,
            previous_external_id: task.external_id.as_deref(),
            not_before: task.execute_at().unwrap_or_else(|| task.created_at()),
            deadline: work.deadline - STORE_RESERVE,
            ..Api::new(&self.http, &self.lookups, work.adapter, base_url, &access.token, &self.clock)
        })
    }

    /// Waits for a step as long as there is time; `None` when it took too long.
    async fn with_time_limit<T>(&self, work: AttemptContext<'_>, step: impl Future<Output = T>) -> Option<T> {
        let left = work.deadline.duration_since(self.clock.now()) - STORE_RESERVE;
        let limit = Duration::try_from(left.min(MAX_CALL_TIME)).unwrap_or_default();
        tokio::time::timeout(limit, step).await.ok()
    }
}
