//! What the functions are told: every variable of `engine::config`, for this machine. Also the only reader of the runner's
//! own environment.

use engine::config::Config;
use sandbox::{RunningSandbox, settings};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

use crate::failure::{Context as _, Failure, Result};

/// Variables for a child process.
pub type Variables = BTreeMap<String, String>;

/// The runner's own environment.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the runner's environment")]
fn read_variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The folders programs are looked for in.
pub fn search_path() -> Vec<std::path::PathBuf> {
    read_variable("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

/// A tool, and where a real client of it comes from: its variables' prefix, and the origins that are the provider's.
struct Provider {
    tool: &'static str,
    prefix: &'static str,
    origins: &'static [&'static str],
    sandbox_id: &'static str,
}

const PROVIDERS: [Provider; 5] = [
    Provider {
        tool: "gmail",
        prefix: "GOOGLE",
        origins: &["google", "gmail"],
        sandbox_id: sandbox::fixtures::clients::GMAIL,
    },
    Provider { tool: "slack", prefix: "SLACK", origins: &["slack"], sandbox_id: sandbox::fixtures::clients::SLACK },
    Provider { tool: "notion", prefix: "NOTION", origins: &["notion"], sandbox_id: sandbox::fixtures::clients::NOTION },
    Provider { tool: "asana", prefix: "ASANA", origins: &["asana"], sandbox_id: sandbox::fixtures::clients::ASANA },
    // The guide's: it has no adapter until somebody writes it.
    Provider { tool: "notes", prefix: "NOTES", origins: &["notes"], sandbox_id: sandbox::fixtures::clients::NOTES },
];

/// Who the providers are: the sandbox, except where a real client was given.
#[derive(Debug)]
pub struct Providers {
    clients: Map<String, Value>,
    real: Vec<&'static Provider>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.tool)
    }
}

impl Providers {
    /// The sandbox for all.
    pub fn sandbox() -> Self {
        let read = |_: &str| None;
        Self::read(&read).unwrap_or(Self { clients: Map::new(), real: Vec::new() })
    }

    /// `GOOGLE_CLIENT_ID` with `GOOGLE_CLIENT_SECRET`, and the same for `SLACK`, `NOTION` and `ASANA`, make a provider the
    /// real one.
    ///
    /// # Errors
    /// When only one of the two is set.
    pub fn from_environment() -> Result<Self> {
        Self::read(&read_variable)
    }

    fn read(get: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let (mut clients, mut real) = (Map::new(), Vec::new());
        for provider in &PROVIDERS {
            let names = ["ID", "SECRET"].map(|what| format!("{}_CLIENT_{what}", provider.prefix));
            let (id, secret) = match names.each_ref().map(|name| get(name)) {
                [Some(id), Some(secret)] => {
                    real.push(provider);
                    (id, secret)
                }
                [None, None] => (provider.sandbox_id.to_owned(), sandbox::fixtures::CLIENT_SECRET.to_owned()),
                _ => return Err(Failure::new(format!("set both {} and {}, or neither", names[0], names[1]))),
            };
            clients.insert(provider.tool.to_owned(), json!({ "clientId": id, "clientSecret": secret }));
        }
        Ok(Self { clients, real })
    }

    /// The tools whose provider is the real one.
    pub fn real(&self) -> Vec<&'static str> {
        self.real.iter().map(|provider| provider.tool).collect()
    }

    /// The OAuth clients, as `PLUGIN_ENGINE_CLIENTS` or its secret holds them.
    pub fn clients(&self) -> String {
        Value::Object(self.clients.clone()).to_string()
    }

    /// Where the providers of the sandbox are, as `PLUGIN_ENGINE_PROVIDER_URLS` holds it.
    pub fn urls(&self, sandbox: &RunningSandbox) -> String {
        let mut urls = sandbox.provider_urls();
        urls.retain(|origin, _| !self.real.iter().any(|provider| provider.origins.contains(&origin.as_str())));
        json!(urls).to_string()
    }
}

