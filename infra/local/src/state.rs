//! The file `.local/state.json`: the addresses of the running stack, for `cargo local token`, `cargo local tick` and scripts.

use serde::{Deserialize, Serialize};
use std::fs;

use crate::client::Client;
use crate::environment::Variables;
use crate::failure::{Context as _, Failure, Result};
use crate::paths;

/// The addresses of the parts of a running stack.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    /// The base URL of the API.
    pub api: String,
    /// The base URL of the sandbox.
    pub sandbox: String,
    /// The DynamoDB endpoint.
    pub dynamodb: String,
    /// The identity provider: the tokens' `iss`.
    pub issuer: String,
    /// The process id of the runner.
    pub pid: u32,
    /// The environment variables of the functions.
    pub variables: Variables,
}

const FILE_NAME: &str = "state.json";

impl State {
    /// Loads the state of the running stack.
    ///
    /// # Errors
    /// If no stack is running: the file is missing, or was left by a killed stack.
    pub async fn load_running(client: &Client) -> Result<Self> {
        let none = || Failure::new("no stack of this checkout is running; start one with `cargo local up`");
        let state = Self::read().map_err(|_| none())?;
        match client.get(&format!("{}/_control/clock", state.sandbox)).await {
            Ok(answer) if answer.status == 200 => Ok(state),
            _ => Err(none()),
        }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// If the file is missing or invalid.
    pub fn read() -> Result<Self> {
        let path = paths::local_path(FILE_NAME)?;
        let text = fs::read(&path).context(path.display())?;
        serde_json::from_slice(&text).context(path.display())
    }

    /// Writes the file. Dropping the returned value deletes it.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self) -> Result<StateFile> {
        let path = paths::local_path(FILE_NAME)?;
        let text = serde_json::to_vec_pretty(self).context(path.display())?;
        paths::write_private(&path, &text).context(path.display())?;
        Ok(StateFile(path))
    }
}

/// The state file of this process. Dropping this value deletes the file.
#[derive(Debug)]
pub struct StateFile(std::path::PathBuf);

impl Drop for StateFile {
    fn drop(&mut self) {
        // With a remaining file, the next `token` reports that no stack is running.
        let _ = fs::remove_file(&self.0);
    }
}
