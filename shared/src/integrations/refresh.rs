//! The refresh of a connection's tokens by one process at a time. A provider that rotates refresh tokens accepts each of them once,
//! so a refresh token must not be used twice, and the tokens received for it must not be lost:
//!
//! 1. A lease on this version of the tokens admits one process. The others use the current token while it is valid, and wait for
//!    the new one when it has expired.
//! 2. The token endpoint is called once, never retried, and only while there is time to store its response.
//! 3. The tokens are stored first, on a task that a dropped request cannot cancel, and the write is retried while there is time. If
//!    it fails, the lease remains, so that no other process uses the old refresh token meanwhile.
//! 4. A holder whose lease expired writes nothing.
//! 5. The tokens of a person beside the app's are refreshed after those are stored, under a further lease: nothing that happens then
//!    can lose the app's.
//!
//! A connection is marked as needing reauthorization only if the provider reports the grant as revoked, the row is unchanged, and
//! the vault holds no newer tokens: a process may have been killed between its two writes.

use jiff::{SignedDuration, Timestamp};
use tracing::Instrument as _;

use super::access::require_active;
use super::schedule::{self, MIN_REFRESH_TIME};
use super::{Access, IntegrationManager};
use crate::adapters::Adapter;
use crate::error::{Error, Kind, Result};
use crate::http::{NotAfter, TOTAL_TIMEOUT};
use crate::ids::UserId;
use crate::metrics::{self, Metric};
use crate::oauth::Grant;
use crate::retry;
use crate::tables::integrations::{CheckSchedule, Connection, RefreshLease, RefreshedTokens};
use crate::vault::{LatestVersion, TokenBinding, Tokens, UserTokens};

/// Duration of the refresh lease: longer than the token call and the writes after it, and short enough for a user to wait.
const LEASE_DURATION: SignedDuration = SignedDuration::from_secs(45);
/// Maximum wait of a process without the lease for the tokens of the holder.
const REFRESH_WAIT: SignedDuration = SignedDuration::from_secs(8);
/// Interval at which a waiting process reads the row.
const POLL_INTERVAL: SignedDuration = SignedDuration::from_millis(200);

/// A refresh that holds the lease.
struct Refresh {
    manager: IntegrationManager,
    user: UserId,
    adapter: &'static Adapter,
    /// The row as it was when the lease was acquired.
    connection: Connection,
    lease: String,
    lease_expires_at: Timestamp,
    /// Instant at which the function is killed.
    deadline: Timestamp,
}

/// Source of new tokens.
enum TokenSource {
    /// The provider's response; the tokens are stored nowhere else.
    Provider(Grant),
    /// The vault: an earlier refresh stored the tokens and did not commit them to the row.
    Orphan(LatestVersion),
}

impl IntegrationManager {
    /// Returns access when the current token is unusable, through a refresh of this process or of another.
    pub(super) async fn refresh_or_wait(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        connection: Connection,
        deadline: Timestamp,
    ) -> Result<Access> {
        let wait_until = deadline.min(self.clock.now() + REFRESH_WAIT);
        let mut row = connection.clone();
        let mut lease_is_free = true;
        loop {
            if lease_is_free && let Some(access) = self.try_refresh(user, adapter, &row, deadline).await? {
                return Ok(access);
            }
            row = require_active(adapter.tool, self.connections.get(connection.key(user, adapter.tool)).await?)?;
            if row.token_version != connection.token_version {
                return self.access_from(user, adapter, Some(row)).await;
            }
            let now = self.clock.now();
            let Some(lease_expires_at) = row.refresh_lease_until else {
                // The holder released the lease after a failure. If each waiting process called the provider now, it would
                // receive one call per process.
                return Err(Error::unavailable("another process could not refresh the token"));
            };
            if now >= wait_until {
                return Err(Error::unavailable("another process is refreshing the token"));
            }
            lease_is_free = lease_expires_at < now.as_millisecond();
            if !lease_is_free {
                self.clock.sleep_until(now + POLL_INTERVAL).await;
            }
        }
    }

    /// Refreshes the tokens if this process acquires the lease. `None`: another process has it, or the tokens are new already.
    pub(super) async fn try_refresh(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        connection: &Connection,
        deadline: Timestamp,
    ) -> Result<Option<Access>> {
        let now = self.clock.now();
        let (lease, lease_expires_at) = (self.random.ulid(now), now + LEASE_DURATION);
        let (key, version) = (connection.key(user, adapter.tool), &connection.token_version);
        let requested = RefreshLease { id: &lease, until: lease_expires_at };
        let leased = self.connections.acquire_refresh_lease(key, version, requested, now).await?;
        let Some(leased) = leased else { return Ok(None) };
        // An earlier holder did not release its lease: it may have received tokens that the row does not name.
        let resumed = connection.refresh_lease.is_some();
        let (manager, user) = (self.clone(), user.clone());
        let refresh = Refresh { manager, user, adapter, connection: leased, lease, lease_expires_at, deadline };
        // On a task of its own: a dropped request must not stop between the provider's response and the store.
        let refresh = async move { refresh.execute(resumed).await };
        tokio::spawn(refresh.in_current_span()).await.map_err(|error| Error::from_join_error(&error))?.map(Some)
    }
}

