//! A program that is measured.

use runtime_driver::{Function, InvocationResult, Variables};
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;
use tokio::process::Command;

use crate::Result;

/// Longer than anything takes, also under valgrind.
const INVOKE_TIMEOUT: Duration = Duration::from_secs(120);

/// A program, what it is told and what it is sent.
#[derive(Clone, Debug)]
pub struct Program {
    /// What the report calls it.
    pub name: &'static str,
    /// Its command line.
    pub command: Vec<PathBuf>,
    /// Its variables.
    pub variables: Variables,
    /// What changes in them where DynamoDB is behind TLS; empty for a subject that knows none.
    pub tls_variables: Variables,
    /// Every event it gets.
    pub event: Value,
    /// Whether its machine code can be counted.
    pub is_native: bool,
}

impl Program {
    /// The same, with DynamoDB behind TLS.
    pub fn with_tls(&self) -> Self {
        let mut other = self.clone();
        other.variables.extend(self.tls_variables.clone());
        other
    }

    /// Starts it behind `wrapper`, a tool's command line, and returns when it asks for its first event.
    ///
    /// # Errors
    /// When it cannot be started or ends at once.
    pub async fn start(&self, wrapper: &[String]) -> Result<Function> {
        let mut line = wrapper.iter().map(PathBuf::from).chain(self.command.iter().cloned());
        let mut command = Command::new(line.next().ok_or("no command")?);
        command.args(line);
        let mut function = Function::start_command(command, &self.variables, INVOKE_TIMEOUT).await?;
        function.ready().await?;
        Ok(function)
    }

    /// Sends it its event.
    ///
    /// # Errors
    /// When the answer is not the good one.
    pub async fn invoke(&self, function: &mut Function) -> Result<()> {
        match function.invoke(&self.event).await? {
            InvocationResult::Response(answer) if answer["statusCode"] == 200 && is_success(&answer) => Ok(()),
            other => Err(format!("{}: {other:?}", self.name).into()),
        }
    }
}

/// An intent that was not done is HTTP 200 too.
fn is_success(answer: &Value) -> bool {
    !answer["body"].as_str().is_some_and(|body| body.contains("\"success\":false"))
}
