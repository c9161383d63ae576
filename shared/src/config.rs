//! Configuration: the only module that reads the environment. The table of infra/README.md lists all variables.

mod files;
mod return_origins;

pub use files::FilesConfig;
pub use return_origins::ReturnOrigins;

use jsonwebtoken::Algorithm;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

use crate::account::AccountId;
use crate::keys::encode;
use crate::tool::Tool;

/// A missing or invalid setting. It stops the function at its start.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {reason}")]
pub struct ConfigError {
    name: &'static str,
    reason: String,
}

/// Settings of a function.
#[derive(Clone, Debug)]
pub struct Config {
    /// `PLUGIN_ENGINE_STAGE`: part of the names of resources that are created at run time. Default `local`.
    pub stage: String,
    /// `PLUGIN_ENGINE_TABLE_*`.
    pub tables: TableNames,
    /// `PLUGIN_ENGINE_FILES_BUCKET` and its server.
    pub files: FilesConfig,
    /// `PLUGIN_ENGINE_EVENT_BUS`: the bus of outcome events; without it they are only logged.
    pub event_bus: Option<String>,
    /// `PLUGIN_ENGINE_FRONTEND_URL`: the page that a person reaches after the consent.
    pub frontend_url: Url,
    /// `PLUGIN_ENGINE_CONNECT_PAGE_URL`: the page where a person connects a tool. Default: none, and no `connectUrl` anywhere.
    pub connect_page: Option<ConnectPage>,
    /// `PLUGIN_ENGINE_RETURN_ORIGINS`: comma list of the origins of pages that `returnTo` may name. Default: none.
    pub return_origins: ReturnOrigins,
    /// `PLUGIN_ENGINE_OAUTH_REDIRECT_URI`: the redirect URI, as registered with the providers.
    pub redirect_uri: Url,
    /// `PLUGIN_ENGINE_JWT_*`.
    pub jwt: JwtConfig,
    /// `PLUGIN_ENGINE_VAULT`: `encrypted-column` or `secrets-manager`. Default `secrets-manager`.
    pub vault: VaultKind,
    /// `PLUGIN_ENGINE_KEYRING` (the keyring itself) or `PLUGIN_ENGINE_KEYRING_SECRET` (the secret that holds it).
    pub keyring: SecretSource,
    /// `PLUGIN_ENGINE_FLOWS_KEYRING` or `PLUGIN_ENGINE_FLOWS_KEYRING_SECRET`: the keyring of connects in progress.
    pub flows_keyring: SecretSource,
    /// `PLUGIN_ENGINE_KMS_KEY`: the KMS key of the secrets of new connections. Default: the account's key for Secrets Manager.
    pub kms_key: Option<String>,
    /// `PLUGIN_ENGINE_CLIENTS` (JSON by tool) or `PLUGIN_ENGINE_CLIENTS_SECRET` (the secret that holds it).
    pub clients: SecretSource,
    /// `PLUGIN_ENGINE_PROVIDER_URLS`: JSON map from an origin's name to a loopback URL, for the sandbox.
    pub provider_urls: BTreeMap<String, Url>,
    /// `PLUGIN_ENGINE_CA_FILE`: a PEM file of certificate authorities to trust in addition to the public ones.
    pub ca_file: Option<PathBuf>,
    /// `PLUGIN_ENGINE_TIMEOUT_SECONDS`: the function's own timeout. Default 29 s.
    pub timeout: Duration,
    /// `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`: the function's memory in MiB, set by Lambda; long responses of providers share it. Default 256.
    pub memory_mib: usize,
    /// `PLUGIN_ENGINE_READS_PER_MINUTE`: limit of requests per user that read. Default 1,200, or 20 a second: a page that polls makes
    /// less than one. Composio allows an organization 2,000 requests of any kind a minute, IcePanel 2,400 reads and 60 writes.
    pub reads_per_minute: u32,
    /// `PLUGIN_ENGINE_WRITES_PER_MINUTE`: limit of requests per user that write. Default 600: half the reads, ten times the intents.
    pub writes_per_minute: u32,
    /// `PLUGIN_ENGINE_INTENTS_PER_MINUTE`: limit of intents per user. Default 60.
    pub intents_per_minute: u32,
    /// `PLUGIN_ENGINE_AUTHORIZES_PER_HOUR`: limit of started connects per user. Default 10.
    pub authorizes_per_hour: u32,
    /// `PLUGIN_ENGINE_AGENTS_PER_USER`: limit of agents per user. Default 200.
    pub agents_per_user: usize,
    /// `PLUGIN_ENGINE_SERIES_PER_USER`: limit of living series per user. Default 200.
    pub series_per_user: usize,
    /// `PLUGIN_ENGINE_DELEGATIONS_PER_USER`: limit of delegations per user. Default 50.
    pub delegations_per_user: usize,
    /// `PLUGIN_ENGINE_MAPPINGS_PER_AGENT_AND_TOOL`: limit of context mappings per agent and tool. Default 10,000.
    pub mappings_per_agent_and_tool: usize,
    /// `PLUGIN_ENGINE_TASKS_PER_DUE_MINUTE`: limit of a user's tasks that are due in the same minute. Default 1,000.
    pub tasks_per_due_minute: u32,
    /// `PLUGIN_ENGINE_MAX_LIMITED_HOURS`: the longest time for which rate limits can defer a task. Default 24 h.
    pub max_limited: Duration,
    /// `PLUGIN_ENGINE_TASK_WAIT_SECONDS`: longest time that a request waits for a task's end; 0 answers at once. Default 20 s.
    pub task_wait: Duration,
    /// `PLUGIN_ENGINE_LOG`: the log filter. Default `info`.
    pub log: Option<String>,
    /// `PLUGIN_ENGINE_DEBUG`: `true` logs in more detail, still without content, unless a filter is set. Default `false`.
    pub debug: bool,
}

