//! Identifiers: newtypes, and the public ids that encode the address of a row.

mod budget_holder;
mod creator;

pub use budget_holder::BudgetHolder;
pub use creator::Creator;

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use utoipa::ToSchema;

use crate::account::{AccountId, MAX_ACCOUNT_BYTES};
use crate::clock::Random;
use crate::error::{Error, Result};
use crate::keys::{decode, decode_public_id, encode, encode_public_id};
use crate::validate::{MAX_CONTEXT_KEY_BYTES, MAX_ID_BYTES, check_name, check_text, fingerprint};

/// The owner of a row: the `sub` of a verified token, or the owner stored in a task.
///
/// There is no public constructor, so that no user can be read from a body or an event without a check.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UserId(String);

impl UserId {
    pub(crate) fn verified(sub: String) -> Self {
        Self(sub)
    }

    /// Reads the user from the partition key of a stored row: `user`, or `user#agent`.
    pub(crate) fn from_stored_key(partition: &str) -> Option<Self> {
        decode(partition.split('#').next()?).map(Self)
    }

    /// Returns the user as the first component of a key.
    pub(crate) fn stored_key(&self) -> String {
        encode(&self.0)
    }

    /// Returns the user in the log: 16 hexadecimal digits of the id's SHA-256. The hash has no key, so that it is the same in every
    /// function and none has to read a secret. It keeps names and addresses out of log lines; it does not hide a user from a reader
    /// who can guess the id. The audit log has the id itself.
    pub fn pseudonym(&self) -> String {
        fingerprint(&self.0, 8)
    }

    /// Returns the id as the identity provider sent it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An agent's id, chosen by its owner: 1 to 256 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(transparent)]
pub struct AgentId(String);

impl AgentId {
    /// Reads an agent id from a request.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is empty, longer than 256 bytes or has invisible characters.
    ///
    /// ```
    /// use engine::ids::AgentId;
    ///
    /// assert_eq!(AgentId::parse("agent_123")?.as_str(), "agent_123");
    /// assert_eq!(AgentId::parse(" ").map_err(|error| error.to_string()), Err("agentId: must not be empty".to_owned()));
    /// # Ok::<(), engine::error::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self> {
        check_name("agentId", text, MAX_ID_BYTES)?;
        Ok(Self(text.to_owned()))
    }

    /// Reads the agent from the partition key of a stored task (`user#agent`).
    pub(crate) fn from_stored_key(partition: &str) -> Option<Self> {
        let (_, agent) = partition.split_once('#')?;
        decode(agent).map(Self)
    }

    /// Returns the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The address of one task within its owner's rows: the agent and the sort key. The public form is `task_<base64url>`.
///
/// ```
/// use engine::ids::{AgentId, TaskId};
/// use engine::tables::tasks::immediate_sort;
///
/// let id = TaskId { agent: AgentId::parse("agent_123")?, sort: immediate_sort("01J0000000000000000000000A") };
/// assert!(id.to_string().starts_with("task_"));
/// assert_eq!(TaskId::parse(&id.to_string())?, id);
/// // A malformed id is answered like an unknown one.
/// assert_eq!(TaskId::parse("task_1").map_err(|error| error.code()), Err("NOT_FOUND"));
/// # Ok::<(), engine::error::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TaskId {
    /// The agent of the task.
    pub agent: AgentId,
    /// The sort key in the tasks table: `S#<executeAt>#<ulid>` or `I#<ulid>`.
    pub sort: String,
}

impl TaskId {
    /// Reads a public task id.
    ///
    /// # Errors
    /// [`Error::NotFound`] for any other text: a malformed id and an unknown id have the same answer.
    pub fn parse(id: &str) -> Result<Self> {
        let not_found = || Error::NotFound("Task");
        let address = decode_public_id("task_", id).ok_or_else(not_found)?;
        let (agent, sort) = address.split_once('#').ok_or_else(not_found)?;
        let agent = AgentId::parse(&decode(agent).ok_or_else(not_found)?).map_err(|_| not_found())?;
        if !(sort.starts_with("S#") || sort.starts_with("I#")) || sort.len() > 64 {
            return Err(not_found());
        }
        Ok(Self { agent, sort: sort.to_owned() })
    }

    /// True for the task of an immediate intent.
    pub fn is_immediate(&self) -> bool {
        self.sort.starts_with("I#")
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode_public_id("task_", &format!("{}#{}", encode(self.agent.as_str()), self.sort)))
    }
}

/// The address of one row of the error log within its owner's rows. The public form is `err_<ulid>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ErrorId(String);

impl ErrorId {
    pub(crate) fn new(ulid: &str) -> Self {
        Self(ulid.to_owned())
    }

    /// Reads a public error id.
    ///
    /// # Errors
    /// [`Error::NotFound`] for any other text.
    pub fn parse(id: &str) -> Result<Self> {
        let ulid = id.strip_prefix("err_").filter(|ulid| ulid::Ulid::from_string(ulid).is_ok());
        ulid.map(|ulid| Self(ulid.to_ascii_uppercase())).ok_or(Error::NotFound("Error"))
    }

