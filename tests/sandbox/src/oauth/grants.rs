//! The codes and tokens issued by one OAuth server.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A person's consent for a client.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// The e-mail address of the person.
    pub(crate) account: String,
    /// The id of the workspace that the consent is for; empty at providers without workspaces.
    #[serde(default)]
    pub(crate) workspace: String,
    pub(crate) scopes: Vec<String>,
    /// Slack only: the scopes of the user token; `scopes` are those of the bot token.
    pub(crate) user_scopes: Vec<String>,
    /// Notion only: the id of the bot that this consent created.
    #[serde(default)]
    pub(crate) bot: String,
    /// Notion only: true if the workspace owns the connection, not the person.
    #[serde(default)]
    pub(crate) owned_by_workspace: bool,
}

impl Grant {
    /// Returns the provider's id of what the grant gives access to: the workspace, or the person's own account.
    pub(crate) fn target(&self) -> &str {
        if self.workspace.is_empty() { &self.account } else { &self.workspace }
    }
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
    /// Google only: the `nonce` of the ID token.
    #[serde(default)]
    pub(crate) nonce: Option<String>,
    /// Google only: true if the tokens are to have the scopes of earlier grants too.
    #[serde(default)]
    pub(crate) includes_granted: bool,
    /// Unix seconds.
    pub(crate) expires_at: i64,
}

/// An access token.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct AccessToken {
    /// Index of the grant.
    grant: usize,
    scopes: Vec<String>,
    /// Unix seconds; `None` if the token ends by a refresh or a revocation only.
    expires_at: Option<i64>,
    /// True if revoked, or replaced by a refresh.
    revoked: bool,
    /// The token's place in the order of issue.
    #[serde(default)]
    order: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct RefreshToken {
    grant: usize,
    scopes: Vec<String>,
    revoked: bool,
    #[serde(default)]
    order: u64,
}

/// The grant of a valid refresh token.
pub(crate) struct RefreshableGrant {
    pub(crate) number: usize,
    pub(crate) scopes: Vec<String>,
}

/// The state of an access token.
pub(crate) enum TokenState {
    /// Valid for this grant with these scopes.
    Valid { grant: Grant, scopes: Vec<String> },
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
    /// The number of tokens issued so far.
    #[serde(default)]
    issued: u64,
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

    /// Stores an access token of a grant.
    pub(crate) fn add_access_token(&mut self, token: String, grant: usize, scopes: &[String], expires_at: Option<i64>) {
        let order = self.next_order();
        let access = AccessToken { grant, scopes: scopes.to_vec(), expires_at, revoked: false, order };
        self.access_tokens.insert(token, access);
    }

    pub(crate) fn add_refresh_token(&mut self, token: String, grant: usize, scopes: &[String]) {
        let order = self.next_order();
        self.refresh_tokens.insert(token, RefreshToken { grant, scopes: scopes.to_vec(), revoked: false, order });
    }

    fn next_order(&mut self) -> u64 {
        self.issued += 1;
        self.issued
    }

    pub(crate) fn token_state(&self, token: &str, now: i64) -> TokenState {
        match self.access_tokens.get(token) {
            None => TokenState::Unknown,
            Some(access) if access.revoked => TokenState::Revoked,
            Some(access) if access.expires_at.is_some_and(|end| end <= now) => TokenState::Expired,
            Some(access) => {
                TokenState::Valid { grant: self.grants[access.grant].clone(), scopes: access.scopes.clone() }
            }
        }
    }

    /// Returns the unix seconds at which an access token expires; `None` for one that does not expire or was never issued.
    pub(crate) fn expires_at(&self, token: &str) -> Option<i64> {
        self.access_tokens.get(token).and_then(|access| access.expires_at)
    }

    /// Returns the workspace of an access token, also of one that is not valid any more.
    pub(crate) fn workspace_of(&self, token: &str) -> Option<&str> {
        self.access_tokens.get(token).map(|access| self.grants[access.grant].workspace.as_str())
    }

    /// Returns the grant of a refresh token that is not revoked.
    pub(crate) fn find_refresh_token(&self, token: &str) -> Option<RefreshableGrant> {
        self.refresh_tokens
            .get(token)
            .filter(|refresh| !refresh.revoked)
            .map(|refresh| RefreshableGrant { number: refresh.grant, scopes: refresh.scopes.clone() })
    }

    /// Revokes one token of either kind, and no other token of its grant.
    pub(crate) fn revoke_token(&mut self, token: &str) {
        if let Some(access) = self.access_tokens.get_mut(token) {
            access.revoked = true;
        }
        if let Some(refresh) = self.refresh_tokens.get_mut(token) {
            refresh.revoked = true;
        }
    }

