//! `/api/plugin-engine/integrations/connect`: completes a connection with the one-time code of a consent.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(integrations_connect::route).await
}
