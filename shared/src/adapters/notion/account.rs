//! The Notion account of a token: the workspace and the person who authorized the connection. The bot does not identify it: each
//! consent has a new one.

use http::Method;
use serde_json::Value;

use super::ORIGIN;
use crate::account::{Account, AccountId};
use crate::adapters::account::{AccountQuery, AccountSpec, no_workspace, text};

pub(super) const ACCOUNT: AccountSpec = AccountSpec {
    granted,
    // https://developers.notion.com/reference/get-self
    queries: &[AccountQuery { method: Method::GET, origin: ORIGIN, path: &["v1", "users", "me"], account: from_bot }],
    link: None,
    workspace: no_workspace,
    person: None,
};

/// Reads the token response: <https://developers.notion.com/reference/create-a-token>
fn granted(response: &Value) -> Option<Account> {
    account(response, response, text(response, "/bot_id"))
}

/// Reads the token's bot.
fn from_bot(user: &Value) -> Option<Account> {
    account(&user["bot"], &user["bot"], text(user, "/id"))
}

/// `workspace` names the workspace, `owned` the owner. A connection that the workspace owns has no person; its bot takes the
/// person's place.
fn account(workspace: &Value, owned: &Value, bot: Option<&str>) -> Option<Account> {
    let owner = text(owned, "/owner/user/id").or(bot);
    let id = AccountId::of(&[text(workspace, "/workspace_id"), owner])?;
    let name = text(workspace, "/workspace_name").or_else(|| text(owned, "/owner/user/name")).unwrap_or("Notion");
    Some(Account {
        email: text(owned, "/owner/user/person/email").map(ToOwned::to_owned),
        workspace: text(workspace, "/workspace_name").map(ToOwned::to_owned),
        ..Account::new(id, name)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn account_is_the_workspace_and_the_authorizing_person() {
        let person = json!({ "id": "p1", "name": "Alex", "person": { "email": "alex@x.org" } });
        let response = |bot: &str| {
            json!({
                "bot_id": bot, "workspace_id": "w1", "workspace_name": "Works", "owner": { "type": "user", "user": person }
            })
        };
        let account = granted(&response("b1")).unwrap();
        assert_eq!(
            (account.id.as_str(), account.name.as_str(), account.email.as_deref()),
            ("w1.p1", "Works", Some("alex@x.org"))
        );
        assert_eq!(granted(&response("b2")), Some(account), "the next consent has another bot");
    }

    #[test]
    fn account_of_a_workspaces_own_connection_is_its_bot() {
        let owner = json!({ "type": "workspace", "workspace": true });
        let token = json!({ "bot_id": "b1", "workspace_id": "w1", "workspace_name": null, "owner": owner });
        assert_eq!(granted(&token).unwrap().id.as_str(), "w1.b1");
        let bot = json!({ "id": "b1", "type": "bot", "bot": { "owner": owner, "workspace_id": "w1", "workspace_name": "Works" } });
        assert_eq!(from_bot(&bot).unwrap().id.as_str(), "w1.b1");
        assert_eq!(from_bot(&json!({ "id": "b1", "bot": { "owner": owner } })), None);
    }
}
