//! The processor of due tasks. EventBridge starts it every minute; the event names the shards to process. It has no HTTP route.

use engine::engine::Engine;
use engine::error::Result;
use engine::processor::{self, DueEvent, Summary};
use jiff::Timestamp;

/// Handles one event. The function is killed at `deadline`.
///
/// # Errors
/// If the due index cannot be read. The next run processes the remaining tasks.
pub async fn handle(engine: &'static Engine, event: DueEvent, deadline: Timestamp) -> Result<Summary> {
    processor::run(engine, event, deadline).await
}
