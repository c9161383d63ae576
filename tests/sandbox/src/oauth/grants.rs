//! The codes and tokens issued by one OAuth server.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A person's consent for a client.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// The e-mail address of the person.
    pub(crate) account: String,
    pub(crate) scopes: Vec<String>,
    /// Slack only: the scopes of the user token; `scopes` are those of the bot token.
    pub(crate) user_scopes: Vec<String>,
}

/// An authorization code's grant and conditions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AuthorizationCode {
    pub(crate) grant: Grant,
    pub(crate) redirect_uri: String,
    /// The PKCE challenge (S256), if the client sent one.
    pub(crate) challenge: Option<String>,
    /// Google only: true if a refresh token is issued too.
    pub(crate) offline: bool,
    /// Unix seconds.
    pub(crate) expires_at: i64,
}

/// An access token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AccessToken {
    /// Index of the grant.
    pub(crate) grant: usize,
    pub(crate) scopes: Vec<String>,
    /// Unix seconds; `None` if the token ends by a refresh or a revocation only.
    pub(crate) expires_at: Option<i64>,
    /// True if revoked, or replaced by a refresh.
    pub(crate) revoked: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct RefreshToken {
    grant: usize,
    scopes: Vec<String>,
    revoked: bool,
}

/// The grant of a valid refresh token.
pub(crate) struct RefreshableGrant {
    pub(crate) number: usize,
    pub(crate) scopes: Vec<String>,
}

/// The state of an access token.
pub(crate) enum TokenState {
    /// Valid for this person with these scopes.
    Valid { account: String, scopes: Vec<String> },
    /// Expired.
    Expired,
    /// Revoked or replaced.
    Revoked,
    /// Never issued.
    Unknown,
}

/// The state of one OAuth server.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Grants {
    grants: Vec<Grant>,
    codes: BTreeMap<String, AuthorizationCode>,
    access_tokens: BTreeMap<String, AccessToken>,
    refresh_tokens: BTreeMap<String, RefreshToken>,
}

impl Grants {
    pub(crate) fn add_code(&mut self, value: String, code: AuthorizationCode) {
        self.codes.insert(value, code);
    }

    /// Removes and returns a code. It can be used once, even if the exchange fails.
    pub(crate) fn consume_code(&mut self, value: &str, now: i64) -> Option<AuthorizationCode> {
        self.codes.remove(value).filter(|code| now < code.expires_at)
    }

    /// Stores a grant; returns its number, which identifies it in the ledger.
    pub(crate) fn add_grant(&mut self, grant: Grant) -> usize {
        self.grants.push(grant);
        self.grants.len() - 1
    }

    pub(crate) fn grant(&self, index: usize) -> &Grant {
        &self.grants[index]
    }

    pub(crate) fn add_access_token(&mut self, token: String, access: AccessToken) {
        self.access_tokens.insert(token, access);
    }

    pub(crate) fn add_refresh_token(&mut self, token: String, grant: usize, scopes: Vec<String>) {
        self.refresh_tokens.insert(token, RefreshToken { grant, scopes, revoked: false });
    }

    pub(crate) fn token_state(&self, token: &str, now: i64) -> TokenState {
        match self.access_tokens.get(token) {
            None => TokenState::Unknown,
            Some(access) if access.revoked => TokenState::Revoked,
            Some(access) if access.expires_at.is_some_and(|end| end <= now) => TokenState::Expired,
            Some(access) => {
                TokenState::Valid { account: self.grants[access.grant].account.clone(), scopes: access.scopes.clone() }
            }
        }
    }

    /// Returns the grant of a refresh token that is not revoked.
    pub(crate) fn find_refresh_token(&self, token: &str) -> Option<RefreshableGrant> {
        self.refresh_tokens
            .get(token)
            .filter(|refresh| !refresh.revoked)
            .map(|refresh| RefreshableGrant { number: refresh.grant, scopes: refresh.scopes.clone() })
    }

    pub(crate) fn revoke_refresh_token(&mut self, token: &str) {
        if let Some(refresh) = self.refresh_tokens.get_mut(token) {
            refresh.revoked = true;
        }
    }

    /// Revokes one access token; returns true if it was valid.
    pub(crate) fn revoke_access_token(&mut self, token: &str, now: i64) -> bool {
        let was_valid = matches!(self.token_state(token, now), TokenState::Valid { .. });
        if let Some(access) = self.access_tokens.get_mut(token) {
            access.revoked = true;
        }
        was_valid
    }

    /// Revokes the access tokens of a grant, not its refresh tokens.
    pub(crate) fn revoke_access_tokens_of(&mut self, grant: usize) {
        self.access_tokens.values_mut().filter(|access| access.grant == grant).for_each(|access| access.revoked = true);
    }

    /// Revokes all tokens of a grant.
    pub(crate) fn revoke_grant(&mut self, grant: usize) {
        self.revoke_access_tokens_of(grant);
        self.refresh_tokens
            .values_mut()
            .filter(|refresh| refresh.grant == grant)
            .for_each(|refresh| refresh.revoked = true);
    }

    /// Revokes all grants of one person for this client.
    pub(crate) fn revoke_account(&mut self, account: &str) {
        let grants_of_account: Vec<usize> =
            (0..self.grants.len()).filter(|index| self.grants[*index].account == account).collect();
        grants_of_account.into_iter().for_each(|grant| self.revoke_grant(grant));
    }

    /// Returns the grant of a valid access or refresh token.
    pub(crate) fn grant_of_token(&self, token: &str, now: i64) -> Option<usize> {
        if let Some(grant) = self.find_refresh_token(token) {
            return Some(grant.number);
        }
        matches!(self.token_state(token, now), TokenState::Valid { .. }).then(|| self.access_tokens[token].grant)
    }

    /// Expires all access tokens that are not revoked; returns their number.
    pub(crate) fn expire_all(&mut self) -> usize {
        let was_valid = self.access_tokens.values_mut().filter(|access| !access.revoked);
        was_valid.map(|access| access.expires_at = Some(i64::MIN)).count()
    }

    /// Revokes all tokens; returns the number of grants.
    pub(crate) fn revoke_all(&mut self) -> usize {
        (0..self.grants.len()).for_each(|grant| self.revoke_grant(grant));
        self.grants.len()
    }
}
