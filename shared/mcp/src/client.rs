//! The client of one request: its revision and capabilities.
//!
//! Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/index#meta>.

use serde_json::{Map, Value, json};
use std::fmt;

use crate::error::{Error, Result};
use crate::revision::Revision;

/// Key of the revision in `_meta`.
pub(crate) const PROTOCOL_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
/// Key of the client's capabilities in `_meta`.
const CLIENT_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
/// Identifier of the tasks extension.
pub(crate) const TASKS_EXTENSION: &str = "io.modelcontextprotocol/tasks";

/// Capability of a client that a request to it needs.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#clientcapabilities>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// The client shows forms: `elicitation.form`, or `elicitation` without a mode.
    ElicitForm,
    /// The client opens URLs: `elicitation.url`.
    ElicitUrl,
    /// The client asks its model: `sampling`.
    Sampling,
    /// The client lists its roots: `roots`.
    Roots,
    /// The client polls tasks: the extension `io.modelcontextprotocol/tasks`.
    Tasks,
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ElicitForm => "`elicitation.form`",
            Self::ElicitUrl => "`elicitation.url`",
            Self::Sampling => "`sampling`",
            Self::Roots => "`roots`",
            Self::Tasks => "the extension `io.modelcontextprotocol/tasks`",
        })
    }
}

impl Capability {
    /// The capability as a client declares it.
    fn declaration(self) -> Value {
        match self {
            Self::ElicitForm => json!({ "elicitation": { "form": {} } }),
            Self::ElicitUrl => json!({ "elicitation": { "url": {} } }),
            Self::Sampling => json!({ "sampling": {} }),
            Self::Roots => json!({ "roots": {} }),
            Self::Tasks => json!({ "extensions": { TASKS_EXTENSION: {} } }),
        }
    }

    /// Several capabilities as a client declares them: the `requiredCapabilities` of an error.
    pub(crate) fn declarations(capabilities: &[Self]) -> Value {
        let mut all = Value::Object(Map::new());
        for capability in capabilities {
            merge(&mut all, capability.declaration());
        }
        all
    }
}

/// Adds the members of an object to another, at every level.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert_with(|| Value::Object(Map::new())), value);
            }
        }
        (into, from) => *into = from,
    }
}

/// The revision and the capabilities of a request's client. They change the form of an answer; the client's name does not.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/index#meta>.
#[derive(Clone, Debug)]
pub struct Client {
    revision: Revision,
    capabilities: Map<String, Value>,
}

impl Client {
    /// Creates the client of a legacy request. It declared its capabilities in `initialize`, of which nothing is stored.
    pub(crate) fn legacy(revision: Revision) -> Self {
        Self { revision, capabilities: Map::new() }
    }

    /// Reads the client from the `_meta` of a request of 2026-07-28.
    pub(crate) fn from_meta(revision: Revision, meta: &Map<String, Value>) -> Result<Self> {
        match meta.get(CLIENT_CAPABILITIES) {
            Some(Value::Object(capabilities)) => Ok(Self { revision, capabilities: capabilities.clone() }),
            _ => Err(Error::Malformed(format!("`_meta` needs `{CLIENT_CAPABILITIES}` (an object, for example {{}})"))),
        }
    }

    /// The revision of the request.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// True if the client declared the capability.
    pub fn has(&self, capability: Capability) -> bool {
        let declared = |name: &str| self.capabilities.get(name).and_then(Value::as_object);
        match capability {
            // An elicitation without a mode means forms.
            Capability::ElicitForm => {
                declared("elicitation").is_some_and(|modes| modes.contains_key("form") || !modes.contains_key("url"))
            }
            Capability::ElicitUrl => declared("elicitation").is_some_and(|modes| modes.contains_key("url")),
            Capability::Sampling => declared("sampling").is_some(),
            Capability::Roots => declared("roots").is_some(),
            Capability::Tasks => declared("extensions").is_some_and(|all| all.contains_key(TASKS_EXTENSION)),
        }
    }

    /// Refuses a request that needs capabilities which the client did not declare.
    ///
    /// # Errors
    /// [`Error::MissingCapability`] with those.
    pub fn require(&self, needed: impl IntoIterator<Item = Capability>) -> Result<()> {
        let missing: Vec<Capability> = needed.into_iter().filter(|capability| !self.has(*capability)).collect();
        if missing.is_empty() { Ok(()) } else { Err(Error::MissingCapability(missing)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(capabilities: Value) -> Client {
        let meta = Map::from_iter([(CLIENT_CAPABILITIES.to_owned(), capabilities)]);
        Client::from_meta(Revision::V2026_07_28, &meta).unwrap()
    }

    #[test]
    fn an_elicitation_without_a_mode_means_forms() {
        for (declared, form, url) in [
            (json!({}), false, false),
            (json!({ "elicitation": {} }), true, false),
            (json!({ "elicitation": { "form": {} } }), true, false),
            (json!({ "elicitation": { "url": {} } }), false, true),
            (json!({ "elicitation": { "form": {}, "url": {} } }), true, true),
            (json!({ "elicitation": true }), false, false),
        ] {
            let client = client(declared.clone());
            assert_eq!(
                (client.has(Capability::ElicitForm), client.has(Capability::ElicitUrl)),
                (form, url),
                "{declared}"
            );
        }
    }

    #[test]
    fn missing_capabilities_are_named_as_a_client_declares_them() {
        let all = [Capability::ElicitForm, Capability::ElicitUrl, Capability::Tasks];
        assert_eq!(
            Capability::declarations(&all),
            json!({ "elicitation": { "form": {}, "url": {} }, "extensions": { TASKS_EXTENSION: {} } })
        );
    }
}
