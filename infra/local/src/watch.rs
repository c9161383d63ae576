//! The functions, run by `cargo lambda watch`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::environment::Variables;
use crate::failure::{Context as _, Failure, Result};
use crate::paths;
use crate::process::ProcessGroup;

/// The options of `cargo lambda watch`.
#[derive(Debug)]
pub struct Options<'a> {
    /// The pinned cargo-lambda program.
    pub program: &'a Path,
    /// The port of the API.
    pub port: u16,
    /// The environment variables of the functions.
    pub variables: &'a Variables,
    /// The largest number of instances of a function. Watch starts all of them at the first request, each with its own `cargo run`.
    pub concurrency: u8,
    /// True if changed sources are compiled again.
    pub reload: bool,
    /// The log file; the runner's stderr if absent.
    pub log: Option<&'a PathBuf>,
}

/// Builds the functions, so that no request waits for the compiler. Watch runs `cargo run --bin <function>` in the workspace's root,
/// which selects all packages and no tests; this command selects the same features and artifacts. With `-p` or `--all-targets` the
/// dependencies would be built again.
///
/// # Errors
/// If the functions do not compile.
pub async fn build() -> Result<()> {
    let mut cargo = tokio::process::Command::new("cargo");
    cargo.args(["build", "--bins"]).current_dir(paths::workspace()).stdin(Stdio::null()).kill_on_drop(true);
    let status = cargo.status().await.context("cargo build")?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new("the functions do not compile; see the output of cargo above"))
    }
}

/// Starts `cargo lambda watch`. Each function starts at its first request.
///
/// # Errors
/// If it cannot be started.
pub fn start(options: &Options<'_>) -> Result<ProcessGroup> {
    let port = options.port.to_string();
    let mut command = Command::new(options.program);
    command
        .args(["lambda", "watch", "--invoke-address", "127.0.0.1", "--invoke-port", &port])
        .args(["--concurrency", &options.concurrency.to_string()])
        .current_dir(paths::workspace());
    if !options.reload {
        command.arg("--ignore-changes");
    }
    ProcessGroup::start(command, options.variables, options.log)
}
