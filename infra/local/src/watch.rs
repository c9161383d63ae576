//! The functions, under `cargo lambda watch`.

use std::fs::File;
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use crate::environment::{self, Variables};
use crate::failure::{Context as _, Failure, Result};
use crate::home;

/// Stops the group `$1` when its input ends: when the runner closes it, and also when the runner is killed.
const GUARD: &str = r#"
trap '' HUP INT TERM
read -r _
kill -TERM "-$1" 2>/dev/null
tries=0
while kill -0 "-$1" 2>/dev/null && [ "$tries" -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
kill -KILL "-$1" 2>/dev/null
exit 0
"#;

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
    /// Where it writes; to the runner's stderr without one, so that stdout stays the runner's.
    pub log: Option<&'a PathBuf>,
}

/// A running `cargo lambda watch`, with every function it started. Dropping it stops them all, and waits for that.
#[derive(Debug)]
pub struct Watch {
    child: Child,
    guard: Child,
}

/// Builds what watch runs, so that no request waits for a compiler. Watch runs `cargo run --bin <function>` in the workspace's
/// root; that selects all packages and no tests, and so does this: the same features, the same artifacts. With `-p` or
/// `--all-targets` the dependencies would be built once more.
///
/// # Errors
/// When it does not compile.
pub async fn build() -> Result<()> {
    let mut cargo = tokio::process::Command::new("cargo");
    cargo.args(["build", "--bins"]).current_dir(home::workspace()).stdin(Stdio::null()).kill_on_drop(true);
    let status = cargo.status().await.context("cargo build")?;
    if status.success() { Ok(()) } else { Err(Failure::new("the functions do not compile; cargo says why above")) }
}

impl Watch {
    /// Starts it. The functions themselves start at their first request.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(options: &Options<'_>) -> Result<Self> {
        let port = options.port.to_string();
        let mut command = Command::new(options.program);
        command
            .args(["lambda", "watch", "--invoke-address", "127.0.0.1", "--invoke-port", &port])
            .args(["--concurrency", &options.concurrency.to_string()])
            .current_dir(home::workspace())
            .stdin(Stdio::null());
        if !options.reload {
            command.arg("--ignore-changes");
        }
        for (name, _) in std::env::vars_os().filter(|(name, _)| environment::is_foreign(&name.to_string_lossy())) {
            command.env_remove(name);
        }
        command.envs(options.variables);
        let (out, err) = output(options.log).context("the functions' log")?;
        // A group of its own: it is stopped as a whole, and Ctrl-C reaches the runner alone.
        let mut child = command.stdout(out).stderr(err).process_group(0).spawn().context(options.program.display())?;
        match guard(child.id()) {
            Ok(guard) => Ok(Self { child, guard }),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(error).context("sh")
            }
        }
    }

    /// How it ended, if it did by itself.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

fn output(log: Option<&PathBuf>) -> io::Result<(Stdio, Stdio)> {
    match log {
        Some(path) => {
            let file = File::create(path)?;
            Ok((file.try_clone()?.into(), file.into()))
        }
        None => Ok((io::stderr().as_fd().try_clone_to_owned()?.into(), Stdio::inherit())),
    }
}

fn guard(group: u32) -> io::Result<Child> {
    Command::new("sh")
        .args(["-c", GUARD, "guard", &group.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .process_group(0)
        .spawn()
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // The guard waits until the group is gone, and a child nobody has waited for still counts as there.
        while let Ok(None) = self.guard.try_wait() {
            let _ = self.child.try_wait();
            thread::sleep(Duration::from_millis(20));
        }
        // For a guard that could not do its work; otherwise there is nothing left to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// A group like watch's: a leader and a child of its own.
    fn group() -> Child {
        Command::new("sh").args(["-c", "sleep 60 & wait"]).process_group(0).spawn().unwrap()
    }

    fn lives(group: u32) -> bool {
        let script = "kill -0 \"-$1\" 2>/dev/null";
        Command::new("sh").args(["-c", script, "sh", &group.to_string()]).status().unwrap().success()
    }

    #[test]
    fn dropping_it_stops_the_whole_group() {
        let child = group();
        let id = child.id();
        let watch = Watch { guard: guard(id).unwrap(), child };
        assert!(lives(id));
        let start = Instant::now();
        drop(watch);
        assert!(!lives(id));
        assert!(start.elapsed() < Duration::from_secs(4), "the group was killed, not asked: {:?}", start.elapsed());
    }

    #[test]
    fn the_guard_acts_when_its_runner_is_gone() {
        let mut child = group();
        let mut guard = guard(child.id()).unwrap();
        // What the system does with the runner's end of the pipe.
        drop(guard.stdin.take());
        child.wait().unwrap();
        assert!(guard.wait().unwrap().success());
        assert!(!lives(child.id()));
    }
}
