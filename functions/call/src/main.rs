//! `/api/plugin-engine/call`: makes a model's call of a tool.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(call::route).await
}
