//! A person or a bot, as a part of an output.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

use super::text;

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
