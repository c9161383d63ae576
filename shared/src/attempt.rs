//! One attempt, from claim to finish: the same for immediate intents and due tasks.
//!
//! 1. Claim: a conditional write of the attempt's number and a lease right before the call. It is the journal entry as well.
//! 2. Call: the provider is called with an effect key that is the same in every attempt. A checkpoint (a draft's id) is stored
//!    before the effect.
//! 3. Finish: a conditional write on that number and lease. A process that lost its lease is fenced and writes nothing.
//!
//! Reads are not journaled. A `create` whose response was lost is repeated only after a reconciliation found that it was not
//! applied.

mod answer;
mod author;
mod call;
mod context;
mod discard;
mod dry_run;
mod outcome;
mod permit;
mod reconciliation;
mod record;
mod stopped;

pub use dry_run::DryRun;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::adapters;
use crate::adapters::LookupCache;
use crate::adapters::action::{ActionOutput, Effect};
use crate::circuit_breaker::{BreakerPermit, CircuitBreaker};
use crate::clock::{Clock, Random};
use crate::context_mapper::ContextMapper;
use crate::cooldown::Cooldowns;
use crate::deployment::{Deployment, Part};
use crate::error::{Error, Result, Retry};
use crate::error_log::ErrorHandler;
use crate::events::EventBus;
use crate::files::{self, Files};
use crate::http::{self, ActionSlots, Http};
use crate::ids::{TaskId, UserId};
use crate::integrations::IntegrationManager;
use crate::intent::Intent;
use crate::metrics::{self, Metric};
use crate::payloads::Payloads;
use crate::retry::RetryPolicy;
use crate::scheduler::WaitingTasks;
use crate::tables::integrations::CallGuards;
use crate::tables::tasks::{Claim, CreatedItems, DueEntry, Lease, NewTask, Task, TaskItems, TaskStatus};
use crate::vault::ColumnCipher;
use context::{AttemptContext, CallPermit, SentFiles};
use outcome::AttemptOutcome;

/// Time by which a lease outlives its holder, which is killed at its function's timeout: an expired lease means a dead holder.
///
/// A holder that was frozen instead is stopped by [`NotAfter`](crate::http::NotAfter). With `D` for the function's end by the holder's
/// clock: the last byte of a request is written before `D - 5 s` ([`call::STORE_RESERVE`]), and its response is there or given up before
/// `D + 5 s` ([`http::TOTAL_TIMEOUT`]). The lease ends at `D + 30 s`, and another process takes over 5 s later by its own clock, for
/// which clocks may differ. So a provider has 25 s to do what the last request of a holder says before another process asks for it.
const LEASE_MARGIN: SignedDuration = SignedDuration::from_secs(30);
const _: () =
    assert!(LEASE_MARGIN.as_secs() + call::STORE_RESERVE.as_secs() >= 2 * http::TOTAL_TIMEOUT.as_secs() as i64);
/// Minimum time left to start an attempt: the provider's ten seconds, and five for the store.
pub const MIN_ATTEMPT_TIME: SignedDuration = SignedDuration::from_secs(15);

/// Returns the time that must be left to start an attempt that sends so many bytes of files.
pub fn attempt_time(file_bytes: u64) -> SignedDuration {
    MIN_ATTEMPT_TIME + files::transfer_time(file_bytes)
}

/// The services that attempts use. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Attempts {
    pub(crate) tasks: TaskItems,
    pub(crate) created: CreatedItems,
    pub(crate) waiting: WaitingTasks,
    pub(crate) integrations: IntegrationManager,
    /// The cipher of author marks.
    pub(crate) cipher: ColumnCipher,
    pub(crate) circuit_breaker: CircuitBreaker,
    pub(crate) cooldowns: Cooldowns,
    pub(crate) context_mapper: ContextMapper,
    pub(crate) errors: ErrorHandler,
    pub(crate) events: EventBus,
    pub(crate) files: Files,
    pub(crate) payloads: Payloads,
    pub(crate) http: Http,
    pub(crate) lookups: LookupCache,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    /// Time for which rate limits can defer a task. Afterwards it fails as rate limited.
    pub(crate) max_limited: SignedDuration,
}

