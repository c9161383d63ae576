//! The names that the files of Asana's actions need, as `use super::prelude::*;`.

pub(super) use super::envelope::{self, Acknowledged, Envelope, PageLimit};
pub(super) use super::html::{Html, TaskHtml};
pub(super) use super::input::{Gid, Name, Plain};
pub(super) use super::person::Person;
pub(super) use super::record::{Record, Ref};
pub(super) use super::reference::{ProjectId, SectionId, TagId, TaskId, TeamId, WorkspaceId};
pub(super) use super::{
    DELETE_PROJECTS_SCOPES, DELETE_TASKS_SCOPES, READ_ATTACHMENTS_SCOPES, READ_PROJECTS_SCOPES, READ_STORIES_SCOPES,
    READ_TAGS_SCOPES, READ_TASKS_SCOPES, READ_TEAMS_SCOPES, READ_USERS_SCOPES, READ_WORKSPACES_SCOPES,
    TYPEAHEAD_SCOPES, WRITE_ATTACHMENTS_SCOPES, WRITE_PROJECTS_SCOPES, WRITE_STORIES_SCOPES, WRITE_TAGS_SCOPES,
    WRITE_TASKS_SCOPES,
};
pub(super) use crate::adapters::prelude::*;
