//! `/api/plugin-engine/errors/bulk`: resolve many errors at once.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(errors_bulk::route).await
}
