//! One attempt, from claim to finish: the same for immediate intents and due tasks.
//!
//! 1. claim: a conditional write with the attempt's number and a lease, right before the call, so it is the journal too;
//! 2. call the provider, with an effect key that is the same at every attempt; what was prepared for a lost answer (a draft's
//!    id) is written down in between;
//! 3. finish: a conditional write on that number and lease. A late holder writes nothing.
//!
//! Reads are not journaled. A `Create` whose answer was lost is never repeated before the provider was asked and said no.

mod call;
mod dry_run;
mod outcome;
mod record;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::adapters;
use crate::adapters::action::{ActionDef, ActionOutput, Effect, Reconciliation};
use crate::adapters::{Adapter, LookupCache};
use crate::circuit_breaker::{BreakerPermit, CircuitBreaker};
use crate::clock::{Clock, Random};
use crate::context_mapper::ContextMapper;
use crate::cooldown::Cooldowns;
use crate::error::{Error, Result, Retry};
use crate::error_log::ErrorHandler;
use crate::events::EventBus;
use crate::http::Http;
use crate::ids::{AgentId, TaskId, UserId};
use crate::integrations::{Access, IntegrationManager};
use crate::intent::Intent;
use crate::metrics::{self, Metric};
use crate::retry::{MAX_ATTEMPTS, RetryPolicy};
use crate::tables::circuit_breakers::BreakerKey;
use crate::tables::cooldowns::Cooldown;
use crate::tables::integrations::CallGuards;
use crate::tables::tasks::{Claim, DueEntry, Lease, Task, TaskItems, TaskStatus};
use outcome::AttemptOutcome;

/// A lease outlives its holder, which is killed at its function's timeout, by this long: an ended lease means a dead holder.
const LEASE_MARGIN: SignedDuration = SignedDuration::from_secs(30);
/// No attempt begins with less time than this: the provider's ten seconds, and five for the store.
pub const MIN_ATTEMPT_TIME: SignedDuration = SignedDuration::from_secs(15);

/// What attempts need. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Attempts {
    pub(crate) tasks: TaskItems,
    pub(crate) integrations: IntegrationManager,
    pub(crate) circuit_breaker: CircuitBreaker,
    pub(crate) cooldowns: Cooldowns,
    pub(crate) context_mapper: ContextMapper,
    pub(crate) errors: ErrorHandler,
    pub(crate) events: EventBus,
    pub(crate) http: Http,
    pub(crate) lookups: LookupCache,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
}

/// What is being attempted, for whom, and until when.
#[derive(Clone, Copy, Debug)]
struct AttemptContext<'a> {
    user: &'a UserId,
    agent: &'a AgentId,
    adapter: &'static Adapter,
    action: &'static ActionDef,
    context: &'a Value,
    /// When it began.
    started_at: Timestamp,
    /// The function is killed at this instant.
    deadline: Timestamp,
}

/// The right to call a provider now.
#[derive(Debug)]
struct CallPermit {
    access: Access,
    /// The gate this call tries to open.
    cooldown_probe: Option<Cooldown>,
    breaker_permit: BreakerPermit,
}

/// What came of an immediate intent.
#[derive(Debug)]
pub struct ImmediateResult {
    /// The task that journals it; reads and what was refused before a call have none.
    pub task_id: Option<TaskId>,
    /// What the provider made of it, or why it was not called.
    pub result: Result<ActionOutput>,
    /// Whether the provider is still being asked what became of it.
    pub pending: bool,
}

impl Attempts {
    /// Runs an intent now. A write is journaled under `id`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the claim could not be written or there is too little time; [`Error::InProgress`] when
    /// another request has claimed it. Nothing was called then. A tool that rests, or a connection that does not do, is an
    /// outcome.
    pub async fn run_immediate(
        &self,
        user: &UserId,
        intent: &Intent,
        standing: CallGuards,
        id: &TaskId,
        until: Timestamp,
    ) -> Result<ImmediateResult> {
        let work = AttemptContext::for_intent(user, intent, (self.clock.now(), until));
        let admission = match self.acquire_permit(work, standing).await {
            Ok(admission) => admission,
            Err(error) => {
                self.log_attempt(work, error.code(), None);
                self.append_error(work, &error, None).await;
                return Ok(ImmediateResult { task_id: None, result: Err(error), pending: false });
            }
        };
        if self.clock.now() + MIN_ATTEMPT_TIME > until {
            return Err(Error::unavailable("too little time is left for an attempt"));
        }
        let task = self.new_task(user, intent, id);
        if intent.action.effect == Effect::Read {
            let outcome = self.call_and_record(work, admission, task, false).await;
            return Ok(ImmediateResult { task_id: None, result: outcome, pending: false });
        }
        let task = self.claim_immediate(task, until).await?;
        let asks = work.action.can_reconcile(&admission.access.connection.scopes);
        let outcome = self.call_and_record(work, admission, task, true).await;
        let pending = asks && outcome.as_ref().is_err_and(|error| error.retry() == Retry::Reconcile);
        Ok(ImmediateResult { task_id: Some(id.clone()), result: outcome, pending })
    }

