//! The main job: an intent is run now, or shown as a dry run.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

use super::{BoundIntent, Engine};
use crate::account::AccountId;
use crate::adapters::action::{ActionOutput, Effect};
use crate::attempt::{DryRun, MIN_ATTEMPT_TIME, attempt_time};
use crate::error::{Error, ErrorDetail, FallbackTexts, Result};
use crate::ids::{AgentId, TaskId, UserId};
use crate::intent::{Intent, IntentRequest, PluginResult, UnboundIntent};
use crate::metrics::{self, Metric};
use crate::permissions::Caller;
use crate::retry::RECONCILE_GRACE;
use crate::scheduler::{AcceptedTask, StartingSchedule};
use crate::tables::integrations::CallGuards;
use crate::tables::tasks::{DueEntry, IdempotencyKey, Task, TaskStatus, immediate_sort};

/// Time in which an intent with files acquires its permit and its copies, before the time of its attempt.
const PREPARATION_TIME: SignedDuration = SignedDuration::from_secs(5);

/// An immediate intent that may be called.
struct AdmittedIntent {
    intent: Intent,
    guards: CallGuards,
}

impl Engine {
    /// Runs an intent now. The tool's success or failure is the result. A repeated request with the same idempotency key returns
    /// the first request's result; reads are not journaled and run again. If the process of the first request was killed, the
    /// repeated one reconciles it when the lease has ended.
    ///
    /// # Errors
    /// The errors of [`UnboundIntent::parse`] and [`Intake::bind_work`](super::Intake::bind_work), but for
    /// [`Error::NotConnected`], which is a result; [`Error::IdempotencyKeyReused`], [`Error::IdempotencyInProgress`];
    /// [`Error::Unavailable`] if the store is unreachable or too little time is left. Nothing was called in these cases.
    pub async fn process_intent(
        &self,
        caller: &Caller,
        request: IntentRequest,
        key: Option<&IdempotencyKey>,
        deadline: Timestamp,
    ) -> Result<PluginResult> {
        let intent = UnboundIntent::parse(request)?;
        let tool = intent.adapter.tool;
        let response = self.execute_intent(caller, intent, key, deadline).await;
        let outcome = match &response {
            Ok(result) if result.pending => "pending",
            Ok(result) if result.success => "done",
            Ok(_) => "failed",
            Err(_) => "refused",
        };
        metrics::count(Metric::Intents, tool.as_str(), outcome, self.clock.now());
        response
    }

    async fn execute_intent(
        &self,
        caller: &Caller,
        unbound: UnboundIntent,
        key: Option<&IdempotencyKey>,
        deadline: Timestamp,
    ) -> Result<PluginResult> {
        let user = &caller.user;
        // 1. Consume the user's rate limit, bind the intent to an account, and load what decides whether it may be called.
        let is_journaled = unbound.action.effect != Effect::Read;
        let key = key.filter(|_| is_journaled);
        let AdmittedIntent { intent, guards } = match self.admit(caller, unbound.clone(), is_journaled).await {
            Ok(admitted) => admitted,
            Err(unclear) if unclear.refuses_only_new_requests() => {
                return self.answer_unclear(caller, &unbound, key, unclear, deadline).await;
            }
            Err(error) => return Err(error),
        };
        // 2. Return the result of an earlier request with the same key.
        let now = self.clock.now();
        let file_bytes: u64 = intent.files.iter().map(|file| file.size).sum();
        let is_late = is_journaled && file_bytes > 0 && now + attempt_time(file_bytes) + PREPARATION_TIME > deadline;
        let new_id = match is_late {
            true => self.scheduler.new_id(&intent.agent, now),
            false => self.new_task_id(&intent.agent),
        };
        let reservation = self.scheduler.reserve(user, new_id, key).await?;
        if let Some(task) = reservation.existing {
            return self.replay(caller, &unbound, task, deadline).await;
        }
        // The reserved id decides, not the time that this request has: an interrupted request with the same key may have chosen otherwise.
        if !reservation.task_id.is_immediate() {
            let id = reservation.task_id;
            return Box::pin(self.hand_over(user, &unbound, AdmittedIntent { intent, guards }, id, deadline)).await;
        }
        // 3. Acquire a permit, claim, call, finish.
        let ran = self.attempts.run_immediate(user, &intent, guards, &reservation.task_id, deadline).await?;
        // A concurrent request with the same key may have done what this one did not begin.
        if ran.task_id.is_none()
            && ran.result.is_err()
            && let Some(task) = self.scheduler.find_existing(user, key).await?
        {
            return self.replay(caller, &unbound, task, deadline).await;
        }
        // 4. Build the result, with the fallback message if the action was not done.
        let result = match ran.result {
            Ok(output) => PluginResult::completed(output),
            Err(error) => {
                let failed = self.failure_result(user, &unbound, Some(&intent.account), &error).await;
                if ran.pending { failed.reconciled_later(RECONCILE_GRACE.unsigned_abs()) } else { failed }
            }
        };
        let result = result.with_account(&intent.account);
        Ok(match ran.task_id {
            Some(task_id) => result.with_task_id(task_id.to_string()),
            None => result,
        })
    }

