//! `/api/plugin-engine`: lists the tools, processes an intent, and serves the OpenAPI document of the whole API.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(plugin_engine::route).await
}
