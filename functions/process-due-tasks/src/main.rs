//! The processor of due tasks. EventBridge starts it every minute; the event names the shards to process. It has no HTTP route.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve_event(process_due_tasks::handle, engine::processor::MAX_CONCURRENT_ATTEMPTS).await
}