    /// Runs the task a hint of the due index points to, if it is due and nobody else has it. Returns whether it ran.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`]: the task stays due, or its lease lapses and it is found again.
    pub async fn run_due(&self, due: &DueEntry, until: Timestamp) -> Result<bool> {
        let now = self.clock.now();
        let lease = Lease { id: self.random.ulid(now), until: until + LEASE_MARGIN };
        let (mut task, open) = match self.tasks.claim(due, &lease, now).await? {
            Claim::New(task) => (task, false),
            Claim::Unresolved(task) => (task, true),
            Claim::NotClaimed => return Ok(false),
        };
        let (user, agent) = task.owner().ok_or_else(|| Error::internal("a task without an owner"))?;
        let found = adapters::find(&task.tool).and_then(|adapter| Ok((adapter, adapter.action(&task.action)?)));
        let (adapter, action) = match found {
            Ok((adapter, action)) if task.attempt <= MAX_ATTEMPTS + 1 => (adapter, action),
            // The tool or action is no longer there; or even asking what became of the last attempt kills the processor.
            hopeless => {
                let error = hopeless.err().unwrap_or(Error::AttemptsExhausted);
                self.finish(&user, &task, &outcome::abandon(&error, open), until).await;
                return Ok(true);
            }
        };
        let (context, standing) =
            futures::join!(self.tasks.load_payload(&task), self.integrations.load_guards(&user, &agent, adapter.tool));
        let context = context.and_then(|context| Ok((context, standing?)));
        let late = if task.attempt > 1 || open { "again" } else { "first" };
        metrics::duration(Metric::Lateness, adapter.tool.as_str(), late, (due.at, now));
        let work = |context| AttemptContext {
            user: &user,
            agent: &agent,
            adapter,
            action,
            context,
            started_at: now,
            deadline: until,
        };
        match context {
            Ok((context, standing)) if open => self.reconcile_unresolved(work(&context), standing, &mut task).await,
            Ok((context, standing)) => self.attempt_new(work(&context), standing, &mut task).await,
            Err(error) => {
                let came = if open {
                    AttemptOutcome::reconcile_failed(adapter.tool, &error)
                } else {
                    AttemptOutcome::NotAttempted(error)
                };
                self.log_attempt(work(&Value::Null), came.label(), Some(&task));
                let ending = self.transition(adapter.tool, &task, &came, (true, RetryPolicy::DEFAULT));
                self.finish(&user, &task, &ending, until).await;
            }
        }
        Ok(true)
    }

    /// The attempt of a task none of whose earlier ones is open.
    async fn attempt_new(&self, work: AttemptContext<'_>, standing: CallGuards, task: &mut Task) {
        let pass = BreakerPermit::without_probe(standing.breaker.clone());
        let admitted = match self.misfired(task) {
            Some(missed) => Err(missed),
            None => self.acquire_permit(work, standing).await,
        };
        match admitted {
            Ok(admission) => drop(self.call_and_record(work, admission, task.clone(), true).await),
            Err(error) => self.persist(work, task, &AttemptOutcome::NotAttempted(error), (None, &pass)).await,
        }
    }