impl Part for Attempts {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, http, clock, random, .. } = deployment;
        Self {
            tasks: TaskItems::new(dynamodb.clone(), config.tables.tasks.clone()),
            created: CreatedItems::new(dynamodb.clone(), config.tables.tasks.clone()),
            waiting: deployment.part::<WaitingTasks>().clone(),
            integrations: deployment.part::<IntegrationManager>().clone(),
            cipher: deployment.part::<ColumnCipher>().clone(),
            circuit_breaker: deployment.part::<CircuitBreaker>().clone(),
            cooldowns: deployment.part::<Cooldowns>().clone(),
            context_mapper: deployment.part::<ContextMapper>().clone(),
            errors: deployment.part::<ErrorHandler>().clone(),
            events: deployment.part::<EventBus>().clone(),
            files: deployment.part::<Files>().clone(),
            payloads: deployment.part::<Payloads>().clone(),
            http: http.clone(),
            lookups: LookupCache::default(),
            clock: clock.clone(),
            random: random.clone(),
            max_limited: SignedDuration::try_from(config.max_limited).unwrap_or(SignedDuration::MAX),
        }
    }
}

/// The result of an immediate intent.
#[derive(Debug)]
pub struct ImmediateResult {
    /// The task that journals the intent. Reads and intents refused before a call have none.
    pub task_id: Option<TaskId>,
    /// The action's output, or the reason why it was not done.
    pub result: Result<ActionOutput>,
    /// True if the outcome is unknown and will be reconciled.
    pub pending: bool,
}

/// The end of an entry of the due index in a run.
#[derive(Debug)]
pub enum DueRun {
    /// Its task ran.
    Ran,
    /// Its task must run alone.
    Suspect(DueEntry),
    /// Nothing was to be done: not due, finished, or claimed by another process.
    NotClaimed,
}

impl Attempts {
    /// Runs an intent now. An intent with an effect is journaled under `id`. An open circuit breaker and an unusable connection
    /// are results, not errors.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the claim could not be written or too little time is left; [`Error::IdempotencyInProgress`] if
    /// another request has claimed the task. Nothing was called in these cases.
    pub async fn run_immediate(
        &self,
        user: &UserId,
        intent: &Intent,
        guards: CallGuards,
        id: &TaskId,
        deadline: Timestamp,
    ) -> Result<ImmediateResult> {
        let slots = ActionSlots::default();
        let attempt = AttemptContext::for_intent(user, intent, &slots, self.clock.now(), deadline);
        let permit = match self.acquire_permit(attempt, guards).await {
            Ok(permit) => permit,
            Err(error) => {
                self.record_refusal(attempt, &error).await;
                return Ok(ImmediateResult { task_id: None, result: Err(error), pending: false });
            }
        };
        self.check_time(attempt)?;
        let task = self.new_task(user, intent, id);
        if intent.action.effect == Effect::Read {
            let result = self.call_and_record(attempt, permit, task, false).await;
            return Ok(ImmediateResult { task_id: None, result, pending: false });
        }
        self.files.hold(user, id, &intent.files).await?;
        // The copies took time. They are left to the sweep: a concurrent request with the same key has the same ones.
        self.check_time(attempt)?;
        let attempt = AttemptContext { files: SentFiles { are_copied: true, ..attempt.files }, ..attempt };
        let task = self.claim_immediate(task, deadline).await?;
        let can_reconcile = attempt.action.can_reconcile(&permit.access.connection.scopes);
        let result = self.call_and_record(attempt, permit, task, true).await;
        let pending = can_reconcile && result.as_ref().is_err_and(|error| error.retry() == Retry::Reconcile);
        Ok(ImmediateResult { task_id: Some(id.clone()), result, pending })
    }

