//! Identifiers: newtypes, the encoding of keys, and the public ids that encode the address of a row.
//!
//! Every free component of a key is percent-encoded, so `#` separates components and nothing else: no two tuples share a key.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

use crate::error::{Error, Result};

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Longest agent, user or client id, in bytes.
pub const MAX_ID_BYTES: usize = 256;

/// Longest `contextKey` or `externalId`, in bytes: DynamoDB's limit for a sort key.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
pub const MAX_KEY_BYTES: usize = 1024;

/// Largest metadata of anything, in bytes of JSON.
pub const MAX_METADATA_BYTES: usize = 8 * 1024;

/// The first bytes of a text's SHA-256, of which there are 32, in hexadecimal digits.
pub(crate) fn fingerprint(text: &str, bytes: usize) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}

/// Percent-encodes one component of a key.
pub(crate) fn encode(component: &str) -> String {
    utf8_percent_encode(component, UNRESERVED).to_string()
}

fn decode(component: &str) -> Option<String> {
    percent_decode_str(component).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

/// Joins components to one key: each encoded, `#` between them.
pub(crate) fn composite_key(components: &[&str]) -> String {
    components.iter().map(|component| encode(component)).collect::<Vec<_>>().join("#")
}

/// Checks a text a caller gave as an identifier: not empty, at most `max` bytes, no control characters.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub fn check_text(field: &str, text: &str, max: usize) -> Result<()> {
    let reason = if text.trim().is_empty() {
        "must not be empty".to_owned()
    } else if text.len() > max {
        format!("must be at most {max} bytes")
    } else if text.chars().any(char::is_control) {
        "must not contain control characters".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::invalid(field, reason))
}

/// Checks that what a caller wrote is at most `limit` bytes of JSON.
///
/// # Errors
/// [`Error::TooLarge`] naming it.
pub fn check_size(what: &'static str, written: &impl Serialize, limit: usize) -> Result<()> {
    let bytes = serde_json::to_vec(written).map_err(Error::internal)?.len();
    if bytes > limit { Err(Error::TooLarge { what, limit }) } else { Ok(()) }
}

/// The person a row belongs to: the `sub` of a verified token, or the owner stored in a task.
///
/// There is no public constructor, so that no user can be read from a body or an event without a check.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UserId(String);

impl UserId {
    pub(crate) fn verified(sub: String) -> Self {
        Self(sub)
    }

    /// The user named by the partition key of a stored row: `user`, or `user#agent`.
    pub(crate) fn from_stored_key(partition: &str) -> Option<Self> {
        decode(partition.split('#').next()?).map(Self)
    }

    /// The user in the log: 16 hexadecimal digits of the id's SHA-256. Without a key, so that it is the same in every function
    /// and costs none of them a read of a secret: it keeps names and addresses out of lines that many may read, and is no
    /// secret from one who can guess the id. The audit log has the id itself.
    pub fn pseudonym(&self) -> String {
        fingerprint(&self.0, 8)
    }

    /// The id as the identity provider wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An agent's id, as its owner chose it: 1 to 256 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(transparent)]
pub struct AgentId(String);

impl AgentId {
    /// Takes an agent id from a request.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is empty, longer than 256 bytes or holds control characters.
    pub fn parse(text: &str) -> Result<Self> {
        check_text("agentId", text, MAX_ID_BYTES)?;
        Ok(Self(text.to_owned()))
    }

    /// The agent named by the partition key of a stored task (`user#agent`).
    pub(crate) fn from_stored_key(partition: &str) -> Option<Self> {
        let (_, agent) = partition.split_once('#')?;
        decode(agent).map(Self)
    }

    /// The id as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn encode_public_id(prefix: &str, address: &str) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(address))
}

fn decode_public_id(prefix: &str, id: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(id.strip_prefix(prefix)?).ok()?;
    String::from_utf8(bytes).ok()
}

/// Addresses one task within its owner's rows: the agent and the sort key. The public form is `task_<base64url>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskId {
    /// The agent the task belongs to.
    pub agent: AgentId,
    /// The sort key in the tasks table: `S#<executeAt>#<ulid>` or `I#<ulid>`.
    pub sort: String,
}

impl TaskId {
    /// Reads a public task id.
    ///
    /// # Errors
    /// [`Error::NotFound`] for anything that cannot be one: a malformed id and an unknown id look the same.
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
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode_public_id("task_", &format!("{}#{}", encode(self.agent.as_str()), self.sort)))
    }
}

/// Addresses one row of the error log within its owner's rows. The public form is `err_<ulid>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ErrorId(String);

