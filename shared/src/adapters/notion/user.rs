//! A person or a bot, as an output or a part of one.

use super::text;
use crate::adapters::prelude::*;

/// A person or a bot. Notion names it only where it returns the whole user.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Person {
    /// The id.
    pub(super) id: String,
    /// The name.
    pub(super) name: Option<String>,
    /// The e-mail address.
    pub(super) email: Option<String>,
}

impl Person {
    /// Reads a user of a response: <https://developers.notion.com/reference/user>
    pub(super) fn of(user: &Value) -> Option<Self> {
        Some(Self { id: text(&user["id"])?, name: text(&user["name"]), email: text(&user["person"]["email"]) })
    }
}

/// A user as output.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    /// The id.
    id: String,
    /// The kind: `person` or `bot`.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The name.
    name: Option<String>,
    /// The e-mail address, if the connection has access to it.
    email: Option<String>,
    /// The address of the picture.
    avatar_url: Option<String>,
}

impl Listed for User {
    const NOUN: &'static str = "user";
}

impl User {
    /// Reads a user of a response.
    pub(super) fn of(user: &Value) -> Option<Self> {
        let Person { id, name, email } = Person::of(user)?;
        Some(Self { id, kind: text(&user["type"]), name, email, avatar_url: text(&user["avatar_url"]) })
    }

    /// The id.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Returns the name with the id.
    pub(super) fn label(&self) -> String {
        format!("{} ({})", self.name.as_deref().unwrap_or("unnamed"), self.id)
    }
}
