//! `remove_task_from_project`: takes a task out of a project.

use super::prelude::*;
use super::relation;

/// Take an Asana task out of a project. The task itself stays, and its other projects too.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RemoveTaskFromProject {
    /// The task: its id (gid) or a link to it.
    task_id: TaskId,
    /// The project, by id (gid), link or name.
    project_id: ProjectId,
}

/// A task that is not in a project any more.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Removed {
    /// The id (gid) of the task.
    id: String,
    /// The project.
    project: Ref,
}

impl Action for RemoveTaskFromProject {
    const META: Meta = Meta::idempotent("remove_task_from_project", WRITE_TASKS_SCOPES)
        .overwrites("the task's place in the project")
        .example(r#"{"taskId": "1200000000000022", "projectId": "1200000000000010"}"#);
    type Output = Removed;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![self.task_id.target(), self.project_id.target(api, "projectId", None).await?])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Removed>> {
        let project = self.project_id.resolve(api, "projectId", None).await?;
        // https://developers.asana.com/reference/removeprojectfortask
        let call = api
            .post(&["api", "1.0", "tasks", &self.task_id, "removeProject"])
            .json(&json!({ "data": { "project": project.gid } }));
        let removed = call.send::<Acknowledged>().await;
        // https://developers.asana.com/reference/getproject
        let places = (&*self.task_id, &[["api", "1.0", "projects", &project.gid]][..]);
        relation::confirm_removed(api, removed, places, |task| !task.is_in(&project.gid, None)).await?;
        let removed = Removed { id: self.task_id.to_string(), project };
        Ok(ActionOutput::new("The task is not in the project any more.", removed).with_id(&*self.task_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn takes_a_task_out_of_a_project() {
        let context = json!({ "taskId": "42", "projectId": "7" });
        let (output, calls) =
            testing::run(&ADAPTER, "remove_task_from_project", context, |_| (200, json!({ "data": {} }))).await;
        assert_eq!(output.unwrap().data, json!({ "id": "42", "project": { "id": "7" } }));
        assert_eq!(calls[0].line, "POST /api/1.0/tasks/42/removeProject");
        assert_eq!(calls[0].body, json!({ "data": { "project": "7" } }));
    }
}
