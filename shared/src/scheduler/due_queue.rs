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

/// A part of a shard.
#[derive(Clone, Debug)]
pub struct DueRange {
    /// The earliest due time; absent for the oldest entries too.
    pub from: Option<Timestamp>,
    /// The latest due time.
    pub until: Timestamp,
    /// The start of the page, from the page before.
    pub after: Option<Item>,
}

impl Part for DueQueue {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, .. } = deployment;
        let tasks = TaskItems::new(dynamodb.clone(), config.tables.tasks.clone());
        Self { tasks, events: deployment.part::<EventBus>().clone() }
    }
}

impl DueQueue {
    /// Reads a page of a shard, oldest entry first.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn poll(&self, shard: u8, range: DueRange) -> Result<IndexPage<DueEntry>> {
        let DueRange { from, until, after } = range;
        self.tasks.query_due(IndexQuery { shard, from, until, limit: PAGE_SIZE, after }).await
    }

    /// Requests a further run of the processor. Returns true if the bus accepted the request.
    pub async fn request_run(&self, job: &impl Serialize) -> bool {
        self.events.request_run(RUN_DETAIL_TYPE, job).await
    }
}
