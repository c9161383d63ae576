//! Notes: creates and lists notes.

mod create_note;
mod list_notes;

use http::Method;
use serde_json::{Value, json};

use super::account::{AccountQuery, AccountSpec, no_workspace};
use super::action::ActionDef;
use super::api::{Failure, JsonResponse};
use super::rate_limit::LimitScope;
use super::{Adapter, OAUTH2, OAuthSpec, Origin, Revoke, RevokeToken};
use crate::account::{Account, AccountId};
use crate::error::Kind;
use crate::tool::Tool;

/// The adapter.
pub static ADAPTER: Adapter = Adapter {
    tool: Tool::new("notes"),
    description: "Creates and lists notes of the connected account.",
    api: ORIGIN,
    oauth: OAuthSpec {
        // https://notes.example/docs/oauth
        authorize: (ORIGIN, "/oauth/authorize"),
        token: (ORIGIN, "/oauth/token"),
        revoke: Some(Revoke { endpoint: (ORIGIN, "/oauth/revoke"), token: RevokeToken::Refresh, shared_grant: None }),
        scopes: &["notes:read", "notes:write"],
        ..OAUTH2
    },
    account: AccountSpec {
        granted: |_| None,
        queries: &[AccountQuery { method: Method::GET, origin: ORIGIN, path: &["v1", "me"], account }],
        link: None,
        workspace: no_workspace,
        person: None,
    },
    headers: &[],
    limit_scope: LimitScope::Account,
    classify,
    placeholder: |_, _| json!({ "id": "new-note" }),
    actions: &[ActionDef::of::<create_note::CreateNote>(), ActionDef::of::<list_notes::ListNotes>()],
};

const ORIGIN: Origin = Origin { name: "notes", url: "https://api.notes.example" };

/// Recognizes a missing scope, which the status 403 alone does not mean: <https://notes.example/docs/errors>.
fn classify(response: &JsonResponse) -> Option<Failure> {
    let code = response.body["error"].as_str()?;
    (code == "missing_scope").then(|| Failure::new(Kind::MissingScope, code))
}

/// Reads the account from a response of <https://notes.example/docs/me>.
fn account(me: &Value) -> Option<Account> {
    let id = AccountId::of(&[me["id"].as_str()])?;
    Some(Account::new(id, me["email"].as_str().unwrap_or("Notes")))
}
