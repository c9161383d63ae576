//! The names that a person gives to accounts: a label of each, and the account of requests that name none.

use crate::account::{AccountId, AccountName, MAX_ACCOUNT_BYTES, is_same_name};
use crate::deployment::{Deployment, Part};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::tables::integrations::{AccountNames, Connection, ConnectionItems, ToolAccounts};
use crate::tool::Tool;
use crate::validate::check_name;

use super::PublicConnection;

/// Tries of a change that meets a concurrent one.
const MAX_TRIES: usize = 5;

/// The names of all users' accounts. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AccountNaming {
    connections: ConnectionItems,
}

/// A change of an account's names; an absent member is not changed.
#[derive(Clone, Debug, Default)]
pub struct NameChange {
    /// The new label; an empty text removes it.
    pub label: Option<String>,
    /// True makes it the default account, false ends that.
    pub default: Option<bool>,
}

impl Part for AccountNaming {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, .. } = deployment;
        Self { connections: ConnectionItems::new(dynamodb.clone(), config.tables.integrations.clone()) }
    }
}

impl AccountNaming {
    /// Changes the names of a connected account.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a label that another account has as its label, id or address; [`Error::Missing`] for a change of
    /// nothing; [`Error::NotConnected`], [`Error::AmbiguousAccount`], [`Error::UnknownAccount`].
    pub async fn rename(
        &self,
        user: &UserId,
        tool: Tool,
        account: Option<&AccountName>,
        change: &NameChange,
    ) -> Result<PublicConnection> {
        if change.label.is_none() && change.default.is_none() {
            return Err(Error::Missing(vec!["label or default".to_owned()]));
        }
        if let Some(label) = change.label.as_deref().filter(|label| !label.is_empty()) {
            check_name("label", label, MAX_ACCOUNT_BYTES)?;
        }
        for _ in 0..MAX_TRIES {
            let mut accounts = self.connections.load_accounts(user, tool).await?;
            let connection = accounts.select(account)?.clone();
            accounts.names = changed(&accounts, &connection, change)?;
            if self.connections.store_names(user, tool, &accounts.names).await? {
                return Ok(PublicConnection::new(connection, &accounts));
            }
        }
        Err(Error::unavailable("other changes of these names came first"))
    }
}

fn changed(accounts: &ToolAccounts, connection: &Connection, change: &NameChange) -> Result<AccountNames> {
    let (mut names, id) = (accounts.names.clone(), &connection.account.id);
    match change.label.as_deref().map(str::trim) {
        None => {}
        Some("") => drop(names.labels.remove(id)),
        Some(label) => {
            check_free(accounts, id, label)?;
            // An account that is no longer connected gives its label up.
            names.labels.retain(|_, taken| !is_same_name(taken, label));
            names.labels.insert(id.clone(), label.to_owned());
        }
    }
    match change.default {
        None => {}
        Some(true) => names.default = Some(id.clone()),
        Some(false) => names.default = names.default.filter(|default| default != id),
    }
    // A label lives longer than its connection, but not for ever.
    let is_known = |id: &AccountId| accounts.find(id).is_some();
    while names.labels.len() > 2 * crate::tables::integrations::MAX_ACCOUNTS {
        let Some(forgotten) = names.labels.keys().find(|id| !is_known(id)).cloned() else { break };
        names.labels.remove(&forgotten);
    }
    Ok(names)
}

/// A label must not name another account.
fn check_free(accounts: &ToolAccounts, id: &AccountId, label: &str) -> Result<()> {
    let names_it =
        |other: &Connection| is_same_name(other.account.id.as_str(), label) || accounts.has_name(other, label);
    if AccountId::parse(label).is_some() {
        return Err(Error::invalid("label", "must not have the form of an account's id, for example work-2"));
    }
    match accounts.connections.iter().find(|other| other.account.id != *id && names_it(other)) {
        Some(_) => Err(Error::invalid("label", "must not name another account of the tool, for example work-2")),
        None => Ok(()),
    }
}
