//! The completion of an argument that a person types.
//!
//! Source: <https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/completion>.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Maximum number of suggestions of an answer.
const MAX_VALUES: usize = 100;

/// Request for suggestions.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#completerequest>.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct CompletionRequest {
    /// The prompt or resource template.
    #[serde(rename = "ref")]
    pub of: CompletionOf,
    /// The argument that is typed.
    pub argument: TypedArgument,
    /// The arguments that are typed already.
    #[serde(default)]
    pub context: CompletionContext,
}

/// Thing with the argument.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#promptreference>.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "type")]
pub enum CompletionOf {
    /// A prompt.
    #[serde(rename = "ref/prompt")]
    Prompt {
        /// Name.
        name: String,
    },
    /// A resource template.
    #[serde(rename = "ref/resource")]
    Resource {
        /// URI or pattern.
        uri: String,
    },
}

/// Argument as far as it is typed.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#completerequestparams>.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct TypedArgument {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

/// Arguments that are typed already.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#completerequestparams>.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct CompletionContext {
    /// Values by name.
    #[serde(default)]
    pub arguments: BTreeMap<String, String>,
}

/// Suggestions, the best first.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#completeresult>.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Completion {
    /// Values. The answer has the first hundred.
    pub values: Vec<String>,
    /// Number of all matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// True if there are more.
    pub has_more: bool,
}

impl Completion {
    /// Shortens the values to the protocol's maximum.
    pub(crate) fn shortened(mut self) -> Self {
        if self.values.len() > MAX_VALUES {
            self.total = self.total.or(u64::try_from(self.values.len()).ok());
            self.values.truncate(MAX_VALUES);
            self.has_more = true;
        }
        self
    }
}
