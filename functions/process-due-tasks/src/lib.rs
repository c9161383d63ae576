//! The processor of due tasks. EventBridge starts it every minute; the event names the shards to process. It has no HTTP route.

use engine::engine::Engine;
use engine::error::Result;
use engine::processor::{self, DueEvent, Summary};
use lambda_runtime::LambdaEvent;

/// Handles one event.
///
/// # Errors
/// If the due index cannot be read. The next run processes the remaining tasks.
pub async fn handle(engine: &'static Engine, event: LambdaEvent<DueEvent>) -> Result<Summary> {
    processor::run(engine, event.payload, engine.deadline(event.context.deadline)).await
}
