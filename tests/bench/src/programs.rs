//! The measured programs: the raw socket loop, the bare runtime, two functions, and a Node twin of the first function.

use engine::adapters;
use engine::error_log::NewError;
use engine::ids::AgentId;
use runtime_driver::Variables;
use sandbox::fixtures::slack::GENERAL;
use sandbox::settings;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
use crate::environment::BenchEnvironment;
use crate::program::Program;
use crate::tls_proxy::TlsProxy;

/// The two functions with recorded counts: a route with one read, and the one that runs intents.
pub const FUNCTIONS: [&str; 2] = ["errors", "plugin-engine"];
/// The npm packages of the Node twin.
const NODE_PACKAGES: &str = include_str!("../node/packages.txt");
/// The user of every event.
pub const USER: &str = "user-0";
/// The agent of every event.
const AGENT: &str = "agent_123";

/// Returns the workspace's root.
pub fn workspace_root() -> PathBuf {
    let crate_dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_dir.ancestors().nth(2).unwrap_or(crate_dir).to_owned()
}

/// Returns cargo's target folder: `CARGO_TARGET_DIR`, a setting of cargo's configuration, or `target/`. This program was built into a
/// folder of a profile there: `<target>/<profile>/examples/local`.
///
/// # Errors
/// If this program was moved.
pub fn target_folder() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let folder = program.ancestors().nth(3).ok_or("this program is not in a target folder of cargo")?;
    Ok(folder.to_owned())
}

/// Builds the functions in the dev profile, as the local stack does; returns their folder. After `cargo local demo` there is
/// nothing left to compile, while a release build compiles everything.
///
/// # Errors
/// If cargo fails.
pub fn build_dev() -> Result<PathBuf> {
    // All packages: a selection would be built again with other features.
    cargo(&["--bins"])?;
    Ok(target_folder()?.join("debug"))
}

/// Builds the functions and the baselines in the release profile; returns their folder.
///
/// # Errors
/// If cargo fails.
pub fn build_release() -> Result<PathBuf> {
    let packages = FUNCTIONS.map(|name| format!("--package={name}"));
    let functions = packages.iter().map(String::as_str).chain(["--bins", "--release"]);
    cargo(&functions.collect::<Vec<_>>())?;
    cargo(&["--package=baselines", "--examples", "--release"])?;
    Ok(target_folder()?.join("release"))
}

fn cargo(arguments: &[&str]) -> Result<()> {
    let built = Command::new("cargo")
        .args(["build", "--locked", "--quiet"])
        .args(arguments)
        .current_dir(workspace_root())
        .status()?;
    if built.success() { Ok(()) } else { Err(format!("cargo build {}: {built}", arguments.join(" ")).into()) }
}

/// The programs and the environment that they run in.
pub struct Programs {
    folder: PathBuf,
    environment: BenchEnvironment,
    tls_proxy: TlsProxy,
}

impl Programs {
    /// Starts the environment of the programs in `folder`: a user with logged errors and a Slack connection. The TLS proxy
    /// writes its certificate into `output_dir`.
    ///
    /// # Errors
    /// If a part does not start.
    pub async fn start(folder: PathBuf, output_dir: &Path) -> Result<Self> {
        let environment = BenchEnvironment::start(1).await?;
        let tls_proxy = TlsProxy::start(environment.store_url.trim_start_matches("http://"), output_dir).await?;
        let slack = adapters::find("slack").map_err(|_| "the Slack adapter is missing")?;
        for code in ["PROVIDER_REJECTED", "PROVIDER_UNAVAILABLE", "MISSING_SCOPE"] {
            let error = NewError {
                agent: &AgentId::parse(AGENT)?,
                tool: slack.tool,
                account: None,
                action: "send_message",
                code,
                message: "",
                payload: &Value::Null,
                attempt: None,
                outcome: None,
            };
            environment.engine.errors.append(&environment.user(USER).await?, error).await?;
        }
        Ok(Self { folder, environment, tls_proxy })
    }

    /// Returns one of [`FUNCTIONS`].
    ///
    /// # Errors
    /// If its sample event cannot be read.
    pub fn function(&self, name: &'static str) -> Result<Program> {
        Ok(self.function_with(name, self.event(name)?))
    }

