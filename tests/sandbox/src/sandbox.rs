//! The handle to one world.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::any;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::faults::{Fault, inject_faults};
use crate::http::{ApiResponse, handler};
use crate::issuer::{self, SigningKey};
use crate::ledger::Effect;
use crate::oauth::Grants;
use crate::server::RunningSandbox;
use crate::state::SandboxState;
use crate::{asana, aws, control, gmail, notes, notion, oauth, slack};

/// A running or in-process sandbox; a clone is another handle to the same world.
#[derive(Clone)]
pub struct Sandbox {
    state: Arc<Mutex<SandboxState>>,
}

/// A ready pair of tokens, as a finished consent would have given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// The bearer token for API calls.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: String,
}

impl Tokens {
    /// The two tokens of a token endpoint's reply.
    pub(crate) fn from_reply(reply: &Value) -> Self {
        let text = |name: &str| reply[name].as_str().unwrap_or("").to_owned();
        Self { access_token: text("access_token"), refresh_token: text("refresh_token") }
    }
}

impl Sandbox {
    /// A fresh world. The issuer's key is made once per process: parallel tests share it.
    pub fn new() -> Self {
        Self::with_parts(shared_issuer_key(), Clock::system(), Entropy::system())
    }

    /// A fresh world whose issuer signs with this PKCS#8 key (P-256: ES256, RSA: RS256), so that tokens outlive a restart.
    ///
    /// # Errors
    /// When the bytes are neither a P-256 nor an RSA key in PKCS#8.
    pub fn with_issuer_key(pkcs8: Vec<u8>) -> Result<Self, String> {
        let key = SigningKey::from_pkcs8(pkcs8)?;
        Ok(Self::with_parts(Arc::new(key), Clock::system(), Entropy::system()))
    }

    /// A world for simulations: it starts at `unix_seconds`, follows tokio's (possibly paused) time, and draws tokens and codes
    /// from `seed`, so that the same run gives the same bytes. The issuer's tokens still use the real time unless given claims.
    pub fn simulated(unix_seconds: i64, seed: u64) -> Self {
        Self::with_parts(shared_issuer_key(), Clock::starting_at(unix_seconds), Entropy::seeded(seed))
    }

    /// A new P-256 key for [`Sandbox::with_issuer_key`], as PKCS#8 DER.
    pub fn generate_issuer_key() -> Vec<u8> {
        SigningKey::generate()
    }

    /// A new RSA key for [`Sandbox::with_issuer_key`], as PKCS#8 DER: API Gateway's authorizer knows no other kind.
    pub fn generate_rsa_issuer_key() -> Vec<u8> {
        SigningKey::generate_rsa()
    }

    fn with_parts(key: Arc<SigningKey>, clock: Clock, entropy: Entropy) -> Self {
        Self { state: Arc::new(Mutex::new(SandboxState::new(key, clock, entropy))) }
    }

    /// All paths as a tower service, for calls in process. A response that carries [`crate::Dropped`] in its extensions stands
    /// for a closed connection.
    pub fn router(&self) -> Router {
        Router::new()
            .nest("/google", gmail::oauth_routes())
            .nest("/gmail", gmail::routes())
            .nest("/slack", slack::routes())
            .nest("/notion", notion::routes())
            .nest("/asana", asana::routes())
            .nest("/notes", notes::routes())
            .nest("/issuer", issuer::routes())
            .nest("/_control", control::routes())
            .route("/aws", any(handler(aws::dispatch)))
            .route("/aws/", any(handler(aws::dispatch)))
            .fallback(handler(|_, _| Err(ApiResponse::json(404, json!({"error": "the sandbox has no such path"})))))
            .layer(from_fn_with_state(self.clone(), inject_faults))
            .with_state(self.clone())
    }

    /// Listens on `addr` (loopback only; port 0 picks a free one) and takes its base URL from it.
    ///
    /// # Errors
    /// When the address is not loopback or cannot be bound.
    pub async fn bind(self, addr: SocketAddr) -> io::Result<RunningSandbox> {
        RunningSandbox::start(self, addr).await
    }

    /// The base URL used in the issuer's `iss` and in links, when the sandbox is not bound to a socket itself.
    pub fn set_base_url(&self, url: &str) {
        let url = url.trim_end_matches('/').to_owned();
        self.with_state(|world| world.base_url = url);
    }

    /// Signs exactly these claims, merged over the defaults `iss`, `aud`, `iat` and `exp` (12 hours); a null removes a default.
    pub fn sign_token(&self, claims: Value) -> String {
        self.with_state(|world| issuer::sign(world, claims))
    }

