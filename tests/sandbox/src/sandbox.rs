//! The handle to a sandbox's state.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::any;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::faults::{Fault, inject_faults};
use crate::http::{ApiResponse, handler};
use crate::issuer::{self, SigningKey};
use crate::ledger::Effect;
use crate::oauth::{Grant, Grants};
use crate::server::RunningSandbox;
use crate::state::SandboxState;
use crate::strangeness::Strangeness;
use crate::{asana, aws, control, gmail, notes, notion, oauth, slack};

/// A sandbox, in process or on a socket. A clone is another handle to the same state.
#[derive(Clone)]
pub struct Sandbox {
    state: Arc<Mutex<SandboxState>>,
}

/// A pair of tokens, as issued after a consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// The bearer token for API calls.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: String,
}

impl Tokens {
    /// Reads the two tokens of a token endpoint's response.
    pub(crate) fn from_reply(reply: &Value) -> Self {
        let text = |name: &str| reply[name].as_str().unwrap_or("").to_owned();
        Self { access_token: text("access_token"), refresh_token: text("refresh_token") }
    }
}

impl Sandbox {
    /// Creates a sandbox with its seed data. The issuer's key is generated once per process and shared by parallel tests.
    pub fn new() -> Self {
        Self::with_parts(shared_issuer_key(), Clock::system(), Entropy::system())
    }

    /// Creates a sandbox whose issuer signs with this PKCS#8 key (P-256: ES256, RSA: RS256), so that tokens stay valid after a
    /// restart.
    ///
    /// # Errors
    /// If the bytes are neither a P-256 nor an RSA key in PKCS#8.
    pub fn with_issuer_key(pkcs8: Vec<u8>) -> Result<Self, String> {
        let key = SigningKey::from_pkcs8(pkcs8)?;
        Ok(Self::with_parts(Arc::new(key), Clock::system(), Entropy::system()))
    }

    /// Creates a deterministic sandbox for simulations: it starts at `unix_seconds`, follows tokio's (possibly paused) time, and
    /// derives tokens and codes from `seed`. The issuer's tokens still use the real time by default.
    pub fn simulated(unix_seconds: i64, seed: u64) -> Self {
        Self::with_parts(shared_issuer_key(), Clock::starting_at(unix_seconds), Entropy::seeded(seed))
    }

    /// Generates a P-256 key for [`Sandbox::with_issuer_key`], as PKCS#8 DER.
    pub fn generate_issuer_key() -> Vec<u8> {
        SigningKey::generate()
    }

    /// Generates an RSA key for [`Sandbox::with_issuer_key`], as PKCS#8 DER. API Gateway's authorizer supports RSA only.
    pub fn generate_rsa_issuer_key() -> Vec<u8> {
        SigningKey::generate_rsa()
    }

    fn with_parts(key: Arc<SigningKey>, clock: Clock, entropy: Entropy) -> Self {
        Self { state: Arc::new(Mutex::new(SandboxState::new(key, clock, entropy))) }
    }

    /// Returns all routes as a tower service, for calls in process. A response with [`crate::DroppedConnection`] in its
    /// extensions means a closed connection.
    pub fn router(&self) -> Router {
        Router::new()
            .nest("/google", gmail::oauth_routes())
            .nest("/gmail", gmail::routes())
            .nest("/slack", slack::routes())
            .nest("/notion", notion::routes())
            .nest("/asana", asana::routes())
            .nest("/notes", notes::routes())
            .nest(issuer::PREFIX, issuer::routes())
            .nest(control::PREFIX, control::routes())
            .merge(aws::s3::routes())
            .route("/aws", any(handler(aws::dispatch)))
            .route("/aws/", any(handler(aws::dispatch)))
            .fallback(handler(|_, _| Err(ApiResponse::json(404, json!({"error": "the sandbox has no such path"})))))
            .layer(from_fn_with_state(self.clone(), inject_faults))
            .with_state(self.clone())
    }

    /// Listens on `addr` (loopback only; port 0 picks a free one) and takes its base URL from it.
    ///
    /// # Errors
    /// If the address is not loopback or cannot be bound.
    pub async fn bind(self, addr: SocketAddr) -> io::Result<RunningSandbox> {
        RunningSandbox::start(self, addr).await
    }

    /// Sets the base URL of the issuer's `iss` and of links, for a sandbox that is not bound to a socket itself.
    pub fn set_base_url(&self, url: &str) {
        let url = url.trim_end_matches('/').to_owned();
        self.with_state(|state| state.base_url = url);
    }

    /// Signs a token with these claims, merged over the defaults `iss`, `aud`, `iat` and `exp` (12 hours); a null removes a
    /// default.
    pub fn sign_token(&self, claims: Value) -> String {
        self.with_state(|state| issuer::sign(state, claims))
    }