impl ErrorId {
    pub(crate) fn new(ulid: &str) -> Self {
        Self(ulid.to_owned())
    }

    /// Reads a public error id.
    ///
    /// # Errors
    /// [`Error::NotFound`] for anything that cannot be one.
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

/// Addresses one context mapping within its owner's rows. The public form is `map_<base64url>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingId {
    /// The agent whose key it is.
    pub agent: AgentId,
    /// The tool's name; whether an adapter exists for it was checked when the mapping was made.
    pub tool: String,
    /// The agent's own key.
    pub context_key: String,
}

impl MappingId {
    /// Reads a public mapping id.
    ///
    /// # Errors
    /// [`Error::NotFound`] for anything that cannot be one.
    pub fn parse(id: &str) -> Result<Self> {
        let not_found = || Error::NotFound("Mapping");
        let address = decode_public_id("map_", id).ok_or_else(not_found)?;
        let mut parts = address.splitn(3, '#');
        let (Some(agent), Some(tool), Some(context_key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(not_found());
        };
        let agent = AgentId::parse(&decode(agent).ok_or_else(not_found)?).map_err(|_| not_found())?;
        check_text("tool", tool, MAX_ID_BYTES).map_err(|_| not_found())?;
        check_text("contextKey", context_key, MAX_KEY_BYTES).map_err(|_| not_found())?;
        Ok(Self { agent, tool: tool.to_owned(), context_key: context_key.to_owned() })
    }
}

impl fmt::Display for MappingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = format!("{}#{}#{}", encode(self.agent.as_str()), self.tool, self.context_key);
        f.write_str(&encode_public_id("map_", &address))
    }
}

/// Encodes the position of a page: the sort key (or keys) after which the next page starts.
pub(crate) fn encode_cursor(position: &impl Serialize) -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(position).map_err(Error::internal)?))
}

/// Reads a cursor made by [`cursor`].
///
/// # Errors
/// [`Error::Invalid`] for a text that this service did not make.
pub(crate) fn decode_cursor<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(invalid_cursor)
}

/// The refusal of a cursor that this list did not make.
pub(crate) fn invalid_cursor() -> Error {
    Error::invalid("cursor", "is not a cursor of this list")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_two_tuples_share_a_key(a in proptest::collection::vec(".*", 1..4), b in proptest::collection::vec(".*", 1..4)) {
            let joined = |parts: &[String]| composite_key(&parts.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(joined(&a) == joined(&b), a == b);
        }

        #[test]
        fn public_ids_come_back(agent in "[^\\p{C}\\s][^\\p{C}]{0,40}", context_key in "[^\\p{C}\\s][^\\p{C}]{0,80}") {
            let agent = AgentId::parse(&agent).unwrap();
            let task = TaskId { agent: agent.clone(), sort: "I#01J0000000000000000000000".to_owned() };
            prop_assert_eq!(TaskId::parse(&task.to_string()).unwrap(), task);
            let mapping = MappingId { agent, tool: "gmail".to_owned(), context_key };
            prop_assert_eq!(MappingId::parse(&mapping.to_string()).unwrap(), mapping);
        }

        #[test]
        fn junk_is_never_an_id(text in ".{0,60}") {
            prop_assert!(TaskId::parse(&text).is_err());
            prop_assert!(MappingId::parse(&text).is_err());
        }

        #[test]
        fn a_forged_id_is_refused_or_says_what_it_is(address in "(?s)[a%#SI0-9é\\x00./]{0,40}") {
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
        fn any_error_id_is_a_ulid(text in "(err_)?[0-9A-Za-zé_]{0,30}") {
            if let Ok(id) = ErrorId::parse(&text) {
                prop_assert!(id.ulid().len() == 26 && id.ulid().bytes().all(|byte| byte.is_ascii_alphanumeric()));
                prop_assert_eq!(ErrorId::parse(&id.to_string()).unwrap(), id);
            }
        }

        #[test]
        fn a_cursor_comes_back_and_junk_is_refused(position in any::<(String, i64)>(), junk in "(?s).{0,60}", json in "[\\[\\]{}\",0-9a-z:]{0,20}") {
            prop_assert_eq!(decode_cursor::<(String, i64)>(&encode_cursor(&position).unwrap()).unwrap(), position);
            for text in [junk, URL_SAFE_NO_PAD.encode(json)] {
                match decode_cursor::<(String, i64)>(&text) {
                    Ok(position) => prop_assert_eq!(decode_cursor::<(String, i64)>(&encode_cursor(&position).unwrap()).unwrap(), position),
                    Err(error) => prop_assert_eq!(error.code(), "INVALID_FIELD"),
                }
            }
        }
    }
}
