//! The deployment of `infra/template.yaml`, with the commands of infra/README.md and the settings of `samconfig.toml`.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;
use tokio::time::timeout;

use crate::environment::Variables;
use crate::failure::{Context as _, Failure, Result};
use crate::{build, paths, process};

/// The log file of `sam`.
pub const LOG: &str = "sam.log";

/// The stage of `samconfig.toml` that is deployed.
const STAGE: &str = "dev";
/// The stack of that stage.
const STACK: &str = "plugin-engine-dev";
/// The issuer in `samconfig.toml`, which an operator replaces.
const PLACEHOLDER_ISSUER: &str = "https://issuer.example.com";

/// The time limit of a command. A command of SAM takes a minute on a busy machine.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(400);

/// A folder with the template, its settings and the functions' code, in the layout that `sam` expects.
#[derive(Debug)]
pub struct Deployment<'a> {
    /// The pinned `sam` program.
    pub sam: &'a Path,
    /// The folder. It has the layout of the repository's root.
    pub folder: &'a Path,
    /// The environment variables of `sam`.
    pub variables: Variables,
}

impl Deployment<'_> {
    /// Fills the folder and returns the number of functions. The code is the debug build of the tests without symbols: a release build
    /// would compile everything again and test nothing more.
    ///
    /// # Errors
    /// If the functions do not compile.
    pub async fn pack(&self, issuer: &str) -> Result<usize> {
        build::build().await?;
        let root = paths::workspace();
        fs::create_dir_all(self.folder.join("infra")).context(self.folder.display())?;
        fs::copy(root.join("infra/template.yaml"), self.folder.join("infra/template.yaml")).context("the template")?;
        let settings = fs::read_to_string(root.join("samconfig.toml")).context("samconfig.toml")?;
        let settings = settings.replace(&format!("{PLACEHOLDER_ISSUER}/.well-known"), &format!("{issuer}/.well-known"));
        let settings = settings.replace(&format!("{PLACEHOLDER_ISSUER}/"), issuer);
        fs::write(self.folder.join("samconfig.toml"), settings).context("samconfig.toml")?;

        let built = build::folder()?;
        let mut count = 0;
        for function in fs::read_dir(root.join("functions")).context("functions/")? {
            let function = function.context("functions/")?;
            // The folder also holds a page.
            if !function.path().is_dir() {
                continue;
            }
            let name = function.file_name();
            let to = self.folder.join("target/lambda").join(&name);
            fs::create_dir_all(&to).context(to.display())?;
            let mut strip = Command::new("strip");
            strip.arg("-o").arg(to.join("bootstrap")).arg(built.join(&name));
            self.run(strip).await?;
            count += 1;
        }
        Ok(count)
    }

    /// Deploys the template and returns the outputs of the stack.
    ///
    /// # Errors
    /// If `sam` fails.
    pub async fn deploy(&self) -> Result<BTreeMap<String, String>> {
        self.sam(&["deploy", "--config-env", STAGE, "--no-progressbar"]).await?;
        let outputs = self.sam(&["list", "stack-outputs", "--stack-name", STACK, "--output", "json"]).await?;
        let outputs: Vec<Value> = serde_json::from_str(&outputs).context("the stack's outputs")?;
        let text = |output: &Value, name: &str| output[name].as_str().unwrap_or_default().to_owned();
        Ok(outputs.iter().map(|output| (text(output, "OutputKey"), text(output, "OutputValue"))).collect())
    }

    /// Deletes the stack.
    ///
    /// # Errors
    /// If `sam` fails.
    pub async fn delete(&self) -> Result<()> {
        // `sam delete` does not read the region from the environment.
        let region = self.variables.get("AWS_REGION").map_or("", String::as_str);
        self.sam(&["delete", "--config-env", STAGE, "--no-prompts", "--region", region]).await.map(drop)
    }

    async fn sam(&self, arguments: &[&str]) -> Result<String> {
        let mut sam = Command::new(self.sam);
        sam.args(arguments);
        self.run(sam).await
    }

    /// Runs a program and returns its stdout.
    async fn run(&self, mut command: Command) -> Result<String> {
        let program = PathBuf::from(command.as_std().get_program());
        let program = program.file_name().unwrap_or_default().to_string_lossy();
        for name in process::excluded_variables() {
            command.env_remove(name);
        }
        let log = File::options().create(true).append(true).open(self.folder.join(LOG)).context(LOG)?;
        command.envs(&self.variables).current_dir(self.folder).stdin(Stdio::null()).stderr(log).kill_on_drop(true);
        let output = timeout(COMMAND_TIMEOUT, command.output()).await;
        let timed_out = |_| Failure::new(format!("{program} did not finish within {} s", COMMAND_TIMEOUT.as_secs()));
        let output = output.map_err(timed_out)?.context(&program)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            Ok(text)
        } else {
            Err(Failure::new(format!("{program}: {}\n{text}", output.status)))
        }
    }
}
