//! The state of one sandbox, behind one lock: every request sees and leaves a consistent state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::faults::FaultPlan;
use crate::issuer::SigningKey;
use crate::ledger::{Effect, Ledger};
use crate::oauth::{Grants, OAuthApp, TokenState};
use crate::strangeness::Strangeness;
use crate::{asana, aws, gmail, notes, notion, slack};

/// The state of the providers, the issuer, AWS, faults and the ledger.
pub(crate) struct SandboxState {
    pub(crate) base_url: String,
    pub(crate) issuer_key: Arc<SigningKey>,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    /// The entropy at the start, so that a reset sandbox is deterministic.
    initial_entropy: Entropy,
    pub(crate) ledger: Ledger,
    /// The owner of the token that authenticated the request being served; `None` before authentication.
    token_owner: Option<String>,
    pub(crate) faults: FaultPlan,
    pub(crate) strangeness: Strangeness,
    /// The URIs of [`crate::Sandbox::register_redirect_uri`].
    pub(crate) redirect_uris: BTreeSet<String>,
    /// The number of requests by path.
    pub(crate) call_counts: BTreeMap<String, usize>,
    pub(crate) gmail: gmail::State,
    pub(crate) slack: slack::State,
    pub(crate) notion: notion::State,
    pub(crate) asana: asana::State,
    pub(crate) notes: notes::State,
    pub(crate) aws: aws::State,
}

impl SandboxState {
    pub(crate) fn new(issuer_key: Arc<SigningKey>, clock: Clock, entropy: Entropy) -> Self {
        let now = clock.millis();
        Self {
            // Not used for connections in process; the engine requires loopback hosts of providers.
            base_url: "http://localhost".to_owned(),
            issuer_key,
            clock,
            initial_entropy: entropy.clone(),
            entropy,
            ledger: Ledger::default(),
            token_owner: None,
            faults: FaultPlan::default(),
            strangeness: Strangeness::documented(),
            redirect_uris: BTreeSet::new(),
            call_counts: BTreeMap::new(),
            gmail: gmail::State::seeded(now),
            slack: slack::State::seeded(now),
            notion: notion::State::seeded(now),
            asana: asana::State::seeded(now),
            notes: notes::State::default(),
            aws: aws::State::default(),
        }
    }

    /// Restores the initial state: data, tokens, ledger, faults and clock. The base URL, the issuer's key and
    /// the strangeness are kept.
    pub(crate) fn reset(&mut self) {
        let mut clock = self.clock.clone();
        clock.reset();
        let fresh = Self::new(Arc::clone(&self.issuer_key), clock, self.initial_entropy.clone());
        let base_url = std::mem::take(&mut self.base_url);
        *self = Self { base_url, strangeness: self.strangeness, ..fresh };
        self.set_strangeness(self.strangeness);
    }

    /// Makes the providers as strange as named.
    pub(crate) fn set_strangeness(&mut self, strangeness: Strangeness) {
        self.strangeness = strangeness;
        slack::show_alerts(&mut self.slack, strangeness.slack.has_alerts);
    }

    /// True if lists show an object that was created at this time in unix milliseconds. The clock can be moved back: an object of
    /// its future is listed.
    pub(crate) fn is_listed(&self, created_millis: i64) -> bool {
        let lag = self.strangeness.list_lag_seconds;
        let age_millis = self.clock.millis() - created_millis;
        lag == 0 || age_millis < 0 || age_millis >= lag * 1_000
    }

    /// Returns the grants of a provider by its OAuth prefix; `gmail` is an alias of `google`.
    pub(crate) fn grants(&mut self, provider: &str) -> Option<&mut Grants> {
        match provider {
            "google" | "gmail" => Some(&mut self.gmail.grants),
            "slack" => Some(&mut self.slack.grants),
            "notion" => Some(&mut self.notion.grants),
            "asana" => Some(&mut self.asana.grants),
            "notes" => Some(&mut self.notes.grants),
            _ => None,
        }
    }

    /// Starts a request, which has no authenticated token yet.
    pub(crate) fn start_request(&mut self) {
        self.token_owner = None;
    }

    /// Returns the state of a bearer token at a provider. The owner of a valid token becomes the author of the request's effects.
    pub(crate) fn authenticate(&mut self, provider: &str, token: &str) -> TokenState {
        let now = self.clock.seconds();
        let found = self.grants(provider).map_or(TokenState::Unknown, |grants| grants.token_state(token, now));
        if let TokenState::Valid { grant, .. } = &found {
            self.token_owner = Some(grant.account.clone());
        }
        found
    }

    /// Appends an effect of the authenticated token to the ledger.
    pub(crate) fn record_effect(&mut self, provider: &str, kind: &str, id: &str, account: &str, request: Value) {
        let by = self.token_owner.clone().unwrap_or_default();
        let at = self.clock.rfc3339();
        let (provider, kind) = (provider.to_owned(), kind.to_owned());
        let (id, account) = (id.to_owned(), account.to_owned());
        self.ledger.append(Effect { seq: 0, provider, kind, id, account, by, at, request });
    }

    /// Appends an effect on a grant to the ledger. Its author is the grant's owner, also if a client without a token caused it.
    pub(crate) fn record_grant_effect(&mut self, app: &OAuthApp, kind: &str, number: usize, mut request: Value) {
        let Some(grant) = self.grants(app.provider).map(|grants| grants.grant(number).clone()) else { return };
        self.token_owner = Some(grant.account.clone());
        request["client_id"] = json!(app.client_id);
        self.record_effect(app.provider, kind, &format!("grant-{}", number + 1), grant.target(), request);
    }
}
