//! The environment variables of the functions: every variable of `engine::config`, with local values. Also the only reader of the
//! runner's own environment.

use engine::config::Config;
use sandbox::RunningSandbox;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use url::Url;

use crate::failure::{Context as _, Failure, Result};
use crate::{bucket, gateway};

/// Variables for a child process.
pub type Variables = BTreeMap<String, String>;

/// Reads a variable of the runner's environment. An empty value counts as absent.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the runner's environment")]
fn read_variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The URLs of the providers, by origin.
const PROVIDER_URLS: &str = "PLUGIN_ENGINE_PROVIDER_URLS";

/// A tool with the source of its real OAuth client (the prefix of its variables) and the provider's origins.
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
    // The example of the adapter guide. It has no adapter.
    Provider { tool: "notes", prefix: "NOTES", origins: &["notes"], sandbox_id: sandbox::fixtures::clients::NOTES },
];

/// The providers: real ones where a real OAuth client is configured, and the sandbox for all others.
#[derive(Debug)]
pub struct Providers {
    clients: Map<String, Value>,
    real: Vec<&'static Provider>,
    /// The URLs of other fakes of providers, by origin.
    fakes: BTreeMap<String, String>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.tool)
    }
}

impl Providers {
    /// Uses the sandbox for all providers.
    pub fn sandbox() -> Self {
        let read = |_: &str| None;
        Self::read(&read).unwrap_or(Self { clients: Map::new(), real: Vec::new(), fakes: BTreeMap::new() })
    }

    /// `GOOGLE_CLIENT_ID` with `GOOGLE_CLIENT_SECRET`, and the same for `SLACK`, `NOTION` and `ASANA`, select the
    /// real provider.
    ///
    /// # Errors
    /// If only one of the two is set.
    pub fn from_environment() -> Result<Self> {
        Self::read(&read_variable)
    }

    /// Uses the sandbox, except for the origins of which `PLUGIN_ENGINE_PROVIDER_URLS` names another fake on the loopback, in the
    /// format of the functions.
    ///
    /// # Errors
    /// If the variable is no JSON map.
    pub fn fakes() -> Result<Self> {
        Self::read_fakes(&read_variable)
    }

    fn read_fakes(get: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let fakes = get(PROVIDER_URLS).map(|map| serde_json::from_str(&map).context(PROVIDER_URLS)).transpose()?;
        Ok(Self { fakes: fakes.unwrap_or_default(), ..Self::sandbox() })
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
            let mut client = json!({ "clientId": id, "clientSecret": secret });
            // An app of the sandbox has every scope; a real one may not be registered with it.
            if provider.tool == "slack" && id == provider.sandbox_id {
                client["userScopes"] = json!(["search:read"]);
            }
            clients.insert(provider.tool.to_owned(), client);
        }
        Ok(Self { clients, real, fakes: BTreeMap::new() })
    }

    /// Returns the tools with a real provider.
    pub fn real(&self) -> Vec<&'static str> {
        self.real.iter().map(|provider| provider.tool).collect()
    }

    /// Returns the OAuth clients in the format of `PLUGIN_ENGINE_CLIENTS` and of its secret.
    pub fn clients(&self) -> String {
        Value::Object(self.clients.clone()).to_string()
    }

    /// Returns the URLs of the sandbox's providers in the format of `PLUGIN_ENGINE_PROVIDER_URLS`.
    pub fn urls(&self, sandbox: &RunningSandbox) -> String {
        let mut urls = sandbox.provider_urls();
        urls.retain(|origin, _| !self.real.iter().any(|provider| provider.origins.contains(&origin.as_str())));
        urls.extend(self.fakes.clone());
        json!(urls).to_string()
    }
}

/// The endpoints of the stack's own services.
#[derive(Clone, Copy, Debug)]
pub struct Endpoints<'a> {
    /// DynamoDB.
    pub dynamodb: &'a str,
    /// S3.
    pub s3: &'a str,
}

