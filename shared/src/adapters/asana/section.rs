//! A section: its requested fields and its output.
//!
//! Asana documents no requestable scope for a project's sections. Apps with full permissions can read them, and others are known
//! to be rejected: <https://developers.asana.com/docs/oauth-scopes>. A task shows the sections in which it is, so that those with tasks
//! can be read in another way.

use std::collections::BTreeSet;

use super::directory::{self, Entry};
use super::prelude::*;
use crate::error::ProviderError;

/// Maximum number of pages of sections, or of tasks, that are read.
const MAX_PAGES: usize = 10;

/// The requested fields of a section.
pub(super) const FIELDS: &str = "name,created_at";

/// A section.
// As Asana returns it; serialized, it is our output.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Section {
    /// The id (gid).
    #[serde(rename(serialize = "id"))]
    gid: String,
    /// The name.
    name: Option<String>,
    /// The time of creation.
    created_at: Option<Instant>,
}

impl Listed for Section {
    const NOUN: &'static str = "section";
}

impl Record for Section {
    fn id(&self) -> &str {
        &self.gid
    }

    fn created_at(&self) -> Option<Instant> {
        self.created_at
    }

    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

/// A task with its places.
#[derive(Deserialize)]
struct Placed {
    memberships: Option<Vec<Place>>,
}

#[derive(Deserialize)]
struct Place {
    project: Option<Ref>,
    section: Option<Ref>,
}

/// Returns the sections of a project by their names.
///
/// # Errors
/// A failure of a call.
pub(super) async fn read_all(api: &Api<'_>, project: &str) -> Result<Vec<Entry>> {
    // https://developers.asana.com/reference/getsectionsforproject
    let call = api.get(&["api", "1.0", "projects", project, "sections"]).query("opt_fields", "name");
    match directory::read_pages(call, MAX_PAGES).await {
        Err(error) if error.is_access_refused() => {
            let (sections, _) = read_of_tasks(api, project).await.map_err(|_| explain_refused_access(api, error))?;
            Ok(sections.into_iter().map(|Section { gid, name, .. }| Entry::from(Ref { gid, name })).collect())
        }
        sections => Ok(sections?.0),
    }
}

/// Returns the sections in which a project's tasks are, and true if all tasks were read.
///
/// # Errors
/// A failure of a call.
pub(super) async fn read_of_tasks(api: &Api<'_>, project: &str) -> Result<(Vec<Section>, bool)> {
    // https://developers.asana.com/reference/gettasks
    let call = api.get(&["api", "1.0", "tasks"]).query("project", project);
    let call = call.query("opt_fields", "memberships.project.name,memberships.section.name");
    let (tasks, is_whole) = directory::read_pages::<Placed>(call, MAX_PAGES).await?;
    let places = tasks.into_iter().flat_map(|task| task.memberships.unwrap_or_default());
    let here = places.filter(|place| place.project.as_ref().is_some_and(|of| of.gid == project));
    let mut seen = BTreeSet::new();
    let sections = here.filter_map(|place| place.section).filter(|section| seen.insert(section.gid.clone()));
    Ok((sections.map(|Ref { gid, name }| Section { gid, name, created_at: None }).collect(), is_whole))
}

/// Adds what to do to the error of a refused access.
pub(super) fn explain_refused_access(api: &Api<'_>, error: Error) -> Error {
    match error {
        Error::Provider(ProviderError { kind: kind @ (Kind::MissingScope | Kind::Forbidden), message, .. }) => {
            let hint = "Asana lets only apps with full permissions at a project's sections: register the app so, set its client's \
                        \"scopes\" to [\"default\"] and connect again; get_task shows a task's section";
            api.error(kind, format!("{message}; {hint}"))
        }
        _ => error,
    }
}
