//! `add_task_to_section`: moves a task to a section.

use super::prelude::*;
use super::task;

/// Move an Asana task to the top of a section, such as a column of a board. It leaves the project's other sections; if it is
/// not in the project yet, it is added.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AddTaskToSection {
    /// The task: its id (gid) or link.
    task_id: TaskId,
    /// The section: its id (gid), or its name in one of the task's projects.
    section_id: SectionId,
}

/// A task in a section.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Moved {
    /// The id (gid) of the task.
    id: TaskId,
    /// The section.
    section: Ref,
}

impl Action for AddTaskToSection {
    const META: Meta = Meta::idempotent("add_task_to_section", WRITE_TASKS_SCOPES)
        .aliases(&["move_task"])
        .overwrites("the section in which the task was in that project")
        .example(r#"{"taskId": "1200000000000021", "sectionId": "1200000000000012"}"#);
    type Output = Moved;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![self.task_id.target(), SectionId::target_of(self.section(api).await?)])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Moved>> {
        let section = self.section(api).await?;
        // https://developers.asana.com/reference/addtaskforsection
        let call = api
            .post(&["api", "1.0", "sections", &section.gid, "addTask"])
            .json(&json!({ "data": { "task": self.task_id } }));
        call.send::<Acknowledged>().await?;
        let moved = Moved { id: self.task_id.clone(), section };
        Ok(ActionOutput::new("The task was moved to the section.", moved).with_id(&*self.task_id))
    }
}

impl AddTaskToSection {
    async fn section(&self, api: &Api<'_>) -> Result<Ref> {
        let projects = match self.section_id.is_name() {
            true => task::projects(api, &self.task_id).await?,
            false => vec![],
        };
        self.section_id.resolve(api, "sectionId", &projects).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn moves_a_task_to_a_section() {
        let context = json!({ "taskId": "42", "sectionId": "43" });
        let (output, calls) =
            testing::run(&ADAPTER, "add_task_to_section", context, |_| (200, json!({ "data": {} }))).await;
        let output = output.unwrap();
        assert_eq!(
            (output.data, output.external_id.as_deref()),
            (json!({ "id": "42", "section": { "id": "43" } }), Some("42"))
        );
        assert_eq!(calls[0].line, "POST /api/1.0/sections/43/addTask");
        assert_eq!(calls[0].body, json!({ "data": { "task": "42" } }));
    }
}
