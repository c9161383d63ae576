//! A project: what is asked of Asana about one, and how it is told.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::envelope::Ref;
use super::reconcile::Candidate;
use crate::adapters::action::ActionOutput;

/// What is asked about a project that was written; what the caller wrote is not among it, for it would be kept with the
/// outcome. `owner` stands without a name, as Asana documents it, and has one.
pub(super) const FIELDS: &str =
    "name,archived,completed,created_at,modified_at,due_on,start_on,owner,team.name,workspace.name,permalink_url";

/// What is asked about a project that is read.
pub(super) fn detail_fields() -> String {
    format!("{FIELDS},notes")
}

/// A project as Asana tells it, and as it is told on.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Project {
    #[serde(rename(serialize = "id"))]
    gid: String,
    /// Its name.
    pub(super) name: Option<String>,
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

/// A project with what people wrote into it.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct ProjectDetails {
    #[serde(flatten)]
    project: Project,
    notes: Option<String>,
}

impl ProjectDetails {
    /// The project as the end of an action.
    pub(super) fn into_output(self, message: &str) -> ActionOutput {
        ActionOutput { data: json!(self), ..self.project.into_output(message) }
    }
}

impl Project {
    /// The project as the end of an action.
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
}
