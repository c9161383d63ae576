//! `/api/plugin-engine/errors/bulk`: resolves several errors in one request.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(errors_bulk::route).await
}