    /// Revokes the selected tokens of either kind.
    pub(crate) fn revoke_tokens(&mut self, is_selected: impl Fn(&str) -> bool) {
        let tokens = self.access_tokens.keys().chain(self.refresh_tokens.keys());
        let selected: Vec<String> = tokens.filter(|token| is_selected(token)).cloned().collect();
        selected.iter().for_each(|token| self.revoke_token(token));
    }

    /// Revokes all tokens of a grant.
    pub(crate) fn revoke_grant(&mut self, grant: usize) {
        self.revoke_where(|index, _| index == grant);
    }

    /// Revokes all grants of one person for this client; returns their number.
    pub(crate) fn revoke_account(&mut self, account: &str) -> usize {
        self.revoke_where(|_, grant| grant.account == account)
    }

    /// Revokes all grants for one workspace; returns their number.
    pub(crate) fn revoke_workspace(&mut self, workspace: &str) -> usize {
        self.revoke_where(|_, grant| grant.workspace == workspace)
    }

    /// Revokes all tokens; returns the number of grants.
    pub(crate) fn revoke_all(&mut self) -> usize {
        self.revoke_where(|_, _| true)
    }

    /// Revokes all tokens of the selected grants; returns the number of grants.
    fn revoke_where(&mut self, is_selected: impl Fn(usize, &Grant) -> bool) -> usize {
        let selected: Vec<bool> =
            self.grants.iter().enumerate().map(|(index, grant)| is_selected(index, grant)).collect();
        for access in self.access_tokens.values_mut().filter(|access| selected[access.grant]) {
            access.revoked = true;
        }
        for refresh in self.refresh_tokens.values_mut().filter(|refresh| selected[refresh.grant]) {
            refresh.revoked = true;
        }
        selected.into_iter().filter(|is_selected| *is_selected).count()
    }

    /// Returns the grant of a valid access or refresh token.
    pub(crate) fn grant_of_token(&self, token: &str, now: i64) -> Option<usize> {
        if let Some(grant) = self.find_refresh_token(token) {
            return Some(grant.number);
        }
        matches!(self.token_state(token, now), TokenState::Valid { .. }).then(|| self.access_tokens[token].grant)
    }

    /// Returns the scopes of a person's grants that have a live token, oldest first.
    pub(crate) fn live_scopes(&self, account: &str, now: i64) -> Vec<String> {
        let is_live = |index: usize| {
            self.refresh_tokens.values().any(|refresh| refresh.grant == index && !refresh.revoked)
                || self.access_tokens.iter().any(|(token, access)| {
                    access.grant == index && matches!(self.token_state(token, now), TokenState::Valid { .. })
                })
        };
        let own = self.grants.iter().enumerate().filter(|(_, grant)| grant.account == account);
        own.filter(|(index, _)| is_live(*index)).flat_map(|(_, grant)| grant.scopes.clone()).collect()
    }

    /// Revokes the oldest valid access tokens among those selected, so that at most `limit` are left.
    pub(crate) fn limit_access_tokens(&mut self, limit: usize, now: i64, is_selected: impl Fn(&str, usize) -> bool) {
        let mut valid: Vec<&mut AccessToken> = self
            .access_tokens
            .iter_mut()
            .filter(|(token, access)| is_selected(token, access.grant) && !access.revoked)
            .filter(|(_, access)| access.expires_at.is_none_or(|end| end > now))
            .map(|(_, access)| access)
            .collect();
        valid.sort_by_key(|access| std::cmp::Reverse(access.order));
        valid.into_iter().skip(limit).for_each(|access| access.revoked = true);
    }

    /// Revokes the oldest refresh tokens of a person, so that at most `limit` are left.
    pub(crate) fn limit_refresh_tokens(&mut self, limit: usize, account: &str) {
        let grants = &self.grants;
        let own = self.refresh_tokens.values_mut().filter(|refresh| grants[refresh.grant].account == account);
        let mut live: Vec<&mut RefreshToken> = own.filter(|refresh| !refresh.revoked).collect();
        live.sort_by_key(|refresh| std::cmp::Reverse(refresh.order));
        live.into_iter().skip(limit).for_each(|refresh| refresh.revoked = true);
    }

    /// Expires all access tokens that are not revoked; returns their number.
    pub(crate) fn expire_all(&mut self) -> usize {
        let was_valid = self.access_tokens.values_mut().filter(|access| !access.revoked);
        was_valid.map(|access| access.expires_at = Some(i64::MIN)).count()
    }
}
