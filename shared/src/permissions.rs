//! Permissions: what a caller may do for a user.
//!
//! A user may do everything. A service may do what its delegation names: a request that needs more is refused by [`Caller::check`],
//! a list has the rows that [`Caller::permits`], and a due task is called while [`Permissions::check`] passes.

use serde::{Deserialize, Serialize};

use crate::account::AccountId;
use crate::error::{AccountChoice, Error, Result};
use crate::ids::{BudgetHolder, Creator, UserId};
use crate::tool::Tool;

/// The tools, actions and accounts that a delegation permits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Permissions {
    /// The names of the tools.
    pub tools: Vec<String>,
    /// The actions as `<tool>.<action>`; `None` for all of the tools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions: Option<Vec<String>>,
    /// The accounts; `None` for all of the tools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounts: Option<Vec<AccountId>>,
}

/// A verified caller: a user, or a service that acts for a user with a delegation.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The user.
    pub user: UserId,
    /// The service with what its delegation permits; `None` for the user.
    service: Option<(String, Permissions)>,
}

/// Returns the written form of an action, which no other tool's action has.
pub fn action_name(tool: &str, action: &str) -> String {
    format!("{tool}.{action}")
}

impl Permissions {
    /// Returns the permitted actions of a tool by their names; `None` for all.
    pub(crate) fn actions_of<'a>(&'a self, tool: &'a str) -> Option<impl Iterator<Item = &'a str>> {
        let of_tool = move |action: &'a String| action.split_once('.').filter(|(of, _)| *of == tool);
        Some(self.actions.as_ref()?.iter().filter_map(of_tool).map(|(_, action)| action))
    }

    /// Checks that a tool, one of its actions and one of its accounts are permitted.
    ///
    /// # Errors
    /// [`Error::Forbidden`] naming what is not permitted, and what is.
    pub fn check(&self, tool: &str, action: Option<&str>, account: Option<&AccountId>) -> Result<()> {
        let denied = if !self.tools.iter().any(|permitted| permitted == tool) {
            tool.to_owned()
        } else if let Some(action) = action.filter(|action| !self.permits_action(tool, action)) {
            action_name(tool, action)
        } else if account.is_some_and(|account| !self.permits_account(account)) {
            format!("this account of {tool}")
        } else {
            return Ok(());
        };
        Err(self.refusal(&denied))
    }

    fn permits_action(&self, tool: &str, action: &str) -> bool {
        self.actions_of(tool).is_none_or(|mut actions| actions.any(|permitted| permitted == action))
    }

    fn permits_account(&self, account: &AccountId) -> bool {
        self.accounts.as_ref().is_none_or(|accounts| accounts.contains(account))
    }

    fn refusal(&self, denied: &str) -> Error {
        let list = |names: Option<Vec<&str>>| names.map_or_else(|| "all".to_owned(), |names| names.join(", "));
        let actions = self.actions.as_ref().map(|actions| actions.iter().map(String::as_str).collect());
        let accounts = self.accounts.as_ref().map(|accounts| accounts.iter().map(AccountId::as_str).collect());
        let (tools, actions, accounts) = (self.tools.join(", "), list(actions), list(accounts));
        Error::Forbidden(
            format!(
                "The user's delegation to this service does not permit {denied}. \
                 It permits tools: {tools}; actions: {actions}; accounts: {accounts}"
            )
            .into(),
        )
    }
}

impl Caller {
    /// A user who acts for themselves.
    pub fn user(user: UserId) -> Self {
        Self { user, service: None }
    }

    /// A service that acts for a user within what a delegation permits.
    pub fn service(user: UserId, id: String, permissions: Permissions) -> Self {
        Self { user, service: Some((id, permissions)) }
    }

    /// Returns the creator of what the caller requests, where that is not the user.
    pub fn creator(&self) -> Option<Creator> {
        self.service.as_ref().map(|(id, _)| Creator::Service(id.clone()))
    }

    /// Returns the one for whom limits count.
    pub fn budget_holder(&self) -> BudgetHolder {
        BudgetHolder::new(&self.user, self.creator().as_ref())
    }

    /// Returns what bounds the caller; `None` for a user.
    pub fn permissions(&self) -> Option<&Permissions> {
        self.service.as_ref().map(|(_, permissions)| permissions)
    }

