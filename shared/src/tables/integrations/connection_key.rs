//! The key of a connection: owner, tool and account.

use super::keys;
use crate::account::AccountId;
use crate::ids::UserId;
use crate::keys::{composite_key, encode};
use crate::tables::table::Key;
use crate::tool::Tool;

/// The key of a connection.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionKey<'a> {
    /// The owner.
    pub user: &'a UserId,
    /// The tool.
    pub tool: Tool,
    /// The account.
    pub account: &'a AccountId,
}

impl ConnectionKey<'_> {
    /// Returns the key as one text.
    pub(crate) fn text(self) -> String {
        composite_key(&[self.user.as_str(), self.tool.as_str(), self.account.as_str()])
    }
}

impl From<ConnectionKey<'_>> for Key {
    fn from(ConnectionKey { user, tool, account }: ConnectionKey<'_>) -> Self {
        Self::new(encode(user.as_str()), keys::connection(tool, account))
    }
}
