//! [`Intake`]: what is done with an intent before it runs: it is parsed, or accepted for later.

use crate::clock::Clock;
use crate::context_mapper::ContextMapper;
use crate::deployment::{Deployment, Part};
use crate::error::Result;
use crate::ids::UserId;
use crate::intent::{Intent, IntentRequest, PluginResult};
use crate::metrics::{self, Metric};
use crate::scheduler::{Schedule, Scheduler};
use crate::tables::tasks::IdempotencyKey;

/// The intake of intents. It calls no provider. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Intake {
    context_mapper: ContextMapper,
    scheduler: Scheduler,
    clock: Clock,
}

impl Part for Intake {
    fn build(deployment: &Deployment) -> Self {
        Self {
            context_mapper: deployment.part::<ContextMapper>().clone(),
            scheduler: deployment.part::<Scheduler>().clone(),
            clock: deployment.clock.clone(),
        }
    }
}

impl Intake {
    /// Parses an agent's request. `{"contextKey": "..."}` anywhere in its context is replaced by the external id that the agent
    /// has mapped to that key.
    ///
    /// # Errors
    /// Those of [`Intent::parse`], [`Intent::with_save_as`] and
    /// [`ContextMapper::resolve`](crate::context_mapper::ContextMapper::resolve).
    pub async fn parse_intent(&self, user: &UserId, request: IntentRequest) -> Result<Intent> {
        let IntentRequest { agent_id, tool, intent, context, save_as, created_by } = request;
        let context = self.context_mapper.resolve(user, &agent_id, &tool, context.unwrap_or_default()).await?;
        let intent = Intent::parse(&agent_id, &tool, &intent, Some(context))?.with_save_as(save_as)?;
        Ok(Intent { created_by, ..intent })
    }

    /// Accepts an intent for later.
    ///
    /// # Errors
    /// Those of [`Scheduler::schedule`](crate::scheduler::Scheduler::schedule).
    pub async fn schedule_intent(
        &self,
        user: &UserId,
        intent: &Intent,
        schedule: Schedule,
        key: Option<&IdempotencyKey>,
    ) -> Result<PluginResult> {
        let accepted = self.scheduler.schedule(user, intent, schedule, key).await;
        let outcome = if accepted.is_ok() { "scheduled" } else { "refused" };
        metrics::count(Metric::Intents, intent.adapter.tool.as_str(), outcome, self.clock.now());
        let accepted = accepted?;
        let result = PluginResult::scheduled(&accepted.task_id.to_string(), &accepted.execute_at.to_string());
        Ok(PluginResult { replayed: accepted.replayed, ..result })
    }
}
