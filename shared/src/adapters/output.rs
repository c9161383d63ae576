//! The output of an action.

use serde_json::Value;

/// The result of a successful action. `T` is the action's own type of data; the agent receives it as JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionOutput<T = Value> {
    /// One sentence for a person.
    pub message: String,
    /// The data that was read or created, in a stable shape of our own.
    pub data: T,
    /// The provider's id of the thing that was created or changed.
    pub external_id: Option<String>,
    /// The address at which a person can open it.
    pub link: Option<String>,
}

impl<T> ActionOutput<T> {
    /// Returns the output of an action that created and changed nothing that has an id.
    pub fn new(message: impl Into<String>, data: T) -> Self {
        Self { message: message.into(), data, external_id: None, link: None }
    }

    /// Adds the provider's id of what was created or changed.
    pub fn with_id(self, id: impl Into<String>) -> Self {
        Self { external_id: Some(id.into()), ..self }
    }

    /// Adds the address at which a person can open it, if there is one.
    pub fn with_link(self, link: Option<String>) -> Self {
        Self { link, ..self }
    }

    /// Returns the output with other data.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> ActionOutput<U> {
        let Self { message, data, external_id, link } = self;
        ActionOutput { message, data: change(data), external_id, link }
    }
}