    /// Returns a function with an event.
    pub fn function_with(&self, name: &'static str, event: Value) -> Program {
        let mut variables = self.variables();
        variables.extend(self.environment.function_variables.clone());
        let more = [
            ("PLUGIN_ENGINE_READS_PER_MINUTE", "1000000".to_owned()),
            ("PLUGIN_ENGINE_WRITES_PER_MINUTE", "1000000".to_owned()),
            ("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "1000000".to_owned()),
            ("AWS_ENDPOINT_URL", self.environment.sandbox.aws_endpoint()),
        ];
        variables.extend(more.map(|(name, value)| (name.to_owned(), value)));
        let mut tls_variables = self.tls_variables();
        tls_variables.insert("PLUGIN_ENGINE_CA_FILE".to_owned(), self.tls_proxy.ca_file.display().to_string());
        let command = vec![self.folder.join(name)];
        Program { name, command, variables, tls_variables, event, is_native: true }
    }

    /// Returns the environment of the programs.
    pub fn environment(&self) -> &BenchEnvironment {
        &self.environment
    }

    /// Returns the event of an intent of Slack's.
    ///
    /// # Errors
    /// If the sample event cannot be read.
    pub fn intent_event(&self, intent: &str, context: &Value) -> Result<Value> {
        let mut event = self.sample_event("plugin-engine.post.json")?;
        let body = json!({ "agentId": AGENT, "tool": "slack", "intent": intent, "context": context });
        event["body"] = body.to_string().into();
        Ok(event)
    }

    /// Returns the baselines; only the Node twin supports TLS.
    ///
    /// # Errors
    /// If an event cannot be read, or the Node packages cannot be installed.
    pub fn baselines(&self) -> Result<Vec<Program>> {
        let examples = self.folder.join("examples");
        let mut variables = self.variables();
        variables.insert("DYNAMODB_CALL".to_owned(), self.dynamodb_call());
        let event = self.event(FUNCTIONS[0])?;
        let native = |name| Program {
            name,
            command: vec![examples.join(name)],
            variables: variables.clone(),
            tls_variables: Variables::new(),
            event: event.clone(),
            is_native: true,
        };
        let mut all = vec![native("floor"), native("hello")];
        if let Some(packages) = node_packages()? {
            let mut tls_variables = self.tls_variables();
            tls_variables.insert("NODE_EXTRA_CA_CERTS".to_owned(), self.tls_proxy.ca_file.display().to_string());
            let mut variables = variables.clone();
            variables.insert("NODE_PATH".to_owned(), packages.display().to_string());
            let command = vec!["node".into(), workspace_root().join("tests/bench/node/twin.cjs")];
            all.push(Program { name: "node", command, variables, tls_variables, event, is_native: false });
        }
        Ok(all)
    }

    fn variables(&self) -> Variables {
        let mut variables = settings::aws_variables();
        variables.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), self.environment.store_url.clone());
        variables
    }

    fn tls_variables(&self) -> Variables {
        Variables::from([("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), self.tls_proxy.url.clone())])
    }

    /// Returns an API Gateway event: the function's sample with a valid token; for intents a Slack message.
    fn event(&self, name: &str) -> Result<Value> {
        if name == FUNCTIONS[0] {
            return self.sample_event("errors.get.json");
        }
        self.intent_event("send_message", &json!({ "channel": GENERAL, "text": "Hello" }))
    }

    fn sample_event(&self, file: &str) -> Result<Value> {
        let mut event: Value = serde_json::from_slice(&std::fs::read(workspace_root().join("events").join(file))?)?;
        event["headers"]["authorization"] = self.environment.authorization(USER).into();
        Ok(event)
    }

    /// Returns the only DynamoDB call of `errors`.
    fn dynamodb_call(&self) -> String {
        let values = json!({ ":pk": { "S": USER }, ":agent": { "S": format!("{AGENT}#") } });
        let body = json!({
            "TableName": self.environment.tables.errors, "IndexName": "byAgent", "ConsistentRead": true, "Limit": 50,
            "ScanIndexForward": false, "ExpressionAttributeValues": values,
            "KeyConditionExpression": "pk = :pk AND begins_with(agentAt, :agent)",
        });
        format!("Query {body}")
    }
}

/// Installs the Node twin's packages and returns their folder; `None` if npm is missing.
fn node_packages() -> Result<Option<PathBuf>> {
    let folder = workspace_root().join(".local/node-twin");
    let stamp = folder.join("packages.txt");
    let modules = folder.join("node_modules");
    if std::fs::read_to_string(&stamp).is_ok_and(|text| text == NODE_PACKAGES) {
        return Ok(Some(modules));
    }
    std::fs::create_dir_all(&folder)?;
    let install = ["install", "--loglevel=error", "--no-fund", "--no-audit", "--prefix"];
    let npm = Command::new("npm").args(install).arg(&folder).args(NODE_PACKAGES.lines()).status();
    match npm {
        Ok(status) if status.success() => {}
        Ok(status) => return Err(format!("npm install: {status}").into()),
        Err(_) => return Ok(None),
    }
    // Written last, so that an interrupted installation is repeated.
    std::fs::write(&stamp, NODE_PACKAGES)?;
    Ok(Some(modules))
}
