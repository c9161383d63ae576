//! `/api/plugin-engine/context-mappings/lookup`: a key's external id, or an external id's keys.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(context_mappings_lookup::route).await
}
