//! The tools: their names, which functions without their adapters need.

use serde::{Serialize, Serializer};
use std::fmt;
use utoipa::ToSchema;

use crate::nearest;

/// All tools, in the order in which they are listed. Each has an adapter: see `adapters::ALL`.
const KNOWN: &[ToolFacts] = &[
    ToolFacts::new("gmail", "Gmail"),
    ToolFacts::new("notion", "Notion"),
    ToolFacts::new("slack", "Slack"),
    ToolFacts::new("asana", "Asana"),
];
/// The tool of the adapters' guide, which is compiled for unit tests and is not in the list.
#[cfg(test)]
const GUIDE: &[ToolFacts] = &[ToolFacts::new("notes", "Notes")];
/// Maximum number of characters of an unknown name that its error repeats.
const MAX_QUOTED_CHARACTERS: usize = 64;

/// Name of a tool with an adapter, such as `gmail`. Only the list of tools creates it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, ToSchema)]
#[schema(as = ToolName, value_type = String)]
pub struct Tool(&'static ToolFacts);

#[derive(PartialEq, Eq, Hash)]
struct ToolFacts {
    /// The name in the API.
    id: &'static str,
    /// The name for people.
    name: &'static str,
}

impl ToolFacts {
    const fn new(id: &'static str, name: &'static str) -> Self {
        Self { id, name }
    }
}

/// The error of a name that no tool has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "Unknown tool '{0}'{question} Known tools: {known}",
    question = nearest::sentence_end(.0, Tool::all().map(Tool::as_str)),
    known = Tool::known_ids()
)]
pub struct UnknownTool(String);

impl Tool {
    /// Returns the tool of an adapter. An adapter of a tool that is not in the list does not compile.
    pub(crate) const fn new(id: &str) -> Self {
        #[cfg(test)]
        if let Some(facts) = find(GUIDE, id) {
            return Self(facts);
        }
        match find(KNOWN, id) {
            Some(facts) => Self(facts),
            None => panic!("the tool is not in the list of tools"),
        }
    }

    /// Returns all tools.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        KNOWN.iter().map(Self)
    }

    /// Returns the tool that a request names.
    ///
    /// # Errors
    /// [`UnknownTool`] with the known names.
    pub fn parse(id: &str) -> Result<Self, UnknownTool> {
        let unknown = || UnknownTool(id.chars().take(MAX_QUOTED_CHARACTERS).collect());
        Self::all().find(|tool| tool.as_str() == id).ok_or_else(unknown)
    }

    /// Returns the name as the API writes it.
    pub const fn as_str(self) -> &'static str {
        self.0.id
    }

    /// Returns the name for people.
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// Returns the names of all tools, separated by commas.
    pub(crate) fn known_ids() -> String {
        Self::all().map(Self::as_str).collect::<Vec<_>>().join(", ")
    }
}

const fn find(list: &'static [ToolFacts], id: &str) -> Option<&'static ToolFacts> {
    let mut at = 0;
    while at < list.len() {
        if is_equal(list[at].id.as_bytes(), id.as_bytes()) {
            return Some(&list[at]);
        }
        at += 1;
    }
    None
}

/// `==` of two texts, which is not `const` yet.
const fn is_equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tool({:?})", self.as_str())
    }
}

impl Serialize for Tool {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_found_by_their_exact_id() {
        assert_eq!(Tool::parse("slack"), Ok(Tool::new("slack")));
        for unknown in ["", "Slack", "slac", "slack "] {
            assert!(Tool::parse(unknown).is_err(), "{unknown}");
        }
    }

    #[test]
    fn unknown_tool_error_lists_the_known_tools_and_shortens_the_name() {
        let error = Tool::parse(&"x".repeat(65)).unwrap_err();
        let known = "Known tools: gmail, notion, slack, asana";
        assert_eq!(error.to_string(), format!("Unknown tool '{}'. {known}", "x".repeat(64)));
    }
}
