//! Accounts at the providers: a person can connect several of one tool.
//!
//! An account is identified by what its provider never changes or gives to another person: not an address, which can move.

use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

use crate::error::{Error, Result};
use crate::validate::check_text;

/// Longest id, label or address by which a request names an account, in bytes.
pub const MAX_ACCOUNT_BYTES: usize = 256;
/// Start of the id of a Gmail account that is known by its address alone.
const ADDRESS_PREFIX: &str = "mail:";

/// The id of an account: the provider's own, stable identity, such as Google's `sub` or `<team>.<user>` of Slack.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct AccountId(String);

impl AccountId {
    /// Makes an id of the parts of a provider's identity. `None` if a part is missing or cannot be a part of a key.
    pub(crate) fn of(parts: &[Option<&str>]) -> Option<Self> {
        let parts: Vec<&str> = parts.iter().copied().collect::<Option<_>>()?;
        let id = parts.join(".");
        let is_complete = parts.iter().all(|part| !part.is_empty());
        (is_complete && check_text("account", &id, MAX_ACCOUNT_BYTES).is_ok()).then_some(Self(id))
    }

    /// The id of a Gmail account whose token cannot name Google's `sub`.
    pub(crate) fn of_address(address: &str) -> Option<Self> {
        Self::of(&[Some(&format!("{ADDRESS_PREFIX}{}", address.to_ascii_lowercase()))])
    }

    /// Reads an id from a request that may name an account which is not connected any more. `None` for a text that has not the form of
    /// an id: a long number, several parts with a number in each, or an address with the prefix. No label has it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_number = |part: &str| part.len() >= 10 && part.bytes().all(|byte| byte.is_ascii_digit());
        let is_part = |part: &str| {
            let is_plain = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            part.len() >= 6 && is_plain && part.bytes().any(|byte| byte.is_ascii_digit())
        };
        let is_compound = text.contains('.') && text.split('.').all(is_part);
        let is_id = text.starts_with(ADDRESS_PREFIX) || is_number(text) || is_compound;
        is_id.then(|| Self(text.to_owned()))
    }

    /// Reads an id from a key or a row.
    pub(crate) fn from_stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Returns the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An account at a provider, as its owner knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// The provider's own, stable identity.
    pub id: AccountId,
    /// The name for people: an address, a person or a workspace.
    pub name: String,
    /// The address, where the provider tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The name of the workspace or team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// The address of the account on the web.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

impl Account {
    /// An account that is known by its id and its name alone.
    pub(crate) fn new(id: AccountId, name: impl Into<String>) -> Self {
        Self { id, name: name.into(), email: None, workspace: None, link: None }
    }
}

/// The text by which a request names an account: its id, its label or its address.
#[derive(Clone, Debug)]
pub struct AccountName(String);

impl AccountName {
    /// Reads the field `account` of a request.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is empty, longer than 256 bytes or holds control characters.
    pub fn parse(text: &str) -> Result<Self, Error> {
        check_text("account", text, MAX_ACCOUNT_BYTES)?;
        Ok(Self(text.trim().to_owned()))
    }

    /// Reads an optional field `account`.
    ///
    /// # Errors
    /// Those of [`AccountName::parse`].
    pub fn parse_optional(text: Option<&str>) -> Result<Option<Self>, Error> {
        text.map(Self::parse).transpose()
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Names are compared as people read them: a model may write `Work` for `work`.
pub(crate) fn is_same_name(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_has_every_part_of_an_identity() {
        let id = |parts: &[Option<&str>]| AccountId::of(parts).map(|id| id.to_string());
        assert_eq!(id(&[Some("T1"), Some("U2")]), Some("T1.U2".to_owned()));
        assert_eq!(id(&[Some("T1"), None]), None);
        assert_eq!(id(&[Some("T1"), Some("")]), None);
        assert_eq!(id(&[Some("a\nb")]), None);
        assert_eq!(id(&[Some(&"x".repeat(300))]), None);
        assert_eq!(
            AccountId::of_address("Alex@Example.com").map(|id| id.to_string()),
            Some("mail:alex@example.com".to_owned())
        );
    }
}
