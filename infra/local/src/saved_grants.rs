//! The sandbox's OAuth codes and tokens, saved in `.local/` so that stored connections work after a restart.

use sandbox::Sandbox;
use serde_json::Value;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;
use tokio::time::sleep;

use crate::failure::{Context as _, Failure, Result};
use crate::paths;

/// The interval between two checks for changes, and so the largest loss when the runner is killed.
const SAVE_INTERVAL: Duration = Duration::from_millis(250);

/// Restores the grants of an earlier run.
///
/// # Errors
/// If the file exists and cannot be read.
pub fn restore(sandbox: &Sandbox, path: &Path) -> Result<()> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).context(path.display()),
    };
    let grants: Value = serde_json::from_slice(&text).context(path.display())?;
    sandbox.import_grants(grants).map_err(|reason| Failure::new(format!("{}: {reason}", path.display())))
}

/// Saves the grants after each change, until the future is dropped.
///
/// # Errors
/// If the file cannot be written.
pub async fn persist(sandbox: Sandbox, path: &Path) -> Result<()> {
    let mut saved = Value::Null;
    loop {
        let current = sandbox.export_grants();
        if current != saved {
            paths::write_private(path, current.to_string().as_bytes()).context(path.display())?;
            saved = current;
        }
        sleep(SAVE_INTERVAL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn grants_survive_a_sandbox_restart() {
        let path = std::env::temp_dir().join(format!("plugin-engine-grants-{}.json", std::process::id()));
        let first = Sandbox::new();
        let tokens = first.grant("slack", sandbox::fixtures::ALEX, &["chat:write"]);
        assert!(tokens.is_some());
        tokio::select! {
            result = persist(first.clone(), &path) => panic!("{result:?}"),
            () = async { while !path.exists() { tokio::task::yield_now().await } } => {}
        }
        let second = Sandbox::new();
        restore(&second, &path).unwrap();
        assert_eq!(second.export_grants(), first.export_grants());
        fs::remove_file(&path).unwrap();
        restore(&second, &path).unwrap();
    }
}
