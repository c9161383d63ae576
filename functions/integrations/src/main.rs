//! `/api/plugin-engine/integrations`: lists connections, completes or creates one, disconnects a tool; and the same for delegations.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(integrations::route).await
}
