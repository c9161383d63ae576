//! `IntegrationManager`: a person's connections, from consent to disconnect, and the access tokens of their actions.

mod access;
mod connecting;
mod identifying;
mod maintenance;
mod naming;
mod public_connection;
mod refresh;
mod schedule;
mod status;

pub use access::{Access, missing_scope};
pub use connecting::{Callback, CallbackError, CallbackHandler, CompletedConnect, ConnectChoice, ConsentStarter};
pub use maintenance::MaintenanceReport;
pub use naming::{AccountNaming, NameChange};
pub use public_connection::{Connected, PublicConnection};
pub use status::{AuthStatus, ConnectionReader, UnavailableAction};

use futures::future::try_join_all;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

use crate::account::{Account, AccountId, AccountName};
use crate::adapters::Adapter;
use crate::clock::{Clock, Random};
use crate::deployment::{Deployment, Part};
use crate::error::{Error, Result};
use crate::events::{Event, EventBus};
use crate::ids::{Creator, UserId};
use crate::oauth::{Grant, OAuth};
use crate::scheduler::WaitingTasks;
use crate::tables::integrations::{
    BreakerKey, CallGuards, CheckSchedule, Connection, ConnectionItems, ConnectionKey, ConnectionStatus, ConsentScopes,
    MAX_ACCOUNTS, OAuthFlowItems, SharedGrantItems, StoredTokens, ToolAccounts,
};
use crate::vault::{FlowCipher, TokenBinding, TokenVault, Tokens};

/// Connections of all users. Cheap to clone.
#[derive(Clone, Debug)]
pub struct IntegrationManager {
    pub(crate) connections: ConnectionItems,
    pub(crate) flows: OAuthFlowItems,
    pub(crate) shared_grants: SharedGrantItems,
    pub(crate) waiting: WaitingTasks,
    pub(crate) oauth: OAuth,
    pub(crate) vault: TokenVault,
    pub(crate) cipher: FlowCipher,
    pub(crate) events: EventBus,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
}

impl Part for IntegrationManager {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, clock, random, .. } = deployment;
        let table = &config.tables.integrations;
        Self {
            connections: ConnectionItems::new(dynamodb.clone(), table.clone()),
            flows: OAuthFlowItems::new(dynamodb.clone(), table.clone()),
            shared_grants: SharedGrantItems::new(dynamodb.clone(), table.clone()),
            waiting: deployment.part::<WaitingTasks>().clone(),
            oauth: deployment.part::<OAuth>().clone(),
            vault: deployment.part::<TokenVault>().clone(),
            cipher: deployment.part::<FlowCipher>().clone(),
            events: deployment.part::<EventBus>().clone(),
            clock: clock.clone(),
            random: random.clone(),
        }
    }
}

/// Tokens to store, as a consent grants them or `POST /integrations` accepts them.
#[derive(Debug)]
pub struct ReadyTokens {
    /// The tokens.
    pub tokens: Tokens,
    /// Expiry of the access token.
    pub expires_at: Option<Timestamp>,
    /// Granted scopes; empty if unknown.
    pub scopes: Vec<String>,
    /// The scopes of the person's own token, empty if unknown; absent without such a token.
    pub user_scopes: Option<Vec<String>>,
    /// The scopes that the consent asked for; none for a ready token.
    pub requested_scopes: ConsentScopes,
    /// Free-form data stored with the connection.
    pub metadata: Map<String, Value>,
}

impl ReadyTokens {
    /// Tokens of which only the scopes are known, if any.
    pub fn new(tokens: Tokens, scopes: Vec<String>) -> Self {
        Self {
            tokens,
            expires_at: None,
            scopes,
            user_scopes: None,
            requested_scopes: ConsentScopes::default(),
            metadata: Map::new(),
        }
    }
}

impl IntegrationManager {
    /// Stores a ready token as the connection of the account that the provider names for it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a token that the provider rejects; the errors of [`IntegrationManager::connect`].
    pub async fn connect_ready(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        mut ready: ReadyTokens,
    ) -> Result<PublicConnection> {
        let (account, refreshed) = self.account_of_ready(adapter, &mut ready.tokens, &ready.scopes).await?;
        if let Some(Grant { expires_in, .. }) = refreshed {
            ready.expires_at = expires_in.and_then(|lifetime| self.clock.now().checked_add(lifetime).ok());
        }
        if adapter.is_user_token(&ready.tokens.access) {
            ready.user_scopes = Some(ready.scopes.clone());
        }
        self.connect(user, adapter, account, ready).await
    }

