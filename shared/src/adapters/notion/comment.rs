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
    /// The id of its thread.
    pub(super) fn discussion_id(&self) -> Option<&str> {
        self.discussion_id.as_deref()
    }

    /// The time of its creation, RFC 3339.
    pub(super) fn created_time(&self) -> Option<&str> {
        self.created_time.as_deref()
    }

    /// The id of its author.
    pub(super) fn author(&self) -> Option<&str> {
        self.created_by["id"].as_str()
    }

    /// Its plain text.
    pub(super) fn text(&self) -> String {
        rich_text::to_plain(&self.rich_text)
    }

    /// Returns the comment as output.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "discussionId": self.discussion_id,
            "parent": parent::to_plain(&self.parent),
            "text": self.text(),
            "createdAt": self.created_time,
            "createdBy": self.created_by["id"],
            "author": self.display_name["resolved_name"],
        })
    }
}
