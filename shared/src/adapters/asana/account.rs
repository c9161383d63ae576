//! The Asana account of a token: the user.

use http::Method;
use serde_json::Value;

use super::ORIGIN;
use crate::account::{Account, AccountId};
use crate::adapters::account::{AccountQuery, AccountSpec, no_workspace, text};

pub(super) const ACCOUNT: AccountSpec = AccountSpec {
    // The token response and `users/me` have the same `data`: https://developers.asana.com/docs/oauth
    granted: from_data,
    // https://developers.asana.com/reference/getuser
    queries: &[AccountQuery {
        method: Method::GET,
        origin: ORIGIN,
        path: &["api", "1.0", "users", "me"],
        account: from_data,
    }],
    link: None,
    workspace: no_workspace,
    person: None,
};

fn from_data(response: &Value) -> Option<Account> {
    let id = AccountId::of(&[text(response, "/data/gid")])?;
    let email = text(response, "/data/email");
    let name = email.or_else(|| text(response, "/data/name")).unwrap_or("Asana");
    Some(Account { email: email.map(ToOwned::to_owned), ..Account::new(id, name) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn account_is_the_user() {
        let account = from_data(&json!({ "data": { "gid": "12", "name": "Alex", "email": "alex@x.org" } })).unwrap();
        assert_eq!((account.id.as_str(), account.name.as_str()), ("12", "alex@x.org"));
        assert_eq!(from_data(&json!({ "data": { "name": "Alex" } })), None);
    }
}
