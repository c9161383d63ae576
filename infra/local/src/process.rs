//! A program and every process it starts, stopped together.

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

/// Stops the group `$1` when its input ends: when the runner closes it, and also when the runner is killed.
const GUARD_SCRIPT: &str = r#"
trap '' HUP INT TERM
read -r _
kill -TERM "-$1" 2>/dev/null
tries=0
while kill -0 "-$1" 2>/dev/null && [ "$tries" -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
kill -KILL "-$1" 2>/dev/null
exit 0
"#;

/// A running program, with every process it started. Dropping it stops them all, and waits for that.
#[derive(Debug)]
pub struct ProcessGroup {
    child: Child,
    guard: Child,
}

impl ProcessGroup {
    /// Starts it with these variables over the runner's own, of which the foreign ones are left out. What it writes goes to
    /// `log`; to the runner's stderr without one, so that stdout stays the runner's.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(mut command: Command, variables: &Variables, log: Option<&PathBuf>) -> Result<Self> {
        for name in excluded_variables() {
            command.env_remove(name);
        }
        let (out, err) = output_targets(log).context("the log")?;
        let program = PathBuf::from(command.get_program());
        command.envs(variables).stdin(Stdio::null()).stdout(out).stderr(err);
        // A group of its own: it is stopped as a whole, and Ctrl-C reaches the runner alone.
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

    /// How it ended, if it did by itself.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

/// The runner's variables that nothing it starts should see.
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

    /// A group like that of `cargo lambda watch`: a leader and a child of its own.
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
        assert!(start.elapsed() < Duration::from_secs(4), "the group was killed, not asked: {:?}", start.elapsed());
    }

    #[test]
    fn guard_stops_the_group_when_the_runner_exits() {
        let mut child = start_group();
        let mut guard = start_guard(child.id()).unwrap();
        // What the system does with the runner's end of the pipe.
        drop(guard.stdin.take());
        child.wait().unwrap();
        assert!(guard.wait().unwrap().success());
        assert!(!is_running(child.id()));
    }
}
