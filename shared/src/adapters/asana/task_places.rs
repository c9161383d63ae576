//! The places and the people of a new task: its project and section, its followers and its tags.

use super::person;
use super::prelude::*;

/// The places and people that a caller names for a new task.
#[derive(Clone, Copy)]
pub(super) struct TaskPlaces<'a> {
    pub(super) workspace: Option<&'a WorkspaceId>,
    pub(super) project: Option<&'a ProjectId>,
    pub(super) section: Option<&'a SectionId>,
    pub(super) followers: Option<&'a [Person]>,
    pub(super) tags: Option<&'a [TagId]>,
}

impl TaskPlaces<'_> {
    /// Checks what crosses fields.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub(super) fn check(&self) -> Result<()> {
        match self.section.is_some() && self.project.is_none() {
            true => Err(Error::invalid("sectionId", "requires projectId")),
            false => Ok(()),
        }
    }

    /// Returns the project, if there is one.
    ///
    /// # Errors
    /// No such project, or a failure of the look-up.
    pub(super) async fn project(&self, api: &Api<'_>) -> Result<Option<Ref>> {
        match self.project {
            Some(project) => Ok(Some(project.resolve(api, "projectId", self.workspace).await?)),
            None => Ok(None),
        }
    }

    /// Returns the places and the people as targets.
    ///
    /// # Errors
    /// As [`TaskPlaces::add_to`].
    pub(super) async fn targets(&self, api: &Api<'_>, assignee: Option<&Person>) -> Result<Vec<Target>> {
        let mut targets = vec![];
        if let Some(project) = self.project(api).await? {
            targets.push(ProjectId::target_of(project.clone()));
            if let Some(section) = self.section {
                targets.push(SectionId::target_of(section.resolve(api, "sectionId", &[project]).await?));
            }
        }
        if let Some(assignee) = assignee {
            targets.push(assignee.target(api, "assigneeId", self.workspace).await?);
        }
        for follower in self.followers.unwrap_or_default() {
            targets.push(follower.target(api, "followerIds", self.workspace).await?);
        }
        for tag in self.tags.unwrap_or_default() {
            targets.push(TagId::target_of(tag.resolve(api, "tagIds", self.workspace).await?));
        }
        Ok(targets)
    }

    /// Adds the fields in Asana's form.
    ///
    /// # Errors
    /// An object that does not exist, or a failure of a look-up.
    pub(super) async fn add_to(&self, api: &Api<'_>, project: Option<&Ref>, body: &mut Value) -> Result<()> {
        if let Some(project) = project {
            match self.section {
                Some(section) => {
                    let section = section.resolve(api, "sectionId", std::slice::from_ref(project)).await?;
                    body["memberships"] = json!([{ "project": project.gid, "section": section.gid }]);
                }
                None => body["projects"] = json!([project.gid]),
            }
        }
        if let Some(followers) = self.followers {
            body["followers"] = json!(person::resolve_all(api, "followerIds", followers, self.workspace).await?);
        }
        if let Some(tags) = self.tags {
            let mut gids = vec![];
            for tag in tags {
                gids.push(tag.resolve(api, "tagIds", self.workspace).await?.gid);
            }
            body["tags"] = json!(gids);
        }
        Ok(())
    }
}