/// The address of the page where a person connects a tool, with the placeholders `{tool}` and `{account}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectPage(String);

impl ConnectPage {
    /// Parses a template such as `https://app.example.com/connect?tool={tool}&account={account}`: an http or https URL without other
    /// placeholders.
    fn parse(template: &str) -> Option<Self> {
        let page = Self(template.to_owned());
        let example = page.0.replace("{tool}", "gmail").replace("{account}", "1");
        let url = Url::parse(&example).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        url.filter(|_| !example.contains(['{', '}'])).map(|_| page)
    }

    /// Returns the address for one tool: to connect an account again, or a new one.
    pub fn url(&self, tool: Tool, account: Option<&AccountId>) -> String {
        let account = account.map_or_else(String::new, |account| encode(account.as_str()));
        self.0.replace("{tool}", tool.as_str()).replace("{account}", &account)
    }
}

/// Names of the five tables; `plugin-engine-<stage>-<table>` unless set.
#[derive(Clone, Debug)]
pub struct TableNames {
    /// Connections, and the short-lived rows of the OAuth flow.
    pub integrations: String,
    /// Tasks and immediate attempts.
    pub tasks: String,
    /// The error log and its counters.
    pub errors: String,
    /// Fallback messages.
    pub fallbacks: String,
    /// Context mappings.
    pub mappings: String,
}

/// Settings of the verification of callers' tokens.
#[derive(Clone, Debug)]
pub struct JwtConfig {
    /// `PLUGIN_ENGINE_JWT_ISSUER`: the required `iss` of a token.
    pub issuer: String,
    /// `PLUGIN_ENGINE_JWT_AUDIENCE`: comma list of audiences; a token's `aud` must name one of them.
    pub audiences: Vec<String>,
    /// `PLUGIN_ENGINE_JWT_CLIENT_ID_AS_AUDIENCE`: `true` reads `client_id` in a token without `aud`. Default `false`.
    pub client_id_as_audience: bool,
    /// `PLUGIN_ENGINE_JWT_ALGORITHMS`: comma list of RS256 and ES256, or HS256 alone. Default `RS256`.
    pub algorithms: Vec<Algorithm>,
    /// Source of the keys.
    pub keys: JwtKeys,
}

