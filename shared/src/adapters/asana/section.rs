//! A section: what is asked of Asana about one, and how it is told.
//!
//! No scope that an app can ask for is documented for a project's sections; apps with full permissions have them, and others
//! are known to be refused: <https://developers.asana.com/docs/oauth-scopes>

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::reconcile::Candidate;
use crate::adapters::action::ActionOutput;
use crate::adapters::api::Api;
use crate::error::{Error, Kind};

/// What is asked about a section.
pub(super) const FIELDS: &str = "name,created_at";

/// A section as Asana tells it, and as it is told on.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Section {
    #[serde(rename(serialize = "id"))]
    gid: String,
    /// Its name.
    pub(super) name: Option<String>,
    created_at: Option<String>,
}

impl Section {
    /// The section as the end of an action.
    pub(super) fn into_output(self, message: &str) -> ActionOutput {
        ActionOutput { message: message.to_owned(), data: json!(self), external_id: Some(self.gid), link: None }
    }
}

impl Candidate for Section {
    fn id(&self) -> &str {
        &self.gid
    }

    fn created_at(&self) -> Option<&str> {
        self.created_at.as_deref()
    }
}

/// A refusal with the reason it most likely has.
pub(super) fn explain_scope_error(api: &Api<'_>, error: Error) -> Error {
    match error.kind() {
        Some(Kind::MissingScope) => api.error(
            Kind::MissingScope,
            "Asana may open a project's sections only to apps with full permissions; get_task tells a task's section",
        ),
        _ => error,
    }
}
