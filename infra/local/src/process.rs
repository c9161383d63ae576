//! Process groups: a program and every process it starts, stopped together.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use crate::environment::{self, Variables};
use crate::failure::{Context as _, Result};

/// The script of the guard process. It stops the group `$1` when its input ends: when the runner closes it or is killed.
const GUARD_SCRIPT: &str = r#"
trap '' HUP INT TERM
read -r _
kill -TERM "-$1" 2>/dev/null
tries=0
while kill -0 "-$1" 2>/dev/null && [ "$tries" -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
kill -KILL "-$1" 2>/dev/null
exit 0
"#;

/// A running program and every process it started. Dropping it stops all of them and waits for their end.
#[derive(Debug)]
pub struct ProcessGroup {
    child: Child,
    guard: Child,
}

impl ProcessGroup {
    /// Starts the program with these variables and the inherited ones that are not excluded. Its output goes to `log`, or to the
    /// runner's stderr, so that stdout contains only the runner's output.
    ///
    /// # Errors
    /// If the program cannot be started.
    pub fn start(mut command: Command, variables: &Variables, log: Option<&PathBuf>) -> Result<Self> {
        for name in excluded_variables() {
            command.env_remove(name);
        }
        let (out, err) = output_targets(log).context("the log")?;
        let program = PathBuf::from(command.get_program());
        command.envs(variables).stdin(Stdio::null()).stdout(out).stderr(err);
        // A separate group: it is stopped as a whole, and Ctrl-C reaches only the runner.
        let mut child = command.process_group(0).spawn().context(program.display())?;
        match start_guard(child.id()) {
            Ok(guard) => Ok(Self { child, guard }),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(error).context("sh")
            }
        }
    }

    /// Returns the exit status if the program has exited by itself.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

/// Returns the runner's variables that child processes must not inherit.
pub fn excluded_variables() -> impl Iterator<Item = OsString> {
    std::env::vars_os().map(|(name, _)| name).filter(|name| environment::is_excluded(&name.to_string_lossy()))
}

fn output_targets(log: Option<&PathBuf>) -> io::Result<(Stdio, Stdio)> {
    match log {
        Some(path) => {
            let file = File::create(path)?;
            Ok((file.try_clone()?.into(), file.into()))
        }
        None => Ok((io::stderr().as_fd().try_clone_to_owned()?.into(), Stdio::inherit())),
    }
}

fn start_guard(group: u32) -> io::Result<Child> {
    Command::new("sh")
        .args(["-c", GUARD_SCRIPT, "guard", &group.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .process_group(0)
        .spawn()
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // The guard waits until the group has ended. A child counts as a member until it has been waited for.
        while let Ok(None) = self.guard.try_wait() {
            let _ = self.child.try_wait();
            thread::sleep(Duration::from_millis(20));
        }
        // Only necessary if the guard failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// Starts a group like that of `cargo lambda watch`: a leader with one child.
    fn start_group() -> Child {
        Command::new("sh").args(["-c", "sleep 60 & wait"]).process_group(0).spawn().unwrap()
    }

    fn is_running(group: u32) -> bool {
        let script = "kill -0 \"-$1\" 2>/dev/null";
        Command::new("sh").args(["-c", script, "sh", &group.to_string()]).status().unwrap().success()
    }

    #[test]
    fn dropping_the_group_stops_every_process() {
        let child = start_group();
        let id = child.id();
        let whole = ProcessGroup { guard: start_guard(id).unwrap(), child };
        assert!(is_running(id));
        let start = Instant::now();
        drop(whole);
        assert!(!is_running(id));
        assert!(
            start.elapsed() < Duration::from_secs(4),
            "the group was killed instead of terminated: {:?}",
            start.elapsed()
        );
    }

    #[test]
    fn guard_stops_the_group_when_the_runner_exits() {
        let mut child = start_group();
        let mut guard = start_guard(child.id()).unwrap();
        // The operating system closes the runner's end of the pipe in the same way.
        drop(guard.stdin.take());
        child.wait().unwrap();
        assert!(guard.wait().unwrap().success());
        assert!(!is_running(child.id()));
    }
}
