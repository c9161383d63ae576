//! The targets of an action: whom and what it will touch.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A person, a place or an object that an action will touch, as the provider knows it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema, ToSchema)]
pub struct Target {
    /// The kind of the target.
    pub kind: TargetKind,
    /// The provider's id of it, or an e-mail address.
    pub id: String,
    /// Its name for people, if it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A kind of targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TargetKind {
    /// A person, who is written to, assigned, invited or asked.
    Person,
    /// A channel or a conversation.
    Channel,
    /// A mail, a draft, a thread or a message.
    Message,
    /// A label of a mailbox.
    Label,
    /// A page.
    Page,
    /// A block of a page.
    Block,
    /// A database, or a data source of one.
    Database,
    /// A project.
    Project,
    /// A section of a project.
    Section,
    /// A task.
    Task,
    /// A tag.
    Tag,
    /// A workspace.
    Workspace,
}

impl Target {
    /// Returns a target of which only the id is known.
    pub fn new(kind: TargetKind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into(), name: None }
    }

    /// Returns a person.
    pub fn person(id: impl Into<String>) -> Self {
        Self::new(TargetKind::Person, id)
    }

    /// Adds the name, if there is one.
    pub fn named(self, name: Option<impl Into<String>>) -> Self {
        Self { name: name.map(Into::into), ..self }
    }
}
