//! `/api/plugin-engine/context-mappings`: an agent's own keys for things in the outside service.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(context_mappings::route).await
}
