//! `cargo local generate`: writes what follows from the functions' manifests and descriptions.
#![expect(clippy::print_stdout, reason = "the changed files are the output")]

use std::fs;
use std::path::Path;
use std::process::Stdio;
use tokio::process::Command;

use crate::failure::{Context as _, Failure, Result};
use crate::paths;

/// The TypeScript client as it is installed, with the types made from the document.
const TYPESCRIPT: [&str; 2] = ["shared/typescript/dist/index.d.ts", "shared/typescript/dist/index.js"];
/// The types and the routes of the Python client.
const PYTHON: [&str; 2] =
    ["shared/python/src/plugin_engine_client/types.py", "shared/python/src/plugin_engine_client/routes.py"];

/// Writes every generated file and names those that changed: first what the manifests determine, then the API document, which
/// links all functions, then the clients.
///
/// # Errors
/// If a manifest is invalid, the functions do not compile, or a file cannot be written.
pub async fn run() -> Result<()> {
    let root = paths::workspace();
    let mut changed = generate::write(&root).context("cargo local generate")?;
    let written = output(Command::new("cargo").args(["run", "--quiet", "--example", "openapi"]), &root).await?;
    changed.extend(String::from_utf8_lossy(&written).lines().map(ToOwned::to_owned));
    let before = [TYPESCRIPT, PYTHON].concat().into_iter().map(|file| (file, read(&root, file)));
    let before: Vec<(&str, Vec<u8>)> = before.collect();
    typescript(&root).await?;
    python(&root).await?;
    changed.extend(before.iter().filter(|(file, text)| read(&root, file) != *text).map(|(file, _)| (*file).to_owned()));
    for file in &changed {
        println!("wrote {file}");
    }
    if changed.is_empty() {
        println!("all generated files are current");
    }
    Ok(())
}

fn read(root: &Path, file: &str) -> Vec<u8> {
    fs::read(root.join(file)).unwrap_or_default()
}

/// Builds the TypeScript client with the pinned npm packages.
async fn typescript(root: &Path) -> Result<()> {
    let folder = root.join("shared/typescript");
    let npm = |arguments: &[&str]| {
        let mut npm = Command::new("npm");
        npm.args(arguments).arg("--silent").current_dir(&folder);
        npm
    };
    if output(&mut npm(&["--version"]), root).await.is_err() {
        println!("shared/typescript is left as it is: npm is not installed");
        return Ok(());
    }
    if !is_installed(&folder) {
        output(&mut npm(&["ci", "--no-fund", "--no-audit"]), &folder).await?;
    }
    output(&mut npm(&["run", "generate"]), &folder).await.map(drop)
}

/// True if the packages of the lock file are installed: npm writes a lock file of its own after it.
fn is_installed(folder: &Path) -> bool {
    let changed = |file: &str| folder.join(file).metadata().and_then(|metadata| metadata.modified()).ok();
    changed("node_modules/.package-lock.json") > changed("package-lock.json")
}

/// Generates the Python client with the pinned tools.
async fn python(root: &Path) -> Result<()> {
    if output(Command::new("python3").arg("--version"), root).await.is_err() {
        println!("shared/python is left as it is: python3 is not installed");
        return Ok(());
    }
    let tools = output(Command::new(root.join(".ci/venv")).arg("python"), root).await?;
    let python = Path::new(String::from_utf8_lossy(&tools).trim_end()).join("python");
    output(Command::new(python).arg("shared/python/generate.py"), root).await.map(drop)
}

/// Runs a command and returns its stdout; its stderr is the terminal's.
async fn output(command: &mut Command, directory: &Path) -> Result<Vec<u8>> {
    let command = command.current_dir(directory).stdin(Stdio::null()).stderr(Stdio::inherit()).kill_on_drop(true);
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    let output = command.output().await.context(&name)?;
    if output.status.success() { Ok(output.stdout) } else { Err(Failure::new(format!("{name}: {}", output.status))) }
}
