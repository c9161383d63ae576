//! The running stacks of this checkout. Each has the folder `.local/stacks/<port>/` with the file `state.json`, by which other commands
//! find it; the runner locks that file, so that one a killed runner left behind is recognised and removed.

use serde::{Deserialize, Serialize};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::environment::{self, Variables};
use crate::failure::{Context as _, Failure, Result};
use crate::paths;

/// The addresses of the parts of a running stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The command that runs it: `up`, `with` or `demo`.
    pub command: String,
    /// The port of the API.
    pub port: u16,
    /// The base URL of the API.
    pub api: String,
    /// The base URL of the sandbox.
    pub sandbox: String,
    /// The DynamoDB endpoint.
    pub dynamodb: String,
    /// The S3 endpoint.
    pub s3: String,
    /// The identity provider: the tokens' `iss`.
    pub issuer: String,
    /// The process id of the runner.
    pub pid: u32,
    /// The log of the functions.
    pub log: PathBuf,
    /// The environment variables of the functions.
    pub variables: Variables,
}

/// The file with the [`State`], in the folder of the stack.
pub const STATE: &str = "state.json";
/// The log of the functions, in the folder of their stack.
pub const LOG: &str = "functions.log";

/// The folder of a stack. Dropping it removes what the next run does not need.
#[derive(Debug)]
pub struct StackFolder {
    path: PathBuf,
    persistent: bool,
    state: Option<File>,
}

impl StackFolder {
    /// Creates the folder of a stack at this port. Without `persistent` its files exist only as long as this value.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn create(port: u16, persistent: bool) -> Result<Self> {
        Self::create_below(&paths::local_path("stacks")?, port, persistent)
    }

    fn create_below(root: &Path, port: u16, persistent: bool) -> Result<Self> {
        let path = root.join(port.to_string());
        fs::create_dir_all(&path).context(path.display())?;
        let log = path.join(LOG);
        File::create(&log).context(log.display())?;
        Ok(Self { path, persistent, state: None })
    }

    /// Returns the path of a file in the folder.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Makes the stack known to other commands, as long as this value exists.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn publish(&mut self, state: &State) -> Result<()> {
        let path = self.path.join(STATE);
        let text = serde_json::to_vec_pretty(state).context(path.display())?;
        self.state = Some(paths::write_locked(&path, &text).context(path.display())?);
        Ok(())
    }
}

impl Drop for StackFolder {
    fn drop(&mut self) {
        // A file that remains is recognised by the next command: its lock is gone.
        let _ = fs::remove_file(self.path.join(STATE));
        if !self.persistent {
            let _ = fs::remove_file(self.path.join(LOG));
            // Fails if it holds the data of another stack that used the port.
            let _ = fs::remove_dir(&self.path);
        }
    }
}

/// Returns the stack that a command is for: the one at `port`, or that of the `cargo local with` which runs the command, or the only
/// one. A stack of `cargo local up` takes precedence over those of other commands.
///
/// # Errors
/// If no stack is running, none at that port, or several.
pub fn find(port: Option<u16>) -> Result<State> {
    let port = port.or_else(environment::own_stack);
    choose(list(&paths::local_path("stacks")?), port)
}

fn choose(running: Vec<State>, port: Option<u16>) -> Result<State> {
    let names =
        running.iter().map(|state| format!("{} ({})", state.port, state.command)).collect::<Vec<_>>().join(", ");
    let ups = running.iter().filter(|state| state.command == "up").count();
    let candidates = running.into_iter().filter(|state| match port {
        Some(port) => state.port == port,
        None => ups == 0 || state.command == "up",
    });
    let candidates: Vec<State> = candidates.collect();
    match (<[State; 1]>::try_from(candidates), port) {
        (Ok([only]), _) => Ok(only),
        (Err(_), _) if names.is_empty() => {
            Err(Failure::new("no stack of this checkout is running; start one with `cargo local up`"))
        }
        (Err(_), Some(port)) => Err(Failure::new(format!("no stack is running at port {port}; running: {names}"))),
        (Err(_), None) => Err(Failure::new(format!("several stacks are running: {names}; choose one with --port"))),
    }
}