    pub(crate) fn ulid(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ErrorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "err_{}", self.0)
    }
}

/// A file's id: `file_<ulid>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(transparent)]
pub struct FileId(String);

impl FileId {
    /// The number of characters of an id.
    pub const LENGTH: usize = "file_".len() + ulid::ULID_LEN;

    pub(crate) fn new(ulid: &str) -> Self {
        Self(format!("file_{ulid}"))
    }

    /// Reads a file's id.
    ///
    /// # Errors
    /// [`Error::NotFound`] for any other text.
    pub fn parse(id: &str) -> Result<Self> {
        let ulid = id.strip_prefix("file_").filter(|ulid| ulid::Ulid::from_string(ulid).is_ok());
        ulid.map(|ulid| Self::new(&ulid.to_ascii_uppercase())).ok_or(Error::NotFound("File"))
    }

    /// Returns the time of its registration.
    pub fn created_at(&self) -> Timestamp {
        let ulid = self.0.strip_prefix("file_").unwrap_or_default();
        Random::ulid_time(ulid).unwrap_or_default()
    }

    /// Returns the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for FileId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .map_err(|_| D::Error::custom("must be the id of a file, for example file_01JQ3X7K5T8Z9V0W1Y2A3B4C5D"))
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The address of one context mapping within its owner's rows. The public form is `map_<base64url>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingId {
    /// The agent of the mapping.
    pub agent: AgentId,
    /// The tool's name; it had an adapter when the mapping was created.
    pub tool: String,
    /// The account.
    pub account: AccountId,
    /// The agent's own key.
    pub context_key: String,
}

impl MappingId {
    /// Reads a public mapping id.
    ///
    /// # Errors
    /// [`Error::NotFound`] for any other text.
    pub fn parse(id: &str) -> Result<Self> {
        let not_found = || Error::NotFound("Mapping");
        let address = decode_public_id("map_", id).ok_or_else(not_found)?;
        let mut parts = address.splitn(4, '#');
        let mut part = || parts.next().ok_or_else(not_found);
        let (agent, tool, account, context_key) = (part()?, part()?, part()?, part()?);
        let agent = AgentId::parse(&decode(agent).ok_or_else(not_found)?).map_err(|_| not_found())?;
        check_text("tool", tool, MAX_ID_BYTES).map_err(|_| not_found())?;
        check_name("contextKey", context_key, MAX_CONTEXT_KEY_BYTES).map_err(|_| not_found())?;
        let account = decode(account).ok_or_else(not_found)?;
        check_text("account", &account, MAX_ACCOUNT_BYTES).map_err(|_| not_found())?;
        let account = AccountId::from_stored(&account);
        Ok(Self { agent, tool: tool.to_owned(), account, context_key: context_key.to_owned() })
    }
}

impl fmt::Display for MappingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (agent, account) = (encode(self.agent.as_str()), encode(self.account.as_str()));
        let address = format!("{agent}#{}#{account}#{}", self.tool, self.context_key);
        f.write_str(&encode_public_id("map_", &address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn public_ids_round_trip(agent in "[^\\p{C}\\s][^\\p{C}]{0,40}", context_key in "[^\\p{C}\\s][^\\p{C}]{0,80}") {
            // Some characters of no such category are invisible as well.
            let is_visible = |text: &str| check_name("name", text, 1024).is_ok();
            prop_assume!(is_visible(&agent) && is_visible(&context_key));
            let agent = AgentId::parse(&agent).unwrap();
            let task = TaskId { agent: agent.clone(), sort: "I#01J0000000000000000000000".to_owned() };
            prop_assert_eq!(TaskId::parse(&task.to_string()).unwrap(), task);
            let account = AccountId::from_stored("T1.U1");
            let mapping = MappingId { agent, tool: "gmail".to_owned(), account, context_key };
            prop_assert_eq!(MappingId::parse(&mapping.to_string()).unwrap(), mapping);
        }

        #[test]
        fn invalid_text_is_not_an_id(text in ".{0,60}") {
            prop_assert!(TaskId::parse(&text).is_err());
            prop_assert!(MappingId::parse(&text).is_err());
        }

        #[test]
        fn forged_id_is_rejected_or_round_trips(address in "(?s)[a%#SI0-9é\\x00./]{0,40}") {
            let text = encode_public_id("task_", &address);
            if let Ok(id) = TaskId::parse(&text) {
                prop_assert_eq!(TaskId::parse(&id.to_string()).unwrap(), id);
            }
            let text = encode_public_id("map_", &address);
            if let Ok(id) = MappingId::parse(&text) {
                prop_assert_eq!(MappingId::parse(&id.to_string()).unwrap(), id);
            }
        }

        #[test]
        fn error_id_is_a_ulid(text in "(err_)?[0-9A-Za-zé_]{0,30}") {
            if let Ok(id) = ErrorId::parse(&text) {
                prop_assert!(id.ulid().len() == 26 && id.ulid().bytes().all(|byte| byte.is_ascii_alphanumeric()));
                prop_assert_eq!(ErrorId::parse(&id.to_string()).unwrap(), id);
            }
        }
    }
}
