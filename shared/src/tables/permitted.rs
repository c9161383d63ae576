//! The conditions on the rows that a caller may see: a service those of its delegation, a user all.

use super::expression::{Condition, absent, all, among, any, eq};
use super::text;
use crate::account::AccountId;
use crate::permissions::Caller;

/// The rows of the permitted tools, actions and accounts. A row without an account, such as a reported error, is of none.
pub(super) fn rows(caller: &Caller) -> Option<Condition> {
    let permissions = caller.permissions()?;
    let of_tool = |tool: &String| match permissions.actions_of(tool) {
        None => Some(eq("tool", text(tool))),
        Some(actions) => {
            let mut actions = actions.peekable();
            actions.peek()?;
            Some(all([eq("tool", text(tool)), among("action", actions)]))
        }
    };
    // At least one tool: a delegation names a tool, and if it names actions, one of a named tool.
    let of_tools = any(permissions.tools.iter().filter_map(of_tool).collect::<Vec<_>>());
    Some(match accounts(caller) {
        None => of_tools,
        Some(accounts) => all([of_tools, any([absent("account"), accounts])]),
    })
}

/// Adds to the condition of a write that the caller may see the row.
pub(super) fn with_rows(caller: &Caller, condition: Condition) -> Condition {
    match rows(caller) {
        Some(permitted) => all([condition, permitted]),
        None => condition,
    }
}

/// The rows of the permitted tools.
pub(super) fn tools(caller: &Caller) -> Option<Condition> {
    Some(among("tool", caller.permissions()?.tools.iter().map(String::as_str)))
}

/// The rows of the permitted accounts, where not all are permitted.
pub(super) fn accounts(caller: &Caller) -> Option<Condition> {
    let accounts = caller.permissions()?.accounts.as_ref()?;
    Some(among("account", accounts.iter().map(AccountId::as_str)))
}
