//! `/api/plugin-engine/delegations`: lists, grants and revokes the permissions of services to act for the user.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(delegations::route).await
}
