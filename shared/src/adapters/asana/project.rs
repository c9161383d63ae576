//! A project: its requested fields and its output.

use super::custom_field::{self, CustomField};
use super::prelude::*;
use super::shown_text;

/// The requested fields of a created project. They exclude the caller's text, which would be stored with the result. `owner` is
/// listed without `.name`, as Asana documents it; the response has the name.
pub(super) const FIELDS: &str =
    "name,archived,completed,created_at,modified_at,due_on,start_on,owner,team.name,workspace.name,permalink_url";

/// Returns the requested fields of a project that is read.
pub(super) fn detail_fields() -> String {
    format!("{FIELDS},notes")
}

/// Returns the requested fields of one project that is read: those of a list, the description with its markup, and its custom
/// fields.
pub(super) fn whole_fields() -> String {
    let custom_fields = custom_field::opt_fields("custom_fields", &custom_field::SHOWN);
    format!(
        "{},html_notes,{custom_fields},custom_fields.enum_options.name,custom_fields.enum_options.enabled",
        detail_fields()
    )
}

/// A project.
// As Asana returns it; serialized, it is our output.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Project {
    /// The id (gid).
    #[serde(rename(serialize = "id"))]
    gid: String,
    /// The name.
    name: Option<String>,
    /// The address at which a person can open it.
    #[serde(rename(serialize = "link"))]
    permalink_url: Option<String>,
    /// The description as plain text, where the project is read.
    notes: Option<String>,
    /// The description as Markdown, where the project is read and its description has markup.
    #[serde(skip_deserializing)]
    markdown: Option<String>,
    /// The same in Asana's HTML.
    html_notes: Option<String>,
    /// True if it is archived.
    archived: Option<bool>,
    /// True if it is completed.
    completed: Option<bool>,
    /// The time of creation.
    created_at: Option<Instant>,
    /// The time of the last change.
    modified_at: Option<Instant>,
    /// The due date.
    due_on: Option<Day>,
    /// The start date.
    start_on: Option<Day>,
    /// The owner.
    owner: Option<Ref>,
    /// The team.
    team: Option<Ref>,
    /// The workspace.
    workspace: Option<Ref>,
    /// The values of its own custom fields, where one project is read. `list_custom_fields` lists those of its tasks.
    custom_fields: Option<Vec<CustomField>>,
}

/// A view of a project.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(super) enum View {
    List,
    Board,
    Calendar,
    Timeline,
}

impl Project {
    /// Adds the description as Markdown, if it has markup.
    pub(super) fn with_markdown(self) -> Self {
        let (markdown, html_notes) = shown_text::forms(self.html_notes);
        Self { markdown, html_notes, ..self }
    }
}

impl Listed for Project {
    const NOUN: &'static str = "project";
}

impl Record for Project {
    fn id(&self) -> &str {
        &self.gid
    }

    fn created_at(&self) -> Option<Instant> {
        self.created_at
    }

    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn link(&self) -> Option<&str> {
        self.permalink_url.as_deref()
    }

    fn author(&self) -> Option<&str> {
        self.owner.as_ref().map(|owner| owner.gid.as_str())
    }
}
