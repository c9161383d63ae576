//! `/api/plugin-engine/tasks/schedule`: accepts an intent for a later time or a recurrence.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(tasks_schedule::route).await
}
