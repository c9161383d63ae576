//! The pinned Python tools, each in a virtual environment of its own below `.local/`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::environment;
use crate::failure::{Context as _, Failure, Result};
use crate::paths;

/// A program that pip installs.
struct Tool {
    /// The program's name.
    program: &'static str,
    /// The environment below `.local/`.
    folder: &'static str,
    /// What pip installs, `<package>==<version>` a line, and where it stands.
    pins: (&'static str, &'static str),
}

const CARGO_LAMBDA: Tool = Tool {
    program: "cargo-lambda",
    folder: "venv-cargo-lambda",
    pins: (include_str!("../../tools/cargo-lambda.txt"), "infra/tools/cargo-lambda.txt"),
};
const SAM: Tool =
    Tool { program: "sam", folder: "venv-sam", pins: (include_str!("../../tools/sam.txt"), "infra/tools/sam.txt") };
const EMULATOR: Tool = Tool {
    program: "ministack",
    folder: "venv-ministack",
    pins: (include_str!("../../tools/ministack.txt"), "infra/tools/ministack.txt"),
};

/// cargo-lambda: the one on the `PATH` if it is the pinned version, else one of our own.
///
/// # Errors
/// When it cannot be installed.
pub fn cargo_lambda(say: &dyn Fn(&str)) -> Result<PathBuf> {
    let (pins, file) = CARGO_LAMBDA.pins;
    let pinned = pins.lines().find_map(|line| line.trim().strip_prefix("cargo-lambda=="));
    let pinned = pinned.ok_or_else(|| Failure::new(format!("{file} pins no cargo-lambda")))?;
    let on_path = environment::search_path().into_iter().map(|folder| folder.join("cargo-lambda"));
    match on_path.filter(|path| path.is_file()).find(|path| version(path).as_deref() == Some(pinned)) {
        Some(path) => Ok(path),
        None => CARGO_LAMBDA.install(say),
    }
}

/// AWS's SAM, which deploys the template.
///
/// # Errors
/// When it cannot be installed.
pub fn sam(say: &dyn Fn(&str)) -> Result<PathBuf> {
    SAM.install(say)
}

/// The emulator of AWS that the rehearsal deploys to.
///
/// # Errors
/// When it cannot be installed.
pub fn emulator(say: &dyn Fn(&str)) -> Result<PathBuf> {
    EMULATOR.install(say)
}

/// The version a cargo-lambda says it is.
fn version(program: &Path) -> Option<String> {
    let output = Command::new(program).args(["lambda", "--version"]).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(1).map(str::to_owned)
}

impl Tool {
    fn install(&self, say: &dyn Fn(&str)) -> Result<PathBuf> {
        // Two runners must not install at the same time; the lock goes with the file.
        let lock = paths::local_path("install.lock")?;
        let lock = File::create(&lock).context(lock.display())?;
        lock.lock().context("waiting for another installation")?;

        let Self { program: name, folder, pins: (pins, file) } = self;
        let folder = paths::local_path(folder)?;
        let program = folder.join("bin").join(name);
        // A copy of the pins, written last: a folder without it, or with others in it, is made anew.
        let stamp = folder.join("pins.txt");
        if program.is_file() && fs::read_to_string(&stamp).is_ok_and(|text| text == *pins) {
            return Ok(program);
        }
        say(&format!("installing {name} into {}", folder.display()));
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder)).map_err(|failure| {
            Failure::new(format!(
                "no Python environment could be made to install {name}: {failure}\n\
                 Install Python 3 with its venv module (Debian: apt-get install python3-venv)."
            ))
        })?;
        let arguments = ["install", "-q", "--disable-pip-version-check", "-r"];
        run(Command::new(folder.join("bin/pip")).args(arguments).arg(paths::workspace().join(file)))
            .context(format_args!("{name} could not be installed"))?;
        if !program.is_file() {
            return Err(Failure::new(format!("pip installed no {}", program.display())));
        }
        fs::write(&stamp, pins).context(stamp.display())?;
        Ok(program)
    }
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
