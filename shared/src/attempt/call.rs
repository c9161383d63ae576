//! The calls of an attempt: prepare, run, ask; each bounded by the time that is left.

use jiff::SignedDuration;
use std::time::Duration;

use super::{Attempts, Work};
use crate::adapters::action::{Done, Verdict};
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result, Retry};
use crate::integrations::Access;
use crate::tables::tasks::Task;

/// What is kept of the time that is left for writing how an attempt ended.
const STORE_BUDGET: SignedDuration = SignedDuration::from_secs(5);
/// No action takes longer, however much time is left.
const LONGEST_CALL: SignedDuration = SignedDuration::from_secs(45);

impl Attempts {
    /// Does the action; after a lost answer the provider is asked at once. So soon only its "yes" counts.
    pub(super) async fn perform(
        &self,
        work: Work<'_>,
        access: &mut Access,
        task: &mut Task,
        journaled: bool,
    ) -> Result<Done> {
        let outcome = match self.call(work, access, task, journaled).await {
            // Nothing was done with the token, so once more with a new one.
            Err(error) if error.kind() == Some(Kind::AuthExpired) => {
                *access = self.integrations.renew(work.user, work.adapter, access, work.until).await?;
                self.call(work, access, task, journaled).await
            }
            outcome => outcome,
        };
        match outcome {
            Err(error) if error.retry() == Retry::Reconcile && work.action.can_ask(&access.integration.scopes) => {
                match self.ask(work, access, task).await {
                    Ok(Verdict::Done(done)) => Ok(done),
                    Ok(Verdict::Absent | Verdict::Unclear) | Err(_) => Err(error),
                }
            }
            outcome => outcome,
        }
    }

    pub(super) async fn call(&self, work: Work<'_>, access: &Access, task: &mut Task, journaled: bool) -> Result<Done> {
        if journaled && work.action.prepares && task.handle.is_none() {
            let api = self.api(work, access, task)?;
            let late = || api.error(Kind::Transient, "it took too long to prepare");
            let handle =
                self.bounded(work, work.action.prepare(&api, work.context)).await.unwrap_or_else(|| Err(late()))?;
            if let Some(handle) = handle {
                if !self.table.journal(task, &handle).await? {
                    return Err(Error::unavailable("the claim was taken over before the call"));
                }
                task.handle = Some(handle);
            }
        }
        let api = self.api(work, access, task)?;
        let late = || api.error(work.action.effect.unclear(), "it took too long");
        // An action may make several calls; one that is stopped here may have got through.
        self.bounded(work, work.action.run(&api, work.context)).await.unwrap_or_else(|| Err(late()))
    }

    /// Asks the provider what became of an effect whose answer was lost.
    pub(super) async fn ask(&self, work: Work<'_>, access: &mut Access, task: &Task) -> Result<Verdict> {
        if work.action.prepares && task.handle.is_none() {
            // What is prepared is written down before the call, so there was none.
            return Ok(Verdict::Absent);
        }
        match self.ask_once(work, access, task).await {
            Err(error) if error.kind() == Some(Kind::AuthExpired) => {
                *access = self.integrations.renew(work.user, work.adapter, access, work.until).await?;
                self.ask_once(work, access, task).await
            }
            verdict => verdict,
        }
    }

    async fn ask_once(&self, work: Work<'_>, access: &Access, task: &Task) -> Result<Verdict> {
        let api = self.api(work, access, task)?;
        let late = || api.error(Kind::Transient, "it took too long to ask");
        self.bounded(work, work.action.reconcile(&api, work.context)).await.unwrap_or_else(|| Err(late()))
    }

    /// Takes back what was prepared for an action that will not be done.
    pub(super) async fn discard(&self, work: Work<'_>, access: &Access, task: &Task) -> Result<()> {
        let api = self.api(work, access, task)?;
        self.bounded(work, work.action.discard(&api, work.context)).await.unwrap_or(Ok(()))
    }

    fn api<'a>(&'a self, work: Work<'a>, access: &'a Access, task: &'a Task) -> Result<Api<'a>> {
        Ok(Api {
            http: &self.http,
            adapter: work.adapter,
            base_url: self.integrations.oauth.url(work.adapter.api, "")?,
            token: &access.token,
            given: work.context,
            effect: work.action.effect,
            effect_key: task.effect_key(),
            handle: task.handle.as_deref(),
            repeated: task.attempt > 1,
            previous: task.external_id.as_deref(),
            planned: task.execute_at().unwrap_or_else(|| task.created_at()),
            until: work.until - STORE_BUDGET,
            clock: &self.clock,
        })
    }

    /// Waits for a step as long as there is time; `None` when it took too long.
    async fn bounded<T>(&self, work: Work<'_>, step: impl Future<Output = T>) -> Option<T> {
        let left = work.until.duration_since(self.clock.now()) - STORE_BUDGET;
        let limit = Duration::try_from(left.min(LONGEST_CALL)).unwrap_or_default();
        tokio::time::timeout(limit, step).await.ok()
    }
}
