//! `/api/plugin-engine/context-mappings/bulk`: many mappings at once, each with a result of its own.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(context_mappings_bulk::route).await
}
