//! `/api/plugin-engine/errors/fallbacks`: what is to be done when a tool fails.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(errors_fallbacks::route).await
}
