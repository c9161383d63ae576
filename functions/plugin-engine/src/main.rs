//! `/api/plugin-engine`: list the tools, process an intent.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(plugin_engine::route).await
}
