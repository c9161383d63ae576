//! The guards of a call: everything that decides if an agent of a user may call an account of a tool now.

use super::accounts::ToolAccounts;
use super::circuit_breakers::{BreakerKey, BreakerWindow};
use super::connections::{Connection, ConnectionItems};
use super::cooldowns::AccountCooldowns;
use super::delegations::{self, Delegation};
use super::keys;
use crate::account::AccountId;
use crate::error::Result;
use crate::ids::Creator;
use crate::tables::table::Key;
use crate::tables::{from_item, string_attribute};

/// Everything that decides if an agent of a user may call an account of a tool now.
#[derive(Clone, Debug, Default)]
pub struct CallGuards {
    /// The connection.
    pub connection: Option<Connection>,
    /// The recorded calls of the agent to the account.
    pub breaker: Option<BreakerWindow>,
    /// The provider's rate limits.
    pub cooldowns: AccountCooldowns,
    /// The delegation to the service that requested the task, which may have expired; of another task none.
    pub delegation: Option<Delegation>,
}

impl CallGuards {
    /// The guards of one of the accounts of a tool.
    pub fn of(accounts: &ToolAccounts, account: &AccountId, breaker: Option<BreakerWindow>) -> Self {
        let cooldowns = accounts.cooldowns.get(account).cloned().unwrap_or_default();
        Self { connection: accounts.find(account).cloned(), breaker, cooldowns, delegation: None }
    }
}

impl ConnectionItems {
    /// Reads the guards of a call to an account that is known, in one request; of a task that `creator` requested also whether it
    /// may still act.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn load_guards(&self, breaker: BreakerKey<'_>, creator: Option<&Creator>) -> Result<CallGuards> {
        let BreakerKey { tool, account, .. } = breaker;
        let breaker = Key::from(breaker);
        let delegation_key = creator.and_then(Creator::service).map(delegations::sort_key);
        let sort_keys = [keys::connection(tool, account), breaker.sk, keys::cooldown(tool, account)];
        let keys = sort_keys.iter().chain(&delegation_key).map(|sk| Key::new(&breaker.pk, sk));
        let mut items = self.0.batch_get(keys).await?;
        let mut take = |sk: &str| {
            let at = items.iter().position(|item| string_attribute(item, "sk") == Some(sk))?;
            Some(items.swap_remove(at))
        };
        let [connection, breaker, cooldowns] = sort_keys.each_ref().map(|sk| take(sk));
        let delegation = delegation_key.and_then(|sk| take(&sk));
        Ok(CallGuards {
            connection: connection.map(from_item).transpose()?,
            breaker: breaker.as_ref().map(BreakerWindow::from_item),
            cooldowns: cooldowns.as_ref().map(AccountCooldowns::from_item).unwrap_or_default(),
            delegation: delegation.map(from_item).transpose()?,
        })
    }
}