    /// Runs the task of an entry of the due index if it is due, no other process holds it, and it is no suspect.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`]: the task stays due, or its lease expires and the index returns it again.
    pub async fn run_due(&self, entry: &DueEntry, deadline: Timestamp) -> Result<DueRun> {
        let now = self.clock.now();
        let claim = self.tasks.claim(entry, &self.new_lease(now, deadline), now).await?;
        self.run_claim(entry, claim, now, deadline).await
    }

    /// As [`Attempts::run_due`], and runs a suspect too. Nothing else may be in flight in this process: if it dies, that is counted
    /// against the task.
    ///
    /// # Errors
    /// As [`Attempts::run_due`].
    pub async fn run_alone(&self, entry: &DueEntry, deadline: Timestamp) -> Result<DueRun> {
        let now = self.clock.now();
        let lease = self.new_lease(now, deadline);
        let claim = match self.tasks.claim(entry, &lease, now).await? {
            Claim::Suspect(suspect) => {
                let task_id = suspect.id().map(|id| id.to_string());
                tracing::warn!(
                    task_id,
                    crashes = suspect.crashes,
                    "a task runs alone: its process may have died of it"
                );
                self.tasks.claim_suspect(&suspect, &lease, now).await?
            }
            claim => claim,
        };
        self.run_claim(entry, claim, now, deadline).await
    }

    fn new_lease(&self, now: Timestamp, deadline: Timestamp) -> Lease {
        Lease { id: self.random.ulid(now), until: deadline + LEASE_MARGIN }
    }

    /// Runs what a claim at `now` gave.
    async fn run_claim(&self, entry: &DueEntry, claim: Claim, now: Timestamp, deadline: Timestamp) -> Result<DueRun> {
        let (mut task, unresolved) = match claim {
            Claim::New(task) => (task, false),
            Claim::Unresolved(task) => (task, true),
            Claim::Suspect(_) => return Ok(DueRun::Suspect(entry.clone())),
            Claim::NotClaimed => return Ok(DueRun::NotClaimed),
        };
        let (user, agent) = task.owner().ok_or_else(|| Error::internal("a task without an owner"))?;
        let known = adapters::find(&task.tool).and_then(|adapter| Ok((adapter, adapter.action(&task.action)?)));
        let (adapter, action) = match known {
            Ok((adapter, action)) if !task.is_unreconcilable() => (adapter, action),
            // The tool or action no longer exists; or even the reconciliation of the last attempt kills the process.
            unknown_or_exhausted => {
                let error = unknown_or_exhausted.err().unwrap_or(Error::AttemptsExhausted);
                self.finish(&user, &task, &outcome::abandon(&error, unresolved), deadline).await;
                return Ok(DueRun::Ran);
            }
        };
        let kind = if task.is_repeated() || unresolved { "retry" } else { "initial" };
        metrics::duration(Metric::Lateness, adapter.tool.as_str(), kind, metrics::elapsed_ms(entry.at, now), now);
        let (account, context, tickets) = (&task.account.clone(), &Value::Null, Some(&task.tickets.clone()));
        let (user, agent, files) = (&user, &agent, SentFiles { bytes: task.files.bytes, are_copied: true });
        let attempt = AttemptContext {
            user,
            agent,
            adapter,
            action,
            account,
            context,
            tickets,
            files,
            slots: &ActionSlots::default(),
            started_at: now,
            deadline,
        };
        let guards = self.integrations.load_guards(attempt.breaker_key(), task.created_by.as_ref());
        let (payload, guards) = futures::join!(self.payloads.load(&task, attempt.slots), guards);
        match payload.and_then(|payload| Ok((payload, guards?))) {
            Ok((payload, guards)) => {
                let attempt = AttemptContext { context: &payload, ..attempt };
                if unresolved {
                    self.reconcile_unresolved(attempt, guards, &mut task).await;
                } else {
                    self.attempt_new(attempt, guards, &mut task).await;
                }
            }
            Err(error) if unresolved => {
                self.finish_unloaded(attempt, &task, &AttemptOutcome::reconcile_failed(adapter.tool, error)).await;
            }
            Err(error) => self.finish_unloaded(attempt, &task, &AttemptOutcome::NotAttempted(error)).await,
        }
        Ok(DueRun::Ran)
    }