    /// Checks that the caller may use a tool, one of its actions and one of its accounts.
    ///
    /// # Errors
    /// [`Error::Forbidden`] naming what is not permitted, and what is.
    pub fn check(&self, tool: &str, action: Option<&str>, account: Option<&AccountId>) -> Result<()> {
        self.permissions().map_or(Ok(()), |permissions| permissions.check(tool, action, account))
    }

    /// True if the caller may use a tool, one of its actions and one of its accounts: the test of a list's row.
    pub fn permits(&self, tool: &str, action: Option<&str>, account: Option<&AccountId>) -> bool {
        self.check(tool, action, account).is_ok()
    }

    /// Returns the account that a request selected, if the caller may use it. Other accounts are neither offered nor told from
    /// unknown ones.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; that of the selection.
    pub fn permit_account<T>(&self, tool: Tool, selected: Result<T>, id: impl Fn(&T) -> &AccountId) -> Result<T> {
        let Some(permissions) = self.permissions().filter(|permissions| permissions.accounts.is_some()) else {
            return selected;
        };
        let is_permitted = |id: &str| permissions.permits_account(&AccountId::from_stored(id));
        let is_offered = |account: &AccountChoice| is_permitted(&account.id);
        match selected {
            Ok(found) => permissions.check(tool.as_str(), None, Some(id(&found))).map(|()| found),
            Err(Error::AmbiguousAccount { tool, accounts }) if accounts.iter().any(is_offered) => {
                Err(Error::AmbiguousAccount { tool, accounts: accounts.into_iter().filter(is_offered).collect() })
            }
            // One that the delegation names was disconnected since.
            Err(Error::UnknownAccount { tool, name, accounts }) if is_permitted(&name) => {
                Err(Error::UnknownAccount { tool, name, accounts: accounts.into_iter().filter(is_offered).collect() })
            }
            Err(Error::UnknownAccount { .. } | Error::AmbiguousAccount { .. }) => {
                Err(permissions.refusal(&format!("this account of {tool}")))
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permissions(actions: Option<&[&str]>, accounts: Option<&[&str]>) -> Permissions {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let accounts = accounts.map(|ids| ids.iter().map(|id| AccountId::from_stored(id)).collect());
        Permissions { tools: owned(&["gmail", "slack"]), actions: actions.map(owned), accounts }
    }

    #[test]
    fn only_what_is_named_is_permitted() {
        let (one, other) = (AccountId::from_stored("1"), AccountId::from_stored("2"));
        let all = permissions(None, None);
        assert!(all.check("gmail", Some("send_email"), Some(&one)).is_ok());
        assert!(all.check("notion", None, None).is_err());
        let few = permissions(Some(&["gmail.send_email"]), Some(&["1"]));
        assert!(few.check("gmail", Some("send_email"), Some(&one)).is_ok());
        assert!(few.check("slack", None, None).is_ok());
        for (tool, action, account) in
            [("gmail", Some("reply"), &one), ("slack", Some("send_email"), &one), ("gmail", None, &other)]
        {
            assert!(few.check(tool, action, Some(account)).is_err(), "{tool} {action:?} {account}");
        }
    }

    #[test]
    fn refusal_says_what_is_permitted() {
        let few = permissions(Some(&["gmail.send_email"]), None);
        assert_eq!(
            few.check("gmail", Some("reply"), None).unwrap_err().to_string(),
            "The user's delegation to this service does not permit gmail.reply. \
             It permits tools: gmail, slack; actions: gmail.send_email; accounts: all"
        );
    }

    #[test]
    fn accounts_that_are_not_permitted_are_not_offered() {
        let choice = |id: &str| AccountChoice { id: id.to_owned(), name: String::new(), email: None, label: None };
        let tool = Tool::new("gmail");
        let caller = |accounts| {
            Caller::service(UserId::verified("u".to_owned()), "s".to_owned(), permissions(None, Some(accounts)))
        };
        let refused = |accounts, error| {
            let selected: Result<AccountId> = Err(error);
            caller(accounts).permit_account(tool, selected, |id| id).unwrap_err()
        };
        let ambiguous = || Error::AmbiguousAccount { tool, accounts: vec![choice("1"), choice("2")] };
        let Error::AmbiguousAccount { accounts, .. } = refused(&["2"], ambiguous()) else { panic!() };
        assert_eq!(accounts, [choice("2")]);
        assert_eq!(refused(&["3"], ambiguous()).code(), "FORBIDDEN");
        let unknown = Error::UnknownAccount { tool, name: "x".to_owned(), accounts: vec![choice("1")] };
        assert_eq!(refused(&["2"], unknown).code(), "FORBIDDEN");
    }
}
