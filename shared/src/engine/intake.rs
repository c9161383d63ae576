//! [`Intake`]: what is done with an intent before it runs: it is bound to an account, or accepted for later.

use jiff::Timestamp;
use std::time::Duration;

use crate::agents::Agents;
use crate::clock::{self, Clock};
use crate::config::ConnectPage;
use crate::context_mapper::ContextMapper;
use crate::deployment::{Deployment, Part};
use crate::error::{Checks, Error, Result};
use crate::files::Files;
use crate::integrations::missing_scope;
use crate::intent::{FoundUploads, Intent, IntentRequest, NamedFile, PluginResult, UnboundIntent, Warning};
use crate::metrics::{self, Metric};
use crate::permissions::Caller;
use crate::scheduler::{AcceptedTask, Reservation, SCHEDULE_LIMIT, Schedule, Scheduler, StartingSchedule};
use crate::tables::integrations::{ConnectionItems, ToolAccounts};
use crate::tables::tasks::{IdempotencyKey, Limit, LimitItems};

/// The intake of intents. It calls no provider. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Intake {
    context_mapper: ContextMapper,
    connections: ConnectionItems,
    limits: LimitItems,
    /// The tasks of a user that may be due in the same minute.
    due_minute: Limit,
    agents: Agents,
    files: Files,
    scheduler: Scheduler,
    connect_page: Option<ConnectPage>,
    clock: Clock,
}

/// An intent that is bound to an account, with the accounts of which it is one.
#[derive(Debug)]
pub struct BoundIntent {
    /// The intent.
    pub intent: Intent,
    /// The accounts of its tool.
    pub accounts: ToolAccounts,
}

impl Part for Intake {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, clock, .. } = deployment;
        Self {
            context_mapper: deployment.part::<ContextMapper>().clone(),
            connections: ConnectionItems::new(dynamodb.clone(), config.tables.integrations.clone()),
            limits: LimitItems::new(dynamodb.clone(), config.tables.tasks.clone()),
            due_minute: Limit {
                name: "due",
                max: config.tasks_per_due_minute,
                things: "tasks due in the same minute",
                window: Duration::from_secs(60),
            },
            agents: deployment.part::<Agents>().clone(),
            files: deployment.part::<Files>().clone(),
            scheduler: deployment.part::<Scheduler>().clone(),
            connect_page: config.connect_page.clone(),
            clock: clock.clone(),
        }
    }
}

impl Intake {
    /// Binds an intent to the account that it names, and replaces `{"contextKey": "..."}` anywhere in its context by the external
    /// id that the agent has mapped to that key in this account, and looks the files up that it names. Counts one use of `limit`. All reads are made at once. Every intent
    /// passes here, so this is where it is compared with what its caller may do.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::LimitReached`]; [`Error::NotConnected`], [`Error::AmbiguousAccount`], [`Error::UnknownAccount`]; the errors of
    /// [`UnboundIntent::bind`] and [`ContextMapper::resolve`](crate::context_mapper::ContextMapper::resolve).
    pub async fn bind(&self, caller: &Caller, intent: UnboundIntent, limit: Limit) -> Result<BoundIntent> {
        let (user, tool) = (&caller.user, intent.adapter.tool);
        caller.check(tool.as_str(), Some(intent.action.name), None)?;
        let holder = caller.budget_holder();
        let (counted, accounts, references, found) = futures::join!(
            self.limits.consume(&holder, limit, self.clock.now()),
            self.connections.load_accounts(user, tool),
            self.context_mapper.load_references(user, &intent),
            self.files.resolve(caller, &intent.files, FoundUploads::new()),
        );
        counted?;
        let (accounts, references) = (accounts?, references?);
        let selected = accounts.select(intent.account.as_ref());
        let selected = caller.permit_account(tool, selected, |connection| &connection.account.id)?;
        let account = selected.account.id.clone();
        let ids = self.context_mapper.resolve(references, &account)?;
        let named = intent.files.clone();
        let intent = intent.with_ids(&ids)?;
        // A mapping can name a file too. The others are known.
        let unknown: Vec<NamedFile> = intent.files.iter().filter(|file| !named.contains(file)).cloned().collect();
        let found = self.files.resolve(caller, &unknown, found?).await?;
        Ok(BoundIntent { intent: intent.bind(caller, account, &found)?, accounts })
    }

    /// As [`Intake::bind`], for an intent that a task is about to store: its agent becomes known. A refused one makes no agent known.
    ///
    /// # Errors
    /// Those of [`Intake::bind`]; [`Error::CapReached`] for a new agent of a user who has as many as allowed.
    pub async fn bind_work(&self, caller: &Caller, intent: UnboundIntent, limit: Limit) -> Result<BoundIntent> {
        let (user, agent) = (&caller.user, intent.agent.clone());
        let (bound, known) = futures::join!(self.bind(caller, intent, limit), self.agents.is_known(user, &agent));
        let bound = bound?;
        if !known? {
            self.agents.register(user, &agent).await?;
        }
        Ok(bound)
    }