    /// Registers a redirect URI with every provider, as the operator of a deployment does. URIs on the loopback need no
    /// registration.
    pub fn register_redirect_uri(&self, uri: &str) {
        self.with_state(|state| state.redirect_uris.insert(uri.to_owned()));
    }

    /// Returns all effects of clients so far, in order.
    pub fn effects(&self) -> Vec<Effect> {
        self.with_state(|state| state.ledger.effects().to_vec())
    }

    /// Returns the effects after the first `seen` ones; all of them if there are fewer, because the sandbox was reset.
    pub fn effects_after(&self, seen: u64) -> Vec<Effect> {
        self.with_state(|state| {
            let effects = state.ledger.effects();
            let seen = usize::try_from(seen).unwrap_or(usize::MAX);
            effects.get(seen..).unwrap_or(effects).to_vec()
        })
    }

    /// Returns the number of requests to a path (`/slack/api/oauth.v2.access`), failed ones included; the ledger has effects
    /// only.
    pub fn call_count(&self, path: &str) -> usize {
        self.with_state(|state| state.call_counts.get(path).copied().unwrap_or_default())
    }

    /// Makes the providers as strange as named, from the next request on. A reset keeps it.
    pub fn set_strangeness(&self, strangeness: Strangeness) {
        self.with_state(|state| state.set_strangeness(strangeness));
    }

    /// Returns the strangeness of the providers.
    pub fn strangeness(&self) -> Strangeness {
        self.with_state(|state| state.strangeness)
    }

    /// Edits a draft as its owner does in Gmail: it gets a new message with this text and without the headers of the client.
    /// Returns the id of the new message; `None` for an unknown draft.
    pub fn edit_gmail_draft(&self, id: &str, text: &str) -> Option<String> {
        self.with_state(|state| gmail::edit_draft(state, id, text))
    }

    /// Changes the schema of a data source as a person does in Notion: `properties` is in the form of an update. Returns false for an
    /// unknown data source or an invalid change.
    pub fn change_notion_schema(&self, data_source: &str, properties: &Value) -> bool {
        self.with_state(|state| notion::change_schema(state, data_source, properties))
    }

    /// Plans a failure. Unlike the control endpoint this accepts any provider name; an unknown one never matches.
    pub fn fault(&self, fault: Fault) {
        self.with_state(|state| state.faults.add(fault));
    }

    /// Returns the planned failures that are not used up yet.
    pub fn pending_faults(&self) -> Vec<Fault> {
        self.with_state(|state| state.faults.planned().to_vec())
    }

    /// Moves the sandbox's clock (negative: back). Tokens expire and scheduled messages are posted accordingly.
    pub fn advance_clock(&self, seconds: i64) {
        self.with_state(|state| state.clock.advance(seconds));
    }

    /// Returns the sandbox's time in unix seconds.
    pub fn now(&self) -> i64 {
        self.with_state(|state| state.clock.seconds())
    }

    /// Returns the names of the secrets in Secrets Manager.
    pub fn secret_names(&self) -> Vec<String> {
        self.with_state(|state| state.aws.secret_names())
    }

    /// Returns the keys in the bucket of files that start with `prefix`, in order.
    pub fn object_keys(&self, prefix: &str) -> Vec<String> {
        let listed = |key: &&String| key.starts_with(prefix);
        self.with_state(|state| state.aws.objects.keys().filter(listed).cloned().collect())
    }

    /// Returns the bytes of an object in the bucket of files.
    pub fn object(&self, key: &str) -> Option<Bytes> {
        self.with_state(|state| state.aws.objects.get(key).map(|object| object.bytes.clone()))
    }

    /// Replaces the bytes of an object in the bucket of files.
    pub fn replace_object(&self, key: &str, bytes: Bytes) {
        self.with_state(|state| {
            if let Some(object) = state.aws.objects.get_mut(key) {
                object.bytes = bytes;
            }
        });
    }

    /// Deletes the objects that start with `prefix` from the bucket of files, as a rule of its lifecycle does; returns their
    /// number.
    pub fn delete_objects(&self, prefix: &str) -> usize {
        self.with_state(|state| state.aws.objects.extract_if(.., |key, _| key.starts_with(prefix)).count())
    }

    /// Expires all access tokens of a provider (`google` or `gmail`, `slack`, `notion`, `asana`, `notes`).
    pub fn expire_tokens(&self, provider: &str) {
        self.with_state(|state| {
            if let Some(grants) = state.grants(provider) {
                grants.expire_all();
            }
        });
    }

    /// Revokes all grants of a provider, as its user would in the provider's settings: access and refresh tokens become invalid.
    pub fn revoke_grants(&self, provider: &str) {
        self.with_state(|state| {
            if let Some(grants) = state.grants(provider) {
                grants.revoke_all();
            }
        });
    }