/// Returns the environment variables of the functions.
///
/// # Errors
/// If the engine's `Config` rejects them.
pub fn function_variables(
    api: &str,
    sandbox: &RunningSandbox,
    endpoints: &Endpoints<'_>,
    keyring: String,
    providers: &Providers,
) -> Result<Variables> {
    let issuer = sandbox.issuer();
    let frontend = read_variable(FRONTEND).unwrap_or_else(|| format!("{api}{}", gateway::LANDING_PAGE));
    let connect_page = read_variable(CONNECT_PAGE)
        .unwrap_or_else(|| format!("{api}{}?tool={{tool}}&account={{account}}", gateway::CONNECT_PAGE));
    let return_origins = read_variable(RETURN_ORIGINS).unwrap_or_else(|| format!("{api},{DEVELOPMENT_SERVER}"));
    let variables = [
        ("PLUGIN_ENGINE_STAGE", "local".to_owned()),
        ("PLUGIN_ENGINE_EVENT_BUS", "local".to_owned()),
        (FRONTEND, frontend),
        (CONNECT_PAGE, connect_page),
        (RETURN_ORIGINS, return_origins),
        ("PLUGIN_ENGINE_OAUTH_REDIRECT_URI", format!("{api}/api/plugin-engine/oauth/callback")),
        ("PLUGIN_ENGINE_JWT_JWKS_URL", format!("{issuer}/.well-known/jwks.json")),
        ("PLUGIN_ENGINE_JWT_ISSUER", issuer),
        ("PLUGIN_ENGINE_JWT_AUDIENCE", "plugin-engine".to_owned()),
        ("PLUGIN_ENGINE_JWT_ALGORITHMS", "ES256".to_owned()),
        ("PLUGIN_ENGINE_VAULT", "encrypted-column".to_owned()),
        // On a laptop nobody else can start the callback: one keyring serves both.
        ("PLUGIN_ENGINE_FLOWS_KEYRING", keyring.clone()),
        ("PLUGIN_ENGINE_KEYRING", keyring),
        ("PLUGIN_ENGINE_CLIENTS", providers.clients()),
        (PROVIDER_URLS, providers.urls(sandbox)),
        ("PLUGIN_ENGINE_FILES_BUCKET", bucket::NAME.to_owned()),
        ("AWS_ENDPOINT_URL_DYNAMODB", endpoints.dynamodb.to_owned()),
        ("AWS_ENDPOINT_URL_S3", endpoints.s3.to_owned()),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", sandbox.aws_endpoint()),
        ("AWS_ENDPOINT_URL_EVENTBRIDGE", sandbox.aws_endpoint()),
        // Each instance logs a warning that it serves one request at a time, which is expected.
        (LOG, read_variable(LOG).unwrap_or_else(|| "info,lambda_runtime=error".to_owned())),
    ];
    let mut variables: Variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    variables.extend(local_account());
    config(&variables)?;
    Ok(variables)
}

/// The access key of the local AWS account. The bucket alone checks it.
pub(crate) const ACCESS_KEY_ID: &str = "local";
/// The secret of [`ACCESS_KEY_ID`].
pub(crate) const SECRET_ACCESS_KEY: &str = "local";

