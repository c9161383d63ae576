//! A comment, which is a story that a person or an app wrote on a task: its requested fields and its output.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::envelope::Ref;
use super::reconcile::Candidate;
use crate::adapters::action::ActionOutput;

/// The requested fields of a story.
pub(super) const FIELDS: &str = "text,created_at,created_by.name,resource_subtype";

/// A story as Asana returns it; serialized, it is a comment in our output.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Comment {
    #[serde(rename(serialize = "id"))]
    gid: String,
    /// The text.
    pub(super) text: Option<String>,
    created_at: Option<String>,
    #[serde(rename(serialize = "author"))]
    created_by: Option<Ref>,
    #[serde(skip_serializing)]
    resource_subtype: Option<String>,
}

impl Comment {
    /// Returns true if the story is a comment, and not an entry of the task's history.
    pub(super) fn is_comment(&self) -> bool {
        self.resource_subtype.as_deref() == Some("comment_added")
    }

    /// Returns the comment as output, without the caller's text, which would be stored with the result.
    pub(super) fn into_output(self, message: &str) -> ActionOutput {
        ActionOutput {
            message: message.to_owned(),
            data: json!({ "id": self.gid, "createdAt": self.created_at, "author": self.created_by }),
            external_id: Some(self.gid),
            link: None,
        }
    }
}

impl Candidate for Comment {
    fn id(&self) -> &str {
        &self.gid
    }

    fn created_at(&self) -> Option<&str> {
        self.created_at.as_deref()
    }

    fn author(&self) -> Option<&str> {
        self.created_by.as_ref().map(|author| author.gid.as_str())
    }
}
