//! [`ConnectionReader`]: connections, and their state as the API returns it, without tokens.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::PublicConnection;
use crate::account::{Account, AccountName};
use crate::clock::Clock;
use crate::config::ConnectPage;
use crate::deployment::{Deployment, Part};
use crate::error::{Error, Result};
use crate::permissions::Caller;
use crate::tables::integrations::{Connection, ConnectionItems, ConnectionStatus, ToolAccounts};
use crate::tables::{Page, PageRequest};
use crate::tool::Tool;

/// Reader of all users' connections. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ConnectionReader {
    connections: ConnectionItems,
    connect_page: Option<ConnectPage>,
    clock: Clock,
}

impl Part for ConnectionReader {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, clock, .. } = deployment;
        Self {
            connections: ConnectionItems::new(dynamodb.clone(), config.tables.integrations.clone()),
            connect_page: config.connect_page.clone(),
            clock: clock.clone(),
        }
    }
}

/// State of the connection of an account; `AuthStatus` of the original description.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthStatus {
    /// The account; absent if none is connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// The person's own label of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// True if actions can run.
    pub connected: bool,
    /// True if the tool was connected and must be connected again.
    pub needs_reauth: bool,
    /// Expiry of the access token; it is refreshed before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Granted scopes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// Granted scopes of the person's own token beside the app's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_scopes: Option<Vec<String>>,
    /// Page where a person connects the account; absent while it is connected, and where the deployment has no such page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_url: Option<String>,
    /// Reason why the connection is unusable, as text for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Last failure of its tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// The actions whose scopes were not granted; only in the list of tools.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unavailable_actions: Vec<UnavailableAction>,
}

/// An action that a connection lacks a scope for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnavailableAction {
    /// The action's name.
    pub action: &'static str,
    /// The missing scope, or several of which one suffices, separated by `or`; with `for a user token` where the connection has no
    /// token of the person's own.
    pub needs: String,
}

impl AuthStatus {
    /// Derives the state of a connection at `now`.
    fn of(tool: Tool, connection: Option<&Connection>, now: Timestamp) -> Self {
        let status = connection.map(|connection| connection.status);
        // An expired access token is refreshed at its next use; without a refresh token the connection has ended.
        let has_ended = connection.is_some_and(|connection| {
            !connection.refreshable && connection.expires_at.is_some_and(|expires_at| expires_at <= now)
        });
        let needs_reauth =
            status == Some(ConnectionStatus::NeedsReauth) || (status == Some(ConnectionStatus::Active) && has_ended);
        let connected = status == Some(ConnectionStatus::Active) && !has_ended;
        let error = match (connected, needs_reauth) {
            (true, _) => None,
            (_, true) => Some(format!("{} needs to be connected again", tool.name())),
            _ => Some(format!("{} is not connected", tool.name())),
        };
        Self {
            account: connection.map(|connection| connection.account.clone()),
            label: None,
            connected,
            needs_reauth,
            expires_at: connection.and_then(|connection| connection.expires_at),
            last_error: connection.and_then(|connection| connection.last_error.clone()),
            scopes: connection.map(|connection| connection.scopes.clone()),
            user_scopes: connection.and_then(|connection| connection.user_scopes.clone()),
            connect_url: None,
            error,
            unavailable_actions: vec![],
        }
    }
}

impl ConnectionReader {
    /// Lists the user's connections that the caller may use, by tool and account.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(&self, caller: &Caller, page: &PageRequest) -> Result<Page<PublicConnection>> {
        page.check()?;
        let all = self.accounts(caller).await?;
        let shown = all.iter().flat_map(|accounts| {
            let show = |connection: &Connection| PublicConnection::new(connection.clone(), accounts);
            accounts.connections.iter().map(show)
        });
        // At most ten accounts of a tool: the page is cut here, so that each has its names.
        page.cut(shown.collect(), PublicConnection::position)
    }

    /// Reads the accounts that the caller may use, of all tools.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn accounts(&self, caller: &Caller) -> Result<Vec<ToolAccounts>> {
        let mut all = self.connections.load_all_accounts(&caller.user).await?;
        for accounts in &mut all {
            let tool = accounts.tool.as_str();
            accounts.connections.retain(|connection| caller.permits(tool, None, Some(&connection.account.id)));
        }
        Ok(all)
    }

    /// Returns the state of the account that a request names, or of the only one.
    ///
    /// # Errors
    /// [`Error::AmbiguousAccount`], [`Error::UnknownAccount`]; [`Error::Forbidden`] for a tool or an account that the caller may not use.
    pub async fn status(&self, caller: &Caller, tool: Tool, named: Option<&AccountName>) -> Result<AuthStatus> {
        caller.check(tool.as_str(), None, None)?;
        let accounts = self.connections.load_accounts(&caller.user, tool).await?;
        match caller.permit_account(tool, accounts.select_any(named), |connection| &connection.account.id) {
            Ok(connection) => Ok(self.status_of(&accounts, Some(connection))),
            Err(Error::NotFound(_)) => Ok(self.status_of(&accounts, None)),
            Err(error) => Err(error),
        }
    }

    /// Returns the page where a person connects a further account, if there is one.
    pub fn connect_url(&self, tool: Tool) -> Option<String> {
        self.connect_page.as_ref().map(|page| page.url(tool, None))
    }

    /// Returns the state of one of the accounts of a tool, or that none is connected.
    pub fn status_of(&self, accounts: &ToolAccounts, connection: Option<&Connection>) -> AuthStatus {
        let status = AuthStatus::of(accounts.tool, connection, self.clock.now());
        let account = connection.map(|connection| &connection.account.id);
        let page = self.connect_page.as_ref().filter(|_| !status.connected);
        AuthStatus {
            connect_url: page.map(|page| page.url(accounts.tool, account)),
            label: account.and_then(|account| accounts.label(account)).map(ToOwned::to_owned),
            ..status
        }
    }
}