    /// Issues tokens for `account` with `scopes` without the consent page, for tests that do not cover OAuth. The ledger records
    /// a `token_issued` as usual. `None` for an unknown provider or account.
    pub fn grant(&self, provider: &str, account: &str, scopes: &[&str]) -> Option<Tokens> {
        self.grant_in(provider, "", account, scopes)
    }

    /// Issues tokens as [`Sandbox::grant`] does, for a Slack team or a Notion workspace; empty is the default one. `None` also for
    /// an unknown workspace, and for one that the person is not a member of.
    pub fn grant_in(&self, provider: &str, workspace: &str, account: &str, scopes: &[&str]) -> Option<Tokens> {
        let (account, workspace) = (account.to_owned(), workspace.to_owned());
        let grant = Grant { account, workspace, scopes: owned(scopes), ..Grant::default() };
        self.with_state(|state| oauth::grant_without_consent(state, provider, grant))
    }

    /// Issues the tokens of a person in a Slack team, whose empty id is the default one, and none of the bot.
    pub fn grant_slack_user(&self, team: &str, account: &str, user_scopes: &[&str]) -> Option<Tokens> {
        let (account, workspace) = (account.to_owned(), team.to_owned());
        let grant = Grant { account, workspace, user_scopes: owned(user_scopes), ..Grant::default() };
        self.with_state(|state| oauth::grant_without_consent(state, "slack", grant))
    }

    /// Revokes the grants of one person at a provider, as the person does in the provider's settings; returns their number.
    pub fn revoke_grants_of(&self, provider: &str, account: &str) -> usize {
        self.with_state(|state| state.grants(provider).map_or(0, |grants| grants.revoke_account(account)))
    }

    /// Removes the app from a Slack team, as an admin does: all tokens end, and the bot leaves its channels. Returns the number of
    /// grants.
    pub fn uninstall_slack_app(&self, team: &str) -> usize {
        self.with_state(|state| slack::uninstall_from(state, team))
    }

    /// Revokes the tokens of all persons at Slack; those of the bots stay valid.
    pub fn revoke_slack_user_tokens(&self) {
        self.with_state(slack::revoke_user_tokens);
    }

    /// Returns all issued codes and tokens by provider, for [`Sandbox::import_grants`] after a restart. Other state is not
    /// exported.
    pub fn export_grants(&self) -> Value {
        self.with_state(|state| {
            json!({
                "google": state.gmail.grants,
                "slack": state.slack.grants,
                "notion": state.notion.grants,
                "asana": state.asana.grants,
                "notes": state.notes.grants,
            })
        })
    }

    /// Restores the codes and tokens of an earlier [`Sandbox::export_grants`].
    ///
    /// # Errors
    /// If the value does not parse; nothing is changed then.
    pub fn import_grants(&self, exported: Value) -> Result<(), String> {
        let mut exported: BTreeMap<String, Grants> =
            serde_json::from_value(exported).map_err(|error| error.to_string())?;
        self.with_state(|state| {
            for (provider, grants) in &mut exported {
                if let Some(target) = state.grants(provider) {
                    *target = std::mem::take(grants);
                }
            }
        });
        Ok(())
    }

    /// Adds mails, messages, rows, pages or tasks to a provider that together, or alone, are longer than the 5 MiB that the engine
    /// reads of a response. [`crate::fixtures`] has their ids.
    pub fn add_long_content(&self, provider: &str) {
        self.with_state(|state| {
            let now = state.clock.millis();
            match provider {
                "gmail" => gmail::add_long_content(&mut state.gmail, now),
                "slack" => slack::add_long_content(&mut state.slack, now),
                "notion" => notion::add_long_content(&mut state.notion, now),
                "asana" => asana::add_long_content(&mut state.asana, now),
                _ => {}
            }
        });
    }

    /// Sets the metadata of [`crate::fixtures::slack::BOT_MESSAGE`], as if an application had posted that message so.
    pub fn set_slack_metadata(&self, metadata: Value) {
        self.with_state(|state| slack::set_bot_metadata(&mut state.slack, metadata));
    }

    /// Restores the seed data, empties the ledger, removes faults and tokens, and resets the clock.
    pub fn reset(&self) {
        self.with_state(SandboxState::reset);
    }

    /// Runs `operation` on the locked state. The state stays usable after a handler panicked, so lock poisoning is ignored.
    pub(crate) fn with_state<T>(&self, operation: impl FnOnce(&mut SandboxState) -> T) -> T {
        operation(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The state is omitted: it contains tokens and is long.
        f.debug_struct("Sandbox").finish_non_exhaustive()
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn shared_issuer_key() -> Arc<SigningKey> {
    static KEY: OnceLock<Arc<SigningKey>> = OnceLock::new();
    let generate = || SigningKey::from_pkcs8(SigningKey::generate()).expect("a key just generated is valid");
    Arc::clone(KEY.get_or_init(|| Arc::new(generate())))
}
