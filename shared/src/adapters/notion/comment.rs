//! A comment and its output.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{parent, rich_text};

/// A comment as Notion returns it. A connection without read access to comments gets only the id.
#[derive(Debug, Deserialize)]
pub(super) struct Comment {
    /// Its id.
    pub(super) id: String,
    discussion_id: Option<String>,
    #[serde(default)]
    parent: Value,
    created_time: Option<String>,
    #[serde(default)]
    created_by: Value,
    #[serde(default)]
    display_name: Value,
    #[serde(default)]
    rich_text: Value,
}

impl Comment {
    /// Returns the comment as output.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "discussionId": self.discussion_id,
            "parent": parent::to_plain(&self.parent),
            "text": rich_text::to_plain(&self.rich_text),
            "createdAt": self.created_time,
            "createdBy": self.created_by["id"],
            "author": self.display_name["resolved_name"],
        })
    }
}
