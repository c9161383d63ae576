//! `list_subtasks`: lists the subtasks of a task.

use super::prelude::*;
use super::task::{self, Task};

/// List the subtasks of an Asana task.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListSubtasks {
    /// The parent task: its id (gid) or link.
    task_id: TaskId,
    /// Number of subtasks to return.
    #[serde(default)]
    limit: PageLimit,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

impl Action for ListSubtasks {
    const META: Meta = Meta::read("list_subtasks", READ_TASKS_SCOPES).example(r#"{"taskId": "1200000000000021"}"#);
    type Output = List<Task>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Task>>> {
        // https://developers.asana.com/reference/getsubtasksfortask
        let call =
            api.get(&["api", "1.0", "tasks", &self.task_id, "subtasks"]).query("opt_fields", task::detail_fields());
        envelope::list(api, call, self.limit, self.cursor.as_ref()).await
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
        assert_eq!((&output.data["tasks"][0]["name"], &output.data["cursor"]), (&json!("Ship"), &json!("p2")));
        assert_eq!(calls[0].line, "GET /api/1.0/tasks/42/subtasks");
        assert_eq!(
            (calls[0].parameter("limit"), calls[0].parameter("opt_fields")),
            ("1", task::detail_fields().as_str())
        );
    }
}