    /// Finishes an attempt whose payload or guards could not be loaded.
    async fn finish_unloaded(&self, attempt: AttemptContext<'_>, task: &Task, outcome: &AttemptOutcome) {
        self.log_attempt(attempt, outcome.label(), Some(task));
        let transition = self.transition(attempt.adapter.tool, task, outcome, true, RetryPolicy::DEFAULT);
        self.finish(attempt.user, task, &transition, attempt.deadline).await;
    }

    /// Runs an attempt of a task that has no unresolved attempt.
    async fn attempt_new(&self, attempt: AttemptContext<'_>, guards: CallGuards, task: &mut Task) {
        let no_probe = BreakerPermit::without_probe(guards.breaker.clone());
        let refusal = self.stop_reason(attempt, task, &guards).or_else(|| self.misfired(task));
        let refusal = refusal.or_else(|| self.late_for_files(attempt));
        let permit = match refusal {
            Some(refusal) => Err(refusal),
            None => self.acquire_permit(attempt, guards).await,
        };
        match permit {
            Ok(permit) => {
                // Only a task that needed attention begins with a checkpoint: a person decided to repeat it.
                if task.claimed_from == Some(TaskStatus::Scheduled) && task.checkpoint.is_some() {
                    return self.repeat_forced(attempt, permit, task).await;
                }
                drop(self.call_and_record(attempt, permit, task.clone(), true).await);
            }
            Err(error) => self.persist(attempt, task, &AttemptOutcome::NotAttempted(error), None, &no_probe).await,
        }
    }

    /// Calls the provider and records the outcome. Without a journal (a read) only logs and breaker are updated.
    async fn call_and_record(
        &self,
        attempt: AttemptContext<'_>,
        mut permit: CallPermit,
        mut task: Task,
        journaled: bool,
    ) -> Result<ActionOutput> {
        let used_on = permit.access.connection.last_used_on;
        task.facts.has_run = true;
        let result = self.execute(attempt, &mut permit, &mut task, journaled).await;
        let outcome = AttemptOutcome::Called(result.and_then(|output| answer::fit(attempt, output)));
        let record = async {
            if journaled {
                self.persist(attempt, &task, &outcome, Some(&permit), &permit.breaker_permit).await;
            } else {
                self.update_health(attempt, &outcome, &permit.breaker_permit, None).await;
            }
        };
        let used = self.integrations.mark_used(attempt.connection_key(), used_on);
        let (used, ()) = futures::join!(used, Box::pin(record));
        record::log_ignored(attempt, used);
        outcome.into_result()
    }

    /// The row of an immediate intent.
    fn new_task(&self, user: &UserId, intent: &Intent, id: &TaskId) -> Task {
        let task = Task::new(NewTask {
            user,
            agent: &intent.agent,
            sort: id.sort.clone(),
            tool: intent.adapter.tool.as_str(),
            action: intent.action.name,
            account: &intent.account,
            payload: &intent.context,
            status: TaskStatus::Processing,
            now: self.clock.now(),
        });
        let (files, created_by) = (files::files_of(&intent.files), intent.created_by.clone());
        Task { files, save_as: intent.save_as.clone(), created_by, ..task }
    }

    /// Inserts the row of an immediate intent, which claims its only attempt.
    async fn claim_immediate(&self, mut task: Task, deadline: Timestamp) -> Result<Task> {
        let lease_until = deadline + LEASE_MARGIN;
        task.attempt = 1;
        task.attempted_at = Some(task.updated_at);
        task.lease_id = Some(self.random.ulid(task.updated_at));
        task.lease_until = Some(lease_until);
        // The due index returns the task then if this process crashes.
        task.index_at(lease_until);
        match self.payloads.insert(&task).await? {
            None => Ok(task),
            Some(found) => Err(Error::IdempotencyInProgress {
                retry_after: found.lease_time_left(self.clock.now()).unwrap_or_default(),
            }),
        }
    }
}
