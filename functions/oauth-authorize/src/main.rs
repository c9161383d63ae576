//! `/api/plugin-engine/oauth/authorize` and `/api/plugin-engine/integrations/oauth/authorize`: starts the OAuth
//! consent for a tool.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(oauth_authorize::route).await
}
