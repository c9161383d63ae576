//! [`WaitingTasks`]: tasks whose account needs a person, from the wait to the connect that ends it.
//!
//! A waiting task stays in the due index, an hour ahead each time: the processor itself looks whether the account is there again.
//! The items of this module only make it sooner.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account::AccountId;
use crate::clock::Clock;
use crate::deployment::{Deployment, Part};
use crate::error::Result;
use crate::events::EventBus;
use crate::ids::UserId;
use crate::tables::tasks::{Resumed, Task, TaskItems, WaitingFor, WaitingItems, WaitingTask};
use crate::tool::Tool;

/// The `detail-type` of an event that asks the processor to continue waiting tasks.
const RESUME_DETAIL_TYPE: &str = "resume-waiting-tasks";

/// The waiting tasks of all users. Cheap to clone.
#[derive(Clone, Debug)]
pub struct WaitingTasks {
    pub(crate) items: WaitingItems,
    pub(crate) tasks: TaskItems,
    pub(crate) events: EventBus,
    pub(crate) clock: Clock,
}

/// A connected account whose waiting tasks can go on, as an event carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConnectedAccount {
    /// The owner, as the first component of a key.
    user: String,
    /// The tool's name.
    tool: String,
    /// The account.
    account: AccountId,
}

/// The job that continues the tasks of an account.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResumeJob {
    job: &'static str,
    connected: ConnectedAccount,
}

impl Part for WaitingTasks {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, clock, .. } = deployment;
        let table = &config.tables.tasks;
        Self {
            items: WaitingItems::new(dynamodb.clone(), table.clone()),
            tasks: TaskItems::new(dynamodb.clone(), table.clone()),
            events: deployment.part::<EventBus>().clone(),
            clock: clock.clone(),
        }
    }
}

impl WaitingTasks {
    /// Adds a task that is about to wait for its account.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn add(&self, user: &UserId, task: &Task) -> Result<()> {
        self.items.add(waiting_for(user, task), &WaitingTask::of(task)).await
    }

    /// Removes a task that no longer waits.
    pub async fn remove(&self, user: &UserId, task: &Task) {
        self.items.remove(waiting_for(user, task), &WaitingTask::of(task)).await;
    }

    /// Makes one task due now, if it still waits.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn resume_task(&self, task: &Task) -> Result<()> {
        self.tasks.resume(&WaitingTask::of(task), self.clock.now()).await.map(drop)
    }

    /// Asks the processor to continue the tasks that wait for an account. Without the bus they go on within an hour.
    pub async fn request_resume(&self, user: &UserId, tool: Tool, account: &AccountId) {
        let connected = ConnectedAccount { user: user.stored_key(), tool: tool.to_string(), account: account.clone() };
        self.events.request_run(RESUME_DETAIL_TYPE, &ResumeJob { job: "resume_waiting", connected }).await;
    }

    /// Makes the tasks that wait for an account due now. Returns how many. A repetition changes nothing.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal): the
    /// remaining tasks go on within an hour.
    pub async fn resume(&self, connected: &ConnectedAccount, deadline: Timestamp) -> Result<usize> {
        let Some(user) = UserId::from_stored_key(&connected.user) else { return Ok(0) };
        let waiting = WaitingFor { user: &user, tool: &connected.tool, account: &connected.account };
        let (mut resumed, mut after) = (0, None);
        loop {
            let (tasks, next) = self.items.page(waiting, after).await?;
            for task in &tasks {
                match self.tasks.resume(task, self.clock.now()).await? {
                    Resumed::Due => resumed += 1,
                    Resumed::Running => {}
                    Resumed::Ended => self.items.remove_listed(&user, task).await?,
                }
            }
            after = next;
            if after.is_none() || self.clock.now() >= deadline {
                return Ok(resumed);
            }
        }
    }
}

fn waiting_for<'a>(user: &'a UserId, task: &'a Task) -> WaitingFor<'a> {
    WaitingFor { user, tool: &task.tool, account: &task.account }
}
