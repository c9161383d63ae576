//! `cargo local generate`: writes what follows from the functions' manifests and descriptions.
#![expect(clippy::print_stdout, reason = "the changed files are the output")]

use std::fs;
use std::path::Path;
use std::process::Stdio;
use tokio::process::Command;

use crate::failure::{Context as _, Failure, Result};
use crate::paths;

/// The TypeScript client as it is installed, with the types made from the document.
const CLIENT: [&str; 2] = ["shared/typescript/dist/index.d.ts", "shared/typescript/dist/index.js"];

/// Writes every generated file and names those that changed: first what the manifests determine, then the API document, which
/// links all functions, then the TypeScript client.
///
/// # Errors
/// If a manifest is invalid, the functions do not compile, or a file cannot be written.
pub async fn run() -> Result<()> {
    let root = paths::workspace();
    let mut changed = generate::write(&root).context("cargo local generate")?;
    let written = output(Command::new("cargo").args(["run", "--quiet", "--example", "openapi"]), &root).await?;
    changed.extend(String::from_utf8_lossy(&written).lines().map(ToOwned::to_owned));
    changed.extend(client(&root).await?);
    for file in &changed {
        println!("wrote {file}");
    }
    if changed.is_empty() {
        println!("all generated files are current");
    }
    Ok(())
}

/// Builds the client with the pinned npm packages, and returns the files that changed.
async fn client(root: &Path) -> Result<Vec<String>> {
    let folder = root.join("shared/typescript");
    let npm = |arguments: &[&str]| {
        let mut npm = Command::new("npm");
        npm.args(arguments).arg("--silent").current_dir(&folder);
        npm
    };
    if output(&mut npm(&["--version"]), root).await.is_err() {
        println!("{} is left as it is: npm is not installed", CLIENT[0]);
        return Ok(vec![]);
    }
    if !folder.join("node_modules").exists() {
        output(&mut npm(&["ci", "--no-fund", "--no-audit"]), &folder).await?;
    }
    let texts = || CLIENT.map(|file| fs::read(root.join(file)).unwrap_or_default());
    let before = texts();
    output(&mut npm(&["run", "generate"]), &folder).await?;
    let changed = CLIENT.into_iter().zip(before).zip(texts());
    Ok(changed.filter(|((_, before), after)| before != after).map(|((file, _), _)| file.to_owned()).collect())
}

/// Runs a command and returns its stdout; its stderr is the terminal's.
async fn output(command: &mut Command, directory: &Path) -> Result<Vec<u8>> {
    let command = command.current_dir(directory).stdin(Stdio::null()).stderr(Stdio::inherit()).kill_on_drop(true);
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    let output = command.output().await.context(&name)?;
    if output.status.success() { Ok(output.stdout) } else { Err(Failure::new(format!("{name}: {}", output.status))) }
}
