//! The items of the attempt ledger: scheduled tasks and immediate write intents.
//!
//! Claim and finish are conditional writes on the attempt's number and its lease, so that of several processors one runs a task and
//! a late one writes nothing. The sparse due index (`dueShard`, `dueAt`) is a hint; every decision is made on the row itself. An
//! immediate attempt is in the index at its lease's end, so that a crashed one is found.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

use super::keys::{due_at, due_shard, partition, ulid_of};
use super::refusal::Change;
use super::state::TaskState;
use super::status::TaskStatus;
use super::stop::{Cancellation, MAX_STOP_WRITES, cancellable_states, is_cancellable};
use super::task::{HistoryEntry, Task};
use crate::aws;
use crate::error::{Error, Result};
use crate::ids::{AgentId, TaskId, UserId};
use crate::permissions::Caller;
use crate::tables::expression::{absent, all, all_of, begins_with, eq, exists, one_of};
use crate::tables::table::{Key, Table};
use crate::tables::update::Update;
use crate::tables::{
    CONDITION_FAILED, Page, PageRequest, attribute, condition_met, from_item, json_text, milliseconds, number,
    permitted, query_page, text, to_item, ttl,
};

/// Largest payload in the task's own row, in bytes of JSON. A larger one has a side item, written once: each of the row's three
/// writes costs by the row's size.
const MAX_INLINE_PAYLOAD_BYTES: usize = 1024;
/// Keys of one BatchGetItem.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>
const MAX_BATCH: usize = 100;
/// Lifetime of a side item after its task's time, in every state of the task.
const PAYLOAD_RETENTION: SignedDuration = SignedDuration::from_hours(90 * 24);
/// The period in which the side item of a series expires once: a series costs at most one more write in a period.
const SERIES_PAYLOAD_PERIOD: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A task's payload in a side item: `P#<ulid>`.
#[derive(Debug, Serialize, Deserialize)]
struct PayloadItem {
    #[serde(with = "json_text")]
    payload: Value,
    ttl: Option<i64>,
}

/// The tasks' items of the tasks table.
#[derive(Clone, Debug)]
pub struct TaskItems(pub(super) Table);

