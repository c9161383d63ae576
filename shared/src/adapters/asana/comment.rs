//! A comment: a story a person or an app wrote on a task. What is asked of Asana about one, and how it is told.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::envelope::Ref;
use super::reconcile::Candidate;
use crate::adapters::action::ActionOutput;

/// What is asked about a story.
pub(super) const FIELDS: &str = "text,created_at,created_by.name,resource_subtype";

/// A story as Asana tells it, and a comment as it is told on.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Comment {
    #[serde(rename(serialize = "id"))]
    gid: String,
    /// What it says.
    pub(super) text: Option<String>,
    created_at: Option<String>,
    /// Who wrote it.
    #[serde(rename(serialize = "author"))]
    pub(super) created_by: Option<Ref>,
    #[serde(skip_serializing)]
    resource_subtype: Option<String>,
}

impl Comment {
    /// Whether the story is a comment and not a line of the task's history.
    pub(super) fn is_comment(&self) -> bool {
        self.resource_subtype.as_deref() == Some("comment_added")
    }

    /// The comment as the end of an action, without what the caller wrote: it would be kept with the outcome.
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
}