    /// The attempt of a task an earlier one of which may have had its effect: the provider is asked, and only its "no" lets
    /// the action be done.
    async fn reconcile_unresolved(&self, work: AttemptContext<'_>, mut standing: CallGuards, task: &mut Task) {
        let tool = work.adapter.tool;
        if work.action.effect != Effect::Create {
            // Doing it again does no harm.
            if task.attempt > MAX_ATTEMPTS {
                return self
                    .persist(
                        work,
                        task,
                        &AttemptOutcome::NotAttempted(Error::AttemptsExhausted),
                        (None, &BreakerPermit::without_probe(standing.breaker)),
                    )
                    .await;
            }
            return self.attempt_new(work, standing, task).await;
        }
        // A resting tool may still be asked.
        let pass = BreakerPermit::without_probe(standing.breaker.take());
        let mut admission = match self.acquire_permit(work, standing).await {
            Ok(admission) => CallPermit { breaker_permit: pass, ..admission },
            Err(error) => {
                let came = AttemptOutcome::reconcile_failed(tool, &error);
                return self.persist(work, task, &came, (None, &pass)).await;
            }
        };
        let came = if work.action.can_reconcile(&admission.access.connection.scopes) {
            let verdict = self.reconcile(work, &mut admission.access, task).await;
            let passed = self
                .cooldowns
                .record_result(work.user, tool, admission.cooldown_probe.take(), verdict.as_ref().err())
                .await;
            record::log_ignored(work, passed);
            match verdict {
                Ok(Reconciliation::Applied(done)) => AttemptOutcome::Called(Ok(done)),
                Ok(Reconciliation::NotApplied) if task.is_immediate() => {
                    AttemptOutcome::NotAttempted(Error::AbortedNoEffect { tool })
                }
                Ok(Reconciliation::NotApplied) if task.attempt > MAX_ATTEMPTS => {
                    AttemptOutcome::NotAttempted(Error::AttemptsExhausted)
                }
                Ok(Reconciliation::NotApplied) => {
                    return drop(self.call_and_record(work, admission, task.clone(), true).await);
                }
                Ok(Reconciliation::Inconclusive) => AttemptOutcome::ReconcileInconclusive,
                Err(error) => AttemptOutcome::reconcile_failed(tool, &error),
            }
        } else {
            AttemptOutcome::Unreconcilable(outcome::lost_response(tool))
        };
        self.persist(work, task, &came, (Some(&mut admission.access), &admission.breaker_permit)).await;
    }

    /// Calls the provider, and writes what came of it. A read of no task is only judged.
    async fn call_and_record(
        &self,
        work: AttemptContext<'_>,
        admission: CallPermit,
        mut task: Task,
        journaled: bool,
    ) -> Result<ActionOutput> {
        let CallPermit { mut access, cooldown_probe: tried, breaker_permit: pass } = admission;
        let outcome = self.execute(work, &mut access, &mut task, journaled).await;
        let came = AttemptOutcome::Called(outcome);
        let passed = self.cooldowns.record_result(work.user, work.adapter.tool, tried, came.failure());
        let record = async {
            if journaled {
                self.persist(work, &task, &came, (Some(&mut access), &pass)).await;
            } else {
                self.update_health(work, &came, &pass, None).await;
            }
        };
        let (passed, ()) = futures::join!(passed, Box::pin(record));
        record::log_ignored(work, passed);
        came.into_result()
    }

    async fn acquire_permit(&self, work: AttemptContext<'_>, standing: CallGuards) -> Result<CallPermit> {
        let CallGuards { connection: integration, breaker: health, cooldown: gate } = standing;
        self.circuit_breaker.check(work.adapter.tool, health.as_ref())?;
        let access =
            self.integrations.acquire_access(work.user, work.adapter, work.action, integration, work.deadline).await?;
        // Last: whoever is let in to try keeps the others waiting; the breaker only those of the same agent.
        let pass = self.circuit_breaker.acquire(work.breaker_key(), health).await?;
        let tried = self.cooldowns.acquire(work.user, work.adapter.tool, gate).await?;
        Ok(CallPermit { access, cooldown_probe: tried, breaker_permit: pass })
    }

    /// The row of an immediate intent.
    fn new_task(&self, user: &UserId, intent: &Intent, id: &TaskId) -> Task {
        let what = (intent.adapter.tool.as_str(), intent.action.name, &intent.context);
        let task = Task::new((user, &intent.agent), id.sort.clone(), what, TaskStatus::Processing, self.clock.now());
        Task { save_as: intent.save_as.clone(), ..task }
    }

    async fn claim_immediate(&self, mut task: Task, until: Timestamp) -> Result<Task> {
        let lease_until = until + LEASE_MARGIN;
        task.attempt = 1;
        task.lease_id = Some(self.random.ulid(task.updated_at));
        task.lease_until = Some(lease_until);
        // Where a crashed one is found.
        task.index_at(lease_until);
        match self.tasks.insert(&task).await? {
            None => Ok(task),
            Some(_) => Err(Error::IdempotencyInProgress),
        }
    }
}

impl<'a> AttemptContext<'a> {
    fn for_intent(user: &'a UserId, intent: &'a Intent, (started_at, deadline): (Timestamp, Timestamp)) -> Self {
        let Intent { agent, adapter, action, context, .. } = intent;
        Self { user, agent, adapter, action, context, started_at, deadline }
    }

    fn breaker_key(self) -> BreakerKey<'a> {
        BreakerKey { user: self.user, agent: self.agent, tool: self.adapter.tool }
    }
}
