//! `/api/plugin-engine/oauth/authorize` and `/api/plugin-engine/integrations/oauth/authorize`: start connecting a tool.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(oauth_authorize::route).await
}
