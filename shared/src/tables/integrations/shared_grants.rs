//! The users of a grant that several connections share, such as the one bot that an app has in a Slack workspace. Revoking such a
//! grant ends it for all of them, so the last one revokes it.
//!
//! The partition is the grant's: `grant#<tool>#<grant>`. It holds no data of its users, only hashes.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};

use super::connection_key::ConnectionKey;
use crate::aws;
use crate::error::Result;
use crate::keys::composite_key;
use crate::tables::table::{Key, Table};
use crate::tables::update::Update;
use crate::tool::Tool;
use crate::validate::fingerprint;

const SORT_KEY: &str = "holders";

/// The items of shared grants in the integrations table.
#[derive(Clone, Debug)]
pub struct SharedGrantItems(Table);

fn key(tool: Tool, grant: &str) -> Key {
    Key::new(composite_key(&["grant", tool.as_str(), grant]), SORT_KEY)
}

/// A connection among the holders of a grant.
fn holder(connection: ConnectionKey<'_>) -> AttributeValue {
    AttributeValue::Ss(vec![fingerprint(&connection.text(), 16)])
}

impl SharedGrantItems {
    /// Uses the items of `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self(Table { client, name: table })
    }

    /// Adds a connection to the holders of a grant.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn hold(&self, grant: &str, connection: ConnectionKey<'_>) -> Result<()> {
        let update = Update::new().add(SORT_KEY, holder(connection));
        let update = self.0.update(key(connection.tool, grant), update);
        update.send().await.map(|_| ()).map_err(aws::failure)
    }

    /// Removes a connection from the holders of a grant. Returns true if none is left: the grant may be revoked.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn release(&self, grant: &str, connection: ConnectionKey<'_>) -> Result<bool> {
        let update = Update::new().delete(SORT_KEY, holder(connection));
        let update = self.0.update(key(connection.tool, grant), update).return_values(ReturnValue::AllNew);
        let left = update.send().await.map_err(aws::failure)?.attributes.unwrap_or_default();
        Ok(left.get(SORT_KEY).and_then(|holders| holders.as_ss().ok()).is_none_or(Vec::is_empty))
    }
}
