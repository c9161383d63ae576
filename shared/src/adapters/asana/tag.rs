//! A tag: its requested fields and its output.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::envelope::Ref;
use super::reconcile::Candidate;
use crate::adapters::action::ActionOutput;

/// The requested fields of a tag.
pub(super) const FIELDS: &str = "name,color,created_at,workspace.name,permalink_url";

/// A tag as Asana returns it; serialized, it is our output.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Tag {
    #[serde(rename(serialize = "id"))]
    gid: String,
    name: Option<String>,
    #[serde(rename(serialize = "url"))]
    permalink_url: Option<String>,
    color: Option<String>,
    created_at: Option<String>,
    workspace: Option<Ref>,
}

impl Tag {
    /// Returns the tag's name.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the tag as output.
    pub(super) fn into_output(self, message: &str) -> ActionOutput {
        ActionOutput {
            message: message.to_owned(),
            data: json!(self),
            external_id: Some(self.gid),
            link: self.permalink_url,
        }
    }
}

impl Candidate for Tag {
    fn id(&self) -> &str {
        &self.gid
    }

    fn created_at(&self) -> Option<&str> {
        self.created_at.as_deref()
    }
}
