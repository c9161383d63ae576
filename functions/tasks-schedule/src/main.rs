//! `/api/plugin-engine/tasks/schedule`: accept an intent for later.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(tasks_schedule::route).await
}
