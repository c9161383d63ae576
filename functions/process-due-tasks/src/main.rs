//! Processes due tasks: started by EventBridge each minute, with the shards to serve in its event. It has no HTTP route.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve_event(process_due_tasks::handle).await
}
