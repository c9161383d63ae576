//! Processes due tasks: started by EventBridge each minute, with the shards to serve in its event. It has no HTTP route.

use engine::engine::Engine;
use engine::error::Result;
use engine::processor::{self, DueEvent, Summary};
use lambda_runtime::LambdaEvent;

/// Handles one event.
///
/// # Errors
/// When the due index cannot be read; the next run finds what is left.
pub async fn handle(engine: &'static Engine, event: LambdaEvent<DueEvent>) -> Result<Summary> {
    processor::run(engine, event.payload, engine.deadline(event.context.deadline)).await
}
