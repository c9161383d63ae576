//! One attempt, from claim to finish: the same for immediate intents and due tasks.
//!
//! 1. claim: a conditional write with the attempt's number and a lease, right before the call, so it is the journal too;
//! 2. call the provider, with an effect key that is the same at every attempt; what was prepared for a lost answer (a draft's
//!    id) is written down in between;
//! 3. finish: a conditional write on that number and lease. A late holder writes nothing.
//!
//! Reads are not journaled. A `Create` whose answer was lost is never repeated before the provider was asked and said no.

mod call;
mod outcome;
mod record;
mod rehearsal;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::adapters;
use crate::adapters::Adapter;
use crate::adapters::action::{ActionDef, Done, Effect, Verdict};
use crate::breaker::{Breaker, Pass};
use crate::clock::{Clock, Random};
use crate::context_mapper::ContextMapper;
use crate::error::{Error, Result, Retry};
use crate::error_log::ErrorHandler;
use crate::events::EventBus;
use crate::gate::Gatekeeper;
use crate::http::Http;
use crate::ids::{AgentId, TaskId, UserId};
use crate::integrations::{Access, IntegrationManager};
use crate::intent::Intent;
use crate::metrics::{self, Metric};
use crate::retry::{MAX_ATTEMPTS, Policy};
use crate::tables::breakers::Caller;
use crate::tables::gates::Gate;
use crate::tables::integrations::Standing;
use crate::tables::tasks::{Claim, Due, Lease, Status, Task, TasksTable};
use outcome::Came;

/// A lease outlives its holder, which is killed at its function's timeout, by this long: an ended lease means a dead holder.
const LEASE_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// No attempt begins with less time than this: the provider's ten seconds, and five for the store.
pub const LEAST_TIME: SignedDuration = SignedDuration::from_secs(15);

/// What attempts need. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Attempts {
    pub(crate) table: TasksTable,
    pub(crate) integrations: IntegrationManager,
    pub(crate) breaker: Breaker,
    pub(crate) gatekeeper: Gatekeeper,
    pub(crate) context_mapper: ContextMapper,
    pub(crate) errors: ErrorHandler,
    pub(crate) events: EventBus,
    pub(crate) http: Http,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
}

/// What is being attempted, for whom, and until when.
#[derive(Clone, Copy, Debug)]
struct Work<'a> {
    user: &'a UserId,
    agent: &'a AgentId,
    adapter: &'static Adapter,
    action: &'static ActionDef,
    context: &'a Value,
    /// When it began.
    began: Timestamp,
    /// The function is killed at this instant.
    until: Timestamp,
}

/// The right to call a provider now.
#[derive(Debug)]
struct Admission {
    access: Access,
    /// The gate this call tries to open.
    tried: Option<Gate>,
    pass: Pass,
}

/// What came of an immediate intent.
#[derive(Debug)]
pub struct Ran {
    /// The task that journals it; reads and what was refused before a call have none.
    pub task: Option<TaskId>,
    /// What the provider made of it, or why it was not called.
    pub outcome: Result<Done>,
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
    pub async fn immediate(
        &self,
        user: &UserId,
        intent: &Intent,
        standing: Standing,
        id: &TaskId,
        until: Timestamp,
    ) -> Result<Ran> {
        let work = Work::immediate(user, intent, (self.clock.now(), until));
        let admission = match self.admit(work, standing).await {
            Ok(admission) => admission,
            Err(error) => {
                self.tell(work, error.code(), None);
                self.log(work, &error, None).await;
                return Ok(Ran { task: None, outcome: Err(error), pending: false });
            }
        };
        if self.clock.now() + LEAST_TIME > until {
            return Err(Error::unavailable("too little time is left for an attempt"));
        }
        let task = self.task(user, intent, id);
        if intent.action.effect == Effect::Read {
            let outcome = self.attempt(work, admission, task, false).await;
            return Ok(Ran { task: None, outcome, pending: false });
        }
        let task = self.claim_immediate(task, until).await?;
        let asks = work.action.can_ask(&admission.access.integration.scopes);
        let outcome = self.attempt(work, admission, task, true).await;
        let pending = asks && outcome.as_ref().is_err_and(|error| error.retry() == Retry::Reconcile);
        Ok(Ran { task: Some(id.clone()), outcome, pending })
    }

