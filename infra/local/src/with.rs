//! `cargo local with`: runs a command with a stack of its own, for tests of clients.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::args::WithArgs;
use crate::environment::{self, Providers};
use crate::failure::{Context as _, Failure, Result};
use crate::stack::{Options, Stack};
use crate::tick;
use crate::up::{self, Signal, USER};

/// The time that a command has after SIGTERM.
const TERMINATION: Duration = Duration::from_secs(10);

/// Runs the command with the variables of the README's shell examples: `API`, the prefix of every path, `TOKEN`, and `SANDBOX`, the
/// providers; `PLUGIN_ENGINE_PROVIDER_URLS` replaces some of them by other fakes. The schedule is delivered as `cargo local up` does. The stack stops with the command; if that fails, the last problems
/// in the functions' log are printed. Returns the exit code of the command; for a signal, 128 and its number.
///
/// # Errors
/// If the stack or the command cannot be started.
pub async fn run(args: &WithArgs) -> Result<u8> {
    let [program, arguments @ ..] = args.command.as_slice() else {
        return Err(Failure::new("a command is required, for example `cargo local with npm test`"));
    };
    let options = Options { providers: Providers::fakes()?, ..Options::isolated("with", up::report) };
    let stack = tokio::select! {
        stack = Stack::start(options) => stack?,
        signal = up::shutdown_signal() => return Ok(signal.context("waiting for Ctrl-C")?.exit_code()),
    };
    let mut command = Command::new(program);
    command.args(arguments).kill_on_drop(true);
    command.env("API", format!("{}/api/plugin-engine", stack.api)).env("TOKEN", stack.token(USER).await?);
    command.env("SANDBOX", &stack.sandbox.url).env(environment::STACK, stack.port.to_string());
    let mut child = command.spawn().context(program)?;
    let code = tokio::select! {
        code = wait(&mut child) => code.context(program)?,
        () = tick::run_every_minute(stack.client.clone(), stack.api.clone(), up::report) => 0,
    };
    if code != 0 {
        stack.print_problems();
    }
    Ok(code)
}

/// Waits for the command; returns its exit code. SIGTERM stops it. The terminal sends Ctrl-C to the command too, which decides what to do:
/// an interactive shell goes on.
async fn wait(child: &mut Child) -> Result<u8> {
    loop {
        let signal = tokio::select! {
            status = child.wait() => return status.map(exit_code).context("waiting"),
            signal = up::shutdown_signal() => signal.context("waiting for Ctrl-C")?,
        };
        if signal == Signal::Terminate {
            terminate(child).await;
            return Ok(signal.exit_code());
        }
    }
}

/// Sends SIGTERM to the command and gives it time to clean up. Afterwards it is killed when it is dropped.
async fn terminate(child: &mut Child) {
    if let Some(process) = child.id() {
        let _ = Command::new("kill").args(["-TERM", &process.to_string()]).status().await;
        let _ = timeout(TERMINATION, child.wait()).await;
    }
}

/// Returns the exit code as a shell reports it.
fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_and_signals_are_handed_through() {
        // The status of wait(2): the exit code in the second byte, a signal in the first.
        let codes = [0, 7 << 8, 255 << 8, 9, 15].map(|status| exit_code(ExitStatus::from_raw(status)));
        assert_eq!(codes, [0, 7, 255, 137, 143]);
    }
}
