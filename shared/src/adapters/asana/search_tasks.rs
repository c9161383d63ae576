//! `search_tasks`: searches the tasks of a workspace.

use jiff::Timestamp;

use super::prelude::*;
use super::task::{self, Task};
use super::workspace;
use crate::adapters::paging;

/// Search the tasks of an Asana workspace by a text or at least one filter, newest first. Works only in paid workspaces, and
/// results can be a minute old: for the tasks of one project, section or person prefer `asana_list_tasks`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SearchTasks {
    /// Words in the name or the description.
    text: Option<Line<1024>>,
    /// The id (gid) of the workspace. Optional if the account has only one.
    workspace_id: Option<Gid>,
    /// Only tasks of this project, by its id (gid).
    project_id: Option<Gid>,
    /// Only tasks with this tag, by its id (gid).
    tag_id: Option<Gid>,
    /// Only tasks of this person: `me`, an e-mail address or a user's id (gid).
    assignee_id: Option<Person>,
    /// True for completed tasks only, false for open ones only.
    completed: Option<bool>,
    /// Only tasks due after this date, for example `2026-11-23`.
    due_after: Option<Day>,
    /// Only tasks due before this date, for example `2026-11-30`.
    due_before: Option<Day>,
    /// Number of tasks to return.
    #[serde(default)]
    limit: PageLimit,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

impl Action for SearchTasks {
    const META: Meta = Meta::read("search_tasks", READ_TASKS_SCOPES)
        .smaller_request("one task is too long: leave it out by its date, with `dueAfter` or `dueBefore`")
        .example(r#"{"text": "landing page", "completed": false}"#);
    type Output = List<Task>;

    fn check(&self) -> Result<()> {
        let filters = [
            self.text.is_some(),
            self.project_id.is_some(),
            self.tag_id.is_some(),
            self.assignee_id.is_some(),
            self.completed.is_some(),
            self.due_after.is_some(),
            self.due_before.is_some(),
        ];
        if !filters.contains(&true) {
            return Err(Error::Missing(vec!["text".to_owned()]));
        }
        self.parse_cursor().map(drop)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Task>>> {
        let before = self.parse_cursor()?;
        let workspace = workspace::resolve(api, self.workspace_id.as_ref()).await?.gid;
        // https://developers.asana.com/reference/searchtasksforworkspace
        let call = api
            .get(&["api", "1.0", "workspaces", &workspace, "tasks", "search"])
            .query_opt("text", self.text.as_deref())
            .query_opt("projects.any", self.project_id.as_deref())
            .query_opt("tags.any", self.tag_id.as_deref())
            .query_opt("assignee.any", self.assignee_id.as_deref())
            .query_opt("completed", self.completed)
            .query_opt("due_on.after", self.due_after.map(|day| day.0))
            .query_opt("due_on.before", self.due_before.map(|day| day.0))
            .query_opt("created_at.before", before)
            .query("sort_by", "created_at")
            .query("sort_ascending", false)
            .query("opt_fields", task::detail_fields());
        let read = |limit| call.clone().query("limit", limit).send::<Envelope<Vec<Task>>>();
        let found = paging::read_in_parts(api, self.limit.get(), read).await;
        let (Envelope { data: found }, limit) = found.map_err(|error| explain_plan_error(api, error))?;
        // A search has no pages; the creation time of the last task serves as the cursor.
        let is_full = u32::try_from(found.len()).is_ok_and(|count| count >= limit);
        let last = found.last().filter(|_| is_full).and_then(Record::created_at);
        Ok(List::of(found, last.map(|created_at| created_at.0.to_string())))
    }
}

impl SearchTasks {
    /// Parses the cursor, a creation time.
    fn parse_cursor(&self) -> Result<Option<Timestamp>> {
        let parse = |cursor: &str| {
            cursor.parse().map_err(|_| Error::invalid("cursor", "must be the cursor of a previous page"))
        };
        self.cursor.as_deref().map(parse).transpose()
    }
}

/// Adds the alternative to an error of a free workspace.
fn explain_plan_error(api: &Api<'_>, error: Error) -> Error {
    match error.kind() {
        Some(Kind::PlanLimit) => {
            api.error(Kind::PlanLimit, "Asana searches only paid workspaces; list_tasks works in all workspaces")
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn sends_every_filter_and_returns_a_time_cursor() {
        let context = json!({ "text": "ship it", "workspaceId": "7", "projectId": "42", "tagId": "6", "assigneeId": "me",
            "completed": false, "dueAfter": "2026-11-01", "dueBefore": "2026-12-01", "limit": 1,
            "cursor": "2026-11-22T10:00:00.000Z" });
        let (output, calls) = testing::run(&ADAPTER, "search_tasks", context, |_| {
            (200, json!({ "data": [{ "gid": "99", "created_at": "2026-11-21T09:00:00.123Z" }] }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!(
            (&output.data["tasks"][0]["id"], &output.data["cursor"]),
            (&json!("99"), &json!("2026-11-21T09:00:00.123Z"))
        );
        assert_eq!(calls[0].line, "GET /api/1.0/workspaces/7/tasks/search");
        let query: Vec<_> = calls[0].query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            query,
            [
                ("text", "ship it"),
                ("projects.any", "42"),
                ("tags.any", "6"),
                ("assignee.any", "me"),
                ("completed", "false"),
                ("due_on.after", "2026-11-01"),
                ("due_on.before", "2026-12-01"),
                ("created_at.before", "2026-11-22T10:00:00Z"),
                ("sort_by", "created_at"),
                ("sort_ascending", "false"),
                ("opt_fields", task::detail_fields().as_str()),
                ("limit", "1"),
            ]
        );
    }

    #[tokio::test]
    async fn partial_page_has_no_cursor() {
        let context = json!({ "text": "ship", "workspaceId": "7" });
        let (output, _) = testing::run(&ADAPTER, "search_tasks", context, |_| {
            (200, json!({ "data": [{ "gid": "99", "created_at": "2026-11-21T09:00:00.123Z" }] }))
        })
        .await;
        assert_eq!(output.unwrap().data["cursor"], Value::Null);
    }

    #[tokio::test]
    async fn plan_error_names_list_tasks() {
        let context = json!({ "text": "ship", "workspaceId": "7" });
        let (output, _) = testing::run(&ADAPTER, "search_tasks", context, |_| (402, Value::Null)).await;
        assert_eq!(testing::error_kind(&output), Kind::PlanLimit);
        assert!(output.unwrap_err().to_string().contains("list_tasks"));
    }

    #[test]
    fn rejects_another_cursor_and_no_filter() {
        let context = json!({ "completed": true, "cursor": "p2" });
        assert_eq!(testing::refusal(&ADAPTER, "search_tasks", context).0, "context.cursor");
        assert_eq!(testing::refusal(&ADAPTER, "search_tasks", json!({})).0, "context.text");
    }
}
