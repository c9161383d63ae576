//! `/api/plugin-engine/integrations`: lists connections, stores a ready token, disconnects a tool.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(integrations::route).await
}
