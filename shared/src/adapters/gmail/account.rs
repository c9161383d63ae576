//! The Google account of a token: its `sub`, which never changes, unlike its address.
//! <https://developers.google.com/identity/openid-connect/openid-connect>

use http::Method;
use serde_json::Value;
use std::collections::BTreeSet;

use super::ADAPTER;
use crate::account::{Account, AccountId};
use crate::adapters::Origin;
use crate::adapters::account::{AccountQuery, AccountSpec, no_workspace, text};

const USERINFO_ORIGIN: Origin = Origin { name: "google", url: "https://openidconnect.googleapis.com" };

pub(super) const ACCOUNT: AccountSpec = AccountSpec {
    granted,
    queries: &[
        // Needs the scope `openid`.
        AccountQuery { method: Method::GET, origin: USERINFO_ORIGIN, path: &["v1", "userinfo"], account: from_claims },
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users/getProfile
        AccountQuery {
            method: Method::GET,
            origin: super::ORIGIN,
            path: &["gmail", "v1", "users", "me", "profile"],
            account: from_profile,
        },
    ],
    link: None,
    workspace: no_workspace,
    person: None,
};

/// Reads the ID token. It came from the token endpoint over TLS, which takes the place of a check of its signature (OpenID
/// Connect Core 1.0 section 3.1.3.7, item 6).
fn granted(response: &Value) -> Option<Account> {
    let claims: Value = jsonwebtoken::dangerous::insecure_decode_claims(text(response, "/id_token")?).ok()?;
    let is_googles = matches!(text(&claims, "/iss")?, "https://accounts.google.com" | "accounts.google.com");
    is_googles.then(|| from_claims(&claims))?
}

fn from_claims(claims: &Value) -> Option<Account> {
    let id = AccountId::of(&[text(claims, "/sub")])?;
    // An address that Google has not verified names nobody.
    let email = text(claims, "/email").filter(|_| claims["email_verified"] == true);
    Some(named(id, email.or_else(|| text(claims, "/name")), email))
}

fn from_profile(profile: &Value) -> Option<Account> {
    let address = text(profile, "/emailAddress")?;
    Some(named(AccountId::of_address(address)?, Some(address), Some(address)))
}

/// The grant that a revocation ends is that of the whole account. One connection can know it by its `sub`, another by its address
/// alone.
pub(super) fn grants(account: &Account) -> Vec<String> {
    let by_address = account.email.as_deref().and_then(AccountId::of_address);
    let ids: BTreeSet<AccountId> = by_address.into_iter().chain([account.id.clone()]).collect();
    ids.iter().map(ToString::to_string).collect()
}

fn named(id: AccountId, name: Option<&str>, email: Option<&str>) -> Account {
    let name = name.map_or_else(|| ADAPTER.tool.name().to_owned(), ToOwned::to_owned);
    let link = email.map(|email| format!("https://mail.google.com/mail/u/{email}"));
    Account { email: email.map(ToOwned::to_owned), link, ..Account::new(id, name) }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::*;

    fn id_token(claims: &Value) -> Value {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": "1" });
        json!({ "id_token": format!("{}.{}.c2ln", part(&header), part(claims)) })
    }

    #[test]
    fn id_token_names_sub_and_verified_address() {
        let claims =
            json!({ "iss": "https://accounts.google.com", "sub": "1008", "email": "a@x.org", "email_verified": true });
        let account = granted(&id_token(&claims)).unwrap();
        assert_eq!(
            (account.id.as_str(), account.name.as_str(), account.email.as_deref()),
            ("1008", "a@x.org", Some("a@x.org"))
        );
    }

    #[test]
    fn unverified_address_is_not_taken() {
        let claims = json!({ "sub": "1008", "email": "a@x.org", "email_verified": false, "name": "Alex" });
        let account = from_claims(&claims).unwrap();
        assert_eq!((account.name.as_str(), account.email), ("Alex", None));
    }

    #[test]
    fn id_token_of_another_issuer_or_without_sub_names_no_account() {
        for claims in [json!({ "iss": "https://evil.example", "sub": "1" }), json!({ "iss": "accounts.google.com" })] {
            assert_eq!(granted(&id_token(&claims)), None);
        }
        for response in [json!({}), json!({ "id_token": "x" }), json!({ "id_token": 5 })] {
            assert_eq!(granted(&response), None);
        }
    }

    #[test]
    fn profile_names_the_address_alone() {
        let account = from_profile(&json!({ "emailAddress": "Alex@x.org" })).unwrap();
        assert_eq!((account.id.as_str(), account.name.as_str()), ("mail:alex@x.org", "Alex@x.org"));
    }
}
