//! `/api/plugin-engine/errors/fallbacks`: what an agent may tell its user when a tool fails.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(errors_fallbacks::route).await
}