    /// Runs the task a hint of the due index points to, if it is due and nobody else has it. Returns whether it ran.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`]: the task stays due, or its lease lapses and it is found again.
    pub async fn due(&self, due: &Due, until: Timestamp) -> Result<bool> {
        let now = self.clock.now();
        let lease = Lease { id: self.random.ulid(now), until: until + LEASE_AFTER };
        let (mut task, open) = match self.table.claim(due, &lease, now).await? {
            Claim::Fresh(task) => (task, false),
            Claim::Open(task) => (task, true),
            Claim::Lost => return Ok(false),
        };
        let (user, agent) = task.owner().ok_or_else(|| Error::internal("a task without an owner"))?;
        let found = adapters::find(&task.tool).and_then(|adapter| Ok((adapter, adapter.action(&task.intent)?)));
        let (adapter, action) = match found {
            Ok((adapter, action)) if task.attempt <= MAX_ATTEMPTS + 1 => (adapter, action),
            // The tool or action is no longer there; or even asking what became of the last attempt kills the processor.
            hopeless => {
                let error = hopeless.err().unwrap_or(Error::Poison);
                self.finish(&user, &task, &outcome::given_up(&error, open), until).await;
                return Ok(true);
            }
        };
        let (context, standing) =
            futures::join!(self.table.context(&task), self.integrations.standing(&user, &agent, adapter.tool));
        let context = context.and_then(|context| Ok((context, standing?)));
        let late = if task.attempt > 1 || open { "again" } else { "first" };
        metrics::time(Metric::Lateness, adapter.tool.as_str(), late, (due.at, now));
        let work = |context| Work { user: &user, agent: &agent, adapter, action, context, began: now, until };
        match context {
            Ok((context, standing)) if open => self.settle(work(&context), standing, &mut task).await,
            Ok((context, standing)) => self.begin(work(&context), standing, &mut task).await,
            Err(error) => {
                let came = if open { Came::asked_in_vain(adapter.tool, &error) } else { Came::Refused(error) };
                self.tell(work(&Value::Null), came.name(), Some(&task));
                let ending = self.ending(adapter.tool, &task, &came, (true, Policy::DEFAULT));
                self.finish(&user, &task, &ending, until).await;
            }
        }
        Ok(true)
    }

    /// The attempt of a task none of whose earlier ones is open.
    async fn begin(&self, work: Work<'_>, standing: Standing, task: &mut Task) {
        let pass = Pass::seen(standing.health.clone());
        let admitted = match self.missed(task) {
            Some(missed) => Err(missed),
            None => self.admit(work, standing).await,
        };
        match admitted {
            Ok(admission) => drop(self.attempt(work, admission, task.clone(), true).await),
            Err(error) => self.record(work, task, &Came::Refused(error), (None, &pass)).await,
        }
    }

