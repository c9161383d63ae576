//! The requests of a server to the client, which travel in a result, and the client's answers, which travel in the next request.
//!
//! Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr>.

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

use crate::client::Capability;
use crate::error::{Error, Result};

/// Requests by the keys that their answers have.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#inputrequests>.
pub type InputRequests = BTreeMap<String, InputRequest>;

/// Request of a server to the client.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#inputrequest>.
#[derive(Clone, Debug, PartialEq)]
pub enum InputRequest {
    /// A form for the person. It may not ask for secrets.
    Form {
        /// Text above the form.
        message: String,
        /// JSON Schema of the form: an object of texts, numbers, flags and choices.
        schema: Value,
    },
    /// A page for the person to open.
    Url {
        /// Text beside the link.
        message: String,
        /// The page. It names no person and opens no door without a login.
        url: String,
    },
    /// A question to the client's model.
    Sampling {
        /// The parameters of `sampling/createMessage`.
        params: Value,
    },
    /// The client's folders.
    Roots,
}

impl InputRequest {
    /// The capability that the client must have declared.
    pub fn capability(&self) -> Capability {
        match self {
            Self::Form { .. } => Capability::ElicitForm,
            Self::Url { .. } => Capability::ElicitUrl,
            Self::Sampling { .. } => Capability::Sampling,
            Self::Roots => Capability::Roots,
        }
    }
}

impl Serialize for InputRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let (method, params) = match self {
            Self::Form { message, schema } => {
                ("elicitation/create", json!({ "mode": "form", "message": message, "requestedSchema": schema }))
            }
            Self::Url { message, url } => {
                ("elicitation/create", json!({ "mode": "url", "message": message, "url": url }))
            }
            Self::Sampling { params } => ("sampling/createMessage", params.clone()),
            Self::Roots => ("roots/list", json!({})),
        };
        let mut request = serializer.serialize_struct("InputRequest", 2)?;
        request.serialize_field("method", method)?;
        request.serialize_field("params", &params)?;
        request.end()
    }
}

/// Result of a request that needs answers of the client first: requests, a state, or both.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#inputrequiredresult>.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InputRequired {
    /// Requests.
    pub requests: InputRequests,
    /// State that the client returns with its answers. The layer seals it by [`Catalogue::seal`](crate::Catalogue::seal).
    pub state: Option<Value>,
}

impl InputRequired {
    /// Creates a result with one request.
    pub fn one(key: impl Into<String>, request: InputRequest) -> Self {
        Self { requests: BTreeMap::from([(key.into(), request)]), state: None }
    }

    /// Adds a state.
    #[must_use]
    pub fn with_state(self, state: Value) -> Self {
        Self { state: Some(state), ..self }
    }
}

/// Answers of the client by the keys of the requests. The client can send any: unknown keys are ignored.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#inputresponses>.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InputResponses(Map<String, Value>);

impl InputResponses {
    /// Reads `inputResponses`: an object of objects.
    pub(crate) fn parse(value: Option<&Value>) -> Result<Self> {
        match value {
            None => Ok(Self::default()),
            Some(Value::Object(responses)) if responses.values().all(Value::is_object) => Ok(Self(responses.clone())),
            Some(_) => Err(Error::InvalidParams("`inputResponses` must be an object of objects".to_owned())),
        }
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys of the answers.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The answer with that key, as it was sent.
    pub fn get(&self, key: &str) -> Option<&Map<String, Value>> {
        self.0.get(key).and_then(Value::as_object)
    }

    /// The person's answer to a form or a URL.
    ///
    /// # Errors
    /// [`Error::InvalidParams`] if it has another form.
    pub fn elicited(&self, key: &str) -> Result<Option<Elicited>> {
        let Some(response) = self.0.get(key) else { return Ok(None) };
        let elicited = Elicited::deserialize(response);
        elicited.map(Some).map_err(|error| Error::InvalidParams(format!("`inputResponses.{key}`: {error}")))
    }
}

/// Answer of a person to a form or a URL.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#elicitresult>.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Elicited {
    /// The person's decision. For a URL, `Accept` means that the person will open it, not that the matter is done.
    pub action: ElicitAction,
    /// The form's values.
    #[serde(default)]
    pub content: Map<String, Value>,
}

/// Decision of a person.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#elicitresult>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ElicitAction {
    /// The person agreed.
    Accept,
    /// The person refused.
    Decline,
    /// The person closed the dialogue.
    Cancel,
}
