//! The main job: an intent is run now, or shown as a dry run.

use jiff::Timestamp;

use super::Engine;
use crate::adapters::action::{ActionOutput, Effect};
use crate::error::{Error, Result};
use crate::ids::{TaskId, UserId};
use crate::intent::{Intent, PluginResult};
use crate::metrics::{self, Metric};
use crate::tables::integrations::CallGuards;
use crate::tables::tasks::{IdempotencyKey, Task, TaskStatus, immediate_sort};

impl Engine {
    /// Runs an intent now. The tool's success or failure is the result. A repeated request with the same idempotency key returns
    /// the first request's result; reads are not journaled and run again.
    ///
    /// # Errors
    /// [`Error::LimitReached`], [`Error::CapReached`]; [`Error::IdempotencyKeyReused`], [`Error::IdempotencyInProgress`]; [`Error::Unavailable`] if the
    /// store is unreachable or too little time is left. Nothing was called in these cases.
    pub async fn process_intent(
        &self,
        user: &UserId,
        intent: &Intent,
        key: Option<&IdempotencyKey>,
        deadline: Timestamp,
    ) -> Result<PluginResult> {
        let response = self.execute_intent(user, intent, key, deadline).await;
        let outcome = match &response {
            Ok(result) if result.pending => "pending",
            Ok(result) if result.success => "done",
            Ok(_) => "failed",
            Err(_) => "refused",
        };
        metrics::count(Metric::Intents, intent.adapter.tool.as_str(), outcome, self.clock.now());
        response
    }

    async fn execute_intent(
        &self,
        user: &UserId,
        intent: &Intent,
        key: Option<&IdempotencyKey>,
        deadline: Timestamp,
    ) -> Result<PluginResult> {
        // 1. Return the result of an earlier request with the same key.
        let key = key.filter(|_| intent.action.effect != Effect::Read);
        let reservation = self.scheduler.reserve(user, self.new_task_id(intent), key).await?;
        if let Some(task) = reservation.existing {
            return self.replay_result(user, intent, &task).await;
        }
        // 2. Consume the user's rate limit, load connection, circuit breaker and cooldown, and make the agent known.
        let (guards, registered) = futures::join!(self.load_guards(user, intent), self.register_agent(user, intent));
        let guards = guards.and_then(|guards| registered.map(|()| guards))?;
        // 3. Acquire a permit, claim, call, finish.
        let ran = self.attempts.run_immediate(user, intent, guards, &reservation.task_id, deadline).await?;
        // 4. Build the result, with the fallback message if the action was not done.
        let result = match ran.result {
            Ok(output) => PluginResult::completed(output),
            Err(error) => PluginResult { pending: ran.pending, ..self.failure_result(user, intent, &error).await },
        };
        Ok(match ran.task_id {
            Some(task_id) => result.with_task_id(task_id.to_string()),
            None => result,
        })
    }

    /// Returns the request that an intent would send, with its references resolved. A dry run counts against the user's rate
    /// limit, because its look-ups are sent.
    ///
    /// # Errors
    /// [`Error::LimitReached`]; [`Error::Unavailable`] if the store is unreachable.
    pub async fn dry_run_intent(&self, user: &UserId, intent: &Intent, deadline: Timestamp) -> Result<PluginResult> {
        let (id, guards) = (self.new_task_id(intent), self.load_guards(user, intent).await?);
        Ok(match self.attempts.dry_run(user, intent, guards, &id, deadline).await {
            Ok(request) => PluginResult::dry_run(request),
            Err(error) => self.failure_result(user, intent, &error).await,
        })
    }

    /// Consumes one of the user's intents a minute, and concurrently loads the state that decides whether the tool may be called.
    async fn load_guards(&self, user: &UserId, intent: &Intent) -> Result<CallGuards> {
        let (limit, guards) = futures::join!(
            self.limits.consume(user, self.intent_limit, self.clock.now()),
            self.integrations.load_guards(user, &intent.agent, intent.adapter.tool, None),
        );
        limit.and(guards)
    }

    /// Makes the agent of an intent that is journaled known.
    async fn register_agent(&self, user: &UserId, intent: &Intent) -> Result<()> {
        if intent.action.effect == Effect::Read {
            return Ok(());
        }
        self.agents.register(user, &intent.agent).await
    }

    /// A new id for the task that journals an intent.
    fn new_task_id(&self, intent: &Intent) -> TaskId {
        TaskId { agent: intent.agent.clone(), sort: immediate_sort(&self.random.ulid(self.clock.now())) }
    }

    /// The result of a repeated request: that of the task which the first request with the same key created.
    async fn replay_result(&self, user: &UserId, intent: &Intent, task: &Task) -> Result<PluginResult> {
        let id = TaskId { agent: intent.agent.clone(), sort: task.sort.clone() };
        let result = match (task.status, &task.last_error) {
            (TaskStatus::Processing, _) => return Err(Error::IdempotencyInProgress),
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
                let fallback = self.fallback_message(user, intent).await;
                let failed = PluginResult::failed(error.into(), fallback);
                PluginResult { pending: status == TaskStatus::Unknown, ..failed }
            }
            (_, None) => PluginResult::scheduled(&id.to_string(), &task.updated_at.to_string()),
        };
        Ok(PluginResult { replayed: true, ..result.with_task_id(id.to_string()) })
    }

    async fn failure_result(&self, user: &UserId, intent: &Intent, error: &Error) -> PluginResult {
        let connect_url = self.connect_page.as_ref().zip(error.tool_to_connect()).map(|(page, tool)| page.url(tool));
        let error = error.detail(connect_url);
        PluginResult::failed(error, self.fallback_message(user, intent).await)
    }

    /// The fallback message of the intent's tool and agent. If it cannot be read, the tool's built-in text is used.
    async fn fallback_message(&self, user: &UserId, intent: &Intent) -> String {
        match self.errors.failure_policy(user, intent.adapter.tool, Some(&intent.agent), None).await {
            Ok(policy) => policy.message,
            Err(error) => {
                tracing::error!(?error, "the fallback message could not be read");
                intent.adapter.tool.fallback().to_owned()
            }
        }
    }
}
