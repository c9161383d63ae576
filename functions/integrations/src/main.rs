//! `/api/plugin-engine/integrations`: list connections, finish or make one, disconnect.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(integrations::route).await
}
