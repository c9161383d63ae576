//! Claim, journal and finish: the conditional writes around a provider call, and the due index that leads to them.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::ReturnValue;
use jiff::{SignedDuration, Timestamp};

use super::task::leading_timestamp;
use super::{Task, TaskItems, TaskStatus, rejected_row};
use crate::aws;
use crate::error::{Error, Result};
use crate::tables::{Item, from_item, number, string_attribute, text};

/// A lease is taken over only this long after its end: two processors' clocks may differ.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(5);

/// A hint of the due index.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DueEntry {
    /// When it is due.
    pub at: Timestamp,
    /// The partition: `user#agent`.
    pub partition: String,
    /// The sort key.
    pub sort: String,
}

/// A page of the due index, oldest first.
#[derive(Debug)]
pub struct DuePage {
    /// The hints.
    pub entries: Vec<DueEntry>,
    /// Where the next page starts; absent at the end.
    pub next: Option<Item>,
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
    New(Box<Task>),
    /// The attempt is ours, and what came of the one before is not known: its holder is gone, or its answer was lost.
    Unresolved(Box<Task>),
    /// There is nothing to do: not due, finished, or somebody else's.
    NotClaimed,
}

impl TaskItems {
    /// Hints of one shard that are due until `until`, oldest first, after an earlier page.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn query_due(&self, shard: u8, until: Timestamp, limit: i32, after: Option<Item>) -> Result<DuePage> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("due")
            .key_condition_expression("dueShard = :shard AND dueAt < :until")
            .expression_attribute_values(":shard", text(format!("{shard:02}")))
            .expression_attribute_values(":until", text(index_bound(until)))
            .set_exclusive_start_key(after)
            .limit(limit)
            .send()
            .await
            .map_err(aws::failure)?;
        Ok(DuePage { entries: answer.items().iter().filter_map(entry).collect(), next: answer.last_evaluated_key })
    }

    /// Claims the next attempt of a task. The attempt counts from here on, so a task that kills its processor ends too.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn claim(&self, due: &DueEntry, lease: &Lease, now: Timestamp) -> Result<Claim> {
        let claimed = self
            .at(&due.partition, &due.sort)
            .update_expression(
                "SET claimedFrom = #status, #status = :processing, leaseId = :lease, leaseUntil = :until, \
                 updatedAt = :updatedAt ADD attempt :one",
            )
            .condition_expression(
                "(#status IN (:scheduled, :retrying, :unknown) AND dueAt < :dueBefore) OR \
                 (#status = :processing AND leaseUntil < :lapsed)",
            )
            .expression_attribute_values(":processing", text(TaskStatus::Processing.as_str()))
            .expression_attribute_values(":scheduled", text(TaskStatus::Scheduled.as_str()))
            .expression_attribute_values(":retrying", text(TaskStatus::Retrying.as_str()))
            .expression_attribute_values(":unknown", text(TaskStatus::Unknown.as_str()))
            .expression_attribute_values(":lease", text(&lease.id))
            .expression_attribute_values(":until", number(lease.until.as_millisecond()))
            .expression_attribute_values(":updatedAt", number(now.as_millisecond()))
            .expression_attribute_values(":dueBefore", text(index_bound(now)))
            .expression_attribute_values(":lapsed", number((now - CLOCK_SKEW).as_millisecond()))
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::AllNew)
            .send()
            .await;
        let task: Task = match claimed {
            Ok(answer) => from_item(answer.attributes.unwrap_or_default())?,
            Err(error) => match rejected_row(error)? {
                // Our own claim, repeated by the SDK after its answer was lost.
                Some(task) if task.lease_id.as_deref() == Some(lease.id.as_str()) => task,
                Some(_) | None => return Ok(Claim::NotClaimed),
            },
        };
        let open = matches!(task.claimed_from, Some(TaskStatus::Processing | TaskStatus::Unknown));
        let task = Box::new(task);
        Ok(if open { Claim::Unresolved(task) } else { Claim::New(task) })
    }

    /// Writes down, before the call, by what a lost answer can be settled. Returns whether the lease still stands.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn store_checkpoint(&self, task: &Task, handle: &str) -> Result<bool> {
        let written = self
            .fenced(task)
            .update_expression("SET handle = :handle")
            .expression_attribute_values(":handle", text(handle))
            .send()
            .await;
        match written {
            Ok(_) => Ok(true),
            Err(error) => rejected_row(error).map(|_| false),
        }
    }

    /// Writes the row an attempt leaves behind, if its number and lease still stand. Returns whether they did.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn finish(&self, task: &Task, ended: &Task) -> Result<bool> {
        match change(self.fenced(task), task, ended)?.send().await {
            Ok(_) => Ok(true),
            Err(error) => {
                let found = rejected_row(error)?;
                // Our own ending, repeated by the SDK after its answer was lost: the lease's id is still there.
                Ok(found.is_some_and(|found| found.lease_id == task.lease_id && found.status != TaskStatus::Processing))
            }
        }
    }

    /// An update that only the holder of the present attempt can make.
    fn fenced(&self, task: &Task) -> UpdateItemFluentBuilder {
        self.at(&task.partition, &task.sort)
            .condition_expression("#status = :holding AND attempt = :number AND leaseId = :mine")
            .expression_attribute_values(":holding", text(TaskStatus::Processing.as_str()))
            .expression_attribute_values(":number", number(task.attempt))
            .expression_attribute_values(":mine", text(task.lease_id.clone().unwrap_or_default()))
    }
}

/// Turns the difference of two rows into an update.
fn change(mut update: UpdateItemFluentBuilder, before: &Task, after: &Task) -> Result<UpdateItemFluentBuilder> {
    let fields = |task: &Task| -> Result<Item> {
        let mut item: Item = serde_dynamo::to_item(task).map_err(Error::internal)?;
        item.retain(|_, value| !value.is_null());
        Ok(item)
    };
    let (before, after) = (fields(before)?, fields(after)?);
    let (mut set, mut remove) = (vec![], vec![]);
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        // `status` has its placeholder already.
        let place = if name == "status" { "#status".to_owned() } else { format!("#x_{name}") };
        match after.get(name) {
            Some(value) if before.get(name) != Some(value) => {
                set.push(format!("{place} = :x_{name}"));
                update = update.expression_attribute_values(format!(":x_{name}"), value.clone());
            }
            Some(_) => continue,
            None => remove.push(place.clone()),
        }
        if name != "status" {
            update = update.expression_attribute_names(place, name);
        }
    }
    let clauses = [("SET", set), ("REMOVE", remove)].into_iter().filter(|(_, places)| !places.is_empty());
    let expression: Vec<String> = clauses.map(|(verb, places)| format!("{verb} {}", places.join(", "))).collect();
    Ok(update.update_expression(expression.join(" ")))
}

/// What sorts just after every due time of that millisecond.
fn index_bound(instant: Timestamp) -> String {
    format!("{:015}", instant.as_millisecond() + 1)
}

fn entry(item: &Item) -> Option<DueEntry> {
    Some(DueEntry {
        partition: string_attribute(item, "pk")?.to_owned(),
        sort: string_attribute(item, "sk")?.to_owned(),
        at: leading_timestamp(string_attribute(item, "dueAt")?)?,
    })
}