impl TaskItems {
    /// Uses the items of `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self(Table { client, name: table })
    }

    /// Adds a row: a scheduled task, or an immediate attempt that this write claims. Returns the existing row, if there is one; a
    /// row that an earlier try of this call wrote is not one.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn insert(&self, task: &Task) -> Result<Option<Task>> {
        let mut stored = task.clone();
        if task.payload.to_string().len() > MAX_INLINE_PAYLOAD_BYTES {
            // First: a task must never be without its payload. A payload without its task expires.
            self.put_payload(task).await?;
            stored.payload = Value::Null;
        }
        let item = to_item(Key::new(&task.partition, &task.sort), &stored)?;
        let put = self.0.put_if(item, absent("pk"));
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(None),
            Err(error) if aws::has_code(&error, CONDITION_FAILED) => match error.into_service_error() {
                PutItemError::ConditionalCheckFailedException(failed) => {
                    let found: Option<Task> = failed.item.map(from_item).transpose()?;
                    let is_ours = |found: &Task| found.lease_id == task.lease_id && found.updated_at == task.updated_at;
                    Ok(found.filter(|found| !is_ours(found)))
                }
                other => Err(Error::internal(other)),
            },
            Err(error) => Err(aws::failure(error)),
        }
    }

    async fn put_payload(&self, task: &Task) -> Result<()> {
        let at = task.execute_at().unwrap_or(task.updated_at);
        let ttl = if task.recurrence.is_some() { series_payload_ttl(at) } else { ttl(at, PAYLOAD_RETENTION) };
        let item = to_item(payload_key(task), &PayloadItem { payload: task.payload.clone(), ttl: Some(ttl) })?;
        self.0.put(item).send().await.map(|_| ()).map_err(aws::failure)
    }

    /// Extends the lifetime of the side item of a series that goes on, if its next time is in another period than its present one. So
    /// the item of a series that has ended, in whatever state, expires without another write.
    pub(super) async fn extend_payload(&self, task: &Task, finished: &Task) -> Result<()> {
        let goes_on = finished.recurrence.is_some() && finished.payload.is_null() && !finished.payload_in_bucket;
        let Some(next) = finished.due_time().filter(|_| goes_on).map(series_payload_ttl) else { return Ok(()) };
        if task.due_time().map(series_payload_ttl) == Some(next) {
            return Ok(());
        }
        let update = Update::new().set("ttl", number(next)).only_if(exists("pk"));
        condition_met(self.0.update(payload_key(task), update).send().await).map(|_| ())
    }

    /// Returns the payload of a task that the bucket does not hold, from the row or its side item.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn load_payload(&self, task: &Task) -> Result<Value> {
        if !task.payload.is_null() {
            return Ok(task.payload.clone());
        }
        let item = self.0.get(payload_key(task)).await?;
        let item: PayloadItem = from_item(item.ok_or_else(|| Error::internal("a task without its payload"))?)?;
        Ok(item.payload)
    }

    /// Returns one task. A payload in a side item is not read with it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, user: &UserId, id: &TaskId) -> Result<Task> {
        let item = self.0.get(key(user, id)).await?;
        item.map(from_item).transpose()?.ok_or(Error::NotFound("Task"))
    }

    /// Returns the state of each task that exists.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn states(
        &self,
        tasks: impl Iterator<Item = (&UserId, &TaskId)>,
    ) -> Result<HashMap<(UserId, TaskId), TaskState>> {
        let tasks: HashSet<(&UserId, &TaskId)> = tasks.collect();
        let (tasks, mut states) = (Vec::from_iter(tasks), HashMap::new());
        for batch in tasks.chunks(MAX_BATCH) {
            for row in self.0.batch_get(batch.iter().map(|(user, id)| key(user, id))).await? {
                let task: Task = from_item(row)?;
                let owned = task.owner().zip(task.id());
                states.extend(owned.map(|((user, _), id)| ((user, id), TaskState::of(task))));
            }
        }
        Ok(states)
    }

    /// Returns an agent's tasks whose sort key begins with `kind` (`S#` by time of execution, `I#` by time of acceptance).
    /// With a status the page may be short; the cursor decides if there is more.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(
        &self,
        caller: &Caller,
        agent: &AgentId,
        kind: &str,
        status: Option<TaskStatus>,
        page: &PageRequest,
    ) -> Result<Page<Task>> {
        let owner = partition(&caller.user, agent);
        query_page(self.query_agent(caller, &owner, kind, status), &owner, page).await
    }

    /// Returns the query of the tasks in an agent's partition that the caller may see.
    pub(super) fn query_agent(
        &self,
        caller: &Caller,
        owner: &str,
        kind: &str,
        status: Option<TaskStatus>,
    ) -> QueryFluentBuilder {
        let keys = all([eq("pk", text(owner)), begins_with("sk", text(kind))]);
        let status = status.map(|status| eq("status", text(status.as_str())));
        self.0.query(keys, all_of([status, permitted::rows(caller)]))
    }

    /// Cancels a task that was not called yet; a series ends. What it prepared is discarded before, by its next claim. Returns the row
    /// before.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`] for a task that the caller may not see; [`Error::Conflict`] when it runs or has ended; [`Error::Unavailable`] when it changes at each try.
    pub async fn cancel(&self, caller: &Caller, id: &TaskId, now: Timestamp) -> Result<Task> {
        let mut cancellation = Cancellation::Immediate;
        for _ in 0..MAX_STOP_WRITES {
            let condition =
                permitted::with_rows(caller, one_of("status", cancellable_states().map(TaskStatus::as_str)));
            let update = cancellation.update(&id.sort, condition, now);
            let cancelled = self.update(key(&caller.user, id), update).return_values(ReturnValue::AllOld).send().await;
            let error = match cancelled {
                Ok(answer) => return from_item(answer.attributes.unwrap_or_default()),
                Err(error) => error,
            };
            let row = rejected_row(error)?;
            row.as_ref().map_or(Ok(()), |row| row.check_permitted(caller))?;
            match row {
                Some(row) if is_cancellable(row.status) => cancellation = Cancellation::of(row),
                row => return refused_change(row, Change::Cancel, Task::is_cancelled),
            }
        }
        Err(Error::unavailable("the task changed at each try to cancel it"))
    }

    /// Schedules another attempt of a task now: a failed one, or with `force` one that needs attention. One with files is only returned,
    /// unless `has_files` says that they are there.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`] for a task that the caller may not see; [`Error::Conflict`] for a task in any other state.
    pub async fn retry(
        &self,
        caller: &Caller,
        id: &TaskId,
        force: bool,
        has_files: bool,
        now: Timestamp,
    ) -> Result<Option<Task>> {
        let status = TaskStatus::Scheduled;
        let entry = HistoryEntry { at: now, status, attempt: 0, occurrence: 0, code: None, external_id: None };
        let needs_force = |from: TaskStatus| from == TaskStatus::NeedsAttention;
        let sources = || status.sources().filter(|from| from.is_final() && (force || !needs_force(*from)));
        let in_state = permitted::with_rows(caller, one_of("status", sources().map(TaskStatus::as_str)));
        let update = Update::new()
            .set("status", text(status.as_str()))
            .set("updatedAt", milliseconds(now))
            .set("dueAt", text(due_at(now, ulid_of(&id.sort))))
            .set("dueShard", text(due_shard(&id.sort)))
            .set("attempt", number(0))
            .append("history", vec![attribute(entry)?])
            .remove(["ttl", "leaseUntil", "deferrals", "tickets", "limitedSince", "reconcileAttempts", "stopped"])
            .only_if(if has_files { in_state } else { all([in_state, absent("files")]) });
        let Err(error) = self.update(key(&caller.user, id), update).send().await else { return Ok(None) };
        let row = rejected_row(error)?;
        row.as_ref().map_or(Ok(()), |row| row.check_permitted(caller))?;
        match row {
            Some(row) if !has_files && !row.files.is_empty() && sources().any(|from| from == row.status) => {
                Ok(Some(row))
            }
            row => {
                let is_ours = |task: &Task| task.status == status && task.updated_at == now;
                refused_change(row, Change::Retry, is_ours).map(|_| None)
            }
        }
    }

    /// Returns an update that answers with the row if its condition does not hold.
    pub(super) fn update(&self, key: Key, update: Update) -> UpdateItemFluentBuilder {
        let update = self.0.update(key, update);
        update.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

pub(super) fn key(user: &UserId, id: &TaskId) -> Key {
    Key::new(partition(user, &id.agent), &id.sort)
}

fn payload_key(task: &Task) -> Key {
    Key::new(&task.partition, format!("P#{}", ulid_of(&task.sort)))
}

/// Returns the expiry of the side item of a series that is due at a time: the same for every time of a period.
fn series_payload_ttl(due: Timestamp) -> i64 {
    let period = SERIES_PAYLOAD_PERIOD.as_secs();
    (due.as_second().div_euclid(period) + 1) * period + PAYLOAD_RETENTION.as_secs()
}

/// Maps a change that a user requested and that `row` refused: the row if an earlier try of this call changed it, not found, or not
/// allowed now.
fn refused_change(row: Option<Task>, change: Change, is_ours: impl Fn(&Task) -> bool) -> Result<Task> {
    match row {
        Some(task) if is_ours(&task) => Ok(task),
        Some(task) => Err(Error::Conflict(change.refusal(&task))),
        None => Err(Error::NotFound("Task")),
    }
}

/// Returns the row that did not meet an update's condition; any other failure is an error.
pub(super) fn rejected_row(error: SdkError<UpdateItemError>) -> Result<Option<Task>> {
    if !aws::has_code(&error, CONDITION_FAILED) {
        return Err(aws::failure(error));
    }
    match error.into_service_error() {
        UpdateItemError::ConditionalCheckFailedException(failed) => failed.item.map(from_item).transpose(),
        _ => Ok(None),
    }
}
