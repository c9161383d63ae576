//! A measured program.

use runtime_driver::{Function, InvocationResult, Variables};
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;
use tokio::process::Command;

use crate::Result;

/// Timeout of an invoke, sufficient under valgrind too.
const INVOKE_TIMEOUT: Duration = Duration::from_secs(120);

/// A program with its environment and its event.
#[derive(Clone, Debug)]
pub struct Program {
    /// Name in the report.
    pub name: &'static str,
    /// Command line.
    pub command: Vec<PathBuf>,
    /// Environment variables.
    pub variables: Variables,
    /// Variables that change if DynamoDB is behind TLS; empty for a program without TLS.
    pub tls_variables: Variables,
    /// The event of every invoke.
    pub event: Value,
    /// True for machine code, whose instructions can be counted.
    pub is_native: bool,
}

impl Program {
    /// Returns the program with DynamoDB behind TLS.
    pub fn with_tls(&self) -> Self {
        let mut program = self.clone();
        program.variables.extend(self.tls_variables.clone());
        program
    }

    /// Starts the program under `wrapper`, a tool's command line; returns at its first poll.
    ///
    /// # Errors
    /// If it cannot be started or exits immediately.
    pub async fn start(&self, wrapper: &[String]) -> Result<Function> {
        let mut words = wrapper.iter().map(PathBuf::from).chain(self.command.iter().cloned());
        let mut command = Command::new(words.next().ok_or("the command line is empty")?);
        command.args(words);
        let mut function = Function::start_command(command, &self.variables, INVOKE_TIMEOUT).await?;
        function.wait_ready().await?;
        Ok(function)
    }

    /// Invokes the program with its event.
    ///
    /// # Errors
    /// If the response is not a success.
    pub async fn invoke(&self, function: &mut Function) -> Result<()> {
        match function.invoke(&self.event).await? {
            InvocationResult::Response(response) if response["statusCode"] == 200 && is_success(&response) => Ok(()),
            other => Err(format!("{}: {other:?}", self.name).into()),
        }
    }
}

/// True if the response reports no failed intent; a failed intent has status 200 too.
fn is_success(response: &Value) -> bool {
    !response["body"].as_str().is_some_and(|body| body.contains("\"success\":false"))
}
