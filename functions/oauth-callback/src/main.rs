//! `/api/plugin-engine/oauth/callback` and `/api/plugin-engine/integrations/oauth/callback`: the redirect from the provider.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(oauth_callback::route).await
}
