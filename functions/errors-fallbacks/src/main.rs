//! `/api/plugin-engine/errors/fallbacks`: failure policies: the message for the person when an action fails, and the retry policy of
//! tasks.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(errors_fallbacks::route).await
}
