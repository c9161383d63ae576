//! The attempt ledger: scheduled tasks (`S#<executeAt>#<ulid>`) and immediate write intents (`I#<ulid>`) of `user#agent`.
//!
//! Claim and finish are conditional writes on the attempt's number and its lease, so that of several processors one runs a
//! task and a late one writes nothing. The sparse due index (`dueShard`, `dueAt`) is a hint where to look; every decision is
//! made on the row itself. An immediate attempt stands in it at its lease's end, so that a crashed one is found.

mod ledger;

pub use ledger::{Claim, Due, Ending, Lease};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{CONDITION_FAILED, Page, PageRequest, json_text, number, read, row, text, ttl};
use crate::aws;
use crate::error::{EffectState, Error, Result};
use crate::ids::{AgentId, TaskId, UserId, key};

/// Shards of the due index. Fixed: a task's shard never changes.
pub const SHARDS: u8 = 16;
/// How long finished tasks are kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What state a task is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Waits for its time.
    Scheduled,
    /// An attempt runs.
    Processing,
    /// An attempt failed without an effect; another follows.
    Retrying,
    /// Done.
    Completed,
    /// Not done, and not tried again by itself.
    Failed,
    /// Taken back before it was called.
    Cancelled,
    /// An attempt's outcome is being found out.
    Unknown,
    /// A person must look: the outcome cannot be found out, or the tool must be connected again.
    NeedsAttention,
}

impl Status {
    /// The name the API and the table use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Processing => "processing",
            Self::Retrying => "retrying",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
            Self::NeedsAttention => "needs_attention",
        }
    }
}

/// The last error of a task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LastError {
    /// Stable code.
    pub code: String,
    /// For a person.
    pub message: String,
    /// What became of the effect.
    pub effect: EffectState,
}

/// One row of the ledger.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// The agent.
    pub agent_id: String,
    /// The sort key, read back from the row.
    #[serde(rename = "sk")]
    pub sort: String,
    /// The tool.
    pub tool: String,
    /// The action.
    pub intent: String,
    /// Its input.
    #[serde(with = "json_text")]
    pub context: Value,
    /// Its state.
    pub status: Status,
    /// Attempts claimed so far.
    pub attempt: u32,
    /// Times a rate limit put it off, which is no attempt used up.
    #[serde(default)]
    pub deferrals: u32,
    /// The state the current attempt was claimed from: from `processing`, its last holder is gone without an outcome.
    pub claimed_from: Option<Status>,
    /// Who holds the current attempt.
    pub lease_id: Option<String>,
    /// Until when, epoch milliseconds.
    pub lease_until: Option<i64>,
    /// When it was to run; absent for an immediate intent.
    pub execute_at: Option<Timestamp>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Value::is_null", with = "json_text")]
    pub result: Value,
    /// The provider's id of what was made.
    pub external_id: Option<String>,
    /// Why it was not done.
    pub last_error: Option<LastError>,
    /// Its shard in the due index, while it is there.
    pub due_shard: Option<String>,
    /// Its time in the due index: `<epoch milliseconds, 15 digits>#<ulid>`.
    pub due_at: Option<String>,
    /// When DynamoDB may delete it, epoch seconds.
    pub ttl: Option<i64>,
}

impl Task {
    /// The random part of its key: it tells nothing of its owner.
    pub fn ulid(&self) -> &str {
        self.sort.rsplit('#').next().unwrap_or_default()
    }

    /// When the due index has it run next.
    pub fn next_run_at(&self) -> Option<Timestamp> {
        self.due_at.as_deref().and_then(instant)
    }
}

/// Where tasks are kept.
#[derive(Clone, Debug)]
pub struct TasksTable {
    client: Client,
    table: String,
}

/// The partition of an agent's tasks.
pub fn partition(user: &UserId, agent: &AgentId) -> String {
    key(&[user.as_str(), agent.as_str()])
}

/// The sort key of a scheduled task.
pub fn scheduled_sort(at: Timestamp, ulid: &str) -> String {
    format!("S#{:015}#{ulid}", at.as_millisecond())
}

/// The due index's time of a task.
pub fn due_at(at: Timestamp, ulid: &str) -> String {
    format!("{:015}#{ulid}", at.as_millisecond())
}

/// The due index's shard of a task: the last character of a ULID is random.
pub fn due_shard(ulid: &str) -> String {
    format!("{:02}", ulid.bytes().last().unwrap_or_default() % SHARDS)
}