    /// Stores tokens as the connection of an account. A previous connection of the same account is replaced, and remains usable
    /// until then; other accounts are not touched.
    ///
    /// # Errors
    /// [`Error::CapReached`] for an eleventh account of the tool; [`Error::Unavailable`], [`Error::Internal`];
    /// [`Error::Conflict`] when the account was disconnected meanwhile.
    pub async fn connect(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        account: Account,
        ready: ReadyTokens,
    ) -> Result<PublicConnection> {
        let (now, tool) = (self.clock.now(), adapter.tool);
        let accounts = self.connections.load_accounts(user, tool).await?;
        let account = place_account(&accounts, account)?;
        let version = self.random.ulid(now);
        let reserved = self.vault.reserve_secret(&version);
        let mut connection = Connection {
            tool: tool.to_string(),
            account,
            status: ConnectionStatus::Connecting,
            scopes: ready.scopes,
            requested_scopes: ready.requested_scopes.scopes,
            // Absent until the tokens are stored: a registered secret must not give them to an earlier connection.
            user_scopes: None,
            requested_user_scopes: ready.requested_scopes.user_scopes,
            expires_at: None,
            refreshable: ready.tokens.refresh.is_some(),
            metadata: ready.metadata,
            token_version: version.clone(),
            tokens: StoredTokens::EncryptedColumn(String::new()),
            secrets: BTreeSet::new(),
            refresh_lease: None,
            refresh_lease_until: None,
            last_error: None,
            created_at: now,
            updated_at: now,
            last_used_on: schedule::day(now),
        };
        let id = connection.account.id.clone();
        let key = ConnectionKey { user, tool, account: &id };
        let grants = shared_grants(adapter, &connection.account);
        try_join_all(grants.iter().map(|grant| self.shared_grants.hold(grant, key))).await?;
        let (mut has_orphans, mut registered) = (false, None);
        if let Some(name) = &reserved {
            // The row names the secret before the secret exists: maintenance finds it if the process stops from here on.
            connection.tokens = StoredTokens::Secret { name: name.clone(), version: String::new() };
            let row = self.connections.register_secret(key, name, &connection, now).await?;
            has_orphans = row.secrets.len() > 1;
            registered = Some(row);
        }
        let binding = TokenBinding { user, tool, account: &id, version: &version };
        connection.tokens = self.vault.create(binding, &ready.tokens, reserved.as_deref()).await?;
        connection.status = ConnectionStatus::Active;
        connection.user_scopes = ready.user_scopes;
        connection.expires_at = ready.expires_at;
        let first_check_at = schedule::first_check_at(&connection, has_orphans);
        let replaced = self.connections.store_connection(key, &connection, first_check_at).await?;
        // A lost response had the replaced connection; the row that registered the secret has it too.
        let replaced = replaced.or(registered);
        self.remove_replaced_secret(key, replaced.as_ref(), &connection).await;
        self.events.publish(user, Event::IntegrationConnected { tool, account_id: id.clone() }).await;
        self.waiting.request_resume(user, tool, &id).await;
        Ok(PublicConnection::new(connection, &accounts))
    }

    /// Removes the secret of a replaced connection. After a failure, maintenance removes it.
    async fn remove_replaced_secret(
        &self,
        key: ConnectionKey<'_>,
        replaced: Option<&Connection>,
        current: &Connection,
    ) {
        let secret = replaced.and_then(Connection::current_secret);
        let Some(secret) = secret.filter(|secret| Some(*secret) != current.current_secret()) else { return };
        if let Err(error) = self.remove_secrets(key, &BTreeSet::from([secret.clone()])).await {
            tracing::warn!(tool = %key.tool, ?error, "the secret of a replaced connection could not be removed; maintenance tries again");
        }
    }

    async fn remove_secrets(&self, key: ConnectionKey<'_>, secrets: &BTreeSet<String>) -> Result<()> {
        self.vault.delete_secrets(secrets).await?;
        self.connections.unregister_secrets(key, secrets).await
    }

