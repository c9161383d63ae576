//! `/api/plugin-engine`: list the tools, process an intent.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(plugin_engine::route).await
}