    /// Accepts an intent that sends more than this function has time for, as a task that is due now: the processor looks for due tasks
    /// every two seconds. What would refuse the call now is the result, as for an intent that runs at once.
    async fn hand_over(
        &self,
        user: &UserId,
        unbound: &UnboundIntent,
        AdmittedIntent { intent, guards }: AdmittedIntent,
        id: TaskId,
        deadline: Timestamp,
    ) -> Result<PluginResult> {
        if let Err(error) = self.attempts.check_callable(user, &intent, guards, deadline).await {
            let failed = self.failure_result(user, unbound, Some(&intent.account), &error).await;
            return Ok(failed.with_account(&intent.account));
        }
        let schedule = StartingSchedule::now(self.clock.now());
        let accepted = self.scheduler.insert(user, &intent, id, schedule).await?;
        Ok(handed_over(accepted))
    }

    /// Binds an immediate intent to an account, and loads the account's guards beside it.
    async fn admit(&self, caller: &Caller, unbound: UnboundIntent, is_journaled: bool) -> Result<AdmittedIntent> {
        let (agent, tool) = (unbound.agent.clone(), unbound.adapter.tool);
        let bind = async {
            match is_journaled {
                true => self.intake.bind_work(caller, unbound, self.intent_limit).await,
                false => self.intake.bind(caller, unbound, self.intent_limit).await,
            }
        };
        let (bound, breakers) = futures::join!(bind, self.circuit_breaker.windows(&caller.user, &agent, tool));
        let BoundIntent { intent, accounts } = bound?;
        let breaker = breakers?.remove(&intent.account);
        Ok(AdmittedIntent { guards: CallGuards::of(&accounts, &intent.account, breaker), intent })
    }

    /// Answers an intent whose account is not known: with the result of an earlier request with the same key, which stays bound
    /// whatever was connected since; otherwise with the error. That nothing is connected is a result.
    async fn answer_unclear(
        &self,
        caller: &Caller,
        intent: &UnboundIntent,
        key: Option<&IdempotencyKey>,
        unclear: Error,
        deadline: Timestamp,
    ) -> Result<PluginResult> {
        let user = &caller.user;
        if let Some(task) = self.scheduler.find_existing(user, key).await? {
            return self.replay(caller, intent, task, deadline).await;
        }
        if !matches!(unclear, Error::NotConnected { .. }) {
            return Err(unclear);
        }
        self.attempts.record_unbound(user, intent, &unclear).await;
        Ok(self.failure_result(user, intent, None, &unclear).await)
    }

    /// Returns the requests that an intent would send, with its references resolved. A dry run counts against the user's rate
    /// limit, because its look-ups are sent.
    ///
    /// # Errors
    /// As [`Engine::process_intent`].
    pub async fn dry_run_intent(
        &self,
        caller: &Caller,
        request: IntentRequest,
        deadline: Timestamp,
    ) -> Result<PluginResult> {
        let (user, unbound) = (&caller.user, UnboundIntent::parse(request)?);
        let AdmittedIntent { intent, guards } = match self.admit(caller, unbound.clone(), false).await {
            Err(error @ Error::NotConnected { .. }) => {
                return Ok(self.failure_result(user, &unbound, None, &error).await);
            }
            admitted => admitted?,
        };
        let id = self.new_task_id(&intent.agent);
        let result = match self.attempts.dry_run(user, &intent, guards, &id, deadline).await {
            Ok(DryRun { targets, requests }) => PluginResult::dry_run(&targets, &requests),
            Err(error) => self.failure_result(user, &unbound, Some(&intent.account), &error).await,
        };
        Ok(result.with_account(&intent.account))
    }

    /// A new id for the task that journals an intent.
    fn new_task_id(&self, agent: &AgentId) -> TaskId {
        TaskId { agent: agent.clone(), sort: immediate_sort(&self.random.ulid(self.clock.now())) }
    }

