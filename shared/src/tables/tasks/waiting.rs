//! The items of tasks that wait for a connection: `w#<tool>#<account>#<hash of the task's key>` in the user's partition, so that a
//! connect finds the tasks of its account. An item is a hint; the task's own row decides.

use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::items::{TaskItems, rejected_row};
use super::keys::{due_at, due_shard, ulid_of};
use super::status::TaskStatus;
use super::task::Task;
use crate::account::AccountId;
use crate::aws;
use crate::error::Result;
use crate::ids::UserId;
use crate::keys::{composite_key, encode};
use crate::tables::expression::{all, begins_with, eq};
use crate::tables::table::{Key, Table};
use crate::tables::update::Update;
use crate::tables::{Item, from_item, text, to_item};
use crate::validate::fingerprint;

/// Items read at a time.
const PAGE_SIZE: i32 = 100;

/// A task that waits for a connection.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WaitingTask {
    /// The item's own sort key.
    #[serde(rename = "sk", skip_serializing)]
    key: String,
    /// The partition of the task.
    task_partition: String,
    /// The sort key of the task.
    task_sort: String,
}

impl WaitingTask {
    /// The item of a task; a listed one has its own key too.
    pub fn of(task: &Task) -> Self {
        Self::at(task.partition.clone(), task.sort.clone())
    }

    /// The item of the task with this key.
    pub(super) fn at(task_partition: String, task_sort: String) -> Self {
        Self { key: String::new(), task_partition, task_sort }
    }
}

/// The account for which tasks wait.
#[derive(Clone, Copy, Debug)]
pub struct WaitingFor<'a> {
    /// The owner.
    pub user: &'a UserId,
    /// The tool's name.
    pub tool: &'a str,
    /// The account.
    pub account: &'a AccountId,
}

/// The answer to the request to continue a waiting task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resumed {
    /// The task is due now.
    Due,
    /// An attempt of it runs and decides itself.
    Running,
    /// It no longer waits.
    Ended,
}

/// The waiting tasks' items of the tasks table.
#[derive(Clone, Debug)]
pub struct WaitingItems(Table);

fn prefix(WaitingFor { tool, account, .. }: WaitingFor<'_>) -> String {
    format!("w#{}#", composite_key(&[tool, account.as_str()]))
}

fn key(waiting: WaitingFor<'_>, task: &WaitingTask) -> Key {
    // A hash: with the task's own key, which has the user's and the agent's ids, it could exceed the maximum length of a key.
    let of_task = fingerprint(&composite_key(&[&task.task_partition, &task.task_sort]), 16);
    Key::new(encode(waiting.user.as_str()), format!("{}{of_task}", prefix(waiting)))
}

impl WaitingItems {
    /// Uses the items of `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self(Table { client, name: table })
    }

    /// Adds the item of a task that is about to wait.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn add(&self, waiting: WaitingFor<'_>, task: &WaitingTask) -> Result<()> {
        self.0.put(to_item(key(waiting, task), task)?).send().await.map(|_| ()).map_err(aws::failure)
    }

    /// Removes the item of a task that no longer waits. A failure is logged: the next connect of the account removes it.
    pub async fn remove(&self, waiting: WaitingFor<'_>, task: &WaitingTask) {
        if let Err(error) = self.0.delete(key(waiting, task)).send().await.map_err(aws::failure) {
            tracing::warn!(?error, "the item of a task that no longer waits was not removed");
        }
    }

    /// Removes a listed item.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn remove_listed(&self, user: &UserId, waiting: &WaitingTask) -> Result<()> {
        let key = Key::new(encode(user.as_str()), &waiting.key);
        self.0.delete(key).send().await.map(|_| ()).map_err(aws::failure)
    }

    /// Returns a page of the tasks that wait for an account, and the start of the next page.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn page(&self, waiting: WaitingFor<'_>, after: Option<Item>) -> Result<(Vec<WaitingTask>, Option<Item>)> {
        let owner = text(encode(waiting.user.as_str()));
        let query = self.0.query(all([eq("pk", owner), begins_with("sk", text(prefix(waiting)))]), None);
        let query = query.consistent_read(true).set_exclusive_start_key(after).limit(PAGE_SIZE);
        let answer = query.send().await.map_err(aws::failure)?;
        let tasks = answer.items.unwrap_or_default().into_iter().map(from_item).collect::<Result<_>>()?;
        Ok((tasks, answer.last_evaluated_key))
    }
}

impl TaskItems {
    /// Makes a task due now, if it still waits for its connection.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn resume(&self, waiting: &WaitingTask, now: Timestamp) -> Result<Resumed> {
        let sort = &waiting.task_sort;
        let update = Update::new()
            .set("dueAt", text(due_at(now, ulid_of(sort))))
            .set("dueShard", text(due_shard(sort)))
            .only_if(eq("status", text(TaskStatus::AwaitingConnection.as_str())));
        match self.update(Key::new(&waiting.task_partition, sort), update).send().await {
            Ok(_) => Ok(Resumed::Due),
            Err(error) => Ok(match rejected_row(error)? {
                Some(task) if task.status == TaskStatus::Processing => Resumed::Running,
                Some(_) | None => Resumed::Ended,
            }),
        }
    }
}
