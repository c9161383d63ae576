//! The accounts of one tool, in one query: the connections, their cooldowns and the names that the person gave them.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::connections::{Connection, ConnectionItems, ConnectionStatus};
use super::cooldowns::AccountCooldowns;
use super::keys;
use crate::account::{Account, AccountId, AccountName, is_same_name};
use crate::aws;
use crate::error::{AccountChoice, Error, Result};
use crate::ids::UserId;
use crate::keys::encode;
use crate::tables::expression::{Condition, absent, all, begins_with, eq};
use crate::tables::table::Key;
use crate::tables::{Item, from_item, number, string_attribute, text, to_item};
use crate::tool::Tool;

/// Accounts of one tool that a user may connect.
pub const MAX_ACCOUNTS: usize = 10;

/// The names that a person gave to the accounts of a tool. A label outlives its connection, so that a reconnected account has it
/// again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountNames {
    /// The account of requests that name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<AccountId>,
    /// The labels, by account.
    #[serde(default)]
    pub labels: BTreeMap<AccountId, String>,
    /// The number of changes, which fences concurrent ones.
    #[serde(default)]
    version: u64,
}

/// The accounts of one tool that a user has connected.
#[derive(Clone, Debug)]
pub struct ToolAccounts {
    /// The tool.
    pub tool: Tool,
    /// The connections, by account.
    pub connections: Vec<Connection>,
    /// The cooldowns that have begun.
    pub cooldowns: BTreeMap<AccountId, AccountCooldowns>,
    /// The person's names.
    pub names: AccountNames,
}

impl ToolAccounts {
    fn new(tool: Tool) -> Self {
        Self { tool, connections: vec![], cooldowns: BTreeMap::new(), names: AccountNames::default() }
    }

    fn add(&mut self, item: Item) -> Result<()> {
        let sk = string_attribute(&item, "sk").unwrap_or_default().to_owned();
        if keys::parse_connection(&sk).is_some() {
            self.connections.push(from_item(item)?);
        } else if let Some(account) = keys::parse_cooldown(&sk) {
            self.cooldowns.insert(account, AccountCooldowns::from_item(&item));
        } else if sk == keys::account_names(self.tool) {
            self.names = from_item(item)?;
        }
        Ok(())
    }

    /// The connections that a request can mean: a connect that has not ended has none yet, and one that is being disconnected no
    /// longer counts.
    pub fn connected(&self) -> impl Iterator<Item = &Connection> {
        let counts = |status| matches!(status, ConnectionStatus::Active | ConnectionStatus::NeedsReauth);
        self.connections.iter().filter(move |connection| counts(connection.status))
    }

    /// Returns the connection that a request means. One that names no account means the person's default, or the only one there
    /// is; it is never guessed.
    ///
    /// # Errors
    /// [`Error::NotConnected`], [`Error::UnknownAccount`], [`Error::AmbiguousAccount`].
    pub fn select(&self, named: Option<&AccountName>) -> Result<&Connection> {
        let found: Vec<&Connection> = match (named, &self.names.default) {
            (Some(named), _) => self.named(named.as_str()),
            (None, Some(default)) => match self.connected().find(|connection| connection.account.id == *default) {
                Some(connection) => vec![connection],
                None => self.connected().collect(),
            },
            (None, None) => self.connected().collect(),
        };
        match (found.as_slice(), named) {
            ([connection], _) => Ok(connection),
            ([], Some(name)) if self.connected().next().is_some() => Err(Error::UnknownAccount {
                tool: self.tool,
                name: name.as_str().to_owned(),
                accounts: self.choices(self.connected()),
            }),
            ([], _) => Err(Error::NotConnected { tool: self.tool }),
            (several, _) => {
                let accounts = self.choices(several.iter().copied());
                Err(Error::AmbiguousAccount { tool: self.tool, accounts })
            }
        }
    }

    /// As [`ToolAccounts::select`], for a disconnect: the id of an incomplete connection names it too, and if nothing is connected,
    /// the only incomplete one is meant.
    ///
    /// # Errors
    /// [`Error::NotFound`] when nothing is connected; those of [`ToolAccounts::select`].
    pub fn select_any(&self, named: Option<&AccountName>) -> Result<&Connection> {
        let incomplete = match named {
            Some(named) => self.connections.iter().find(|connection| connection.account.id.as_str() == named.as_str()),
            None => self.connections.first().filter(|_| self.connections.len() == 1),
        };
        match (incomplete, self.select(named)) {
            (_, Ok(connection)) | (Some(connection), Err(_)) => Ok(connection),
            (None, Err(Error::NotConnected { tool })) => Err(match named {
                Some(name) => Error::UnknownAccount { tool, name: name.as_str().to_owned(), accounts: vec![] },
                None => Error::NotFound("Connection"),
            }),
            (None, Err(error)) => Err(error),
        }
    }

