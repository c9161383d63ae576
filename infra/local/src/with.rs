//! `cargo local with`: a command on a stack of its own, as a test of a client needs it.

use std::process::ExitStatus;
use tokio::process::Command;

use crate::args::WithArgs;
use crate::failure::{Context as _, Failure, Result};
use crate::log::Log;
use crate::stack::{Options, Stack};
use crate::up::{self, USER};

/// Runs the command with the names of the README's shell lines in its environment: `API`, which every path begins with, and
/// `TOKEN`. The stack ends with it, and its log is shown when it fails.
///
/// # Errors
/// When the stack cannot be started, or the command ends with anything but 0.
pub async fn run(args: &WithArgs) -> Result<()> {
    let log = Log::new();
    let options = Options { log: Some(log.path()), ..Options::isolated(up::report) };
    let ended = tokio::select! {
        ended = run_command(options, &args.command) => match ended {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Failure::new(format!("the command ended with {status}"))),
            Err(failure) => Err(failure),
        },
        asked = up::shutdown_signal() => {
            asked.context("waiting for Ctrl-C")?;
            return Err(Failure::new("stopped before the end"));
        }
    };
    ended.inspect_err(|_| log.print_tail())
}

async fn run_command(options: Options, command: &[String]) -> Result<ExitStatus> {
    let [program, arguments @ ..] = command else { return Err(Failure::new("name a command")) };
    let mut stack = Stack::start(options).await?;
    let mut child = Command::new(program);
    child.args(arguments).kill_on_drop(true);
    child.env("API", format!("{}/api/plugin-engine", stack.api)).env("TOKEN", stack.token(USER).await?);
    tokio::select! {
        status = child.status() => status.context(program),
        failure = stack.wait_for_exit() => Err(failure),
    }
}
