//! The attempt ledger: scheduled tasks (`S#<executeAt>#<ulid>`) and immediate write intents (`I#<ulid>`) of `user#agent`.
//!
//! Claim and finish are conditional writes on the attempt's number and its lease, so that of several processors one runs a
//! task and a late one writes nothing. The sparse due index (`dueShard`, `dueAt`) is a hint where to look; every decision is
//! made on the row itself. An immediate attempt stands in it at its lease's end, so that a crashed one is found.

mod ledger;
mod task;
mod transition;

pub use ledger::{Claim, DueEntry, DuePage, Lease};
pub use task::{
    HistoryEntry, LastError, SHARDS, StoredResult, TRANSITIONS, Task, TaskStatus, immediate_sort, partition,
    scheduled_sort, shard_of,
};
pub use transition::{TASK_RETENTION, Transition};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;

use super::{CONDITION_FAILED, Page, PageRequest, from_item, json_text, number, text, to_item, ttl};
use crate::aws;
use crate::error::{Error, Result};
use crate::ids::{AgentId, TaskId, UserId};
use task::{due_at, due_shard, ulid_of};

/// Largest input that lies in the task's own row, in bytes of JSON. A larger one has an item of its own, written once: each
/// of the row's three writes costs by the row's size.
const MAX_INLINE_PAYLOAD_BYTES: usize = 1024;
/// How long an input outlives the time its task was to run, whatever became of it.
const PAYLOAD_RETENTION: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A task's input in an item of its own: `P#<ulid>`.
#[derive(Debug, Serialize, Deserialize)]
struct PayloadItem {
    #[serde(with = "json_text")]
    payload: Value,
    ttl: Option<i64>,
}

/// Where tasks are kept.
#[derive(Clone, Debug)]
pub struct TaskItems {
    client: Client,
    table: String,
}

