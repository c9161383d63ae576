//! A comment, which is a story that a person or an app wrote on a task: its requested fields and its output.

use super::prelude::*;
use super::shown_text;

/// The requested fields of a story.
pub(super) const FIELDS: &str = "text,html_text,created_at,created_by.name,resource_subtype";

/// A comment on a task.
// A story as Asana returns it; serialized, it is our output.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Comment {
    /// The id (gid).
    #[serde(rename(serialize = "id"))]
    gid: String,
    /// The text.
    pub(super) text: Option<String>,
    /// The text as Markdown, if it has markup.
    #[serde(skip_deserializing)]
    markdown: Option<String>,
    /// The same in Asana's HTML.
    pub(super) html_text: Option<String>,
    /// The time of creation.
    created_at: Option<Instant>,
    /// The author.
    #[serde(rename(serialize = "author"))]
    created_by: Option<Ref>,
    #[serde(skip_serializing)]
    resource_subtype: Option<String>,
}

impl Listed for Comment {
    const NOUN: &'static str = "comment";
}

impl Comment {
    /// Returns true if the story is a comment, and not an entry of the task's history. One of an unknown kind may be a comment.
    pub(super) fn is_comment(&self) -> bool {
        self.resource_subtype.as_deref().is_none_or(|subtype| subtype == "comment_added")
    }

    /// Removes the caller's text, which would be stored with the result.
    pub(super) fn without_text(self) -> Self {
        Self { text: None, html_text: None, ..self }
    }

    /// Adds the text as Markdown, if it has markup.
    pub(super) fn with_markdown(self) -> Self {
        let (markdown, html_text) = shown_text::forms(self.html_text);
        Self { markdown, html_text, ..self }
    }
}

impl Record for Comment {
    fn id(&self) -> &str {
        &self.gid
    }

    fn created_at(&self) -> Option<Instant> {
        self.created_at
    }

    fn author(&self) -> Option<&str> {
        self.created_by.as_ref().map(|author| author.gid.as_str())
    }
}
