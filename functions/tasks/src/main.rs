//! `/api/plugin-engine/tasks`: list an agent's tasks, cancel one, retry one.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(tasks::route).await
}
