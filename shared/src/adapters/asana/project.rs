//! A project: its requested fields and its output.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::envelope::Ref;
use super::reconcile::Candidate;
use crate::adapters::action::ActionOutput;

/// The requested fields of a created project. They exclude the caller's text, which would be stored with the result. `owner` is
/// listed without `.name`, as Asana documents it; the response has the name.
pub(super) const FIELDS: &str =
    "name,archived,completed,created_at,modified_at,due_on,start_on,owner,team.name,workspace.name,permalink_url";

/// Returns the requested fields of a project that is read.
pub(super) fn detail_fields() -> String {
    format!("{FIELDS},notes")
}

/// A project as Asana returns it; serialized, it is our output.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Project {
    #[serde(rename(serialize = "id"))]
    gid: String,
    name: Option<String>,
    #[serde(rename(serialize = "url"))]
    permalink_url: Option<String>,
    archived: Option<bool>,
    completed: Option<bool>,
    created_at: Option<String>,
    modified_at: Option<String>,
    due_on: Option<String>,
    start_on: Option<String>,
    owner: Option<Ref>,
    team: Option<Ref>,
    workspace: Option<Ref>,
}

/// A project with its description.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct ProjectDetails {
    #[serde(flatten)]
    project: Project,
    notes: Option<String>,
}

impl ProjectDetails {
    /// Returns the project as output.
    pub(super) fn into_output(self, message: &str) -> ActionOutput {
        ActionOutput { data: json!(self), ..self.project.into_output(message) }
    }
}

impl Project {
    /// Returns the project's name.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the project as output.
    pub(super) fn into_output(self, message: &str) -> ActionOutput {
        ActionOutput {
            message: message.to_owned(),
            data: json!(self),
            external_id: Some(self.gid),
            link: self.permalink_url,
        }
    }
}

impl Candidate for Project {
    fn id(&self) -> &str {
        &self.gid
    }

    fn created_at(&self) -> Option<&str> {
        self.created_at.as_deref()
    }

    fn author(&self) -> Option<&str> {
        self.owner.as_ref().map(|owner| owner.gid.as_str())
    }
}
