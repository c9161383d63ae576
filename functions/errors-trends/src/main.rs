//! `/api/plugin-engine/errors/trends`: errors a day, and the most frequent codes.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(errors_trends::route).await
}
