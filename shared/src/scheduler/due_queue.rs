//! The due index as a queue: its due entries, and requests for further runs.

use jiff::Timestamp;
use serde::Serialize;

use crate::deployment::{Deployment, Part};
use crate::error::Result;
use crate::events::EventBus;
use crate::tables::tasks::{DueEntry, TaskItems};
use crate::tables::{IndexPage, IndexQuery, Item};

/// Entries read from one shard at a time.
const PAGE_SIZE: i32 = 100;
/// The `detail-type` of an event that requests a run.
const RUN_DETAIL_TYPE: &str = "process-due-tasks";

/// The queue of due tasks. Cheap to clone.
#[derive(Clone, Debug)]
pub struct DueQueue {
    pub(crate) tasks: TaskItems,
    pub(crate) events: EventBus,
}

impl Part for DueQueue {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, .. } = deployment;
        let tasks = TaskItems::new(dynamodb.clone(), config.tables.tasks.clone());
        Self { tasks, events: deployment.part::<EventBus>().clone() }
    }
}

impl DueQueue {
    /// Reads a page of a shard: entries that are due at `until` or earlier, oldest first, after the key of an earlier page.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn poll(&self, shard: u8, until: Timestamp, after: Option<Item>) -> Result<IndexPage<DueEntry>> {
        self.tasks.query_due(IndexQuery { shard, until, limit: PAGE_SIZE, after }).await
    }

    /// Requests a further run of the processor. Returns true if the bus accepted the request.
    pub async fn request_run(&self, job: &impl Serialize) -> bool {
        self.events.request_run(RUN_DETAIL_TYPE, job).await
    }
}