impl Refresh {
    /// Runs the refresh and counts its result.
    async fn execute(&self, resumed: bool) -> Result<Access> {
        let result = self.obtain_and_store(resumed).await;
        let outcome = match &result {
            Ok(_) => "done",
            Err(error) if error.tool_to_connect().is_some() => "revoked",
            Err(_) => "failed",
        };
        metrics::count(Metric::Refreshes, self.adapter.tool.as_str(), outcome, self.manager.clock.now());
        Ok(self.refresh_user_tokens(result?).await)
    }

    /// Obtains new tokens and stores them. Releases the lease where there is nothing to store.
    async fn obtain_and_store(&self, resumed: bool) -> Result<Access> {
        match self.obtain_tokens(resumed).await {
            Ok(TokenSource::Provider(grant)) => self.store_grant(grant).await,
            Ok(TokenSource::Orphan(orphan)) => self.recover_orphan(orphan).await,
            Err(Error::Provider(error)) if error.kind == Kind::AuthRevoked => {
                self.recover_or_mark_needs_reauth(&error.message).await
            }
            Err(error) => {
                // There is nothing to store, so the next caller need not wait until the lease expires.
                let key = self.connection.key(&self.user, self.adapter.tool);
                if let Err(error) = self.manager.connections.release_refresh_lease(key, &self.lease).await {
                    tracing::warn!(tool = %self.adapter.tool, ?error, "a refresh lease could not be released");
                }
                Err(error)
            }
        }
    }

    /// Obtains new tokens with at most one call of the token endpoint.
    async fn obtain_tokens(&self, resumed: bool) -> Result<TokenSource> {
        if resumed && let Some(orphan) = self.find_orphan().await? {
            return Ok(TokenSource::Orphan(orphan));
        }
        let Self { manager, user, adapter, connection, .. } = self;
        let (tokens, credentials) =
            futures::join!(manager.read_tokens(user, adapter, connection), manager.oauth.load_credentials(adapter));
        credentials?;
        let tokens = tokens?;
        let Some(refresh) = tokens.refresh else {
            return manager.mark_needs_reauth(user, adapter, connection, "there is no refresh token").await;
        };
        // The reads took time, and a process that was frozen and thawed must not act on a lease that another process may hold. A freeze
        // after this line is up to `exchange_limit`.
        if !self.has_time_for_exchange() {
            return Err(Error::unavailable("too little time is left for a refresh"));
        }
        let grant = manager.oauth.exchange_refresh_token(adapter, &refresh, Some(self.exchange_limit())).await?;
        // Without a refresh token in the response, the old one remains valid. RFC 6749 section 6.
        let refresh = grant.tokens.refresh.or(Some(refresh));
        let tokens = Tokens { refresh, user: tokens.user, ..grant.tokens };
        Ok(TokenSource::Provider(Grant { tokens, ..grant }))
    }

    /// Returns the instant from which the refresh token is not sent: the response would come after the end of the lease, when another
    /// process may send the same token.
    fn exchange_limit(&self) -> NotAfter {
        let until =
            self.deadline.min(self.lease_expires_at) - SignedDuration::try_from(TOTAL_TIMEOUT).unwrap_or_default();
        NotAfter::new(&self.manager.clock, until)
    }

    fn has_time_for_exchange(&self) -> bool {
        self.manager.clock.now() + MIN_REFRESH_TIME <= self.deadline.min(self.lease_expires_at)
    }

    /// Refreshes the person's own tokens beside the app's, which are stored already. After a failure the old ones stay, and the next
    /// refresh tries again.
    async fn refresh_user_tokens(&self, access: Access) -> Access {
        if !access.has_user_token() {
            return access;
        }
        match self.lease_user_tokens(&access.connection).await {
            Ok(refreshed) => refreshed.unwrap_or(access),
            Err(error) => {
                tracing::warn!(tool = %self.adapter.tool, %error, "a person's own tokens could not be refreshed");
                access
            }
        }
    }

    /// Refreshes the person's own tokens if this process acquires the lease for it.
    async fn lease_user_tokens(&self, connection: &Connection) -> Result<Option<Access>> {
        let Self { manager, user, adapter, deadline, .. } = self;
        let (key, now) = (connection.key(user, adapter.tool), manager.clock.now());
        let (lease, lease_expires_at) = (manager.random.ulid(now), now + LEASE_DURATION);
        let requested = RefreshLease { id: &lease, until: lease_expires_at };
        let leased = manager.connections.acquire_refresh_lease(key, &connection.token_version, requested, now).await?;
        let Some(leased) = leased else { return Ok(None) };
        let (manager, user) = (manager.clone(), user.clone());
        let further = Self { manager, user, adapter, connection: leased, lease, lease_expires_at, deadline: *deadline };
        let refreshed = further.exchange_user_tokens().await;
        if !matches!(refreshed, Ok(Some(_))) {
            self.manager.connections.release_refresh_lease(key, &further.lease).await?;
        }
        refreshed
    }

