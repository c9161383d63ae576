//! `/api/plugin-engine/errors`: lists an agent's errors, logs a reported one, resolves one.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(errors::route).await
}
