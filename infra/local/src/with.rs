//! `cargo local with`: runs a command with an isolated stack, for tests of clients.

use std::process::ExitStatus;
use tokio::process::Command;

use crate::args::WithArgs;
use crate::failure::{Context as _, Failure, Result};
use crate::log::Log;
use crate::stack::{Options, Stack};
use crate::up::{self, USER};

/// Runs the command with the variables of the README's shell examples: `API`, the prefix of every path, and `TOKEN`. The stack stops
/// with the command. If the command fails, the end of the stack's log is printed.
///
/// # Errors
/// If the stack cannot be started, or the command exits with another status than 0.
pub async fn run(args: &WithArgs) -> Result<()> {
    let log = Log::new();
    let options = Options { log: Some(log.path()), ..Options::isolated(up::report) };
    let result = tokio::select! {
        result = run_command(options, &args.command) => match result {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Failure::new(format!("the command exited with {status}"))),
            Err(failure) => Err(failure),
        },
        signal = up::shutdown_signal() => {
            signal.context("waiting for Ctrl-C")?;
            return Err(Failure::new("stopped before the end"));
        }
    };
    result.inspect_err(|_| log.print_tail())
}

async fn run_command(options: Options, command: &[String]) -> Result<ExitStatus> {
    let [program, arguments @ ..] = command else {
        return Err(Failure::new("a command is required, for example `cargo local with npm test`"));
    };
    let mut stack = Stack::start(options).await?;
    let mut child = Command::new(program);
    child.args(arguments).kill_on_drop(true);
    child.env("API", format!("{}/api/plugin-engine", stack.api)).env("TOKEN", stack.token(USER).await?);
    tokio::select! {
        status = child.status() => status.context(program),
        failure = stack.wait_for_exit() => Err(failure),
    }
}
