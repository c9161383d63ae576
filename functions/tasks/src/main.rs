//! `/api/plugin-engine/tasks`: lists an agent's tasks, cancels a task, retries a task.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(tasks::route).await
}
