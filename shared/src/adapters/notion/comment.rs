//! A comment and its output.

use super::parent::ParentData;
use super::user::Person;
use super::{rich_text, text};
use crate::adapters::prelude::*;

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

/// A comment as output.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommentData {
    /// The id.
    id: String,
    /// The id of its thread.
    discussion_id: Option<String>,
    /// The page or the block that it is on.
    parent: Option<ParentData>,
    /// The plain text.
    text: String,
    /// The time of creation.
    created_at: Option<String>,
    /// The author, under the name that the comment shows.
    author: Option<Person>,
}

impl Listed for CommentData {
    const NOUN: &'static str = "comment";
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
    pub(super) fn into_data(self) -> CommentData {
        let name = text(&self.display_name["resolved_name"]);
        let author = Person::of(&self.created_by);
        CommentData {
            parent: ParentData::of(&self.parent),
            text: self.text(),
            author: author.map(|author| Person { name: name.or(author.name), ..author }),
            id: self.id,
            discussion_id: self.discussion_id,
            created_at: self.created_time,
        }
    }
}