    /// As [`ToolAccounts::select_any`]; the label or the id of an account that is not connected any more names it too, since tasks and
    /// mappings stay bound to it.
    ///
    /// # Errors
    /// Those of [`ToolAccounts::select_any`].
    pub fn select_known(&self, named: &AccountName) -> Result<Account> {
        match self.select_any(Some(named)) {
            Ok(connection) => Ok(connection.account.clone()),
            Err(error @ (Error::UnknownAccount { .. } | Error::NotFound(_))) => {
                let is_named = |(_, label): &(&AccountId, &String)| is_same_name(label, named.as_str());
                let labelled = self.names.labels.iter().find(is_named).map(|(id, _)| id.clone());
                let id = labelled.or_else(|| AccountId::parse(named.as_str()));
                id.map(|id| Account::new(id, "")).ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    /// The connections of a name: of an id, which is the provider's own; otherwise of a label or an address. A label can be the address
    /// of an account that was connected later: then the name means two.
    fn named(&self, name: &str) -> Vec<&Connection> {
        if let Some(connection) = self.connected().find(|connection| connection.account.id.as_str() == name) {
            return vec![connection];
        }
        self.connected().filter(|connection| self.has_name(connection, name)).collect()
    }

    /// True if a text is the label or the address of a connection's account.
    pub fn has_name(&self, connection: &Connection, name: &str) -> bool {
        let Account { id, email, .. } = &connection.account;
        [self.label(id), email.as_deref()].into_iter().flatten().any(|own| is_same_name(own, name))
    }

    /// Returns the label of an account.
    pub fn label(&self, account: &AccountId) -> Option<&str> {
        self.names.labels.get(account).map(String::as_str)
    }

    /// Returns the connection of an account in any state.
    pub fn find(&self, account: &AccountId) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.account.id == *account)
    }

    fn choices<'a>(&'a self, connections: impl Iterator<Item = &'a Connection>) -> Vec<AccountChoice> {
        let choice = |connection: &Connection| AccountChoice {
            id: connection.account.id.to_string(),
            name: connection.account.name.clone(),
            email: connection.account.email.clone(),
            label: self.label(&connection.account.id).map(ToOwned::to_owned),
        };
        connections.map(choice).collect()
    }
}

impl ConnectionItems {
    /// Reads the accounts of a tool in one query.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn load_accounts(&self, user: &UserId, tool: Tool) -> Result<ToolAccounts> {
        let mut accounts = ToolAccounts::new(tool);
        for item in self.query_items(user, &keys::tool_prefix(tool)).await? {
            accounts.add(item)?;
        }
        Ok(accounts)
    }

    /// Reads the accounts of all tools in one query, in the tools' order.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn load_all_accounts(&self, user: &UserId) -> Result<Vec<ToolAccounts>> {
        let mut all: Vec<ToolAccounts> = Tool::all().map(ToolAccounts::new).collect();
        for item in self.query_items(user, keys::TOOL_PREFIX).await? {
            let sk = string_attribute(&item, "sk").unwrap_or_default();
            let owner = all.iter_mut().find(|accounts| sk.starts_with(&keys::tool_prefix(accounts.tool)));
            if let Some(accounts) = owner {
                accounts.add(item)?;
            }
        }
        Ok(all)
    }

    /// A user has at most ten accounts of each tool, so this is one request but for very large rows.
    async fn query_items(&self, user: &UserId, prefix: &str) -> Result<Vec<Item>> {
        let keys = all([eq("pk", text(encode(user.as_str()))), begins_with("sk", text(prefix))]);
        let query = self.0.query(keys, None).consistent_read(true);
        let (mut items, mut start) = (vec![], None);
        loop {
            let answer = query.clone().set_exclusive_start_key(start).send().await.map_err(aws::failure)?;
            items.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(items);
            }
        }
    }

    /// Stores the names that a person gave to the accounts of a tool, if they are still those that were read. Returns true if
    /// they were.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn store_names(&self, user: &UserId, tool: Tool, names: &AccountNames) -> Result<bool> {
        let next = AccountNames { version: names.version + 1, ..names.clone() };
        let unchanged: Condition = match names.version {
            0 => absent("pk"),
            seen => eq("version", number(seen)),
        };
        let item = to_item(Key::new(encode(user.as_str()), keys::account_names(tool)), &next)?;
        Ok(self.0.insert_once(item, unchanged).await?.is_applied())
    }
}
