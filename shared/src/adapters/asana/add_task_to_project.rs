//! `add_task_to_project`: adds a task to a project.

use super::prelude::*;
use super::relation;

/// Add an Asana task to a project. It stays in its other projects; where it is in the project already, a section moves it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AddTaskToProject {
    /// The task: its id (gid) or a link to it.
    task_id: TaskId,
    /// The project, by id (gid), link or name.
    project_id: ProjectId,
    /// A section of that project, by id (gid) or name, at the end of which it is put.
    section_id: Option<SectionId>,
}

/// A task in a project.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Placed {
    /// The id (gid) of the task.
    id: String,
    /// The project.
    project: Ref,
    /// The section, if it was named.
    section: Option<Ref>,
}

impl Action for AddTaskToProject {
    const META: Meta = Meta::idempotent("add_task_to_project", WRITE_TASKS_SCOPES)
        .overwrites("the section in which the task was in that project")
        .example(r#"{"taskId": "1200000000000024", "projectId": "1200000000000010"}"#);
    type Output = Placed;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        let (project, section) = self.place(api).await?;
        let places = [self.task_id.target(), ProjectId::target_of(project)];
        Ok(places.into_iter().chain(section.map(SectionId::target_of)).collect())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Placed>> {
        let (project, section) = self.place(api).await?;
        let mut body = json!({ "project": project.gid });
        if let Some(section) = &section {
            body["section"] = json!(section.gid);
        }
        // https://developers.asana.com/reference/addprojectfortask
        let call = api.post(&["api", "1.0", "tasks", &self.task_id, "addProject"]).json(&json!({ "data": body }));
        let added = call.send::<Acknowledged>().await;
        let is_made =
            |task: &relation::Relations| task.is_in(&project.gid, section.as_ref().map(|section| section.gid.as_str()));
        relation::confirm(api, added, &self.task_id, is_made).await?;
        let placed = Placed { id: self.task_id.to_string(), project, section };
        Ok(ActionOutput::new("The task was added to the project.", placed).with_id(&*self.task_id))
    }
}

impl AddTaskToProject {
    /// Returns the project, and the section in it.
    async fn place(&self, api: &Api<'_>) -> Result<(Ref, Option<Ref>)> {
        let project = self.project_id.resolve(api, "projectId", None).await?;
        let section = match &self.section_id {
            Some(section) => Some(section.resolve(api, "sectionId", std::slice::from_ref(&project)).await?),
            None => None,
        };
        Ok((project, section))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn adds_a_task_to_a_section_of_a_project() {
        let context = json!({ "taskId": "42", "projectId": "7", "sectionId": "8" });
        let (output, calls) =
            testing::run(&ADAPTER, "add_task_to_project", context, |_| (200, json!({ "data": {} }))).await;
        assert_eq!(output.unwrap().data, json!({ "id": "42", "project": { "id": "7" }, "section": { "id": "8" } }));
        assert_eq!(calls[0].line, "POST /api/1.0/tasks/42/addProject");
        assert_eq!(calls[0].body, json!({ "data": { "project": "7", "section": "8" } }));
    }
}