/// What the functions are told.
///
/// # Errors
/// When the engine's own `Config` does not read it.
pub fn function_variables(
    api: &str,
    sandbox: &RunningSandbox,
    dynamodb: &str,
    keyring: String,
    providers: &Providers,
) -> Result<Variables> {
    let issuer = sandbox.issuer();
    let frontend = read_variable(FRONTEND).unwrap_or_else(|| settings::FRONTEND_URL.to_owned());
    let connect_page = read_variable(CONNECT_PAGE).unwrap_or_else(|| settings::CONNECT_PAGE.to_owned());
    let variables = [
        ("PLUGIN_ENGINE_STAGE", "local".to_owned()),
        ("PLUGIN_ENGINE_EVENT_BUS", "local".to_owned()),
        (FRONTEND, frontend),
        (CONNECT_PAGE, connect_page),
        ("PLUGIN_ENGINE_OAUTH_REDIRECT_URI", format!("{api}/api/plugin-engine/oauth/callback")),
        ("PLUGIN_ENGINE_JWT_JWKS_URL", format!("{issuer}/.well-known/jwks.json")),
        ("PLUGIN_ENGINE_JWT_ISSUER", issuer),
        ("PLUGIN_ENGINE_JWT_AUDIENCE", "plugin-engine".to_owned()),
        ("PLUGIN_ENGINE_JWT_ALGORITHMS", "ES256".to_owned()),
        ("PLUGIN_ENGINE_VAULT", "encrypted-column".to_owned()),
        ("PLUGIN_ENGINE_KEYRING", keyring),
        ("PLUGIN_ENGINE_CLIENTS", providers.clients()),
        ("PLUGIN_ENGINE_PROVIDER_URLS", providers.urls(sandbox)),
        ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb.to_owned()),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", sandbox.aws_endpoint()),
        ("AWS_ENDPOINT_URL_EVENTBRIDGE", sandbox.aws_endpoint()),
        // Each instance warns that it serves one request at a time, which is what an instance is for.
        (LOG, read_variable(LOG).unwrap_or_else(|| "info,lambda_runtime=error".to_owned())),
        // Watch's own log; without this it tells of every process it starts, and of each that a reload has ended.
        ("RUST_LOG", read_variable("RUST_LOG").unwrap_or_else(|| "warn,watchexec=off".to_owned())),
    ];
    let mut variables: Variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    variables.extend(local_account());
    config(&variables)?;
    Ok(variables)
}

/// An account that exists on this machine alone.
fn local_account() -> Variables {
    let variables = [
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
        // Nothing checks them; without any, the SDK would look for a role.
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        // A profile of the person's real account has no part in this.
        ("AWS_CONFIG_FILE", "/dev/null".to_owned()),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null".to_owned()),
        ("NO_PROXY", no_proxy()),
        ("no_proxy", no_proxy()),
    ];
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What an emulator of AWS at `endpoint`, and whoever deploys to it, are told.
pub fn emulator_variables(endpoint: &str) -> Variables {
    let told = [("AWS_ENDPOINT_URL", endpoint), ("SAM_CLI_TELEMETRY", "0")];
    let mut variables = local_account();
    variables.extend(told.map(|(name, value)| (name.to_owned(), value.to_owned())));
    variables
}

/// The engine's view of the variables.
///
/// # Errors
/// When it cannot read them.
pub fn config(variables: &Variables) -> Result<Config> {
    Config::read(&|name| variables.get(name).cloned()).context("the functions' environment")
}

const CONNECT_PAGE: &str = "PLUGIN_ENGINE_CONNECT_PAGE_URL";
const FRONTEND: &str = "PLUGIN_ENGINE_FRONTEND_URL";
const LOG: &str = "PLUGIN_ENGINE_LOG";

/// Whether an inherited variable must not reach the functions: settings of a deployment or of a real AWS account.
pub fn is_excluded(name: &str) -> bool {
    let kept = [LOG, "PLUGIN_ENGINE_INTENTS_PER_MINUTE", "PLUGIN_ENGINE_AUTHORIZES_PER_HOUR"];
    let setting = name.starts_with("PLUGIN_ENGINE_") && !kept.contains(&name);
    // `AWS_LC_*` are the crypto library's build settings: a change would have it built again.
    let aws = name.starts_with("AWS_") && !name.starts_with("AWS_LC_");
    setting || aws
}

/// The loopback is never asked through a proxy.
fn no_proxy() -> String {
    let others = read_variable("NO_PROXY").or_else(|| read_variable("no_proxy"));
    others.into_iter().chain(["127.0.0.1,localhost".to_owned()]).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_client_replaces_the_sandbox() {
        let given = |name: &str| name.starts_with("GOOGLE_").then(|| format!("my {name}"));
        let providers = Providers::read(&given).unwrap();
        assert_eq!(providers.real(), ["gmail"]);
        assert_eq!(providers.clients["gmail"]["clientSecret"], "my GOOGLE_CLIENT_SECRET");
        assert_eq!(providers.clients["slack"]["clientId"], "sandbox-slack");
    }

    #[test]
    fn a_client_id_without_a_secret_is_refused() {
        let given = |name: &str| (name == "SLACK_CLIENT_ID").then(|| "id".to_owned());
        let refused = Providers::read(&given).unwrap_err().to_string();
        assert_eq!(refused, "set both SLACK_CLIENT_ID and SLACK_CLIENT_SECRET, or neither");
    }

    #[test]
    fn aws_and_deployment_settings_are_excluded() {
        assert!(is_excluded("AWS_PROFILE") && is_excluded("PLUGIN_ENGINE_JWT_SECRET"));
        assert!(
            !is_excluded("AWS_LC_SYS_NO_JITTER_ENTROPY") && !is_excluded("PLUGIN_ENGINE_LOG") && !is_excluded("PATH")
        );
    }
}
