//! `.local/state.json`: where the running stack is, for `cargo local token`, `cargo local tick` and scripts.

use serde::{Deserialize, Serialize};
use std::fs;

use crate::client::Client;
use crate::environment::Variables;
use crate::failure::{Context as _, Failure, Result};
use crate::paths;

/// Where the parts of a running stack are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    /// The API's base URL.
    pub api: String,
    /// The sandbox providers' base URL.
    pub sandbox: String,
    /// The DynamoDB endpoint.
    pub dynamodb: String,
    /// The identity provider: the tokens' `iss`.
    pub issuer: String,
    /// The process to stop.
    pub pid: u32,
    /// What its functions are told.
    pub variables: Variables,
}

const FILE_NAME: &str = "state.json";

impl State {
    /// The running stack.
    ///
    /// # Errors
    /// When there is none: no file, or one that a killed stack left behind.
    pub async fn load_running(client: &Client) -> Result<Self> {
        let none = || Failure::new("no stack runs here; start one with `cargo local up`");
        let state = Self::read().map_err(|_| none())?;
        match client.get(&format!("{}/_control/clock", state.sandbox)).await {
            Ok(answer) if answer.status == 200 => Ok(state),
            _ => Err(none()),
        }
    }

    /// What the file says.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn read() -> Result<Self> {
        let path = paths::local_path(FILE_NAME)?;
        let text = fs::read(&path).context(path.display())?;
        serde_json::from_slice(&text).context(path.display())
    }

    /// Writes the file; it goes when the returned value does.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self) -> Result<StateFile> {
        let path = paths::local_path(FILE_NAME)?;
        let text = serde_json::to_vec_pretty(self).context(path.display())?;
        paths::write_private(&path, &text).context(path.display())?;
        Ok(StateFile(path))
    }
}

/// The state file's life.
#[derive(Debug)]
pub struct StateFile(std::path::PathBuf);

impl Drop for StateFile {
    fn drop(&mut self) {
        // A file that stays only makes the next `token` say that nothing answers.
        let _ = fs::remove_file(&self.0);
    }
}
