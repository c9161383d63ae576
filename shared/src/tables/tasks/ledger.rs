//! Claim and finish: the two conditional writes around a provider call, and the due index that leads to them.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::ReturnValue;
use jiff::Timestamp;
use serde_json::Value;

use super::{KEPT, LastError, Status, Task, TasksTable, due_at, due_shard, instant, partition, refused};
use crate::aws;
use crate::error::{Error, Result};
use crate::ids::{AgentId, UserId};
use crate::tables::{Item, number, read, string, text, ttl};

/// A hint of the due index.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Due {
    /// The partition: `user#agent`.
    pub partition: String,
    /// The sort key.
    pub sort: String,
    /// When it is due.
    pub at: Timestamp,
}

/// The right to make one attempt.
#[derive(Clone, Debug)]
pub struct Lease {
    /// Who has it.
    pub id: String,
    /// Until when.
    pub until: Timestamp,
}

/// What a claim found.
#[derive(Debug)]
pub enum Claim {
    /// The attempt is ours, and no earlier one is open.
    Fresh(Box<Task>),
    /// The attempt is ours, and the holder of the one before is gone without saying what came of it.
    Takeover(Box<Task>),
    /// There is nothing to do: not due, finished, or somebody else's.
    Lost,
}

/// How an attempt ends.
#[derive(Debug)]
pub enum Ending {
    /// The action was done.
    Completed {
        /// What the result says.
        result: Value,
        /// The provider's id.
        external_id: Option<String>,
    },
    /// It was not done, for good.
    Failed(LastError),
    /// A person must look.
    NeedsAttention(LastError),
    /// It was not done and is tried again.
    Retry {
        /// Why.
        error: LastError,
        /// When.
        at: Timestamp,
        /// Whether a rate limit put it off, so that the attempt is not used up.
        deferred: bool,
    },
}

impl TasksTable {
    /// Hints of one shard that are due until `until`, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn due(&self, shard: u8, until: Timestamp, limit: i32) -> Result<Vec<Due>> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("due")
            .key_condition_expression("dueShard = :shard AND dueAt < :until")
            .expression_attribute_values(":shard", text(format!("{shard:02}")))
            .expression_attribute_values(":until", text(format!("{:015}", until.as_millisecond() + 1)))
            .limit(limit)
            .send()
            .await
            .map_err(aws::failure)?;
        Ok(answer.items().iter().filter_map(hint).collect())
    }

    /// Claims the next attempt of a task. The attempt counts from here on, so a task that kills its processor ends too.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn claim(&self, due: &Due, lease: &Lease, now: Timestamp) -> Result<Claim> {
        let claimed = self
            .at(&due.partition, &due.sort)
            .update_expression(
                "SET claimedFrom = #status, #status = :processing, leaseId = :lease, leaseUntil = :until, \
                 updatedAt = :updatedAt ADD attempt :one",
            )
            .condition_expression(
                "(#status IN (:scheduled, :retrying) AND dueAt < :dueBefore) OR \
                 (#status = :processing AND leaseUntil < :now)",
            )
            .expression_attribute_values(":processing", text(Status::Processing.as_str()))
            .expression_attribute_values(":scheduled", text(Status::Scheduled.as_str()))
            .expression_attribute_values(":retrying", text(Status::Retrying.as_str()))
            .expression_attribute_values(":lease", text(&lease.id))
            .expression_attribute_values(":until", number(lease.until.as_millisecond()))
            .expression_attribute_values(":updatedAt", text(now.to_string()))
            .expression_attribute_values(":dueBefore", text(format!("{:015}", now.as_millisecond() + 1)))
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::AllNew)
            .send()
            .await;
        let task: Task = match claimed {
            Ok(answer) => read(answer.attributes.unwrap_or_default())?,
            Err(error) => match refused(error)? {
                // Our own claim, repeated by the SDK after its answer was lost.
                Some(task) if task.lease_id.as_deref() == Some(lease.id.as_str()) => task,
                Some(_) | None => return Ok(Claim::Lost),
            },
        };
        let takeover = task.claimed_from == Some(Status::Processing);
        let task = Box::new(task);
        Ok(if takeover { Claim::Takeover(task) } else { Claim::Fresh(task) })
    }

    /// Ends an attempt, if its number and lease still stand. Returns whether they did.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn finish(&self, user: &UserId, task: &Task, ending: &Ending, now: Timestamp) -> Result<bool> {
        let update = self
            .at(&partition(user, &AgentId::stored(&task.agent_id)), &task.sort)
            .condition_expression("#status = :processing AND attempt = :attempt AND leaseId = :lease")
            .expression_attribute_values(":processing", text(Status::Processing.as_str()))
            .expression_attribute_values(":attempt", number(task.attempt))
            .expression_attribute_values(":lease", text(task.lease_id.clone().unwrap_or_default()))
            .expression_attribute_values(":updatedAt", text(now.to_string()));
        let update = match ending {
            Ending::Completed { result, external_id } => completed(update, result, external_id.as_deref(), now),
            Ending::Failed(error) => failed(update, Status::Failed, error, now)?,
            Ending::NeedsAttention(error) => failed(update, Status::NeedsAttention, error, now)?,
            Ending::Retry { error, at, deferred } => retried(update, task.ulid(), error, *at, *deferred)?,
        };
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error) => {
                let found = refused(error)?;
                // Our own ending, repeated by the SDK after its answer was lost: the lease's id is still there.
                Ok(found.is_some_and(|found| found.lease_id == task.lease_id && found.status != Status::Processing))
            }
        }
    }
}

