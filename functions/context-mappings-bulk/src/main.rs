//! `/api/plugin-engine/context-mappings/bulk`: creates, changes or deletes several mappings in one request.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(context_mappings_bulk::route).await
}
