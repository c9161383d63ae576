//! `/api/plugin-engine/agents`: lists the agents of a user, and stops all of one.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(agents::route).await
}
