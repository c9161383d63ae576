//! `/api/plugin-engine/context-mappings`: an agent's own names (context keys) for objects at a provider.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(context_mappings::route).await
}
