//! The codes and tokens one OAuth server has given out.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a person allowed a client.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// The e-mail address of the person.
    pub(crate) account: String,
    pub(crate) scopes: Vec<String>,
    /// Slack only: what the client may do as the person instead of as the bot.
    pub(crate) user_scopes: Vec<String>,
}

/// An authorization code and what it is bound to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) grant: Grant,
    pub(crate) redirect_uri: String,
    /// The PKCE challenge (S256), when the client sent one.
    pub(crate) challenge: Option<String>,
    /// Google only: is a refresh token due?
    pub(crate) offline: bool,
    /// Unix seconds.
    pub(crate) expires_at: i64,
}

/// An access token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Access {
    /// Index of the grant.
    pub(crate) grant: usize,
    pub(crate) scopes: Vec<String>,
    /// Unix seconds; `None` for tokens that only a refresh or a revocation ends.
    pub(crate) expires_at: Option<i64>,
    /// Revoked, or replaced by a refresh.
    pub(crate) revoked: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Refresh {
    grant: usize,
    scopes: Vec<String>,
    revoked: bool,
}

/// What a token is good for at this moment.
pub(crate) enum Live {
    /// It works, for this person with these scopes.
    Yes { account: String, scopes: Vec<String> },
    /// It worked once.
    Expired,
    /// It was revoked or replaced.
    Revoked,
    /// Nobody ever got it.
    Unknown,
}

/// Everything one OAuth server remembers.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Grants {
    grants: Vec<Grant>,
    codes: BTreeMap<String, Code>,
    access_tokens: BTreeMap<String, Access>,
    refresh_tokens: BTreeMap<String, Refresh>,
}

impl Grants {
    pub(crate) fn add_code(&mut self, value: String, code: Code) {
        self.codes.insert(value, code);
    }

    /// Spends a code: a second try finds nothing, whatever became of the first.
    pub(crate) fn take_code(&mut self, value: &str, now: i64) -> Option<Code> {
        self.codes.remove(value).filter(|code| now < code.expires_at)
    }

    /// Notes a grant; the number names it in the ledger.
    pub(crate) fn add_grant(&mut self, grant: Grant) -> usize {
        self.grants.push(grant);
        self.grants.len() - 1
    }

    pub(crate) fn grant(&self, index: usize) -> &Grant {
        &self.grants[index]
    }

    pub(crate) fn add_access(&mut self, token: String, access: Access) {
        self.access_tokens.insert(token, access);
    }

    pub(crate) fn add_refresh(&mut self, token: String, grant: usize, scopes: Vec<String>) {
        self.refresh_tokens.insert(token, Refresh { grant, scopes, revoked: false });
    }

    pub(crate) fn live(&self, token: &str, now: i64) -> Live {
        match self.access_tokens.get(token) {
            None => Live::Unknown,
            Some(access) if access.revoked => Live::Revoked,
            Some(access) if access.expires_at.is_some_and(|end| end <= now) => Live::Expired,
            Some(access) => {
                Live::Yes { account: self.grants[access.grant].account.clone(), scopes: access.scopes.clone() }
            }
        }
    }

    /// The grant and scopes of a refresh token that still works.
    pub(crate) fn refreshable(&self, token: &str) -> Option<(usize, Vec<String>)> {
        self.refresh_tokens.get(token).filter(|refresh| !refresh.revoked).map(|refresh| (refresh.grant, refresh.scopes.clone()))
    }

    pub(crate) fn end_refresh(&mut self, token: &str) {
        if let Some(refresh) = self.refresh_tokens.get_mut(token) {
            refresh.revoked = true;
        }
    }

    /// Ends one access token; was it alive?
    pub(crate) fn end_access(&mut self, token: &str, now: i64) -> bool {
        let alive = matches!(self.live(token, now), Live::Yes { .. });
        if let Some(access) = self.access_tokens.get_mut(token) {
            access.revoked = true;
        }
        alive
    }

    /// Ends the access tokens of a grant, leaving its refresh tokens.
    pub(crate) fn end_access_of(&mut self, grant: usize) {
        self.access_tokens.values_mut().filter(|access| access.grant == grant).for_each(|access| access.revoked = true);
    }

    /// Ends every token of a grant.
    pub(crate) fn end_grant(&mut self, grant: usize) {
        self.end_access_of(grant);
        self.refresh_tokens.values_mut().filter(|refresh| refresh.grant == grant).for_each(|refresh| refresh.revoked = true);
    }

    /// Every grant one person gave this client, with all tokens.
    pub(crate) fn end_account(&mut self, account: &str) {
        let theirs: Vec<usize> =
            (0..self.grants.len()).filter(|index| self.grants[*index].account == account).collect();
        theirs.into_iter().for_each(|grant| self.end_grant(grant));
    }

    /// The grant behind a token of either kind that still works.
    pub(crate) fn grant_of(&self, token: &str, now: i64) -> Option<usize> {
        if let Some((grant, _)) = self.refreshable(token) {
            return Some(grant);
        }
        matches!(self.live(token, now), Live::Yes { .. }).then(|| self.access_tokens[token].grant)
    }

    /// Makes every live access token expired; how many were alive?
    pub(crate) fn expire_all(&mut self) -> usize {
        let alive = self.access_tokens.values_mut().filter(|access| !access.revoked);
        alive.map(|access| access.expires_at = Some(i64::MIN)).count()
    }

    /// Ends every token; how many grants were there?
    pub(crate) fn revoke_all(&mut self) -> usize {
        (0..self.grants.len()).for_each(|grant| self.end_grant(grant));
        self.grants.len()
    }
}
