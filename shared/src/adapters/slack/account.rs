//! The Slack account of a token: the team and the person who authorized it.

use http::Method;
use serde_json::{Map, Value};

use super::ORIGIN;
use crate::account::{Account, AccountId};
use crate::adapters::account::{AccountQuery, AccountSpec, text};

pub(super) const ACCOUNT: AccountSpec =
    AccountSpec { granted, queries: &[AUTH_TEST], link: Some(&AUTH_TEST), workspace, person: Some("authedUserId") };

/// <https://docs.slack.dev/reference/methods/auth.test>
const AUTH_TEST: AccountQuery =
    AccountQuery { method: Method::POST, origin: ORIGIN, path: &["api", "auth.test"], account: from_auth_test };

/// Returns the team of an app that is installed in an organization.
fn workspace(fields: &Map<String, Value>) -> Option<&str> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    text("enterpriseId").and_then(|_| text("teamId"))
}

/// The grant that a revocation ends: the app's bot in the team.
pub(super) fn grants(account: &Account) -> Vec<String> {
    account.id.as_str().split('.').next().map(ToOwned::to_owned).into_iter().collect()
}

/// Reads the response of `oauth.v2.access`: <https://docs.slack.dev/reference/methods/oauth.v2.access>
fn granted(response: &Value) -> Option<Account> {
    // An installation for a whole organization has no team.
    let team = text(response, "/team/id").or_else(|| text(response, "/enterprise/id"));
    let name = text(response, "/team/name").or_else(|| text(response, "/enterprise/name"));
    account(team, text(response, "/authed_user/id"), name, None)
}

/// Reads whose token it is: a person's, or the bot's itself.
fn from_auth_test(response: &Value) -> Option<Account> {
    let team = text(response, "/team_id").or_else(|| text(response, "/enterprise_id"));
    // The address of an organization is that of none of its workspaces.
    let link = text(response, "/url").filter(|_| response["is_enterprise_install"] != true);
    account(team, text(response, "/user_id"), text(response, "/team"), link)
}

fn account(team: Option<&str>, user: Option<&str>, workspace: Option<&str>, link: Option<&str>) -> Option<Account> {
    let id = AccountId::of(&[team, user])?;
    let name = workspace.or(team)?.to_owned();
    let (workspace, link) = (workspace.map(ToOwned::to_owned), link.map(ToOwned::to_owned));
    Some(Account { workspace, link, ..Account::new(id, name) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn account_is_the_team_and_the_authorizing_person() {
        let response =
            json!({ "team": { "id": "T1", "name": "Works" }, "authed_user": { "id": "U1" }, "bot_user_id": "U9" });
        let account = granted(&response).unwrap();
        assert_eq!(
            (account.id.as_str(), account.name.as_str(), account.workspace.as_deref()),
            ("T1.U1", "Works", Some("Works"))
        );
        let of_organization =
            json!({ "team": null, "enterprise": { "id": "E1", "name": "Org" }, "authed_user": { "id": "U1" } });
        assert_eq!(granted(&of_organization).unwrap().id.as_str(), "E1.U1");
        assert_eq!(granted(&json!({ "team": { "id": "T1" } })), None);
    }

    #[test]
    fn auth_test_names_the_tokens_own_user() {
        let response = json!({ "team_id": "T1", "team": "Works", "user_id": "U9", "bot_id": "B1", "url": "https://works.slack.com/" });
        let account = from_auth_test(&response).unwrap();
        assert_eq!((account.id.as_str(), account.link.as_deref()), ("T1.U9", Some("https://works.slack.com/")));
    }
}