/// Source of the keys that verify tokens.
#[derive(Clone, Debug)]
pub enum JwtKeys {
    /// `PLUGIN_ENGINE_JWT_JWKS_URL`; default `<issuer>/.well-known/jwks.json`.
    Jwks(Url),
    /// `PLUGIN_ENGINE_JWT_SECRET`, for HS256.
    Secret(SecretString),
}

/// Storage of the providers' tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultKind {
    /// An encrypted column of the connection's row.
    EncryptedColumn,
    /// One Secrets Manager secret per connection.
    SecretsManager,
}

/// A secret setting: its text, or the id of the Secrets Manager secret that holds it.
#[derive(Clone, Debug)]
pub enum SecretSource {
    /// The text itself.
    Inline(SecretString),
    /// The secret's name or ARN.
    Secret(String),
}

/// The setting of [`Config::return_origins`], which a refusal of `returnTo` names.
const RETURN_ORIGINS: &str = "PLUGIN_ENGINE_RETURN_ORIGINS";

impl Config {
    /// Reads the settings from the process's environment.
    ///
    /// # Errors
    /// [`ConfigError`] names the first variable that is missing or invalid.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(&variable)
    }

    /// Reads the settings from `get`.
    ///
    /// # Errors
    /// [`ConfigError`] names the first variable that is missing or invalid.
    pub fn read(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let stage = get("PLUGIN_ENGINE_STAGE").unwrap_or_else(|| "local".to_owned());
        Ok(Self {
            tables: TableNames::read(get, &stage),
            files: FilesConfig::read(get, &stage)?,
            event_bus: get("PLUGIN_ENGINE_EVENT_BUS"),
            frontend_url: url(get, "PLUGIN_ENGINE_FRONTEND_URL")?,
            connect_page: connect_page(get)?,
            return_origins: ReturnOrigins::read(get)?,
            redirect_uri: url(get, "PLUGIN_ENGINE_OAUTH_REDIRECT_URI")?,
            jwt: JwtConfig::read(get)?,
            vault: vault_kind(get)?,
            keyring: secret_source(get, "PLUGIN_ENGINE_KEYRING", "PLUGIN_ENGINE_KEYRING_SECRET")?,
            flows_keyring: secret_source(get, "PLUGIN_ENGINE_FLOWS_KEYRING", "PLUGIN_ENGINE_FLOWS_KEYRING_SECRET")?,
            kms_key: get("PLUGIN_ENGINE_KMS_KEY"),
            clients: secret_source(get, "PLUGIN_ENGINE_CLIENTS", "PLUGIN_ENGINE_CLIENTS_SECRET")?,
            provider_urls: provider_urls(get)?,
            ca_file: get("PLUGIN_ENGINE_CA_FILE").map(PathBuf::from),
            timeout: Duration::from_secs(number(get, "PLUGIN_ENGINE_TIMEOUT_SECONDS", 29)?),
            memory_mib: number(get, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", 256)?,
            reads_per_minute: number(get, "PLUGIN_ENGINE_READS_PER_MINUTE", 1200)?,
            writes_per_minute: number(get, "PLUGIN_ENGINE_WRITES_PER_MINUTE", 600)?,
            intents_per_minute: number(get, "PLUGIN_ENGINE_INTENTS_PER_MINUTE", 60)?,
            authorizes_per_hour: number(get, "PLUGIN_ENGINE_AUTHORIZES_PER_HOUR", 10)?,
            agents_per_user: number(get, "PLUGIN_ENGINE_AGENTS_PER_USER", 200)?,
            series_per_user: number(get, "PLUGIN_ENGINE_SERIES_PER_USER", 200)?,
            delegations_per_user: number(get, "PLUGIN_ENGINE_DELEGATIONS_PER_USER", 50)?,
            mappings_per_agent_and_tool: number(get, "PLUGIN_ENGINE_MAPPINGS_PER_AGENT_AND_TOOL", 10_000)?,
            tasks_per_due_minute: number(get, "PLUGIN_ENGINE_TASKS_PER_DUE_MINUTE", 1000)?,
            max_limited: Duration::from_secs(3600 * number(get, "PLUGIN_ENGINE_MAX_LIMITED_HOURS", 24)?),
            task_wait: Duration::from_secs(number(get, "PLUGIN_ENGINE_TASK_WAIT_SECONDS", 20)?),
            log: get("PLUGIN_ENGINE_LOG"),
            debug: flag(get, "PLUGIN_ENGINE_DEBUG")?,
            stage,
        })
    }
}

