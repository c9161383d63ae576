//! Builds the functions, at the start of a stack and after a change of their sources.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime};
use tokio::process::Command;
use tokio::time::sleep;

use crate::failure::{Context as _, Failure, Result};
use crate::functions::Functions;
use crate::paths;

/// The interval between two looks at the sources.
const INTERVAL: Duration = Duration::from_millis(500);
/// The sources of the functions.
const SOURCES: [&str; 4] = ["functions", "shared", "Cargo.toml", "Cargo.lock"];
/// Folders below the sources that no function is built from.
const NOT_SOURCES: [&str; 3] = ["node_modules", "target", "tests"];

/// Returns the folder of the built functions. The runner is built beside them: `<profile>/examples/local`, or for its tests
/// `<profile>/deps/local-<hash>`.
///
/// # Errors
/// If the runner was moved.
pub fn folder() -> Result<PathBuf> {
    let runner = std::env::current_exe().context("the runner's path")?;
    let folder = runner.ancestors().nth(2).map(Path::to_owned);
    folder.ok_or_else(|| Failure::new("the runner is not in a target folder of cargo"))
}

/// Builds the functions; cargo prints its progress.
///
/// # Errors
/// If they do not compile.
pub async fn build() -> Result<()> {
    let status = cargo().arg("--bins").status().await.context("cargo build")?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new("the functions do not compile; see the output of cargo above"))
    }
}

/// Builds the functions again after each change of their sources, until the future is dropped. cargo's messages are shown only if
/// the sources do not compile.
pub async fn rebuild_on_change(functions: Functions, report: fn(&str)) {
    let mut built = sources();
    loop {
        sleep(INTERVAL).await;
        let current = sources();
        // An editor or git writes several files: the build waits for an interval without a change.
        if current == built || {
            sleep(INTERVAL).await;
            sources() != current
        } {
            continue;
        }
        built = current;
        if rebuild(&functions, report).await {
            // The other functions, so that their first request does not wait either. What fails here failed above.
            let _ = cargo().args(["--quiet", "--bins"]).output().await;
        }
    }
}

/// Builds the functions that are in use; returns true if they compile. Linking all of them takes several times as long.
async fn rebuild(functions: &Functions, report: fn(&str)) -> bool {
    let start = Instant::now();
    let _held = functions.hold_starts().await;
    let mut build = cargo();
    build.arg("--quiet").args(functions.used().into_iter().flat_map(|name| ["--bin".to_owned(), name]));
    let output = build.output().await;
    match &output {
        Ok(output) if output.status.success() => {
            report(&format!("built the changed sources in {:.1} s", start.elapsed().as_secs_f64()));
        }
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr);
            report(&format!("the changed sources do not compile; the functions stay as they were\n{errors}"));
        }
        Err(error) => report(&format!("cargo build: {error}")),
    }
    output.is_ok_and(|output| output.status.success())
}

/// Returns the command, which selects all packages: with `-p` the dependencies would be built again with other features.
fn cargo() -> Command {
    let mut cargo = Command::new("cargo");
    cargo.arg("build").current_dir(paths::workspace()).stdin(Stdio::null()).kill_on_drop(true);
    cargo
}

/// Returns the files of the sources with the times of their changes.
fn sources() -> BTreeMap<PathBuf, SystemTime> {
    let mut files = BTreeMap::new();
    let root = paths::workspace();
    for name in SOURCES {
        collect(&root.join(name), &mut files);
    }
    files
}

/// Adds the files at and below `path`. What cannot be read now is seen by a later look.
fn collect(path: &Path, files: &mut BTreeMap<PathBuf, SystemTime>) {
    let Ok(metadata) = fs::metadata(path) else { return };
    if metadata.is_file() {
        files.extend(metadata.modified().map(|changed| (path.to_owned(), changed)).ok());
        return;
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| !NOT_SOURCES.iter().any(|name| entry.file_name() == *name)) {
        collect(&entry.path(), files);
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn a_changed_source_is_noticed() {
        let folder = std::env::temp_dir().join(format!("plugin-engine-sources-{}", std::process::id()));
        let seen = || {
            let mut files = BTreeMap::new();
            collect(&folder, &mut files);
            files
        };
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::create_dir_all(folder.join("tests")).unwrap();
        fs::write(folder.join("src/lib.rs"), "1").unwrap();
        let before = seen();
        assert_eq!(before.len(), 1);
        fs::write(folder.join("tests/a.rs"), "1").unwrap();
        assert_eq!(seen(), before, "tests are no part of a function");
        let file = File::options().write(true).open(folder.join("src/lib.rs")).unwrap();
        file.set_modified(before.values().next().copied().unwrap() + Duration::from_secs(1)).unwrap();
        assert_ne!(seen(), before);
        fs::remove_dir_all(&folder).unwrap();
    }
}
