//! `/api/plugin-engine/circuit-breakers`: lists the circuit breakers of a user's agents, and closes one.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    engine::lambda::serve(circuit_breakers::route).await
}