    /// Accepts an intent for later. If its account needs a person before it can act, the result has a warning.
    ///
    /// # Errors
    /// Those of [`UnboundIntent::parse`], [`Intake::bind_work`] and [`Scheduler::schedule`](crate::scheduler::Scheduler::schedule).
    pub async fn schedule_intent(
        &self,
        caller: &Caller,
        request: IntentRequest,
        schedule: Schedule,
        key: Option<&IdempotencyKey>,
    ) -> Result<PluginResult> {
        let (mut checks, now) = (Checks::default(), self.clock.now());
        let intent = checks.pass(UnboundIntent::parse(request));
        let starting = checks.pass(schedule.starting(now));
        if let (None, Some(true)) = (&intent, starting.as_ref().map(|schedule| schedule.is_past(now))) {
            checks.pass::<()>(Err(past_time(now)));
        }
        let (intent, schedule) = checks.finish(|| Some((intent?, starting?)))?;
        let (tool, action) = (intent.adapter.tool, intent.action);
        let accepted = self.schedule(caller, intent, schedule, key).await;
        let outcome = if accepted.is_ok() { "scheduled" } else { "refused" };
        metrics::count(Metric::Intents, tool.as_str(), outcome, self.clock.now());
        let (AcceptedTask { task_id, account, execute_at, replayed }, warnings) = accepted?;
        // The task of an earlier request with the same key is of its action, and can be of another account.
        caller.check(tool.as_str(), Some(action.name), Some(&account))?;
        let result = PluginResult::scheduled(&task_id.to_string(), &execute_at.to_string()).with_account(&account);
        Ok(PluginResult { replayed, warnings, ..result })
    }

    async fn schedule(
        &self,
        caller: &Caller,
        intent: UnboundIntent,
        schedule: StartingSchedule,
        key: Option<&IdempotencyKey>,
    ) -> Result<(AcceptedTask, Vec<Warning>)> {
        let (user, agent, now) = (&caller.user, intent.agent.clone(), self.clock.now());
        if schedule.is_past(now) {
            match self.scheduler.find_reserved(user, key).await? {
                Some(Reservation { task_id, existing: Some(task) }) => {
                    return Ok((AcceptedTask::replayed(task_id, &task), vec![]));
                }
                // The first request came in time, and was interrupted before it created its task.
                Some(Reservation { existing: None, .. }) => {}
                // A first request does not reserve its key, so that it can be corrected.
                None => return Err(past_time(now)),
            }
        }
        match self.admit(caller, intent, schedule.at()).await {
            Ok(bound) => {
                let task = self.scheduler.schedule(user, &bound.intent, schedule, key).await?;
                let warnings = self.warnings(&bound, task.execute_at);
                Ok((task, warnings))
            }
            // What was accepted stays bound, whatever was connected since.
            Err(refusal) if refusal.refuses_only_new_requests() => {
                let accepted = self.scheduler.find_accepted(user, &agent, key).await?.ok_or(refusal)?;
                Ok((accepted, vec![]))
            }
            Err(error) => Err(error),
        }
    }

    /// Binds an intent, and counts it in the minute of its time.
    async fn admit(&self, caller: &Caller, intent: UnboundIntent, at: Timestamp) -> Result<BoundIntent> {
        let Limit { max, things, .. } = self.due_minute;
        // Before the minute is counted: a refused service must not use up its places.
        caller.check(intent.adapter.tool.as_str(), Some(intent.action.name), None)?;
        let holder = caller.budget_holder();
        let counted = self.limits.take(&holder, self.due_minute, 1, at);
        let (bound, counted) = futures::join!(self.bind_work(caller, intent, SCHEDULE_LIMIT), counted);
        let bound = bound?;
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        if counted? { Ok(bound) } else { Err(Error::CapReached { things, max }) }
    }

    /// Returns why an intent would wait for a person at its time, as far as its account's row tells now.
    fn warnings(&self, BoundIntent { intent, accounts }: &BoundIntent, at: Timestamp) -> Vec<Warning> {
        let (tool, account) = (intent.adapter.tool, &intent.account);
        let connection = accounts.connections.iter().find(|connection| connection.account.id == *account);
        let reason = match connection {
            None => Some(Error::NotConnected { tool }),
            Some(connection) if connection.needs_consent_at(at) => Some(Error::ReauthRequired { tool }),
            Some(connection) => {
                missing_scope(connection, intent.action).map(|needed| Error::MissingScope { tool, needed })
            }
        };
        let warn = |reason: Error| Warning {
            code: reason.code(),
            message: reason.to_string(),
            connect_url: self.connect_page.as_ref().map(|page| page.url(tool, Some(account))),
        };
        reason.map(warn).into_iter().collect()
    }
}

fn past_time(now: Timestamp) -> Error {
    Error::invalid("executeAt", format!("must be in the future, for example {}", clock::example_after(now)))
}
