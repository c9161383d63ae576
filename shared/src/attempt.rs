//! One attempt, from claim to finish: the same for immediate intents and due tasks.
//!
//! 1. claim: a conditional write with the attempt's number and a lease, right before the call, so it is the journal too;
//! 2. call the provider, with the effect key `<taskId>.<occurrence>`, the same at every attempt;
//! 3. finish: a conditional write on that number and lease. A late holder writes nothing.
//!
//! Reads are not journaled. A `Create` whose answer was lost is never repeated: it ends as `needs_attention`.

use jiff::SignedDuration;
use serde_json::{Value, json};
use std::time::Duration;

use crate::adapters::Adapter;
use crate::adapters::action::{ActionDef, Done, Effect};
use crate::adapters::api::Api;
use crate::clock::{Clock, Random};
use crate::error::{Error, Kind, ProviderError, Result, Retry};
use crate::error_log::{ErrorHandler, NewError};
use crate::events::{Event, EventBus, TaskOutcome};
use crate::http::Http;
use crate::ids::{AgentId, TaskId, UserId};
use crate::integrations::{Access, IntegrationManager};
use crate::intent::Intent;
use crate::retry::{self, MAX_ATTEMPTS, MAX_DEFERRALS};
use crate::scheduler::new_task;
use crate::tables::breakers::Failures;
use crate::tables::integrations::Integration;
use crate::tables::tasks::{self, Claim, Due, Ending, LastError, Lease, Status, Task, TasksTable};
use crate::tool::Tool;
use crate::{adapters, breaker};

/// How long an immediate attempt holds its claim: longer than its function may run.
const IMMEDIATE_LEASE: SignedDuration = SignedDuration::from_secs(60);
/// How long a due attempt holds its claim: longer than the processor may run.
const DUE_LEASE: SignedDuration = SignedDuration::from_secs(180);

/// What attempts need. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Attempts {
    pub(crate) table: TasksTable,
    pub(crate) integrations: IntegrationManager,
    pub(crate) breaker: breaker::Breaker,
    pub(crate) errors: ErrorHandler,
    pub(crate) events: EventBus,
    pub(crate) http: Http,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    /// How long one action may take, so that its end can still be written before the function's timeout.
    pub(crate) call_limit: Duration,
}

/// What is being attempted, and for whom.
#[derive(Clone, Copy, Debug)]
struct Work<'a> {
    user: &'a UserId,
    agent: &'a AgentId,
    adapter: &'static Adapter,
    action: &'static ActionDef,
    context: &'a Value,
}

impl Attempts {
    /// Runs an intent now, with the access it was given. A write is journaled; its task's id comes back with the outcome.
    ///
    /// # Errors
    /// Only when the claim could not be written: then nothing was called.
    pub async fn immediate(
        &self,
        user: &UserId,
        intent: &Intent,
        access: Access,
        failures: Option<Failures>,
    ) -> Result<(Option<TaskId>, Result<Done>)> {
        let work = Work {
            user,
            agent: &intent.agent,
            adapter: intent.adapter,
            action: intent.action,
            context: &intent.context,
        };
        if intent.action.effect == Effect::Read {
            let outcome = self.call(work, access, &self.random.ulid(self.clock.now())).await;
            self.judge(work, &outcome, failures, None).await;
            return Ok((None, outcome));
        }
        let task = self.claim_immediate(user, intent).await?;
        let id = TaskId { agent: intent.agent.clone(), sort: task.sort.clone() };
        let outcome = self.call(work, access, &effect_key(&task)).await;
        let ending = match &outcome {
            Ok(done) => completed(done),
            Err(error) if error.retry() == Retry::Reconcile => Ending::NeedsAttention(last_error(error)),
            // The caller has the answer and decides whether to ask again.
            Err(error) => Ending::Failed(last_error(error)),
        };
        let finish = self.finish(user, &task, &ending);
        let judge = self.judge(work, &outcome, failures, Some(&task));
        futures::join!(finish, judge);
        Ok((Some(id), outcome))
    }

