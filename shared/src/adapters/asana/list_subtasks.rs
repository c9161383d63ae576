//! `list_subtasks`: lists the subtasks of a task.

use super::envelope::{self, Page};
use super::task::{self, TaskDetails};
use super::{READ_TASKS_SCOPES, input};
use crate::adapters::prelude::*;

/// List the subtasks of an Asana task.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListSubtasks {
    /// The id (gid) of the parent task.
    task_id: String,
    /// Number of subtasks to return, 1 to 100; default 50.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// The `cursor` of the previous page, to continue from there.
    cursor: Option<String>,
}

impl Action for ListSubtasks {
    const META: Meta = Meta::read("list_subtasks", READ_TASKS_SCOPES).example(r#"{"taskId": "1200000000000021"}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        input::check_gid("taskId", &self.task_id)?;
        envelope::check_page(self.limit, self.cursor.as_deref())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.asana.com/reference/getsubtasksfortask
        let call =
            api.get(&["api", "1.0", "tasks", &self.task_id, "subtasks"]).query("opt_fields", task::detail_fields());
        let page: Page<TaskDetails> = envelope::requested_page(api, call, self.limit, self.cursor.as_deref()).await?;
        Ok(page.into_output("subtask"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_a_page_of_subtasks() {
        let context = json!({ "taskId": "42", "limit": 1 });
        let (output, calls) = testing::run(&ADAPTER, "list_subtasks", context, |_| {
            (200, json!({ "data": [{ "gid": "99", "name": "Ship" }], "next_page": { "offset": "p2" } }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!((&output.data["subtasks"][0]["name"], &output.data["cursor"]), (&json!("Ship"), &json!("p2")));
        assert_eq!(calls[0].line, "GET /api/1.0/tasks/42/subtasks");
        assert_eq!(
            (calls[0].parameter("limit"), calls[0].parameter("opt_fields")),
            ("1", task::detail_fields().as_str())
        );
    }

    #[test]
    fn rejects_invalid_task_and_limit() {
        for (field, bad) in [("taskId", json!("x")), ("limit", json!(101))] {
            let mut context = json!({ "taskId": "42" });
            context[field] = bad;
            assert_eq!(testing::refusal(&ADAPTER, "list_subtasks", context).0, format!("context.{field}"));
        }
    }
}