fn completed(
    update: UpdateItemFluentBuilder,
    result: &Value,
    external_id: Option<&str>,
    now: Timestamp,
) -> UpdateItemFluentBuilder {
    let update = closed(update, Status::Completed, now)
        .expression_attribute_names("#result", "result")
        .expression_attribute_values(":result", text(result.to_string()));
    let set = "SET #status = :status, updatedAt = :updatedAt, #result = :result, #ttl = :ttl";
    let remove = "REMOVE dueShard, dueAt, leaseUntil, lastError";
    match external_id {
        Some(id) => update
            .update_expression(format!("{set}, externalId = :externalId {remove}"))
            .expression_attribute_values(":externalId", text(id)),
        None => update.update_expression(format!("{set} {remove}")),
    }
}

fn failed(
    update: UpdateItemFluentBuilder,
    status: Status,
    error: &LastError,
    now: Timestamp,
) -> Result<UpdateItemFluentBuilder> {
    let update = closed(update, status, now).update_expression(
        "SET #status = :status, updatedAt = :updatedAt, lastError = :error, #ttl = :ttl \
         REMOVE dueShard, dueAt, leaseUntil",
    );
    with_error(update, error)
}

fn retried(
    update: UpdateItemFluentBuilder,
    ulid: &str,
    error: &LastError,
    at: Timestamp,
    deferred: bool,
) -> Result<UpdateItemFluentBuilder> {
    let set = "SET #status = :status, updatedAt = :updatedAt, lastError = :error, dueAt = :dueAt, dueShard = :dueShard \
               REMOVE leaseUntil";
    let update = update
        .expression_attribute_values(":status", text(Status::Retrying.as_str()))
        .expression_attribute_values(":dueAt", text(due_at(at, ulid)))
        .expression_attribute_values(":dueShard", text(due_shard(ulid)));
    // A deferral gives the attempt back; the lease's id still fences the one that ends here.
    let update = if deferred {
        update
            .update_expression(format!("{set} ADD attempt :back, deferrals :one"))
            .expression_attribute_values(":back", number(-1))
            .expression_attribute_values(":one", number(1))
    } else {
        update.update_expression(set)
    };
    with_error(update, error)
}

fn closed(update: UpdateItemFluentBuilder, status: Status, now: Timestamp) -> UpdateItemFluentBuilder {
    update
        .expression_attribute_names("#ttl", "ttl")
        .expression_attribute_values(":status", text(status.as_str()))
        .expression_attribute_values(":ttl", number(ttl(now, KEPT)))
}

fn with_error(update: UpdateItemFluentBuilder, error: &LastError) -> Result<UpdateItemFluentBuilder> {
    let error = serde_dynamo::to_attribute_value(error).map_err(Error::internal)?;
    Ok(update.expression_attribute_values(":error", error))
}

fn hint(item: &Item) -> Option<Due> {
    Some(Due {
        partition: string(item, "pk")?.to_owned(),
        sort: string(item, "sk")?.to_owned(),
        at: instant(string(item, "dueAt")?)?,
    })
}