    /// Exchanges the person's own refresh token and stores the result. A token that the provider rejects is forgotten.
    async fn exchange_user_tokens(&self) -> Result<Option<Access>> {
        let Self { manager, user, adapter, connection, .. } = self;
        let tokens = manager.read_tokens(user, adapter, connection).await?;
        let Some(refresh) = tokens.user.as_ref().and_then(|user| user.refresh.clone()) else { return Ok(None) };
        if !self.has_time_for_exchange() {
            return Err(Error::unavailable("too little time is left for a refresh"));
        }
        let user = match manager.oauth.exchange_refresh_token(adapter, &refresh, Some(self.exchange_limit())).await {
            Ok(Grant { tokens, .. }) => {
                Some(UserTokens { access: tokens.access, refresh: tokens.refresh.or(Some(refresh)) })
            }
            Err(Error::Provider(error)) if error.kind == Kind::AuthRevoked => None,
            Err(error) => return Err(error),
        };
        self.store(Tokens { user, ..tokens }, connection.expires_at).await.map(Some)
    }

    /// Stores the tokens that the provider granted.
    async fn store_grant(&self, Grant { tokens, expires_in, .. }: Grant) -> Result<Access> {
        let now = self.manager.clock.now();
        self.store(tokens, expires_in.and_then(|lifetime| now.checked_add(lifetime).ok())).await
    }

    /// Stores tokens as a new version, in the vault and then in the row.
    async fn store(&self, tokens: Tokens, expires_at: Option<Timestamp>) -> Result<Access> {
        let Self { manager, user, adapter, connection, .. } = self;
        let version = manager.random.ulid(manager.clock.now());
        let binding = TokenBinding { version: &version, ..TokenBinding::of(user, adapter.tool, connection) };
        let replace = || manager.vault.replace(binding, &tokens, &connection.tokens);
        let stored = retry::write_until(&manager.clock, self.deadline, replace).await?;
        let user_token_ended = has_user_token_ended(adapter, connection, &tokens);
        let refreshed = RefreshedTokens { token_version: version, tokens: stored, expires_at, user_token_ended };
        self.commit_pointer(tokens, refreshed).await
    }

    /// Commits orphaned tokens to the row. Their expiry is unknown; the provider rejects them when they expire.
    async fn recover_orphan(&self, LatestVersion { version, stored, tokens }: LatestVersion) -> Result<Access> {
        tracing::warn!(tool = %self.adapter.tool, "recovering tokens that an interrupted refresh stored in the vault");
        let user_token_ended = has_user_token_ended(self.adapter, &self.connection, &tokens);
        let refreshed = RefreshedTokens { token_version: version, tokens: stored, expires_at: None, user_token_ended };
        self.commit_pointer(tokens, refreshed).await
    }

    /// Commits the version and the location of the stored tokens to the row.
    async fn commit_pointer(&self, tokens: Tokens, refreshed: RefreshedTokens) -> Result<Access> {
        let Self { manager, user, adapter, connection, lease, .. } = self;
        let (connections, now) = (&manager.connections, manager.clock.now());
        let key = connection.key(user, adapter.tool);
        let check = CheckSchedule { now, next_check_at: schedule::refresh_at(refreshed.expires_at, now) };
        let store = || connections.store_refreshed(key, lease, &refreshed, check);
        match retry::write_until(&manager.clock, self.deadline, store).await? {
            Some(connection) => Ok(Access::new(tokens, connection)),
            // The tool was reconnected, disconnected, or refreshed by a later holder of the lease: the row is authoritative.
            None => manager.access_from(user, adapter, connections.get(key).await?).await,
        }
    }

    /// Handles a revoked grant: uses the tokens of a process that refreshed first, or an orphan; otherwise marks the connection.
    async fn recover_or_mark_needs_reauth(&self, reason: &str) -> Result<Access> {
        let Self { manager, user, adapter, connection, .. } = self;
        let row = require_active(adapter.tool, manager.connections.get(connection.key(user, adapter.tool)).await?)?;
        if row.token_version != connection.token_version {
            return manager.access_from(user, adapter, Some(row)).await;
        }
        match self.find_orphan().await? {
            Some(orphan) => self.recover_orphan(orphan).await,
            None => manager.mark_needs_reauth(user, adapter, connection, reason).await,
        }
    }

    /// Finds tokens in the vault that are newer than the row's.
    async fn find_orphan(&self) -> Result<Option<LatestVersion>> {
        let binding = TokenBinding::of(&self.user, self.adapter.tool, &self.connection);
        let latest = self.manager.vault.latest(binding, &self.connection.tokens).await?;
        // Versions sort by time. An older one was written late, by a holder whose lease had expired.
        Ok(latest.filter(|latest| latest.version > self.connection.token_version))
    }
}

/// True if a connection with a token of the person's own has none any more. A person's ready token is the connection's only one.
fn has_user_token_ended(adapter: &Adapter, connection: &Connection, tokens: &Tokens) -> bool {
    connection.user_scopes.is_some() && tokens.user.is_none() && !adapter.is_user_token(&tokens.access)
}
