//! `/api/plugin-engine/integrations/status`: whether a tool is connected. It writes nothing.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(integrations_status::route).await
}