impl TaskItems {
    /// Keeps them in `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Adds a row: a scheduled task, or an immediate attempt that is claimed by being written. Returns the row that stands
    /// there already, if one does; a row that this very call wrote by a try whose answer was lost is not one.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn insert(&self, task: &Task) -> Result<Option<Task>> {
        let mut stored = task.clone();
        if task.payload.to_string().len() > MAX_INLINE_PAYLOAD_BYTES {
            // First: a task must never be without its input. An input without its task expires.
            self.put_payload(task).await?;
            stored.payload = Value::Null;
        }
        let item = to_item(task.partition.clone(), task.sort.clone(), &stored)?;
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(None),
            Err(error) if aws::has_code(&error, CONDITION_FAILED) => match error.into_service_error() {
                PutItemError::ConditionalCheckFailedException(failed) => {
                    let found: Option<Task> = failed.item.map(from_item).transpose()?;
                    let ours = |found: &Task| found.lease_id == task.lease_id && found.updated_at == task.updated_at;
                    Ok(found.filter(|found| !ours(found)))
                }
                other => Err(Error::internal(other)),
            },
            Err(error) => Err(aws::failure(error)),
        }
    }

    async fn put_payload(&self, task: &Task) -> Result<()> {
        let at = task.execute_at().unwrap_or(task.updated_at);
        // A series may go on for ever.
        let ttl = task.recurrence.is_none().then(|| ttl(at, PAYLOAD_RETENTION));
        let item = to_item(
            task.partition.clone(),
            payload_sort_key(&task.sort),
            &PayloadItem { payload: task.payload.clone(), ttl },
        )?;
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        put.send().await.map(|_| ()).map_err(aws::failure)
    }

    /// The input of a task, wherever it lies.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn load_payload(&self, task: &Task) -> Result<Value> {
        if !task.payload.is_null() {
            return Ok(task.payload.clone());
        }
        let item = self.get_item(&task.partition, payload_sort_key(&task.sort)).await?;
        let payload: PayloadItem = from_item(item.ok_or_else(|| Error::internal("a task without its input"))?)?;
        Ok(payload.payload)
    }

    /// One task. An input in an item of its own is not read with it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, user: &UserId, id: &TaskId) -> Result<Task> {
        let item = self.get_item(&partition(user, &id.agent), id.sort.clone()).await?;
        item.map(from_item).transpose()?.ok_or(Error::NotFound("Task"))
    }

    async fn get_item(&self, partition: &str, sort: String) -> Result<Option<HashMap<String, AttributeValue>>> {
        let get = self.client.get_item().table_name(&self.table).key("pk", text(partition)).key("sk", text(sort));
        Ok(get.consistent_read(true).send().await.map_err(aws::failure)?.item)
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
        status: Option<TaskStatus>,
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
        super::query_page(query, &owner, page).await
    }

    /// Takes a task back that was not called yet; a series ends.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] when it runs or has ended.
    pub async fn cancel(&self, user: &UserId, id: &TaskId, now: Timestamp) -> Result<()> {
        let update = self
            .at(&partition(user, &id.agent), &id.sort)
            .update_expression("SET #status = :cancelled, updatedAt = :updatedAt, #ttl = :ttl REMOVE dueShard, dueAt")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":cancelled", text(TaskStatus::Cancelled.as_str()))
            .expression_attribute_values(":updatedAt", number(now.as_millisecond()))
            .expression_attribute_values(":ttl", number(ttl(now, TASK_RETENTION)));
        let cancelled = from_one_of(update, TaskStatus::Cancelled.sources()).send().await;
        self.condition_result(cancelled, "cancelled", |task| task.status == TaskStatus::Cancelled)
    }

    /// Lets a task run again now: a failed one, or with `force` one that waits for a person.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] for a task in any other state.
    pub async fn retry(&self, user: &UserId, id: &TaskId, force: bool, now: Timestamp) -> Result<()> {
        let ulid = ulid_of(&id.sort);
        let entry = HistoryEntry {
            at: now,
            status: TaskStatus::Scheduled,
            attempt: 0,
            occurrence: 0,
            code: None,
            external_id: None,
        };
        let entry = serde_dynamo::to_attribute_value(entry).map_err(Error::internal)?;
        let update = self
            .at(&partition(user, &id.agent), &id.sort)
            .update_expression(
                "SET #status = :scheduled, updatedAt = :updatedAt, dueAt = :dueAt, dueShard = :dueShard, \
                 attempt = :none, history = list_append(if_not_exists(history, :empty), :entry) \
                 REMOVE #ttl, leaseId, leaseUntil, deferrals, looks",
            )
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":scheduled", text(TaskStatus::Scheduled.as_str()))
            .expression_attribute_values(":updatedAt", number(now.as_millisecond()))
            .expression_attribute_values(":dueAt", text(due_at(now, ulid)))
            .expression_attribute_values(":dueShard", text(due_shard(&id.sort)))
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":empty", AttributeValue::L(vec![]))
            .expression_attribute_values(":entry", AttributeValue::L(vec![entry]));
        let from = [Some(TaskStatus::Failed), force.then_some(TaskStatus::NeedsAttention)];
        let retried = from_one_of(update, from.into_iter().flatten()).send().await;
        self.condition_result(retried, "retried", |task| task.status == TaskStatus::Scheduled && task.updated_at == now)
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
    fn condition_result<T>(
        &self,
        changed: Result<T, SdkError<UpdateItemError>>,
        verb: &str,
        is_ours: impl Fn(&Task) -> bool,
    ) -> Result<()> {
        let Err(error) = changed else { return Ok(()) };
        match rejected_row(error)? {
            Some(task) if is_ours(&task) => Ok(()),
            Some(task) => Err(Error::Conflict(format!("A task that is {} cannot be {verb}", task.status.as_str()))),
            None => Err(Error::NotFound("Task")),
        }
    }
}

/// The row a refused condition found; any other failure is one.
fn rejected_row(error: SdkError<UpdateItemError>) -> Result<Option<Task>> {
    if !aws::has_code(&error, CONDITION_FAILED) {
        return Err(aws::failure(error));
    }
    match error.into_service_error() {
        UpdateItemError::ConditionalCheckFailedException(failed) => failed.item.map(from_item).transpose(),
        _ => Ok(None),
    }
}

/// Adds the condition that the task is in one of these states.
fn from_one_of(
    mut update: UpdateItemFluentBuilder,
    states: impl Iterator<Item = TaskStatus>,
) -> UpdateItemFluentBuilder {
    let mut places = vec![];
    for state in states {
        let place = format!(":from_{}", state.as_str());
        update = update.expression_attribute_values(&place, text(state.as_str()));
        places.push(place);
    }
    update.condition_expression(format!("#status IN ({})", places.join(", ")))
}

fn payload_sort_key(sort: &str) -> String {
    format!("P#{}", ulid_of(sort))
}
