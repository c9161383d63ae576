//! The provider calls of an attempt: checkpoint and action, each bounded by the time that is left.

use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;

use super::{AttemptContext, Attempts, CallPermit};
use crate::adapters::Journal;
use crate::adapters::action::{ActionOutput, Reconciliation, TokenKind};
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result, Retry};
use crate::files;
use crate::integrations::missing_scope;
use crate::tables::tasks::Task;

/// Part of the remaining time that is reserved for storing the outcome.
pub(super) const STORE_RESERVE: SignedDuration = SignedDuration::from_secs(5);
/// Maximum duration of an action, however much time is left. One that sends files has the time for them in addition.
const MAX_CALL_TIME: SignedDuration = SignedDuration::from_secs(45);

impl Attempts {
    /// Runs the action. After a lost response it reconciles immediately, when only a positive answer is trusted.
    pub(super) async fn execute(
        &self,
        attempt: AttemptContext<'_>,
        permit: &mut CallPermit,
        task: &mut Task,
        journaled: bool,
    ) -> Result<ActionOutput> {
        let AttemptContext { user, adapter, action, deadline, .. } = attempt;
        let journal = Arc::default();
        let result = match self.call_action(attempt, permit, task, journaled, &journal).await {
            // The provider rejected the token and did nothing, so the call is repeated with a new one.
            Err(error) if error.kind() == Some(Kind::AuthExpired) => {
                let refreshed =
                    self.integrations.refresh_rejected(user, adapter, action, &permit.access, deadline).await;
                // Earlier calls of the action may have had their effect.
                permit.access = refreshed.map_err(|error| journal.conclude(error))?;
                self.call_action(attempt, permit, task, journaled, &journal).await
            }
            result => result,
        };
        let result = match result {
            Err(error) if error.kind() == Some(Kind::Repeatable) => {
                // The repetition leaves the same state. Only its success says more than the lost response did.
                let repeated = self.run_action(attempt, permit, task, true, &journal).await;
                repeated.map_err(|_| journal.conclude(error))
            }
            result => result,
        };
        match result {
            Err(error)
                if error.retry() == Retry::Reconcile && action.can_reconcile(&permit.access.connection.scopes) =>
            {
                match self.reconcile(attempt, permit, task).await {
                    Ok(Reconciliation::Applied(output)) => Ok(output),
                    Ok(_) | Err(_) => Err(error),
                }
            }
            result => result,
        }
    }

    /// Calls the action, after storing its checkpoint if it has one.
    async fn call_action(
        &self,
        attempt: AttemptContext<'_>,
        permit: &CallPermit,
        task: &mut Task,
        journaled: bool,
        journal: &Arc<Journal>,
    ) -> Result<ActionOutput> {
        if journaled && attempt.action.stores_checkpoint && task.checkpoint.is_none() {
            self.prepare(attempt, permit, task).await?;
        }
        self.run_action(attempt, permit, task, task.is_repeated(), journal).await
    }

    /// Creates and stores the checkpoint of an action. What was prepared and could not be stored is found by the next attempt, or
    /// discarded: until then the outcome counts as unknown.
    async fn prepare(&self, attempt: AttemptContext<'_>, permit: &CallPermit, task: &mut Task) -> Result<()> {
        let AttemptContext { action, context, .. } = attempt;
        // Its journal is its own: a preparation is no part of the effect.
        let api = self.api(attempt, permit, task)?;
        let lost = |text: &str| {
            let kind = if api.journal.has_sent() { Kind::Ambiguous } else { Kind::Transient };
            api.error(kind, text)
        };
        let prepared = self.with_time_limit(attempt, action.prepare(&api, context)).await;
        let Some(checkpoint) = prepared.unwrap_or_else(|| Err(lost("the preparation took too long")))? else {
            return Ok(());
        };
        match self.tasks.store_checkpoint(task, &checkpoint).await {
            Ok(true) => {}
            Ok(false) => return Err(Error::unavailable("another process took the claim over before the call")),
            Err(error) if api.journal.has_sent() => {
                tracing::error!(?error, "a checkpoint could not be stored");
                return Err(lost("what was prepared could not be recorded"));
            }
            Err(error) => return Err(error),
        }
        drop(api);
        task.checkpoint = Some(checkpoint);
        Ok(())
    }

