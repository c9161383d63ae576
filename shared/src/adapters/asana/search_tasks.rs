//! `search_tasks`: searches the tasks of a workspace.

use jiff::{SignedDuration, Timestamp};

use super::envelope::MAX_LIMIT;
use super::input::is_gid;
use super::prelude::*;
use super::task::{self, Task};
use super::workspace;
use crate::adapters::api::Call;
use crate::adapters::paging;

/// The accuracy of a creation time.
const OVERLAP: SignedDuration = SignedDuration::from_millis(1);
/// The separator of a cursor's parts.
const SEPARATOR: &str = "~";

/// Search the tasks of an Asana workspace by a text or at least one filter, newest first. Works only in paid workspaces, and
/// results can be a minute old: for the tasks of one project, section or person prefer `asana_list_tasks`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SearchTasks {
    /// Words in the name or the description.
    text: Option<Line<1024>>,
    /// The workspace, by id (gid), link or name. Optional if the account has only one.
    workspace_id: Option<WorkspaceId>,
    /// Only tasks of this project, by its id (gid), link or name.
    project_id: Option<ProjectId>,
    /// Only tasks with this tag, by its id (gid) or name.
    tag_id: Option<TagId>,
    /// Only tasks of this person: `me`, an e-mail address, a user's id (gid) or name.
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

/// The place of a page: a search has no pages, so it is the creation time of the last task. Several tasks can have the same one, so the
/// next page overlaps, and leaves out those that were given.
#[derive(Default)]
struct Place {
    before: Option<Timestamp>,
    /// The ids of the tasks of that time that were given.
    given: Vec<String>,
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
        let place = self.parse_cursor()?;
        let call = self.search(api, &place).await?;
        // What the previous page had of its last millisecond comes again.
        let requested = self.limit.get();
        let size = (requested + u32::try_from(place.given.len()).unwrap_or(MAX_LIMIT)).min(MAX_LIMIT);
        let read = |limit| call.clone().query("limit", limit).send::<Envelope<Vec<Task>>>();
        let found = paging::read_in_parts(api, size, read).await;
        let (Envelope { data: found }, size) = found.map_err(|error| explain_plan_error(api, error))?;
        let is_full = u32::try_from(found.len()).is_ok_and(|count| count >= size);
        let mut tasks: Vec<Task> = found.into_iter().filter(|task| !place.has(task)).collect();
        let has_more = is_full || u32::try_from(tasks.len()).is_ok_and(|count| count > requested);
        tasks.truncate(requested as usize);
        let next = if has_more { place.next(&tasks) } else { None };
        Ok(List::of(tasks, next))
    }
}

impl Place {
    /// Parses a cursor: a creation time, and ids.
    fn parse(cursor: &str) -> Option<Self> {
        let mut parts = cursor.split(SEPARATOR);
        let before = parts.next()?.parse().ok()?;
        let given: Vec<String> = parts.map(str::to_owned).collect();
        given.iter().all(|id| is_gid(id)).then_some(Self { before: Some(before), given })
    }

    /// Returns the time before which the tasks of the page were created.
    fn end(&self) -> Option<Timestamp> {
        let overlap = if self.given.is_empty() { SignedDuration::ZERO } else { OVERLAP };
        self.before.map(|before| before.checked_add(overlap).unwrap_or(before))
    }

    fn has(&self, task: &Task) -> bool {
        self.given.iter().any(|id| id == task.id())
    }

    /// Returns the cursor of the page after these tasks. If a page can hold no more tasks of one time, the next one ends before it.
    fn next(&self, tasks: &[Task]) -> Option<String> {
        let Some(last) = tasks.last() else { return self.before.map(|before| before.to_string()) };
        let at = last.created_at()?.0;
        let same = tasks.iter().filter(|task| task.created_at().is_some_and(|created| created.0 == at));
        let earlier = self.given.iter().map(String::as_str).filter(|_| self.before == Some(at));
        let given: Vec<&str> = same.map(Record::id).chain(earlier).collect();
        let ids = if given.len() < MAX_LIMIT as usize { given } else { vec![] };
        let parts = [at.to_string()].into_iter().chain(ids.into_iter().map(str::to_owned));
        Some(parts.collect::<Vec<_>>().join(SEPARATOR))
    }
}

impl SearchTasks {
    /// Parses the cursor.
    fn parse_cursor(&self) -> Result<Place> {
        let refused = || Error::invalid("cursor", "must be the cursor of a previous page");
        self.cursor.as_deref().map_or(Ok(Place::default()), |cursor| Place::parse(cursor).ok_or_else(refused))
    }

    /// Returns the call of the search, without its size.
    async fn search<'a>(&self, api: &'a Api<'_>, place: &Place) -> Result<Call<'a>> {
        let workspace = workspace::resolve(api, self.workspace_id.as_ref()).await?.gid;
        let given = self.workspace_id.as_ref();
        let project = match &self.project_id {
            Some(project) => Some(project.resolve(api, "projectId", given).await?.gid),
            None => None,
        };
        let tag = match &self.tag_id {
            Some(tag) => Some(tag.resolve(api, "tagId", given).await?.gid),
            None => None,
        };
        let assignee = match &self.assignee_id {
            Some(assignee) => Some(assignee.resolve(api, "assigneeId", given).await?),
            None => None,
        };
        // https://developers.asana.com/reference/searchtasksforworkspace
        Ok(api
            .get(&["api", "1.0", "workspaces", &workspace, "tasks", "search"])
            .query_opt("text", self.text.as_deref())
            .query_opt("projects.any", project)
            .query_opt("tags.any", tag)
            .query_opt("assignee.any", assignee)
            .query_opt("completed", self.completed)
            .query_opt("due_on.after", self.due_after.map(|day| day.0))
            .query_opt("due_on.before", self.due_before.map(|day| day.0))
            .query_opt("created_at.before", place.end())
            .query("sort_by", "created_at")
            .query("sort_ascending", false)
            .query("opt_fields", task::detail_fields()))
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
            (&json!("99"), &json!("2026-11-21T09:00:00.123Z~99"))
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
