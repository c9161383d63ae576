//! Changes of a task's relations: its tags, projects, parent and dependencies. Asana does not say what it answers when a relation is as it
//! was asked for already, so that one that is refused is looked at.

use super::prelude::*;

/// The relations of a task.
const FIELDS: &str = "tags.name,memberships.project.name,memberships.section.name,parent.name,dependencies,dependents";

/// Maximum number of dependencies and dependents of a task: <https://developers.asana.com/reference/adddependenciesfortask>
pub(super) const MAX_DEPENDENCIES: usize = 30;

/// The relations of a task.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Relations {
    #[serde(default)]
    tags: Vec<Ref>,
    #[serde(default)]
    memberships: Vec<Place>,
    parent: Option<Ref>,
    #[serde(default)]
    dependencies: Vec<Ref>,
    #[serde(default)]
    dependents: Vec<Ref>,
}

/// A place of a task.
#[derive(Debug, Deserialize)]
struct Place {
    project: Option<Ref>,
    section: Option<Ref>,
}

impl Relations {
    pub(super) fn has_tag(&self, tag: &str) -> bool {
        has(&self.tags, tag)
    }

    /// True if the task is in the project, and in the section if one is given.
    pub(super) fn is_in(&self, project: &str, section: Option<&str>) -> bool {
        let is_at = |place: &Option<Ref>, gid: &str| place.as_ref().is_some_and(|place| place.gid == gid);
        let has = |place: &Place| {
            is_at(&place.project, project) && section.is_none_or(|section| is_at(&place.section, section))
        };
        self.memberships.iter().any(has)
    }

    /// True if the task is a subtask of this one, or of none.
    pub(super) fn has_parent(&self, parent: Option<&str>) -> bool {
        self.parent.as_ref().map(|parent| parent.gid.as_str()) == parent
    }

    pub(super) fn waits_for(&self, task: &str) -> bool {
        has(&self.dependencies, task)
    }

    pub(super) fn blocks(&self, task: &str) -> bool {
        has(&self.dependents, task)
    }
}

fn has(records: &[Ref], gid: &str) -> bool {
    records.iter().any(|record| record.gid == gid)
}

/// Returns what a change returned, or `None` if Asana refused it and the relation is already as it was asked for.
///
/// # Errors
/// The refusal otherwise, and a failure of the read that another attempt can resolve.
pub(super) async fn confirm<T>(
    api: &Api<'_>,
    changed: Result<T>,
    task: &str,
    is_made: impl Fn(&Relations) -> bool,
) -> Result<Option<T>> {
    let refusal = match changed {
        Err(error) if matches!(error.kind(), Some(Kind::Invalid | Kind::NotFound)) => error,
        changed => return changed.map(Some),
    };
    // https://developers.asana.com/reference/gettask
    let call = api.get(&["api", "1.0", "tasks", task]).query("opt_fields", FIELDS);
    match call.send::<Envelope<Relations>>().await {
        Ok(Envelope { data: relations }) if is_made(&relations) => Ok(None),
        Err(error) if error.kind() == Some(Kind::Transient) || error.is_rate_limit() => Err(error),
        _ => Err(refusal),
    }
}

/// Returns what a removal returned, as [`confirm`] does. On a first attempt the other objects, named by their paths, must be such that can
/// be read: a relation to a mistyped id never was.
///
/// # Errors
/// As [`confirm`].
pub(super) async fn confirm_removed<T>(
    api: &Api<'_>,
    removed: Result<T>,
    (task, others): (&str, &[[&str; 4]]),
    is_removed: impl Fn(&Relations) -> bool,
) -> Result<Option<T>> {
    let is_refused = removed.as_ref().is_err_and(|error| matches!(error.kind(), Some(Kind::Invalid | Kind::NotFound)));
    for other in others.iter().filter(|_| is_refused && !api.is_retry) {
        match api.get(other).query("opt_fields", "name").send::<Envelope<Ref>>().await {
            Err(error) if error.kind() == Some(Kind::Transient) || error.is_rate_limit() => return Err(error),
            Err(_) => return removed.map(Some),
            Ok(_) => {}
        }
    }
    confirm(api, removed, task, is_removed).await
}