    /// Registers a redirect URI with every provider, as the operator of a deployment does. Those on the loopback need none.
    pub fn register_redirect_uri(&self, uri: &str) {
        self.with_state(|world| world.redirect_uris.insert(uri.to_owned()));
    }

    /// Everything clients did to the world so far, in order.
    pub fn effects(&self) -> Vec<Effect> {
        self.with_state(|world| world.ledger.effects().to_vec())
    }

    /// How many calls came to a path (`/slack/api/oauth.v2.access`), whatever became of them: the ledger shows effects alone.
    pub fn call_count(&self, path: &str) -> usize {
        self.with_state(|world| world.call_counts.get(path).copied().unwrap_or_default())
    }

    /// Plans a failure. Unlike the control path this takes any provider name; one that no path has never fires.
    pub fn fault(&self, fault: Fault) {
        self.with_state(|world| world.faults.add(fault));
    }

    /// The planned failures that were not used up yet.
    pub fn pending_faults(&self) -> Vec<Fault> {
        self.with_state(|world| world.faults.planned().to_vec())
    }

    /// Moves the sandbox's clock (negative: back). Tokens expire and scheduled messages are posted by it.
    pub fn advance_clock(&self, seconds: i64) {
        self.with_state(|world| world.clock.advance(seconds));
    }

    /// The sandbox's time in unix seconds.
    pub fn now(&self) -> i64 {
        self.with_state(|world| world.clock.seconds())
    }

    /// The names of the secrets in Secrets Manager.
    pub fn secret_names(&self) -> Vec<String> {
        self.with_state(|world| world.aws.secret_names())
    }

    /// Makes every live access token of a provider (`google` or `gmail`, `slack`, `notion`, `asana`) expired at once.
    pub fn expire_tokens(&self, provider: &str) {
        self.with_state(|world| {
            if let Some(grants) = world.grants(provider) {
                grants.expire_all();
            }
        });
    }

    /// Withdraws every grant of a provider, as its user would in the provider's settings: access and refresh tokens die.
    pub fn revoke_grants(&self, provider: &str) {
        self.with_state(|world| {
            if let Some(grants) = world.grants(provider) {
                grants.revoke_all();
            }
        });
    }

    /// Tokens for `account` with `scopes`, without the consent page: for tests whose subject is not OAuth. The ledger shows a
    /// `token_issued` like any other. `None` for an unknown provider or account.
    pub fn grant(&self, provider: &str, account: &str, scopes: &[&str]) -> Option<Tokens> {
        self.with_state(|world| oauth::grant_without_consent(world, provider, account, scopes))
    }

    /// Every code and token that was given out, by provider: for [`Sandbox::restore_grants`] after a restart. The rest of the
    /// world begins anew.
    pub fn export_grants(&self) -> Value {
        self.with_state(|world| {
            json!({
                "google": world.gmail.grants,
                "slack": world.slack.grants,
                "notion": world.notion.grants,
                "asana": world.asana.grants,
                "notes": world.notes.grants,
            })
        })
    }

    /// Gives the codes and tokens of an earlier [`Sandbox::grants`] out again.
    ///
    /// # Errors
    /// When the value is no such thing; nothing is changed then.
    pub fn import_grants(&self, kept: Value) -> Result<(), String> {
        let mut kept: BTreeMap<String, Grants> = serde_json::from_value(kept).map_err(|error| error.to_string())?;
        self.with_state(|world| {
            for (provider, grants) in &mut kept {
                if let Some(place) = world.grants(provider) {
                    *place = std::mem::take(grants);
                }
            }
        });
        Ok(())
    }

    /// The starting world again, with an empty ledger, no faults, no tokens and the clock put back.
    pub fn reset(&self) {
        self.with_state(SandboxState::reset);
    }

    /// Runs `work` on the locked world. A handler that panicked leaves a usable world behind, so poison is ignored.
    pub(crate) fn with_state<T>(&self, work: impl FnOnce(&mut SandboxState) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the world: it holds tokens and is long.
        f.debug_struct("Sandbox").finish_non_exhaustive()
    }
}

fn shared_issuer_key() -> Arc<SigningKey> {
    static KEY: OnceLock<Arc<SigningKey>> = OnceLock::new();
    let fresh = || SigningKey::from_pkcs8(SigningKey::generate()).expect("a key just generated is valid");
    Arc::clone(KEY.get_or_init(|| Arc::new(fresh())))
}
