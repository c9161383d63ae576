//! `cargo local token`: prints a bearer token of the local issuer.
#![expect(clippy::print_stdout, reason = "the token is the command's output")]

use serde_json::{Value, json};

use crate::args::TokenArgs;
use crate::client::Client;
use crate::failure::Result;
use crate::running;

/// The scope that lets a service name the user it acts for.
const ACT_AS: &str = "act-as";

/// Prints a token for the running stack.
///
/// # Errors
/// If no stack is running.
pub async fn run(args: &TokenArgs) -> Result<()> {
    let scope = args.scope.as_deref().or(args.service.then_some(ACT_AS));
    let claims = json!({ "sub": args.user, "service": args.service, "scope": scope });
    let client = Client::new()?;
    let token = request_token(&client, &running::find(args.stack.port)?.issuer, &claims).await?;
    println!("{token}");
    Ok(())
}

/// Requests a token from the issuer.
///
/// # Errors
/// If the issuer does not answer, or refuses.
pub async fn request_token(client: &Client, issuer: &str, claims: &Value) -> Result<String> {
    let answer = client.post(&format!("{issuer}/token"), claims).await?.expect_status(200)?;
    answer.text_at("/access_token").map(str::to_owned)
}
