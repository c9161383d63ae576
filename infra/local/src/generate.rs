//! `cargo local generate`: writes what follows from the functions' manifests and descriptions.
#![expect(clippy::print_stdout, reason = "the changed files are the output")]

use std::fs;
use std::path::Path;
use std::process::Stdio;
use tokio::process::Command;

use crate::failure::{Context as _, Failure, Result};
use crate::paths;

/// The client's types, made from the document.
const TYPES: &str = "shared/typescript/src/api.ts";

/// Writes every generated file and names those that changed: first what the manifests determine, then the API document, which
/// links all functions, then the types of the TypeScript client.
///
/// # Errors
/// If a manifest is invalid, the functions do not compile, or a file cannot be written.
pub async fn run() -> Result<()> {
    let root = paths::workspace();
    let mut changed = generate::write(&root).context("cargo local generate")?;
    let written = output(Command::new("cargo").args(["run", "--quiet", "--example", "openapi"]), &root).await?;
    changed.extend(String::from_utf8_lossy(&written).lines().map(ToOwned::to_owned));
    changed.extend(types(&root).await?);
    for file in &changed {
        println!("wrote {file}");
    }
    if changed.is_empty() {
        println!("all generated files are current");
    }
    Ok(())
}

/// Writes the client's types with the pinned npm package, and returns the file if it changed.
async fn types(root: &Path) -> Result<Option<String>> {
    let client = root.join("shared/typescript");
    let npm = |arguments: &[&str]| {
        let mut npm = Command::new("npm");
        npm.args(arguments).arg("--silent").current_dir(&client);
        npm
    };
    if output(&mut npm(&["--version"]), root).await.is_err() {
        println!("{TYPES} is left as it is: npm is not installed");
        return Ok(None);
    }
    if !client.join("node_modules").exists() {
        output(&mut npm(&["ci", "--no-fund", "--no-audit"]), &client).await?;
    }
    let before = fs::read(root.join(TYPES)).unwrap_or_default();
    output(&mut npm(&["run", "generate"]), &client).await?;
    Ok((fs::read(root.join(TYPES)).context(TYPES)? != before).then(|| TYPES.to_owned()))
}

/// Runs a command and returns its stdout; its stderr is the terminal's.
async fn output(command: &mut Command, directory: &Path) -> Result<Vec<u8>> {
    let command = command.current_dir(directory).stdin(Stdio::null()).stderr(Stdio::inherit()).kill_on_drop(true);
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    let output = command.output().await.context(&name)?;
    if output.status.success() { Ok(output.stdout) } else { Err(Failure::new(format!("{name}: {}", output.status))) }
}