    /// Returns the result of a repeated request, after it reconciled what a killed first request left open.
    async fn replay(
        &self,
        caller: &Caller,
        intent: &UnboundIntent,
        task: Task,
        deadline: Timestamp,
    ) -> Result<PluginResult> {
        task.check_permitted(caller)?;
        let (user, now) = (&caller.user, self.clock.now());
        // The processor takes over what was handed to it: it has the time for its files.
        let is_open = task.status == TaskStatus::Processing && task.is_immediate();
        if !is_open || task.lease_time_left(now).is_some() {
            return self.replay_result(user, intent, &task).await;
        }
        if now + MIN_ATTEMPT_TIME > deadline {
            return Err(Error::unavailable("too little time is left to reconcile the first request"));
        }
        // The processor does the same, and the claim decides who of them does it. A route serves one request at a time.
        let entry = DueEntry {
            at: task.lease_until.unwrap_or(now),
            partition: task.partition.clone(),
            sort: task.sort.clone(),
        };
        self.attempts.run_alone(&entry, deadline).await?;
        let id = TaskId { agent: intent.agent.clone(), sort: task.sort };
        let reconciled = self.scheduler.tasks.get(user, &id).await?;
        self.replay_result(user, intent, &reconciled).await
    }

    /// The result of a repeated request: that of the task which the first request with the same key created.
    async fn replay_result(&self, user: &UserId, intent: &UnboundIntent, task: &Task) -> Result<PluginResult> {
        let id = TaskId { agent: intent.agent.clone(), sort: task.sort.clone() };
        if !task.is_immediate() && !task.status.is_final() && task.status != TaskStatus::Unknown {
            // It is still going to act, whatever its last attempt says.
            return Ok(handed_over(AcceptedTask::replayed(id, task)));
        }
        let result = match (task.status, &task.last_error) {
            (TaskStatus::Processing, _) => {
                let retry_after = task.lease_time_left(self.clock.now()).unwrap_or_default();
                return Err(Error::IdempotencyInProgress { retry_after });
            }
            (TaskStatus::Completed, _) => {
                let stored = task.result.clone().unwrap_or_default();
                PluginResult::completed(ActionOutput {
                    message: stored.message,
                    data: stored.data,
                    external_id: task.external_id.clone(),
                    link: stored.link,
                })
            }
            (status, Some(error)) => {
                let detail = error.into();
                let fallback = self.fallback_message(user, intent, &detail).await;
                let failed = PluginResult::failed(detail, error.data.clone(), fallback);
                let wait = task.next_attempt_at().map(|at| at.duration_since(self.clock.now())).unwrap_or_default();
                let wait = Duration::try_from(wait).unwrap_or_default();
                if status == TaskStatus::Unknown { failed.reconciled_later(wait) } else { failed }
            }
            (_, None) => PluginResult::scheduled(&id.to_string(), &task.updated_at.to_string()),
        };
        let result = result.with_account(&task.account).with_task_id(id.to_string());
        Ok(PluginResult { replayed: true, ..result })
    }

    async fn failure_result(
        &self,
        user: &UserId,
        intent: &UnboundIntent,
        account: Option<&AccountId>,
        error: &Error,
    ) -> PluginResult {
        let page = self.connect_page.as_ref().zip(error.tool_to_connect());
        let detail = error.detail(page.map(|(page, tool)| page.url(tool, account)));
        let fallback = self.fallback_message(user, intent, &detail).await;
        PluginResult::failed(detail, error.data().cloned(), fallback)
    }

    /// The fallback message after an error: the configured one of the intent's tool and agent, else the built-in text of its action,
    /// also where none can be read.
    async fn fallback_message(&self, user: &UserId, intent: &UnboundIntent, error: &ErrorDetail) -> String {
        let tool = intent.adapter.tool;
        let policy = self.errors.failure_policy(user, tool, Some(&intent.agent), None).await;
        let configured = policy.map(|policy| policy.message).unwrap_or_else(|error| {
            tracing::error!(?error, "the fallback message could not be read");
            None
        });
        configured.unwrap_or_else(|| FallbackTexts::of(tool).text(error.action, error.outcome, &error.message))
    }
}

/// The result of an intent that the processor runs: the same for the first request and a repeated one.
fn handed_over(AcceptedTask { task_id, account, execute_at, replayed }: AcceptedTask) -> PluginResult {
    let result = PluginResult::handed_over(&task_id.to_string(), &execute_at.to_string()).with_account(&account);
    PluginResult { replayed, ..result }
}
