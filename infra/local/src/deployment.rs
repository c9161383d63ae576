//! `infra/template.yaml`, deployed with the commands of README and the settings of `samconfig.toml`.

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
use crate::{paths, process, watch};

/// What `sam` says.
pub const LOG: &str = "sam.log";

/// Of `samconfig.toml`: the stage that is deployed, and the stack that makes.
const STAGE: &str = "dev";
const STACK: &str = "plugin-engine-dev";
/// What whoever deploys puts their own in the place of.
const PLACEHOLDER_ISSUER: &str = "https://issuer.example.com";

/// A command of SAM takes a minute on a busy machine; one that hangs must not hang the rehearsal.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(400);

/// A folder with the template, its settings and the functions' code, as `sam` wants them.
#[derive(Debug)]
pub struct Deployment<'a> {
    /// The pinned program.
    pub sam: &'a Path,
    /// The folder; the repository's own root has the same shape.
    pub folder: &'a Path,
    /// What `sam` is told.
    pub variables: Variables,
}

impl Deployment<'_> {
    /// Fills the folder. The code is what `cargo build` makes for the tests too, without its symbols: a release build would
    /// compile everything once more, and has nothing else to show here. Returns how many functions there are.
    ///
    /// # Errors
    /// When they do not compile.
    pub async fn pack(&self, issuer: &str) -> Result<usize> {
        watch::build().await?;
        let root = paths::workspace();
        fs::create_dir_all(self.folder.join("infra")).context(self.folder.display())?;
        fs::copy(root.join("infra/template.yaml"), self.folder.join("infra/template.yaml")).context("the template")?;
        let settings = fs::read_to_string(root.join("samconfig.toml")).context("samconfig.toml")?;
        let settings = settings.replace(&format!("{PLACEHOLDER_ISSUER}/.well-known"), &format!("{issuer}/.well-known"));
        let settings = settings.replace(&format!("{PLACEHOLDER_ISSUER}/"), issuer);
        fs::write(self.folder.join("samconfig.toml"), settings).context("samconfig.toml")?;

        // The runner lies in cargo's folder too: <profile>/examples/local.
        let runner = std::env::current_exe().context("the runner's own place")?;
        let built = runner.ancestors().nth(2).ok_or_else(|| Failure::new("the runner lies in no folder of cargo's"))?;
        let mut packed = 0;
        for function in fs::read_dir(root.join("functions")).context("functions/")? {
            let name = function.context("functions/")?.file_name();
            let to = self.folder.join("target/lambda").join(&name);
            fs::create_dir_all(&to).context(to.display())?;
            let mut strip = Command::new("strip");
            strip.arg("-o").arg(to.join("bootstrap")).arg(built.join(&name));
            self.run(strip).await?;
            packed += 1;
        }
        Ok(packed)
    }

    /// Deploys, and returns the stack's outputs.
    ///
    /// # Errors
    /// When `sam` does.
    pub async fn deploy(&self) -> Result<BTreeMap<String, String>> {
        self.sam(&["deploy", "--config-env", STAGE, "--no-progressbar"]).await?;
        let told = self.sam(&["list", "stack-outputs", "--stack-name", STACK, "--output", "json"]).await?;
        let told: Vec<Value> = serde_json::from_str(&told).context("the stack's outputs")?;
        let text = |output: &Value, name: &str| output[name].as_str().unwrap_or_default().to_owned();
        Ok(told.iter().map(|output| (text(output, "OutputKey"), text(output, "OutputValue"))).collect())
    }

    /// Deletes the stack again.
    ///
    /// # Errors
    /// When `sam` does.
    pub async fn delete(&self) -> Result<()> {
        // It reads no region from the environment when it deletes.
        let region = self.variables.get("AWS_REGION").map_or("", String::as_str);
        self.sam(&["delete", "--config-env", STAGE, "--no-prompts", "--region", region]).await.map(drop)
    }

    async fn sam(&self, arguments: &[&str]) -> Result<String> {
        let mut sam = Command::new(self.sam);
        sam.args(arguments);
        self.run(sam).await
    }

    /// Runs a program to its end, and returns what it wrote to stdout.
    async fn run(&self, mut command: Command) -> Result<String> {
        let program = PathBuf::from(command.as_std().get_program());
        let program = program.file_name().unwrap_or_default().to_string_lossy();
        for name in process::excluded_variables() {
            command.env_remove(name);
        }
        let log = File::options().create(true).append(true).open(self.folder.join(LOG)).context(LOG)?;
        command.envs(&self.variables).current_dir(self.folder).stdin(Stdio::null()).stderr(log).kill_on_drop(true);
        let ended = timeout(COMMAND_TIMEOUT, command.output()).await;
        let output = ended.map_err(|_| Failure::new(format!("{program} hangs")))?.context(&program)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            Ok(text)
        } else {
            Err(Failure::new(format!("{program}: {}\n{text}", output.status)))
        }
    }
}
