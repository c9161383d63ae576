//! The sandbox's codes and tokens, kept in `.local/` so that connections in a kept store still work after a restart.

use sandbox::Sandbox;
use serde_json::Value;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;
use tokio::time::sleep;

use crate::failure::{Context as _, Failure, Result};
use crate::paths;

/// How soon after a change it is written: a runner that is killed loses no more than this.
const SAVE_INTERVAL: Duration = Duration::from_millis(250);

/// Gives out again what an earlier run of the stack gave out.
///
/// # Errors
/// When the file is there and cannot be used.
pub fn restore(sandbox: &Sandbox, path: &Path) -> Result<()> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).context(path.display()),
    };
    let kept: Value = serde_json::from_slice(&text).context(path.display())?;
    sandbox.import_grants(kept).map_err(|reason| Failure::new(format!("{}: {reason}", path.display())))
}

/// Keeps the file up to date, for as long as it is polled.
///
/// # Errors
/// When the file cannot be written.
pub async fn persist(sandbox: Sandbox, path: &Path) -> Result<()> {
    let mut written = Value::Null;
    loop {
        let now = sandbox.export_grants();
        if now != written {
            paths::write_private(path, now.to_string().as_bytes()).context(path.display())?;
            written = now;
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
            kept = persist(first.clone(), &path) => panic!("{kept:?}"),
            () = async { while !path.exists() { tokio::task::yield_now().await } } => {}
        }
        let second = Sandbox::new();
        restore(&second, &path).unwrap();
        assert_eq!(second.export_grants(), first.export_grants());
        fs::remove_file(&path).unwrap();
        restore(&second, &path).unwrap();
    }
}
