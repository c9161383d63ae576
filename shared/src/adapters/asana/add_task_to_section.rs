//! `add_task_to_section`: moves a task to a section.

use super::envelope::Envelope;
use super::{WRITE_TASKS_SCOPES, input};
use crate::adapters::prelude::*;

/// Move an Asana task to the top of a section, such as a column of a board. The task is removed from the project's other
/// sections; if it is not in the project yet, it is added.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AddTaskToSection {
    /// The id (gid) of the task.
    task_id: String,
    /// The id (gid) of the section.
    section_id: String,
}

impl Action for AddTaskToSection {
    const META: Meta = Meta::idempotent("add_task_to_section", WRITE_TASKS_SCOPES)
        .aliases(&["move_task"])
        .example(r#"{"taskId": "1200000000000021", "sectionId": "1200000000000012"}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        input::check_gid("taskId", &self.task_id)?;
        input::check_gid("sectionId", &self.section_id)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.asana.com/reference/addtaskforsection
        let call = api
            .post(&["api", "1.0", "sections", &self.section_id, "addTask"])
            .json(&json!({ "data": { "task": self.task_id } }));
        call.send::<Envelope<Value>>().await?;
        Ok(ActionOutput {
            message: "The task was moved to the section.".to_owned(),
            data: json!({ "id": self.task_id, "sectionId": self.section_id }),
            external_id: Some(self.task_id.clone()),
            link: None,
        })
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
            (json!({ "id": "42", "sectionId": "43" }), Some("42"))
        );
        assert_eq!(calls[0].line, "POST /api/1.0/sections/43/addTask");
        assert_eq!(calls[0].body, json!({ "data": { "task": "42" } }));
    }

    #[test]
    fn rejects_invalid_gids() {
        for field in ["taskId", "sectionId"] {
            let mut context = json!({ "taskId": "42", "sectionId": "43" });
            context[field] = json!("To do");
            assert_eq!(testing::refusal(&ADAPTER, "add_task_to_section", context).0, format!("context.{field}"));
        }
    }
}
