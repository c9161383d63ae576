//! `/api/plugin-engine/integrations/status`: the state of one connection. The route is read-only.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(integrations_status::route).await
}