    /// The attempt of a task an earlier one of which may have had its effect: the provider is asked, and only its "no" lets
    /// the action be done.
    async fn settle(&self, work: Work<'_>, mut standing: Standing, task: &mut Task) {
        let tool = work.adapter.tool;
        if work.action.effect != Effect::Create {
            // Doing it again does no harm.
            if task.attempt > MAX_ATTEMPTS {
                return self
                    .record(work, task, &Came::Refused(Error::Poison), (None, &Pass::seen(standing.health)))
                    .await;
            }
            return self.begin(work, standing, task).await;
        }
        // A resting tool may still be asked.
        let pass = Pass::seen(standing.health.take());
        let mut admission = match self.admit(work, standing).await {
            Ok(admission) => Admission { pass, ..admission },
            Err(error) => {
                let came = Came::asked_in_vain(tool, &error);
                return self.record(work, task, &came, (None, &pass)).await;
            }
        };
        let came = if work.action.can_ask(&admission.access.integration.scopes) {
            let verdict = self.ask(work, &mut admission.access, task).await;
            let passed = self.gatekeeper.passed(work.user, tool, admission.tried.take(), verdict.as_ref().err()).await;
            record::noted(work, passed);
            match verdict {
                Ok(Verdict::Done(done)) => Came::Called(Ok(done)),
                Ok(Verdict::Absent) if task.is_immediate() => Came::Refused(Error::NotDone { tool }),
                Ok(Verdict::Absent) if task.attempt > MAX_ATTEMPTS => Came::Refused(Error::Poison),
                Ok(Verdict::Absent) => return drop(self.attempt(work, admission, task.clone(), true).await),
                Ok(Verdict::Unclear) => Came::Unclear,
                Err(error) => Came::asked_in_vain(tool, &error),
            }
        } else {
            Came::CannotAsk(outcome::lost(tool))
        };
        self.record(work, task, &came, (Some(&mut admission.access), &admission.pass)).await;
    }

    /// Calls the provider, and writes what came of it. A read of no task is only judged.
    async fn attempt(&self, work: Work<'_>, admission: Admission, mut task: Task, journaled: bool) -> Result<Done> {
        let Admission { mut access, tried, pass } = admission;
        let outcome = self.perform(work, &mut access, &mut task, journaled).await;
        let came = Came::Called(outcome);
        let passed = self.gatekeeper.passed(work.user, work.adapter.tool, tried, came.failure());
        let record = async {
            if journaled {
                self.record(work, &task, &came, (Some(&mut access), &pass)).await;
            } else {
                self.judge(work, &came, &pass, None).await;
            }
        };
        let (passed, ()) = futures::join!(passed, Box::pin(record));
        record::noted(work, passed);
        came.into_outcome()
    }

    async fn admit(&self, work: Work<'_>, standing: Standing) -> Result<Admission> {
        let Standing { integration, health, gate } = standing;
        self.breaker.check(work.adapter.tool, health.as_ref())?;
        let access = self.integrations.access(work.user, work.adapter, work.action, integration, work.until).await?;
        // Last: whoever is let in to try keeps the others waiting; the breaker only those of the same agent.
        let pass = self.breaker.enter(work.caller(), health).await?;
        let tried = self.gatekeeper.enter(work.user, work.adapter.tool, gate).await?;
        Ok(Admission { access, tried, pass })
    }

    /// The row of an immediate intent.
    fn task(&self, user: &UserId, intent: &Intent, id: &TaskId) -> Task {
        let what = (intent.adapter.tool.as_str(), intent.action.name, &intent.context);
        let task = Task::new((user, &intent.agent), id.sort.clone(), what, Status::Processing, self.clock.now());
        Task { save_as: intent.save_as.clone(), ..task }
    }

    async fn claim_immediate(&self, mut task: Task, until: Timestamp) -> Result<Task> {
        let lease_until = until + LEASE_AFTER;
        task.attempt = 1;
        task.lease_id = Some(self.random.ulid(task.updated_at));
        task.lease_until = Some(lease_until);
        // Where a crashed one is found.
        task.due(lease_until);
        match self.table.insert(&task).await? {
            None => Ok(task),
            Some(_) => Err(Error::InProgress),
        }
    }
}

impl<'a> Work<'a> {
    fn immediate(user: &'a UserId, intent: &'a Intent, (began, until): (Timestamp, Timestamp)) -> Self {
        let Intent { agent, adapter, action, context, .. } = intent;
        Self { user, agent, adapter, action, context, began, until }
    }

    fn caller(self) -> Caller<'a> {
        Caller { user: self.user, agent: self.agent, tool: self.adapter.tool }
    }
}
