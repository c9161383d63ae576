//! `/api/plugin-engine/errors/trends`: counts errors by day and by code.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(errors_trends::route).await
}
