//! `/api/plugin-engine/context-mappings/lookup`: the external id of a context key, or the context keys of an external id.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(context_mappings_lookup::route).await
}