/// Returns the running stacks by port, and removes the files of killed ones.
fn list(root: &Path) -> Vec<State> {
    let folders = fs::read_dir(root).into_iter().flatten().flatten();
    let mut running: Vec<State> = folders.filter_map(|folder| read(&folder.path().join(STATE))).collect();
    running.sort_by_key(|state| state.port);
    running
}

/// Reads the state of a stack if its runner still holds the lock.
fn read(path: &Path) -> Option<State> {
    let file = File::open(path).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => serde_json::from_slice(&fs::read(path).ok()?).ok(),
        // It may be removed by another command at the same time.
        Ok(()) => fs::remove_file(path).ok().and(None),
        Err(TryLockError::Error(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(command: &str, port: u16) -> State {
        let text = |name: &str| format!("http://127.0.0.1:{port}/{name}");
        State {
            command: command.to_owned(),
            port,
            api: text("api"),
            sandbox: text("sandbox"),
            dynamodb: text("dynamodb"),
            s3: text("s3"),
            issuer: text("issuer"),
            pid: 1,
            log: PathBuf::from("log"),
            variables: Variables::new(),
        }
    }

    #[test]
    fn the_only_stack_is_chosen_and_several_are_named() {
        let chosen =
            |running: &[State], port| choose(running.to_vec(), port).map(|state| state.port).map_err(|f| f.to_string());
        let (up, other, with) = (state("up", 9000), state("up", 9100), state("with", 40_000));
        let none = "no stack of this checkout is running; start one with `cargo local up`";
        assert_eq!(chosen(&[], None), Err(none.to_owned()));
        assert_eq!(chosen(&[], Some(9000)), Err(none.to_owned()));
        assert_eq!(chosen(std::slice::from_ref(&with), None), Ok(40_000));
        assert_eq!(chosen(&[up.clone(), with.clone()], None), Ok(9000), "`up` takes precedence");
        assert_eq!(chosen(&[up.clone(), with.clone()], Some(40_000)), Ok(40_000));
        let several = "several stacks are running: 9000 (up), 9100 (up); choose one with --port";
        assert_eq!(chosen(&[up.clone(), other], None), Err(several.to_owned()));
        let absent = "no stack is running at port 1; running: 9000 (up), 40000 (with)";
        assert_eq!(chosen(&[up, with], Some(1)), Err(absent.to_owned()));
    }

    #[test]
    fn stacks_are_listed_while_they_run() {
        let root = std::env::temp_dir().join(format!("plugin-engine-stacks-{}", std::process::id()));
        let mut kept = StackFolder::create_below(&root, 9000, true).unwrap();
        let mut isolated = StackFolder::create_below(&root, 9100, false).unwrap();
        assert_eq!(list(&root), [], "nothing is published yet");
        kept.publish(&state("up", 9000)).unwrap();
        isolated.publish(&state("with", 9100)).unwrap();
        assert_eq!(list(&root), [state("up", 9000), state("with", 9100)]);
        drop((kept, isolated));
        assert_eq!(list(&root), []);
        assert!(root.join("9000").exists() && !root.join("9100").exists());

        // A stack in memory leaves the data of an earlier one alone.
        fs::write(root.join("9000/dynamodb.db"), "data").unwrap();
        drop(StackFolder::create_below(&root, 9000, false).unwrap());
        assert!(root.join("9000/dynamodb.db").exists());

        // A killed runner leaves the file behind and loses its lock.
        fs::write(root.join("9000").join(STATE), serde_json::to_vec(&state("up", 9000)).unwrap()).unwrap();
        assert_eq!(list(&root), []);
        assert!(!root.join("9000").join(STATE).exists(), "the stale file is removed");
        fs::remove_dir_all(&root).unwrap();
    }
}
