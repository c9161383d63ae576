//! The functions, under `cargo lambda watch`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::environment::Variables;
use crate::failure::{Context as _, Failure, Result};
use crate::paths;
use crate::process::ProcessGroup;

/// How `cargo lambda watch` is run.
#[derive(Debug)]
pub struct Options<'a> {
    /// The pinned program.
    pub program: &'a Path,
    /// The port of the API.
    pub port: u16,
    /// What the functions are told.
    pub variables: &'a Variables,
    /// Instances a function may have. Watch starts that many at the first request, each by a `cargo run` of its own.
    pub concurrency: u8,
    /// Whether a changed source is compiled again.
    pub reload: bool,
    /// Where it writes; to the runner's stderr without one.
    pub log: Option<&'a PathBuf>,
}

/// Builds what watch runs, so that no request waits for a compiler. Watch runs `cargo run --bin <function>` in the workspace's
/// root; that selects all packages and no tests, and so does this: the same features, the same artifacts. With `-p` or
/// `--all-targets` the dependencies would be built once more.
///
/// # Errors
/// When it does not compile.
pub async fn build() -> Result<()> {
    let mut cargo = tokio::process::Command::new("cargo");
    cargo.args(["build", "--bins"]).current_dir(paths::workspace()).stdin(Stdio::null()).kill_on_drop(true);
    let status = cargo.status().await.context("cargo build")?;
    if status.success() { Ok(()) } else { Err(Failure::new("the functions do not compile; cargo says why above")) }
}

/// Starts it, with every function it starts. The functions themselves start at their first request.
///
/// # Errors
/// When it cannot be started.
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