    /// Runs the task a hint of the due index points to, if it is due and nobody else has it. Returns whether it ran.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`]: the task stays due, or its lease lapses and it is found again.
    pub async fn due(&self, due: &Due) -> Result<bool> {
        let now = self.clock.now();
        let lease = Lease { id: self.random.ulid(now), until: now + DUE_LEASE };
        let (task, takeover) = match self.table.claim(due, &lease, now).await? {
            Claim::Fresh(task) => (task, false),
            Claim::Takeover(task) => (task, true),
            Claim::Lost => return Ok(false),
        };
        let user = UserId::from_stored_key(&due.partition).ok_or_else(|| Error::internal("a task without an owner"))?;
        let agent = AgentId::stored(&task.agent_id);
        let found = adapters::find(&task.tool).and_then(|adapter| Ok((adapter, adapter.action(&task.intent)?)));
        let (adapter, action) = match found {
            Ok(found) => found,
            Err(error) => {
                self.finish(&user, &task, &Ending::Failed(last_error(&error))).await;
                return Ok(true);
            }
        };
        let work = Work { user: &user, agent: &agent, adapter, action, context: &task.context };
        if let Some(error) = abandoned(&task, takeover, adapter.tool, action.effect) {
            let ending = match error.retry() {
                Retry::Reconcile => Ending::NeedsAttention(last_error(&error)),
                Retry::Never | Retry::After(_) => Ending::Failed(last_error(&error)),
            };
            let outcome = Err(error);
            futures::join!(self.finish(&user, &task, &ending), self.judge(work, &outcome, None, Some(&task)));
            return Ok(true);
        }
        self.run_due(work, &task).await;
        Ok(true)
    }

    async fn run_due(&self, work: Work<'_>, task: &Task) {
        let mut failures = None;
        let outcome = async {
            let (integration, counted) =
                self.integrations.get_with_failures(work.user, work.agent, work.adapter.tool).await?;
            failures = counted;
            let access = self.admit(work, integration, counted).await?;
            self.call(work, access, &effect_key(task)).await
        }
        .await;
        let ending = match &outcome {
            Ok(done) => completed(done),
            Err(error) => self.after_failure(task, error),
        };
        futures::join!(self.finish(work.user, task, &ending), self.judge(work, &outcome, failures, Some(task)),);
    }

    async fn admit(
        &self,
        work: Work<'_>,
        integration: Option<Integration>,
        failures: Option<Failures>,
    ) -> Result<Access> {
        self.breaker.check(work.adapter.tool, failures)?;
        self.integrations.access(work.user, work.adapter, work.action, integration).await
    }

