//! An object as a caller names it: by its id (gid), a link to it or, where names can be looked up, its name.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde::Deserializer;
use serde::de::Error as _;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use super::directory::{self, Directory};
use super::input::is_gid;
use super::record::Ref;
use super::{link, section, workspace};
use crate::adapters::prelude::*;

/// Maximum length of a text that names an object. A link is the longest.
const MAX_CHARS: usize = 512;

/// A task: its id (gid), or a link to it. Tasks have no names that tell them apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub(super) struct TaskId(String);

/// An object of a kind: its id (gid), a link to it, or its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named<K>(Reference, PhantomData<K>);

pub(super) type ProjectId = Named<Project>;
pub(super) type SectionId = Named<Section>;
pub(super) type TagId = Named<Tag>;
pub(super) type TeamId = Named<Team>;
pub(super) type WorkspaceId = Named<Workspace>;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reference {
    Gid(String),
    Name(String),
}

/// A kind of objects that have names.
pub(super) trait Kind: Send + Sync + 'static {
    /// The name of one object.
    const NOUN: &'static str;
    /// The form of a reference to one, in words.
    const FORM: &'static str;
    /// The kind as a target; a team is shown by the workspace's kind, as a place.
    const TARGET: TargetKind;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Project {}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Section {}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tag {}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Team {}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Workspace {}

impl Kind for Project {
    const NOUN: &'static str = "project";
    const FORM: &'static str = "a project's id (gid), a link to it or its name";
    const TARGET: TargetKind = TargetKind::Project;
}

impl Kind for Section {
    const NOUN: &'static str = "section";
    const FORM: &'static str = "a section's id (gid) or name";
    const TARGET: TargetKind = TargetKind::Section;
}

impl Kind for Tag {
    const NOUN: &'static str = "tag";
    const FORM: &'static str = "a tag's id (gid), a link to it or its name";
    const TARGET: TargetKind = TargetKind::Tag;
}

impl Kind for Team {
    const NOUN: &'static str = "team";
    const FORM: &'static str = "a team's id (gid), a link to it or its name";
    const TARGET: TargetKind = TargetKind::Workspace;
}

impl Kind for Workspace {
    const NOUN: &'static str = "workspace";
    const FORM: &'static str = "a workspace's id (gid), a link to it or its name";
    const TARGET: TargetKind = TargetKind::Workspace;
}

/// Returns the id of an object by its id or a link to it; `None` for another text.
///
/// # Errors
/// The reason to refuse a link.
pub(super) fn parse_id(text: &str, kind: &str) -> Result<Option<String>, String> {
    match link::gid_of(text, kind) {
        Some(linked) => linked.map(Some),
        None => Ok(is_gid(text).then(|| text.to_owned())),
    }
}

/// Returns why a text is no name, if it is none.
pub(super) fn name_fault(text: &str, form: &str) -> Option<String> {
    if text.is_empty() || text.contains(char::is_control) {
        return Some(format!("must be {form}"));
    }
    let count = text.chars().count();
    (count > MAX_CHARS).then(|| format!("must have at most {MAX_CHARS} characters; it has {count}"))
}

impl<'de> Deserialize<'de> for TaskId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const REASON: &str = "must be a task's id (gid) or a link to it, for example 1200000000000021";
        let text = String::deserialize(deserializer)?;
        let id = parse_id(text.trim(), "task").map_err(D::Error::custom)?;
        id.map(Self).ok_or_else(|| D::Error::custom(REASON))
    }
}

impl JsonSchema for TaskId {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TaskId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "maxLength": MAX_CHARS, "x-form": "a task's id (gid) or a link to it" })
    }
}

impl Deref for TaskId {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TaskId {
    /// Returns the task as a target.
    pub(super) fn target(&self) -> Target {
        Target::new(TargetKind::Task, &*self.0)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Named<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let text = text.trim();
        let reference = match parse_id(text, K::NOUN).map_err(D::Error::custom)? {
            Some(gid) => Reference::Gid(gid),
            None => match name_fault(text, K::FORM) {
                Some(fault) => return Err(D::Error::custom(fault)),
                None => Reference::Name(text.to_owned()),
            },
        };
        Ok(Self(reference, PhantomData))
    }
}

impl<K: Kind> JsonSchema for Named<K> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Named_{}", K::NOUN).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "maxLength": MAX_CHARS, "x-form": K::FORM })
    }
}

impl<K: Kind> Named<K> {
    /// Returns the id, if it needs no look-up.
    fn known(&self) -> Option<Ref> {
        match &self.0 {
            Reference::Gid(gid) => Some(Ref { gid: gid.clone(), name: None }),
            Reference::Name(_) => None,
        }
    }

    fn text(&self) -> &str {
        match &self.0 {
            Reference::Gid(text) | Reference::Name(text) => text,
        }
    }

