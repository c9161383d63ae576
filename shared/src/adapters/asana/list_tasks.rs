//! `list_tasks`: lists the tasks of a project, a section or a person.

use super::prelude::*;
use super::task::{self, Task};
use super::workspace;

/// List the Asana tasks of one project, one section or one person. Exactly one of `projectId`, `sectionId` and `assigneeId` is
/// required.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListTasks {
    /// The project: its id (gid), link or name.
    project_id: Option<ProjectId>,
    /// The section: its id (gid), or its name beside `projectId`.
    section_id: Option<SectionId>,
    /// The assignee: `me`, an e-mail address, a user's id (gid) or name.
    assignee_id: Option<Person>,
    /// The workspace of a person's tasks, by id (gid), link or name. Optional if the account has only one.
    workspace_id: Option<WorkspaceId>,
    /// True to exclude completed tasks.
    #[serde(default)]
    open_only: bool,
    /// Excludes tasks completed before this time, ISO 8601 with a zone. Cannot be combined with `openOnly`.
    #[schemars(extend("x-tier" = "all"))]
    completed_since: Option<Instant>,
    /// Only tasks changed since this time, ISO 8601 with a zone.
    modified_since: Option<Instant>,
    /// Number of tasks to return.
    #[serde(default)]
    limit: PageLimit,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

/// The place of the listed tasks, by ids.
#[derive(Default)]
struct Place {
    project: Option<String>,
    section: Option<String>,
    assignee: Option<String>,
    workspace: Option<String>,
}

impl Action for ListTasks {
    const META: Meta = Meta::read("list_tasks", READ_TASKS_SCOPES)
        .core()
        .smaller_request("one task is too long: leave it out with `openOnly`, `completedSince` or `modifiedSince`")
        .example(r#"{"projectId": "1200000000000010", "openOnly": true, "limit": 20}"#);
    type Output = List<Task>;

    fn check(&self) -> Result<()> {
        let is_named = self.section_id.as_ref().is_some_and(SectionId::is_name);
        if is_named && self.project_id.is_none() {
            return Err(Error::invalid("sectionId", "by its name requires projectId; its id (gid) does not"));
        }
        let is_project = self.project_id.is_some() && !is_named;
        let places = [is_project, self.section_id.is_some(), self.assignee_id.is_some()];
        if places.into_iter().filter(|is_given| *is_given).count() != 1 {
            return Err(Error::invalid("projectId", "exactly one of projectId, sectionId and assigneeId is required"));
        }
        if self.workspace_id.is_some() && self.assignee_id.is_none() {
            return Err(Error::invalid("workspaceId", "requires assigneeId"));
        }
        if self.open_only && self.completed_since.is_some() {
            return Err(Error::invalid("completedSince", "cannot be combined with openOnly"));
        }
        Ok(())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Task>>> {
        let completed_since = self.completed_since.map(|since| since.0.to_string());
        let place = self.place(api).await?;
        // https://developers.asana.com/reference/gettasks
        let call = api
            .get(&["api", "1.0", "tasks"])
            .query_opt("project", place.project)
            .query_opt("section", place.section)
            .query_opt("assignee", place.assignee)
            .query_opt("workspace", place.workspace)
            .query_opt("completed_since", completed_since.or(self.open_only.then(|| task::FAR_FUTURE.to_owned())))
            .query_opt("modified_since", self.modified_since.map(|since| since.0))
            .query("opt_fields", task::detail_fields());
        envelope::list(api, call, self.limit, self.cursor.as_ref()).await
    }
}

impl ListTasks {
    async fn place(&self, api: &Api<'_>) -> Result<Place> {
        let mut place = Place::default();
        if let Some(assignee) = &self.assignee_id {
            place.workspace = Some(workspace::resolve(api, self.workspace_id.as_ref()).await?.gid);
            place.assignee = Some(assignee.resolve(api, "assigneeId", self.workspace_id.as_ref()).await?);
        }
        let project = match &self.project_id {
            Some(project) => Some(project.resolve(api, "projectId", None).await?),
            None => None,
        };
        if let Some(section) = &self.section_id {
            place.section = Some(section.resolve(api, "sectionId", project.as_slice()).await?.gid);
        } else {
            place.project = project.map(|project| project.gid);
        }
        Ok(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_a_page_of_a_project() {
        let context =
            json!({ "projectId": "42", "completedSince": "2026-11-22T12:00:00+02:00", "limit": 2, "cursor": "p2" });
        let (output, calls) = testing::run(&ADAPTER, "list_tasks", context, |_| {
            (200, json!({ "data": [{ "gid": "99", "name": "Ship" }], "next_page": { "offset": "p3" } }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!((&output.data["cursor"], &output.data["tasks"][0]["id"]), (&json!("p3"), &json!("99")));
        assert_eq!(output.message, "1 task found.");
        assert_eq!(calls[0].line, "GET /api/1.0/tasks");
        let query: Vec<_> = calls[0].query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            query,
            [
                ("project", "42"),
                ("completed_since", "2026-11-22T10:00:00Z"),
                ("opt_fields", task::detail_fields().as_str()),
                ("limit", "2"),
                ("offset", "p2")
            ]
        );
    }

    #[tokio::test]
    async fn returns_the_open_tasks_of_a_person_in_the_only_workspace() {
        let context = json!({ "assigneeId": "me", "openOnly": true });
        let (output, calls) =
            testing::run(&ADAPTER, "list_tasks", context, |_| (200, json!({ "data": [{ "gid": "7" }] }))).await;
        output.unwrap();
        assert_eq!(calls[0].line, "GET /api/1.0/workspaces");
        let parameter = |name: &str| calls[1].parameter(name).to_owned();
        assert_eq!((parameter("assignee").as_str(), parameter("workspace").as_str()), ("me", "7"));
        assert_eq!((parameter("completed_since").as_str(), parameter("limit").as_str()), (task::FAR_FUTURE, "50"));
    }

    #[test]
    fn rejects_filters_that_exclude_each_other() {
        for (field, bad) in [
            ("projectId", json!({})),
            ("projectId", json!({ "projectId": "42", "sectionId": "43" })),
            ("workspaceId", json!({ "projectId": "42", "workspaceId": "7" })),
            (
                "completedSince",
                json!({ "projectId": "42", "openOnly": true, "completedSince": "2026-11-23T10:00:00Z" }),
            ),
        ] {
            assert_eq!(testing::refusal(&ADAPTER, "list_tasks", bad).0, format!("context.{field}"));
        }
    }
}