    pub(super) async fn run_action(
        &self,
        attempt: AttemptContext<'_>,
        permit: &CallPermit,
        task: &Task,
        is_retry: bool,
        journal: &Arc<Journal>,
    ) -> Result<ActionOutput> {
        let AttemptContext { action, context, .. } = attempt;
        let api = Api { is_retry, journal: Arc::clone(journal), ..self.api(attempt, permit, task)? };
        // An action may make several calls; an effectful one that is interrupted here may have taken effect.
        let timed_out = || {
            let too_slow = |kind| api.error(kind, "the action took too long");
            journal.conclude(match (journal.has_sent(), api.slots.has_waited()) {
                (true, _) => too_slow(action.effect.ambiguous_kind()),
                (false, true) => Error::unavailable("the action waited for memory for long responses"),
                (false, false) => too_slow(Kind::Transient),
            })
        };
        self.with_time_limit(attempt, action.run(&api, context)).await.unwrap_or_else(|| Err(timed_out()))
    }

    pub(super) fn api<'a>(
        &'a self,
        attempt: AttemptContext<'a>,
        permit: &'a CallPermit,
        task: &'a Task,
    ) -> Result<Api<'a>> {
        // A refresh may have found that the person's own token has ended; the app's is not sent in its place.
        if attempt.action.token == TokenKind::User
            && let Some(needed) = missing_scope(&permit.access.connection, attempt.action)
        {
            return Err(Error::MissingScope { tool: attempt.adapter.tool, needed });
        }
        let base_url = self.integrations.oauth.origin_url(attempt.adapter.api, "")?;
        let person = attempt.adapter.account.person;
        let person = person.and_then(|field| permit.access.connection.metadata.get(field)?.as_str());
        Ok(Api {
            limits: Some(&permit.limits),
            connection: permit.author.connection().to_owned(),
            person,
            workspace: (attempt.adapter.account.workspace)(&permit.access.connection.metadata),
            site: permit.access.connection.account.link.as_deref(),
            authorship: &permit.author,
            context: attempt.context,
            effect: attempt.action.effect,
            smaller_request: attempt.action.smaller_request,
            effect_key: task.effect_key(),
            checkpoint: task.checkpoint.as_deref(),
            is_retry: task.is_repeated(),
            previous_external_id: task.external_id.as_deref(),
            attempted_at: task.attempted_at.unwrap_or(attempt.started_at),
            cursor: task.reconcile_cursor.as_deref(),
            deadline: attempt.deadline - STORE_RESERVE,
            slots: attempt.slots.clone(),
            files: self.files.for_attempt(
                attempt.user,
                task.id().filter(|_| attempt.files.are_copied),
                task.created_by.as_ref(),
            ),
            ..Api::new(
                &self.http,
                &self.lookups,
                attempt.adapter,
                base_url,
                permit.access.token(attempt.action),
                &self.clock,
            )
        })
    }

    /// Runs a step within the time that is left. Returns `None` if it took too long.
    pub(super) async fn with_time_limit<T>(
        &self,
        attempt: AttemptContext<'_>,
        step: impl Future<Output = T>,
    ) -> Option<T> {
        let left = attempt.deadline.duration_since(self.clock.now()) - STORE_RESERVE;
        let limit = left.min(MAX_CALL_TIME + files::transfer_time(attempt.files.bytes));
        let limit = Duration::try_from(limit).unwrap_or_default();
        tokio::time::timeout(limit, step).await.ok()
    }
}
