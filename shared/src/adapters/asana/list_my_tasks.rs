//! `list_my_tasks`: lists the tasks in the person's My Tasks.

use super::prelude::*;
use super::task::{self, Task};
use super::workspace;

/// List the tasks in My Tasks of the connected Asana user, in the order in which the person sees them; open ones by default.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListMyTasks {
    /// The workspace, by id (gid), link or name. Optional if the account has only one.
    workspace_id: Option<WorkspaceId>,
    /// Also tasks completed since this time, ISO 8601 with a zone.
    completed_since: Option<Instant>,
    /// Number of tasks to return.
    #[serde(default)]
    limit: PageLimit,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

impl Action for ListMyTasks {
    const META: Meta = Meta::read("list_my_tasks", READ_TASKS_SCOPES)
        .smaller_request("one task is too long: read it with asana_get_task")
        .example(r#"{"limit": 20}"#);
    type Output = List<Task>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Task>>> {
        let list = self.list_id(api).await?;
        // https://developers.asana.com/reference/gettasksforusertasklist
        let since = self.completed_since.map_or(task::FAR_FUTURE.to_owned(), |since| since.0.to_string());
        let call = api
            .get(&["api", "1.0", "user_task_lists", &list, "tasks"])
            .query("completed_since", since)
            .query("opt_fields", task::detail_fields());
        envelope::list(api, call, self.limit, self.cursor.as_ref()).await
    }
}

impl ListMyTasks {
    /// Returns the id of the list, which is cached for a while: it does not change.
    async fn list_id(&self, api: &Api<'_>) -> Result<String> {
        let workspace = workspace::resolve(api, self.workspace_id.as_ref()).await?.gid;
        let lookup = format!("my tasks in {workspace}");
        if let Some(known) = api.get_lookup(&lookup) {
            return Ok(known);
        }
        let _turn = api.lookup_turn(&lookup).await;
        if let Some(known) = api.get_lookup(&lookup) {
            return Ok(known);
        }
        // https://developers.asana.com/reference/getusertasklistforuser
        let call = api.get(&["api", "1.0", "users", "me", "user_task_list"]).lookup().query("workspace", &workspace);
        let list = call.query("opt_fields", "name").send::<Envelope<Ref>>().await?.data.gid;
        api.insert_lookup(&lookup, &list);
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_a_page_of_my_tasks() {
        let context = json!({ "workspaceId": "7", "limit": 2, "cursor": "p2" });
        let (output, calls) = testing::run(&ADAPTER, "list_my_tasks", context, |sent| match sent.line.as_str() {
            "GET /api/1.0/users/me/user_task_list" => (200, json!({ "data": { "gid": "77" } })),
            _ => (200, json!({ "data": [{ "gid": "42", "name": "Ship" }], "next_page": { "offset": "p3" } })),
        })
        .await;
        let output = output.unwrap();
        assert_eq!((&output.data["tasks"][0]["id"], &output.data["cursor"]), (&json!("42"), &json!("p3")));
        assert_eq!(calls[0].parameter("workspace"), "7");
        assert_eq!(calls[1].line, "GET /api/1.0/user_task_lists/77/tasks");
        let parameter = |name| calls[1].parameter(name);
        assert_eq!(["limit", "offset", "completed_since"].map(parameter), ["2", "p2", task::FAR_FUTURE]);
    }
}
