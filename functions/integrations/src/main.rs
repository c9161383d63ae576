//! `/api/plugin-engine/integrations`: list connections, finish or make one, disconnect.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(integrations::route).await
}