/// Returns the settings of a local AWS account.
fn local_account() -> Variables {
    let variables = [
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
        // Without credentials the SDK would look for a role.
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY.to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        // The profiles of a real account must not be used.
        ("AWS_CONFIG_FILE", "/dev/null".to_owned()),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null".to_owned()),
        ("NO_PROXY", no_proxy()),
        ("no_proxy", no_proxy()),
    ];
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Returns the environment variables of an emulator of AWS at `endpoint` and of programs that deploy to it.
pub fn emulator_variables(endpoint: &str) -> Variables {
    let settings = [("AWS_ENDPOINT_URL", endpoint), ("SAM_CLI_TELEMETRY", "0")];
    let mut variables = local_account();
    variables.extend(settings.map(|(name, value)| (name.to_owned(), value.to_owned())));
    variables
}

/// Reads the variables as the engine does.
///
/// # Errors
/// If a variable is missing or invalid.
pub fn config(variables: &Variables) -> Result<Config> {
    Config::read(&|name| variables.get(name).cloned()).context("the functions' environment")
}

/// The variable by which a command that `cargo local with` runs finds its stack: the port.
pub const STACK: &str = "PLUGIN_ENGINE_STACK";

/// Returns the port of the stack whose `cargo local with` runs this command.
pub fn own_stack() -> Option<u16> {
    read_variable(STACK)?.parse().ok()
}

/// Returns the origins whose pages may call the API: `PLUGIN_ENGINE_FRONTEND_ORIGINS`, separated by commas, or else the frontend's
/// origin and that of a development server.
pub fn frontend_origins() -> Vec<String> {
    origins(&read_variable)
}

fn origins(get: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    if let Some(listed) = get("PLUGIN_ENGINE_FRONTEND_ORIGINS") {
        return listed.split(',').map(|origin| origin.trim().trim_end_matches('/').to_owned()).collect();
    }
    let frontend = get(FRONTEND).and_then(|url| Url::parse(&url).ok()).map(|url| url.origin().ascii_serialization());
    frontend.into_iter().chain([DEVELOPMENT_SERVER.to_owned()]).collect()
}

/// The origin of a frontend's development server, which the template's settings in `samconfig.toml` also name.
const DEVELOPMENT_SERVER: &str = "http://localhost:3000";

/// Returns the variables of a function's process: those of the runner that are not excluded, and `variables`.
pub fn with_inherited(variables: &Variables) -> Variables {
    let inherited =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let mut all: Variables = inherited.filter(|(name, _)| !is_excluded(name)).collect();
    all.extend(variables.clone());
    all
}

const CONNECT_PAGE: &str = "PLUGIN_ENGINE_CONNECT_PAGE_URL";
const FRONTEND: &str = "PLUGIN_ENGINE_FRONTEND_URL";
const LOG: &str = "PLUGIN_ENGINE_LOG";
const RETURN_ORIGINS: &str = "PLUGIN_ENGINE_RETURN_ORIGINS";

/// Returns true if a child process must not inherit the variable: settings of a deployment or of a real AWS account.
pub fn is_excluded(name: &str) -> bool {
    let inherited = [
        LOG,
        "PLUGIN_ENGINE_DEBUG",
        "PLUGIN_ENGINE_CA_FILE",
        "PLUGIN_ENGINE_READS_PER_MINUTE",
        "PLUGIN_ENGINE_WRITES_PER_MINUTE",
        "PLUGIN_ENGINE_INTENTS_PER_MINUTE",
        "PLUGIN_ENGINE_AUTHORIZES_PER_HOUR",
        "PLUGIN_ENGINE_AGENTS_PER_USER",
        "PLUGIN_ENGINE_SERIES_PER_USER",
        "PLUGIN_ENGINE_DELEGATIONS_PER_USER",
        "PLUGIN_ENGINE_MAPPINGS_PER_AGENT_AND_TOOL",
        "PLUGIN_ENGINE_TASKS_PER_DUE_MINUTE",
        "PLUGIN_ENGINE_TASK_WAIT_SECONDS",
    ];
    let setting = name.starts_with("PLUGIN_ENGINE_") && !inherited.contains(&name);
    // `AWS_LC_*` are build settings of the cryptography library: a change would rebuild it.
    let aws = name.starts_with("AWS_") && !name.starts_with("AWS_LC_");
    setting || aws
}

/// Returns the value of `NO_PROXY` that excludes the loopback interface.
fn no_proxy() -> String {
    let others = read_variable("NO_PROXY").or_else(|| read_variable("no_proxy"));
    others.into_iter().chain(["127.0.0.1,localhost".to_owned()]).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_client_replaces_the_sandbox() {
        let variables = |name: &str| name.starts_with("GOOGLE_").then(|| format!("my {name}"));
        let providers = Providers::read(&variables).unwrap();
        assert_eq!(providers.real(), ["gmail"]);
        assert_eq!(providers.clients["gmail"]["clientSecret"], "my GOOGLE_CLIENT_SECRET");
        assert_eq!(providers.clients["slack"]["clientId"], "sandbox-slack");
    }

    #[test]
    fn a_fake_of_a_provider_is_named_by_its_url() {
        let read = |urls: &'static str| Providers::read_fakes(&|name| (name == PROVIDER_URLS).then(|| urls.to_owned()));
        assert_eq!(read(r#"{"gmail":"http://127.0.0.1:1"}"#).unwrap().fakes["gmail"], "http://127.0.0.1:1");
        assert!(read("http://127.0.0.1:1").is_err());
    }

    #[test]
    fn a_client_id_without_a_secret_is_refused() {
        let variables = |name: &str| (name == "SLACK_CLIENT_ID").then(|| "id".to_owned());
        let message = Providers::read(&variables).unwrap_err().to_string();
        assert_eq!(message, "set both SLACK_CLIENT_ID and SLACK_CLIENT_SECRET, or neither");
    }

    #[test]
    fn origins_are_listed_or_follow_from_the_frontend() {
        let of = |name: &'static str, value: &'static str| origins(&|asked| (asked == name).then(|| value.to_owned()));
        assert_eq!(of("", ""), ["http://localhost:3000"]);
        assert_eq!(of(FRONTEND, "https://app.example.com/a?b"), ["https://app.example.com", "http://localhost:3000"]);
        let listed = "http://localhost:5173, https://app.example.com/";
        assert_eq!(of("PLUGIN_ENGINE_FRONTEND_ORIGINS", listed), ["http://localhost:5173", "https://app.example.com"]);
    }

    #[test]
    fn aws_and_deployment_settings_are_excluded() {
        assert!(is_excluded("AWS_PROFILE") && is_excluded("PLUGIN_ENGINE_JWT_SECRET"));
        assert!(
            !is_excluded("AWS_LC_SYS_NO_JITTER_ENTROPY") && !is_excluded("PLUGIN_ENGINE_LOG") && !is_excluded("PATH")
        );
    }
}
