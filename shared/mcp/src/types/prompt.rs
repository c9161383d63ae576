//! A prompt and its messages.
//!
//! Source: <https://modelcontextprotocol.io/specification/2026-07-28/server/prompts>.

use serde::Serialize;

use super::content::PromptMessage;

/// Prompt of a catalogue.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#prompt>.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prompt {
    /// Name.
    pub name: String,
    /// Name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Arguments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<PromptArgument>,
}

/// Argument of a prompt.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#promptargument>.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PromptArgument {
    /// Name.
    pub name: String,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// True if the prompt needs it.
    pub required: bool,
}

/// Messages of a prompt with its arguments filled in.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#getpromptresult>.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PromptResult {
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Messages in their order.
    pub messages: Vec<PromptMessage>,
}
