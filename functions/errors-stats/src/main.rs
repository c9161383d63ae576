//! `/api/plugin-engine/errors/stats`: errors by tool, code and agent; which tools rest.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(errors_stats::route).await
}
