//! The access token of an action's provider calls.

use jiff::Timestamp;
use jiff::civil::Date;
use secrecy::SecretString;

use super::IntegrationManager;
use super::schedule::{self, TokenState};
use crate::adapters::Adapter;
use crate::adapters::action::{ActionDef, TokenKind};
use crate::error::{Error, Result};
use crate::events::Event;
use crate::ids::UserId;
use crate::tables::integrations::{Connection, ConnectionKey, ConnectionStatus};
use crate::tool::Tool;
use crate::vault::{TokenBinding, Tokens};

/// A usable connection with its access tokens.
#[derive(Clone, Debug)]
pub struct Access {
    token: SecretString,
    user_token: Option<SecretString>,
    /// The connection that the tokens belong to.
    pub connection: Connection,
}

impl Access {
    pub(super) fn new(tokens: Tokens, connection: Connection) -> Self {
        Self { token: tokens.access, user_token: tokens.user.map(|user| user.access), connection }
    }

    pub(super) fn has_user_token(&self) -> bool {
        self.user_token.is_some()
    }

    /// Returns the access token of an action's provider calls.
    pub fn token(&self, action: &ActionDef) -> &SecretString {
        match (action.token, &self.user_token) {
            (TokenKind::User, Some(user_token)) => user_token,
            // The only token: the app's, or a ready token of the person.
            (TokenKind::User, None) | (TokenKind::App, _) => &self.token,
        }
    }
}

/// Returns the scope that an action needs and that was not granted, as a text for people. `None` also where the granted scopes are
/// unknown: then the provider decides.
pub fn missing_scope(connection: &Connection, action: &ActionDef) -> Option<String> {
    let granted = match action.token {
        TokenKind::App => Some(&connection.scopes),
        TokenKind::User => connection.user_scopes.as_ref(),
    };
    match granted {
        None => action.missing_scope(&[]).map(|needed| format!("{needed} for a user token")),
        Some(unknown) if unknown.is_empty() => None,
        Some(granted) => action.missing_scope(granted),
    }
}

impl IntegrationManager {
    /// Returns the access for an action from the row that was read for it, and refreshes the token if needed. The function is
    /// killed at `deadline`.
    ///
    /// # Errors
    /// [`Error::NotConnected`], [`Error::ReauthRequired`], [`Error::MissingScope`]; [`Error::Provider`] or
    /// [`Error::Unavailable`] when an expired token could not be refreshed now.
    pub async fn acquire_access(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        action: &ActionDef,
        connection: Option<Connection>,
        deadline: Timestamp,
    ) -> Result<Access> {
        let tool = adapter.tool;
        let connection = require_active(tool, connection)?;
        if let Some(needed) = missing_scope(&connection, action) {
            return Err(Error::MissingScope { tool, needed });
        }
        match (schedule::token_state(&connection, self.clock.now(), &self.random), connection.refreshable) {
            (TokenState::Expired, true) => self.refresh_or_wait(user, adapter, connection, deadline).await,
            (TokenState::Expired, false) => Err(Error::ReauthRequired { tool }),
            (TokenState::ExpiresSoon, true) => self.refresh_early(user, adapter, connection, deadline).await,
            (TokenState::ExpiresSoon, false) | (TokenState::Valid, _) => {
                self.load_access(user, adapter, connection).await
            }
        }
    }

    /// Stores the day of a use, at the first use of a day. `known` is the day that is stored.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub(crate) async fn mark_used(&self, key: ConnectionKey<'_>, known: Date) -> Result<()> {
        let today = schedule::day(self.clock.now());
        if known < today { self.connections.mark_used(key, today).await } else { Ok(()) }
    }

    /// Refreshes a token that is still valid. The current token is used when another process holds the refresh lease, or when
    /// the refresh failed.
    async fn refresh_early(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        connection: Connection,
        deadline: Timestamp,
    ) -> Result<Access> {
        match self.try_refresh(user, adapter, &connection, deadline).await {
            Ok(Some(access)) => return Ok(access),
            Ok(None) => {}
            Err(error) if error.tool_to_connect().is_some() => return Err(error),
            Err(error) => {
                tracing::warn!(tool = %adapter.tool, %error, "an early token refresh failed; the current token is used");
            }
        }
        self.load_access(user, adapter, connection).await
    }

    /// Refreshes the token of an action that the provider rejected before its expiry.
    ///
    /// # Errors
    /// [`Error::ReauthRequired`] when there is no refresh token or the grant is revoked.
    pub async fn refresh_rejected(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        action: &ActionDef,
        rejected: &Access,
        deadline: Timestamp,
    ) -> Result<Access> {
        let connection = rejected.connection.clone();
        if !connection.refreshable {
            // The end of the person's own token is not the end of the app's.
            if action.token == TokenKind::User && rejected.has_user_token() {
                return Err(Error::ReauthRequired { tool: adapter.tool });
            }
            return self.mark_needs_reauth(user, adapter, &connection, "the provider rejects the token").await;
        }
        self.refresh_or_wait(user, adapter, connection, deadline).await
    }

    /// Returns the access of a row that was read again, whichever process wrote it.
    pub(super) async fn access_from(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        row: Option<Connection>,
    ) -> Result<Access> {
        self.load_access(user, adapter, require_active(adapter.tool, row)?).await
    }

    async fn load_access(&self, user: &UserId, adapter: &'static Adapter, connection: Connection) -> Result<Access> {
        let tokens = self.read_tokens(user, adapter, &connection).await?;
        Ok(Access::new(tokens, connection))
    }

    /// Reads the tokens from the vault. Tokens that are missing there mark the connection as needing reauthorization.
    pub(super) async fn read_tokens(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        connection: &Connection,
    ) -> Result<Tokens> {
        let binding = TokenBinding::of(user, adapter.tool, connection);
        match self.vault.read(binding, &connection.tokens).await {
            Err(Error::NotFound(_)) => {
                self.mark_needs_reauth(user, adapter, connection, "the stored tokens are missing").await
            }
            result => result,
        }
    }

    /// Marks a connection that only its user can repair, by connecting again, and returns [`Error::ReauthRequired`]. Of several
    /// callers, one publishes the event.
    pub(super) async fn mark_needs_reauth<T>(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        connection: &Connection,
        reason: &str,
    ) -> Result<T> {
        let (tool, version) = (adapter.tool, &connection.token_version);
        let key = connection.key(user, tool);
        if self.connections.mark_needs_reauth(key, version, reason, self.clock.now()).await? {
            let account_id = connection.account.id.clone();
            self.events.publish(user, Event::IntegrationNeedsReauth { tool, account_id }).await;
        }
        Err(Error::ReauthRequired { tool })
    }
}

/// Returns the connection of a row if it is active.
pub(super) fn require_active(tool: Tool, row: Option<Connection>) -> Result<Connection> {
    let connection = row.ok_or(Error::NotConnected { tool })?;
    match connection.status {
        ConnectionStatus::Active => Ok(connection),
        ConnectionStatus::NeedsReauth => Err(Error::ReauthRequired { tool }),
        ConnectionStatus::Connecting | ConnectionStatus::Disconnecting => Err(Error::NotConnected { tool }),
    }
}