    /// Loads the guards that decide if an agent of the user may call an account now, in one store call.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub(crate) async fn load_guards(&self, of: BreakerKey<'_>, creator: Option<&Creator>) -> Result<CallGuards> {
        self.connections.load_guards(of, creator).await
    }

    /// Disconnects an account: the connection becomes unusable, the grant is revoked at the provider if no other connection shares
    /// it, the tokens and the row are deleted. Maintenance completes an interrupted disconnect. Returns the account.
    ///
    /// # Errors
    /// [`Error::NotFound`] when nothing is connected; [`Error::AmbiguousAccount`], [`Error::UnknownAccount`]. An unreachable
    /// provider does not prevent the deletion of the tokens; the failed revocation is logged.
    pub async fn disconnect(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        named: Option<&AccountName>,
    ) -> Result<Account> {
        let tool = adapter.tool;
        let accounts = self.connections.load_accounts(user, tool).await?;
        let id = accounts.select_any(named)?.account.id.clone();
        let (now, key) = (self.clock.now(), ConnectionKey { user, tool, account: &id });
        let check = CheckSchedule { now, next_check_at: now + schedule::DISCONNECT_TIMEOUT };
        let connection = self.connections.mark_disconnecting(key, check).await?;
        match self.revoke_grant(user, adapter, &connection).await {
            Ok(()) => {}
            Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => return Err(error),
            Err(error) => tracing::warn!(%tool, %error, "the provider did not accept the revocation of a grant"),
        }
        self.delete_connection(user, adapter, &connection).await?;
        Ok(connection.account)
    }

    /// Revokes the grant at the provider. Of a grant that another connection shares, only the person's own token is revoked.
    async fn revoke_grant(&self, user: &UserId, adapter: &'static Adapter, connection: &Connection) -> Result<()> {
        let (grants, key) = (shared_grants(adapter, &connection.account), connection.key(user, adapter.tool));
        let released = try_join_all(grants.iter().map(|grant| self.shared_grants.release(grant, key))).await?;
        let is_shared = released.contains(&false);
        if is_shared && connection.user_scopes.is_none() {
            return Ok(());
        }
        let binding = TokenBinding::of(user, adapter.tool, connection);
        match self.vault.read(binding, &connection.tokens).await {
            Ok(tokens) if is_shared => self.oauth.revoke_user_tokens(adapter, &tokens).await,
            Ok(tokens) => self.oauth.revoke(adapter, &tokens).await,
            // Without tokens there is nothing to revoke.
            Err(Error::NotFound(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Deletes an incomplete connection: its secrets, then the row that names them. Returns true if the row is deleted; during a
    /// connect it is not.
    async fn delete_connection(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        connection: &Connection,
    ) -> Result<bool> {
        let mut secrets = connection.orphaned_secrets(self.clock.now());
        secrets.extend(connection.current_secret().cloned());
        self.vault.delete_secrets(&secrets).await?;
        let tool = adapter.tool;
        let deleted = connection.secrets.is_subset(&secrets)
            && self.connections.delete_incomplete(connection.key(user, tool), connection).await?;
        if deleted && connection.status == ConnectionStatus::Disconnecting {
            let account_id = connection.account.id.clone();
            self.events.publish(user, Event::IntegrationDisconnected { tool, account_id }).await;
        }
        Ok(deleted)
    }
}

/// The ids of the grant that an account's connection shares with others, if a revocation ends more than this connection.
fn shared_grants(adapter: &Adapter, account: &Account) -> Vec<String> {
    let shared = adapter.oauth.revoke.and_then(|revoke| revoke.shared_grant);
    shared.map_or_else(Vec::new, |grants| grants(account))
}

/// Returns the account under the id that its connection has or will have.
///
/// A connection that is known by its address alone keeps its id when a consent names the account behind that address: work is
/// bound to it.
fn place_account(accounts: &ToolAccounts, account: Account) -> Result<Account> {
    if accounts.find(&account.id).is_some() {
        return Ok(account);
    }
    let by_address = account.email.as_deref().and_then(AccountId::of_address);
    if let Some(id) = by_address.filter(|id| accounts.find(id).is_some()) {
        return Ok(Account { id, ..account });
    }
    // Two connects at once can both be the tenth: the cap bounds a query, and one more item does not matter.
    if accounts.connections.len() >= MAX_ACCOUNTS {
        return Err(Error::CapReached { things: "connected accounts of a tool", max: MAX_ACCOUNTS });
    }
    Ok(account)
}
