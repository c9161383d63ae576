//! The output of an action.

use serde_json::Value;

/// The result of a successful action, as the agent receives it.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionOutput {
    /// One sentence for a person.
    pub message: String,
    /// The data that was read or created, in a stable shape of our own.
    pub data: Value,
    /// The provider's id of the thing that was created or changed.
    pub external_id: Option<String>,
    /// The address at which a person can open it.
    pub link: Option<String>,
}
