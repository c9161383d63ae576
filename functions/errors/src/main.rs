//! `/api/plugin-engine/errors`: list an agent's errors, report one, resolve one.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(errors::route).await
}