    /// How a due task goes on after a failed attempt.
    fn after_failure(&self, task: &Task, error: &Error) -> Ending {
        let last = last_error(error);
        if error.needs_consent() {
            return Ending::NeedsAttention(last);
        }
        match error.retry() {
            Retry::Reconcile => Ending::NeedsAttention(last),
            Retry::Never => Ending::Failed(last),
            Retry::After(told) => {
                let deferred = is_deferral(error) && task.deferrals < MAX_DEFERRALS;
                if !deferred && task.attempt >= MAX_ATTEMPTS {
                    return Ending::Failed(last);
                }
                let wait = retry::wait(task.attempt, told, |most| self.random.jitter(most));
                let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_mins(15));
                Ending::Retry { error: last, at: self.clock.now() + wait, deferred }
            }
        }
    }

    async fn claim_immediate(&self, user: &UserId, intent: &Intent) -> Result<Task> {
        let now = self.clock.now();
        let ulid = self.random.ulid(now);
        let until = now + IMMEDIATE_LEASE;
        let task = Task {
            attempt: 1,
            lease_id: Some(ulid.clone()),
            lease_until: Some(until.as_millisecond()),
            due_shard: Some(tasks::due_shard(&ulid)),
            due_at: Some(tasks::due_at(until, &ulid)),
            ..new_task(intent, format!("I#{ulid}"), Status::Processing, now)
        };
        self.table.insert(user, &intent.agent, &task).await?;
        Ok(task)
    }

    /// Calls the provider; after a refused token once more with a new one, for then nothing was done.
    async fn call(&self, work: Work<'_>, access: Access, effect_key: &str) -> Result<Done> {
        match self.call_once(work, &access, effect_key).await {
            Err(Error::Provider(ProviderError { kind: Kind::AuthExpired, .. })) => {
                let access = self.integrations.renew(work.user, work.adapter, &access).await?;
                self.call_once(work, &access, effect_key).await
            }
            outcome => outcome,
        }
    }

    async fn call_once(&self, work: Work<'_>, access: &Access, effect_key: &str) -> Result<Done> {
        let base_url = self.integrations.oauth.url(work.adapter.api, "")?;
        let api = Api {
            http: &self.http,
            adapter: work.adapter,
            base_url: &base_url,
            token: &access.token,
            effect: work.action.effect,
            effect_key,
            now: self.clock.now(),
        };
        // An action may make several calls; one that is stopped here may have got through.
        match tokio::time::timeout(self.call_limit, work.action.run(&api, work.context)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(api.error(work.action.effect.unclear(), "it took too long")),
        }
    }

    /// Writes how an attempt ended and announces it. What cannot be written is found again when the lease lapses.
    async fn finish(&self, user: &UserId, task: &Task, ending: &Ending) {
        match self.table.finish(user, task, ending, self.clock.now()).await {
            Ok(true) => {
                if let Some(event) = announcement(task, ending) {
                    self.events.publish(user, event).await;
                }
            }
            Ok(false) => tracing::warn!(attempt = task.attempt, "fenced: another attempt has taken this task over"),
            Err(error) => tracing::error!(?error, "an attempt's end could not be written"),
        }
    }

    /// Tells the breaker and the error log. Neither may change the outcome, so their failures are logged.
    async fn judge(&self, work: Work<'_>, outcome: &Result<Done>, failures: Option<Failures>, task: Option<&Task>) {
        let tool = work.adapter.tool;
        let judged = match outcome {
            Ok(_) => self.breaker.succeeded(work.user, work.agent, tool, failures).await,
            Err(error) => {
                let attempt = task.map(|task| (task_id(task).to_string(), task.attempt));
                let log = self.log(work, error, attempt);
                let count = async {
                    match error.counts_against_tool() {
                        true => self.breaker.failed(work.user, work.agent, tool).await,
                        false => Ok(()),
                    }
                };
                let (logged, counted) = futures::join!(log, count);
                logged.and(counted)
            }
        };
        if let Err(error) = judged {
            tracing::error!(%tool, ?error, "an outcome could not be recorded");
        }
    }

    async fn log(&self, work: Work<'_>, error: &Error, attempt: Option<(String, u32)>) -> Result<()> {
        if let Error::Unavailable(source) | Error::Internal(source) = error {
            tracing::error!(tool = %work.adapter.tool, action = work.action.name, %source, "an attempt failed");
        }
        let message = error.to_string();
        let new = NewError {
            agent: work.agent,
            tool: work.adapter.tool,
            action: work.action.name,
            code: error.code(),
            message: &message,
            payload: work.context,
            attempt,
            effect: Some(error.effect()),
        };
        self.errors.log(work.user, new).await.map(|_| ())
    }

    /// Refuses or admits an immediate intent, and logs the refusal.
    ///
    /// # Errors
    /// [`Error::ToolDisabled`], and those of [`IntegrationManager::access`].
    pub async fn admit_immediate(
        &self,
        user: &UserId,
        intent: &Intent,
        integration: Option<Integration>,
        failures: Option<Failures>,
    ) -> Result<Access> {
        let Intent { agent, adapter, action, context } = intent;
        let work = Work { user, agent, adapter, action, context };
        let admitted = self.admit(work, integration, failures).await;
        if let Err(error) = &admitted
            && let Err(error) = self.log(work, error, None).await
        {
            tracing::error!(tool = %adapter.tool, ?error, "a refusal could not be recorded");
        }
        admitted
    }
}

