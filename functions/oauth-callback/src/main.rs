//! `/api/plugin-engine/oauth/callback` and `/api/plugin-engine/integrations/oauth/callback`: the provider's redirect.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(oauth_callback::route).await
}