impl TasksTable {
    /// Keeps them in `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Adds a row: a scheduled task, or an immediate attempt that is claimed by being written.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn insert(&self, user: &UserId, agent: &AgentId, task: &Task) -> Result<()> {
        let item = row(partition(user, agent), task.sort.clone(), task)?;
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        // The ulid is new, so a row that stands there already is this one, written by a try whose answer was lost.
        match put.condition_expression("attribute_not_exists(pk)").send().await {
            Ok(_) => Ok(()),
            Err(error) if aws::has_code(&error, CONDITION_FAILED) => Ok(()),
            Err(error) => Err(aws::failure(error)),
        }
    }

    /// One task.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, user: &UserId, id: &TaskId) -> Result<Task> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", text(partition(user, &id.agent)))
            .key("sk", text(&id.sort))
            .consistent_read(true)
            .send()
            .await
            .map_err(aws::failure)?;
        answer.item.map(read).transpose()?.ok_or(Error::NotFound("Task"))
    }

    /// An agent's tasks whose sort key begins with `kind` (`S#` by time of execution, `I#` by time of acceptance).
    /// With a status the page may be short; the cursor decides whether there is more.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(
        &self,
        user: &UserId,
        agent: &AgentId,
        kind: &str,
        status: Option<Status>,
        page: &PageRequest,
    ) -> Result<Page<Task>> {
        let owner = partition(user, agent);
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :kind)")
            .expression_attribute_values(":pk", text(&owner))
            .expression_attribute_values(":kind", text(kind));
        if let Some(status) = status {
            query = query
                .filter_expression("#status = :status")
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":status", text(status.as_str()));
        }
        super::page(query, &owner, page).await
    }

    /// Takes a task back that was not called yet.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] when it runs or has ended.
    pub async fn cancel(&self, user: &UserId, id: &TaskId, now: Timestamp) -> Result<()> {
        let cancelled = self
            .at(&partition(user, &id.agent), &id.sort)
            .update_expression("SET #status = :cancelled, updatedAt = :updatedAt, #ttl = :ttl REMOVE dueShard, dueAt")
            .condition_expression("#status IN (:scheduled, :retrying)")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":cancelled", text(Status::Cancelled.as_str()))
            .expression_attribute_values(":scheduled", text(Status::Scheduled.as_str()))
            .expression_attribute_values(":retrying", text(Status::Retrying.as_str()))
            .expression_attribute_values(":updatedAt", text(now.to_string()))
            .expression_attribute_values(":ttl", number(ttl(now, KEPT)))
            .send()
            .await;
        self.settled(cancelled, "cancelled", |task| task.status == Status::Cancelled)
    }

    /// Lets a task run again now: a failed one, or with `force` one whose outcome nobody knows.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] for a task in any other state.
    pub async fn retry(&self, user: &UserId, id: &TaskId, force: bool, now: Timestamp) -> Result<()> {
        let ulid = id.sort.rsplit('#').next().unwrap_or_default();
        let retried = self
            .at(&partition(user, &id.agent), &id.sort)
            .update_expression(
                "SET #status = :scheduled, updatedAt = :updatedAt, dueAt = :dueAt, dueShard = :dueShard, \
                 attempt = :none, deferrals = :none REMOVE #ttl, leaseId, leaseUntil",
            )
            .condition_expression("#status IN (:failed, :forced)")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":scheduled", text(Status::Scheduled.as_str()))
            .expression_attribute_values(":failed", text(Status::Failed.as_str()))
            .expression_attribute_values(
                ":forced",
                text(if force { Status::NeedsAttention.as_str() } else { Status::Failed.as_str() }),
            )
            .expression_attribute_values(":updatedAt", text(now.to_string()))
            .expression_attribute_values(":dueAt", text(due_at(now, ulid)))
            .expression_attribute_values(":dueShard", text(due_shard(ulid)))
            .expression_attribute_values(":none", number(0))
            .send()
            .await;
        self.settled(retried, "retried", |task| task.status == Status::Scheduled && task.updated_at == now)
    }

    fn at(&self, partition: &str, sort: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key("pk", text(partition))
            .key("sk", text(sort))
            .expression_attribute_names("#status", "status")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    /// The answer to a change a user asked for: done, done by our own earlier try, not there, or not allowed now.
    fn settled<T, R: std::fmt::Debug + Send + Sync + 'static>(
        &self,
        changed: Result<T, SdkError<UpdateItemError, R>>,
        verb: &str,
        is_ours: impl Fn(&Task) -> bool,
    ) -> Result<()> {
        let Err(error) = changed else { return Ok(()) };
        match refused(error)? {
            Some(task) if is_ours(&task) => Ok(()),
            Some(task) => Err(Error::Conflict(format!("A task that is {} cannot be {verb}", task.status.as_str()))),
            None => Err(Error::NotFound("Task")),
        }
    }
}

/// The row a refused condition found; any other failure is one.
fn refused<R>(error: SdkError<UpdateItemError, R>) -> Result<Option<Task>>
where
    R: std::fmt::Debug + Send + Sync + 'static,
{
    if !aws::has_code(&error, CONDITION_FAILED) {
        return Err(aws::failure(error));
    }
    match error.into_service_error() {
        UpdateItemError::ConditionalCheckFailedException(failed) => failed.item.map(read).transpose(),
        _ => Ok(None),
    }
}

/// The instant a due index's time begins with.
fn instant(due_at: &str) -> Option<Timestamp> {
    Timestamp::from_millisecond(due_at.split('#').next()?.parse().ok()?).ok()
}
