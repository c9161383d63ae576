//! The guards of a call: everything that decides if an agent of a user may call a tool now, in one read.

use aws_sdk_dynamodb::types::KeysAndAttributes;

use super::circuit_breakers::{self, BreakerWindow};
use super::connections::{self, Connection, ConnectionItems};
use super::cooldowns::{self, Cooldown};
use super::delegations::{self, Delegation};
use crate::aws;
use crate::error::{Error, Result};
use crate::ids::{AgentId, Creator, UserId};
use crate::keys::encode;
use crate::tables::table::Key;
use crate::tables::{from_item, string_attribute};
use crate::tool::Tool;

/// Everything that decides if an agent of a user may call a tool now.
#[derive(Clone, Debug, Default)]
pub struct CallGuards {
    /// The connection.
    pub connection: Option<Connection>,
    /// The recorded calls of the agent to the tool.
    pub breaker: Option<BreakerWindow>,
    /// The provider's rate limit.
    pub cooldown: Option<Cooldown>,
    /// The delegation to the service that requested the task, which may have expired; of another task none.
    pub delegation: Option<Delegation>,
}

impl ConnectionItems {
    /// Reads the guards of a call that `creator` requested, in one request.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn load_guards(
        &self,
        user: &UserId,
        agent: &AgentId,
        tool: Tool,
        creator: Option<&Creator>,
    ) -> Result<CallGuards> {
        let sort_keys =
            [connections::sort_key(tool), circuit_breakers::sort_key(agent, tool), cooldowns::sort_key(tool)];
        let delegation_key = creator.and_then(Creator::service).map(delegations::sort_key);
        let owner = encode(user.as_str());
        let keys = sort_keys.iter().chain(&delegation_key).map(|sk| Key::new(&owner, sk).into_item()).collect();
        let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
        let keys = keys.map_err(Error::internal)?;
        let read = self.0.client.batch_get_item().request_items(&self.0.name, keys);
        let answer = read.send().await.map_err(aws::failure)?;
        if answer.unprocessed_keys.is_some_and(|unread| !unread.is_empty()) {
            return Err(Error::unavailable("DynamoDB left keys of a BatchGetItem unread"));
        }
        let mut items = answer.responses.unwrap_or_default().remove(&self.0.name).unwrap_or_default();
        let mut take = |sk: &str| {
            let at = items.iter().position(|item| string_attribute(item, "sk") == Some(sk))?;
            Some(items.swap_remove(at))
        };
        let [connection, breaker, cooldown] = sort_keys.each_ref().map(|sk| take(sk));
        let delegation = delegation_key.and_then(|sk| take(&sk));
        Ok(CallGuards {
            connection: connection.map(from_item).transpose()?,
            breaker: breaker.as_ref().map(BreakerWindow::from_item),
            cooldown: cooldown.map(from_item).transpose()?,
            delegation: delegation.map(from_item).transpose()?,
        })
    }
}