/// Returns a variable of the process's environment; `None` if it is missing or empty.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl TableNames {
    /// Reads the names from `get`; the default name of a table is `plugin-engine-<stage>-<table>`.
    pub fn read(get: &dyn Fn(&str) -> Option<String>, stage: &str) -> Self {
        let name = |variable: &str, table: &str| {
            get(&format!("PLUGIN_ENGINE_TABLE_{variable}")).unwrap_or_else(|| format!("plugin-engine-{stage}-{table}"))
        };
        Self {
            integrations: name("INTEGRATIONS", "integrations"),
            tasks: name("TASKS", "tasks"),
            errors: name("ERRORS", "errors"),
            fallbacks: name("FALLBACKS", "fallbacks"),
            mappings: name("MAPPINGS", "mappings"),
        }
    }
}

impl JwtConfig {
    fn read(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        const ALGORITHMS: &str = "PLUGIN_ENGINE_JWT_ALGORITHMS";
        let issuer = required(get, "PLUGIN_ENGINE_JWT_ISSUER")?;
        let algorithms = get(ALGORITHMS).unwrap_or_else(|| "RS256".to_owned());
        let algorithms = algorithms
            .split(',')
            .map(|name| match name.trim() {
                "RS256" => Ok(Algorithm::RS256),
                "ES256" => Ok(Algorithm::ES256),
                "HS256" => Ok(Algorithm::HS256),
                other => Err(config_error(
                    ALGORITHMS,
                    format!("'{other}' is not supported; must be RS256, ES256 or HS256, for example RS256"),
                )),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let keys = match algorithms.as_slice() {
            [Algorithm::HS256] => JwtKeys::Secret(required(get, "PLUGIN_ENGINE_JWT_SECRET")?.into()),
            // Algorithm confusion: a public key must never be accepted as an HMAC secret.
            mixed if mixed.contains(&Algorithm::HS256) => {
                return Err(config_error(ALGORITHMS, "HS256 cannot be combined with other algorithms".to_owned()));
            }
            _ => JwtKeys::Jwks(match get("PLUGIN_ENGINE_JWT_JWKS_URL") {
                Some(text) => parse_url("PLUGIN_ENGINE_JWT_JWKS_URL", &text)?,
                None => {
                    let text = format!("{}/.well-known/jwks.json", issuer.trim_end_matches('/'));
                    parse_url("PLUGIN_ENGINE_JWT_ISSUER", &text)?
                }
            }),
        };
        let client_id_as_audience = flag(get, "PLUGIN_ENGINE_JWT_CLIENT_ID_AS_AUDIENCE")?;
        Ok(Self { audiences: audiences(get)?, client_id_as_audience, issuer, algorithms, keys })
    }
}

fn audiences(get: &dyn Fn(&str) -> Option<String>) -> Result<Vec<String>, ConfigError> {
    const NAME: &str = "PLUGIN_ENGINE_JWT_AUDIENCE";
    let list = required(get, NAME)?;
    let audiences: Vec<_> = list.split(',').map(|audience| audience.trim().to_owned()).collect();
    let has_gap = audiences.iter().any(String::is_empty);
    if has_gap { Err(config_error(NAME, "must be a comma list without gaps".to_owned())) } else { Ok(audiences) }
}

fn connect_page(get: &dyn Fn(&str) -> Option<String>) -> Result<Option<ConnectPage>, ConfigError> {
    const NAME: &str = "PLUGIN_ENGINE_CONNECT_PAGE_URL";
    let Some(template) = get(NAME) else { return Ok(None) };
    let reason = "must be an http or https URL whose only placeholders are {tool} and {account}, \
                  for example https://app.example.com/connect?tool={tool}&account={account}";
    ConnectPage::parse(&template).map(Some).ok_or_else(|| config_error(NAME, reason.to_owned()))
}

fn config_error(name: &'static str, reason: String) -> ConfigError {
    ConfigError { name, reason }
}

fn required(get: &dyn Fn(&str) -> Option<String>, name: &'static str) -> Result<String, ConfigError> {
    get(name).ok_or_else(|| config_error(name, "must be set".to_owned()))
}

fn url(get: &dyn Fn(&str) -> Option<String>, name: &'static str) -> Result<Url, ConfigError> {
    parse_url(name, &required(get, name)?)
}

fn parse_url(name: &'static str, text: &str) -> Result<Url, ConfigError> {
    Url::parse(text).map_err(|error| config_error(name, error.to_string()))
}

fn number<T: std::str::FromStr>(
    get: &dyn Fn(&str) -> Option<String>,
    name: &'static str,
    default: T,
) -> Result<T, ConfigError> {
    match get(name) {
        Some(text) => text
            .parse()
            .map_err(|_| config_error(name, format!("'{text}' is not a whole number; must be one, for example 60"))),
        None => Ok(default),
    }
}

fn flag(get: &dyn Fn(&str) -> Option<String>, name: &'static str) -> Result<bool, ConfigError> {
    match get(name).as_deref() {
        Some("true") => Ok(true),
        Some("false") | None => Ok(false),
        Some(other) => Err(config_error(name, format!("'{other}' is not a flag; must be 'true' or 'false'"))),
    }
}

fn vault_kind(get: &dyn Fn(&str) -> Option<String>) -> Result<VaultKind, ConfigError> {
    match get("PLUGIN_ENGINE_VAULT").as_deref() {
        Some("encrypted-column") => Ok(VaultKind::EncryptedColumn),
        Some("secrets-manager") | None => Ok(VaultKind::SecretsManager),
        Some(other) => {
            let reason = format!("'{other}' is not a vault; must be 'encrypted-column' or 'secrets-manager'");
            Err(config_error("PLUGIN_ENGINE_VAULT", reason))
        }
    }
}

fn secret_source(
    get: &dyn Fn(&str) -> Option<String>,
    inline: &'static str,
    id: &'static str,
) -> Result<SecretSource, ConfigError> {
    match (get(inline), get(id)) {
        (Some(text), _) => Ok(SecretSource::Inline(text.into())),
        (None, Some(id)) => Ok(SecretSource::Secret(id)),
        (None, None) => Err(config_error(inline, format!("must be set, or {id}"))),
    }
}

fn provider_urls(get: &dyn Fn(&str) -> Option<String>) -> Result<BTreeMap<String, Url>, ConfigError> {
    const NAME: &str = "PLUGIN_ENGINE_PROVIDER_URLS";
    let Some(text) = get(NAME) else { return Ok(BTreeMap::new()) };
    let urls: BTreeMap<String, Url> =
        serde_json::from_str(&text).map_err(|error| config_error(NAME, error.to_string()))?;
    for (name, url) in &urls {
        let loopback = match url.host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            Some(url::Host::Domain(domain)) => domain == "localhost",
            None => false,
        };
        // Tokens are sent to these addresses: any other machine would be a leak by configuration.
        if !loopback {
            return Err(config_error(
                NAME,
                format!("'{name}' must point to the loopback, for example http://127.0.0.1:9100"),
            ));
        }
    }
    Ok(urls)
}

#[cfg(test)]
mod tests;
