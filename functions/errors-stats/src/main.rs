//! `/api/plugin-engine/errors/stats`: counts errors by tool, code and agent.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(errors_stats::route).await
}
