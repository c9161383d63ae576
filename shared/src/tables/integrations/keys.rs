//! The sort keys of the items of one tool. They share a prefix, so that one query returns everything that names and guards its
//! accounts.

use crate::account::AccountId;
use crate::keys::{decode, encode};
use crate::tool::Tool;

/// The start of the sort keys of all tools.
pub(super) const TOOL_PREFIX: &str = "t#";

/// Returns the start of the sort keys of one tool.
pub(super) fn tool_prefix(tool: Tool) -> String {
    format!("{TOOL_PREFIX}{tool}#")
}

/// Returns the sort key of a connection.
pub(super) fn connection(tool: Tool, account: &AccountId) -> String {
    format!("{}a#{}", tool_prefix(tool), encode(account.as_str()))
}

/// Returns the sort key of a cooldown.
pub(super) fn cooldown(tool: Tool, account: &AccountId) -> String {
    format!("{}c#{}", tool_prefix(tool), encode(account.as_str()))
}

/// Returns the sort key of the person's names for the accounts of a tool.
pub(super) fn account_names(tool: Tool) -> String {
    format!("{}names", tool_prefix(tool))
}

/// Reads tool and account from the sort key of a connection.
pub(super) fn parse_connection(sk: &str) -> Option<(&str, AccountId)> {
    parse(sk, "a")
}

/// Reads the account from the sort key of a cooldown.
pub(super) fn parse_cooldown(sk: &str) -> Option<AccountId> {
    parse(sk, "c").map(|(_, account)| account)
}

fn parse<'a>(sk: &'a str, kind: &str) -> Option<(&'a str, AccountId)> {
    let mut parts = sk.strip_prefix(TOOL_PREFIX)?.split('#');
    let (tool, found, account) = (parts.next()?, parts.next()?, parts.next()?);
    (found == kind && parts.next().is_none()).then(|| Some((tool, AccountId::from_stored(&decode(account)?))))?
}