    /// Forgets the names of this kind's objects: one was created, renamed or deleted, or a name must be looked up anew.
    pub(super) fn forget_names(api: &Api<'_>) {
        directory::forget(api, K::NOUN);
    }

    /// Returns a resolved object of this kind as a target.
    pub(super) fn target_of(found: Ref) -> Target {
        Target::new(K::TARGET, found.gid).named(found.name)
    }
}

impl ProjectId {
    /// Resolves the project. A name is looked up in the workspace, or else in all workspaces of the account.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `field`: no project or several projects of that name; or a failure of the look-up.
    pub(super) async fn resolve(&self, api: &Api<'_>, field: &str, workspace: Option<&WorkspaceId>) -> Result<Ref> {
        if let Some(known) = self.known() {
            return Ok(known);
        }
        // https://developers.asana.com/reference/getprojects
        let list = |workspace: &str| {
            api.get(&["api", "1.0", "projects"]).query("workspace", workspace).query("opt_fields", "name,archived")
        };
        directory::find_in_workspaces(api, (Project::NOUN, field), self.text(), workspace, list).await
    }

    /// Returns the id of the project by a look-up that is made anew: what is deleted or renamed is not decided by an old answer.
    ///
    /// # Errors
    /// As [`ProjectId::resolve`].
    pub(super) async fn resolve_anew(&self, api: &Api<'_>, field: &str) -> Result<String> {
        if self.known().is_none() {
            Self::forget_names(api);
        }
        Ok(self.resolve(api, field, None).await?.gid)
    }

    /// Returns the project as a target.
    ///
    /// # Errors
    /// As [`Named::resolve`].
    pub(super) async fn target(&self, api: &Api<'_>, field: &str, workspace: Option<&WorkspaceId>) -> Result<Target> {
        Ok(Self::target_of(self.resolve(api, field, workspace).await?))
    }
}

impl TagId {
    /// Resolves the tag, as [`ProjectId::resolve`] does.
    ///
    /// # Errors
    /// As [`ProjectId::resolve`].
    pub(super) async fn resolve(&self, api: &Api<'_>, field: &str, workspace: Option<&WorkspaceId>) -> Result<Ref> {
        if let Some(known) = self.known() {
            return Ok(known);
        }
        // https://developers.asana.com/reference/gettags
        let list = |workspace: &str| {
            api.get(&["api", "1.0", "tags"]).query("workspace", workspace).query("opt_fields", "name")
        };
        directory::find_in_workspaces(api, (Tag::NOUN, field), self.text(), workspace, list).await
    }
}

impl TeamId {
    /// Resolves the team, as [`ProjectId::resolve`] does.
    ///
    /// # Errors
    /// As [`ProjectId::resolve`].
    pub(super) async fn resolve(&self, api: &Api<'_>, field: &str, workspace: Option<&WorkspaceId>) -> Result<Ref> {
        if let Some(known) = self.known() {
            return Ok(known);
        }
        // https://developers.asana.com/reference/getteamsforworkspace
        let list =
            |workspace: &str| api.get(&["api", "1.0", "workspaces", workspace, "teams"]).query("opt_fields", "name");
        directory::find_in_workspaces(api, (Team::NOUN, field), self.text(), workspace, list).await
    }
}

impl SectionId {
    /// True if the section is named, so that its project must be known.
    pub(super) fn is_name(&self) -> bool {
        matches!(self.0, Reference::Name(_))
    }

    /// Resolves the section among those of projects.
    ///
    /// # Errors
    /// As [`ProjectId::resolve`].
    pub(super) async fn resolve(&self, api: &Api<'_>, field: &str, projects: &[Ref]) -> Result<Ref> {
        if let Some(known) = self.known() {
            return Ok(known);
        }
        let place = projects.iter().map(|project| project.gid.as_str()).collect::<Vec<_>>().join(" ");
        let directory = Directory { noun: Section::NOUN, field, place: &place };
        let read = async || {
            let mut sections = vec![];
            for project in projects {
                let of_project = section::read_all(api, &project.gid).await?;
                sections.extend(of_project.into_iter().map(|section| section.within(project.name.as_deref())));
            }
            Ok(sections)
        };
        directory.find(api, self.text(), read).await
    }
}

impl WorkspaceId {
    /// Resolves the workspace among those of the account.
    ///
    /// # Errors
    /// As [`ProjectId::resolve`].
    pub(super) async fn resolve(&self, api: &Api<'_>, field: &str) -> Result<Ref> {
        if let Some(known) = self.known() {
            return Ok(known);
        }
        let directory = Directory { noun: Workspace::NOUN, field, place: "" };
        directory.find(api, self.text(), async || workspace::read_all(api).await.map(directory::entries)).await
    }
}
