//! The pinned cargo-lambda: the one on the `PATH` if it is that version, else one of our own under `.local/`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::environment;
use crate::failure::{Context as _, Failure, Result};
use crate::home;

/// What pip installs; one line, `cargo-lambda==<version>`.
const PIN: &str = include_str!("../../tools/cargo-lambda.txt");
const PIN_FILE: &str = "infra/tools/cargo-lambda.txt";

/// Finds or installs it, and returns where it is.
///
/// # Errors
/// When it cannot be installed.
pub fn cargo_lambda(say: &dyn Fn(&str)) -> Result<PathBuf> {
    let pinned = PIN.lines().find_map(|line| line.trim().strip_prefix("cargo-lambda=="));
    let pinned = pinned.ok_or_else(|| Failure::new(format!("{PIN_FILE} pins no cargo-lambda")))?;
    let on_path = environment::search_path().into_iter().map(|folder| folder.join("cargo-lambda"));
    match on_path.filter(|path| path.is_file()).find(|path| version(path).as_deref() == Some(pinned)) {
        Some(path) => Ok(path),
        None => own(pinned, say),
    }
}

/// The version a cargo-lambda says it is.
fn version(program: &Path) -> Option<String> {
    let output = Command::new(program).args(["lambda", "--version"]).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(1).map(str::to_owned)
}

fn own(pinned: &str, say: &dyn Fn(&str)) -> Result<PathBuf> {
    // Two runners must not install at the same time; the lock goes with the file.
    let lock = home::path("install.lock")?;
    let lock = File::create(&lock).context(lock.display())?;
    lock.lock().context("waiting for another installation")?;

    let folder = home::path("venv-cargo-lambda")?;
    let program = folder.join("bin/cargo-lambda");
    // Written last: a folder without it, or with another pin in it, is made anew.
    let stamp = folder.join("installed.txt");
    if program.is_file() && fs::read_to_string(&stamp).is_ok_and(|text| text == PIN) {
        return Ok(program);
    }
    say(&format!("installing cargo-lambda {pinned} into .local/venv-cargo-lambda"));
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder)).map_err(|failure| {
        Failure::new(format!(
            "cargo-lambda {pinned} is not on the PATH, and no Python environment could be made to install it: {failure}\n\
             Install Python 3 with its venv module (Debian: apt-get install python3-venv), or put cargo-lambda {pinned} on the PATH."
        ))
    })?;
    let pip = folder.join("bin/pip");
    let arguments = ["install", "-q", "--disable-pip-version-check", "-r"];
    run(Command::new(pip).args(arguments).arg(home::workspace().join(PIN_FILE)))
        .context(format_args!("cargo-lambda {pinned} could not be installed"))?;
    if !program.is_file() {
        return Err(Failure::new(format!("pip installed no {}", program.display())));
    }
    fs::write(&stamp, PIN).context(stamp.display())?;
    Ok(program)
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().context(&program)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(if output.stderr.is_empty() { &output.stdout } else { &output.stderr });
    Err(Failure::new(format!("{program}: {}\n{}", output.status, said.trim())))
}
