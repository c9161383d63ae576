//! The pinned Python tools, each in its own virtual environment in `.local/`.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::failure::{Context as _, Failure, Result};
use crate::paths;

/// A program that is installed with pip.
struct Tool {
    /// The name of the program.
    program: &'static str,
    /// The folder of the environment in `.local/`.
    folder: &'static str,
    /// The requirements, one `<package>==<version>` a line.
    pins: &'static str,
    /// The path of the requirements in the repository.
    pins_path: &'static str,
}

const SAM: Tool = Tool {
    program: "sam",
    folder: "venv-sam",
    pins: include_str!("../../tools/sam.txt"),
    pins_path: "infra/tools/sam.txt",
};
const EMULATOR: Tool = Tool {
    program: "ministack",
    folder: "venv-ministack",
    pins: include_str!("../../tools/ministack.txt"),
    pins_path: "infra/tools/ministack.txt",
};

/// Returns the path of AWS SAM, which deploys the template.
///
/// # Errors
/// If it cannot be installed.
pub fn sam(report: &dyn Fn(&str)) -> Result<PathBuf> {
    SAM.install(report)
}

/// Returns the path of the emulator of AWS that the deploy test uses.
///
/// # Errors
/// If it cannot be installed.
pub fn emulator(report: &dyn Fn(&str)) -> Result<PathBuf> {
    EMULATOR.install(report)
}

impl Tool {
    /// Installs the program if necessary, and returns its path.
    fn install(&self, report: &dyn Fn(&str)) -> Result<PathBuf> {
        // Two runners must not install at the same time. The lock ends when the file is closed.
        let lock = paths::local_path("install.lock")?;
        let lock = File::create(&lock).context(lock.display())?;
        lock.lock().context("waiting for another installation")?;

        let Self { program: name, folder, pins, pins_path } = self;
        let folder = paths::local_path(folder)?;
        let program = folder.join("bin").join(name);
        // A copy of the pins, written last: a folder without it, or with other pins, is created again.
        let stamp = folder.join("pins.txt");
        if program.is_file() && fs::read_to_string(&stamp).is_ok_and(|text| text == *pins) {
            return Ok(program);
        }
        report(&format!("installing {name} into {}", folder.display()));
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder)).map_err(|failure| {
            Failure::new(format!(
                "the Python environment for {name} could not be created: {failure}\n\
                 Install Python 3 with its venv module (Debian: apt-get install python3-venv)."
            ))
        })?;
        let arguments = ["install", "-q", "--disable-pip-version-check", "-r"];
        run(Command::new(folder.join("bin/pip")).args(arguments).arg(paths::workspace().join(pins_path)))
            .context(format_args!("{name} could not be installed"))?;
        if !program.is_file() {
            return Err(Failure::new(format!("pip did not install {}", program.display())));
        }
        fs::write(&stamp, pins).context(stamp.display())?;
        Ok(program)
    }
}

/// Runs a command to its end.
fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().context(&program)?;
    if output.status.success() {
        return Ok(());
    }
    let message = String::from_utf8_lossy(if output.stderr.is_empty() { &output.stdout } else { &output.stderr });
    Err(Failure::new(format!("{program}: {}\n{}", output.status, message.trim())))
}