/// Why a claimed task is not to be called at all: its last holder is gone and may have called, or it has used up its tries.
fn abandoned(task: &Task, takeover: bool, tool: Tool, effect: Effect) -> Option<Error> {
    let failed = |kind, message: &str| {
        Some(Error::Provider(ProviderError { tool, kind, message: message.to_owned(), retry_after: None }))
    };
    if takeover && effect == Effect::Create {
        return failed(Kind::Ambiguous, "the attempt before stopped without saying whether it was done");
    }
    if task.attempt > MAX_ATTEMPTS {
        return failed(Kind::Invalid, "every attempt stopped without an outcome");
    }
    None
}

/// Whether a wait was asked for before anything was tried, so that it uses up no attempt.
fn is_deferral(error: &Error) -> bool {
    match error {
        Error::ToolDisabled { .. } => true,
        Error::Provider(error) => error.kind == Kind::RateLimited,
        _ => false,
    }
}

fn task_id(task: &Task) -> TaskId {
    TaskId { agent: AgentId::stored(&task.agent_id), sort: task.sort.clone() }
}

/// `<task>.<occurrence>`: the same at every attempt of one effect. The task's part is its ulid, which tells nobody anything.
fn effect_key(task: &Task) -> String {
    format!("{}.1", task.ulid())
}

fn completed(done: &Done) -> Ending {
    let result = json!({ "message": done.message, "data": done.data, "link": done.link });
    Ending::Completed { result, external_id: done.external_id.clone() }
}

fn last_error(error: &Error) -> LastError {
    LastError { code: error.code().to_owned(), message: error.to_string(), effect: error.effect() }
}

fn announcement(task: &Task, ending: &Ending) -> Option<Event> {
    let outcome = |external_id: Option<&String>, error: Option<&LastError>| TaskOutcome {
        task_id: task_id(task).to_string(),
        agent_id: task.agent_id.clone(),
        tool: task.tool.clone(),
        intent: task.intent.clone(),
        external_id: external_id.cloned(),
        error_code: error.map(|error| error.code.clone()),
    };
    match ending {
        Ending::Completed { external_id, .. } => Some(Event::TaskCompleted(outcome(external_id.as_ref(), None))),
        Ending::Failed(error) => Some(Event::TaskFailed(outcome(None, Some(error)))),
        Ending::NeedsAttention(error) => Some(Event::TaskNeedsAttention(outcome(None, Some(error)))),
        Ending::Retry { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::EffectState;

    fn task(attempt: u32) -> Task {
        let context = json!({ "channel": "general", "text": "hi" });
        let intent = Intent::parse("a", "slack", "send_message", context.as_object().cloned()).unwrap();
        Task { attempt, ..new_task(&intent, "S#1#U".to_owned(), Status::Processing, jiff::Timestamp::UNIX_EPOCH) }
    }

    #[test]
    fn a_taken_over_create_is_never_called_again() {
        let tool = Tool::new("slack");
        let error = abandoned(&task(2), true, tool, Effect::Create).unwrap();
        assert_eq!((error.code(), error.effect()), ("OUTCOME_UNKNOWN", EffectState::Unknown));
        assert!(abandoned(&task(2), true, tool, Effect::Idempotent).is_none());
        assert!(abandoned(&task(MAX_ATTEMPTS), false, tool, Effect::Create).is_none());
        assert!(abandoned(&task(MAX_ATTEMPTS + 1), false, tool, Effect::Create).is_some());
    }
}
