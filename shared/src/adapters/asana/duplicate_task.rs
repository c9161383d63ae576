//! `duplicate_task`: copies a task.

use super::prelude::*;
use super::reconcile::{self, Candidates};
use super::same_text;
use super::task::{self, Task};

const CREATED_MESSAGE: &str = "The task is being copied.";

/// Copy an Asana task under another name, with its subtasks and all else, or with what `include` names. Asana copies it within
/// moments; the new task's id is known at once.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DuplicateTask {
    /// The task to copy: its id (gid) or a link to it.
    task_id: TaskId,
    /// The name of the new task.
    name: Name,
    /// The parts to copy; by default all.
    include: Option<Items<Part, 10>>,
}

/// A part of a task that can be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
enum Part {
    Assignee,
    Attachments,
    Dates,
    Dependencies,
    Followers,
    Notes,
    Parent,
    Projects,
    Subtasks,
    Tags,
}

/// A new task that is being filled.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Duplicate {
    /// The id (gid) of the new task.
    id: Option<String>,
    /// Its name.
    name: Option<String>,
    /// The state of the copying, for example `in_progress`.
    status: Option<String>,
}

/// A job, which copies in the background: <https://developers.asana.com/reference/getjob>
#[derive(Deserialize)]
struct Job {
    status: Option<String>,
    new_task: Option<Ref>,
}

/// A list that has the new task.
struct TaskList {
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
}

impl Action for DuplicateTask {
    const META: Meta = Meta::create("duplicate_task", WRITE_TASKS_SCOPES)
        .reconciled_by("its project, parent or assignee, its name, time and author", READ_TASKS_SCOPES)
        .example(r#"{"taskId": "1200000000000021", "name": "Draft the second page", "include": ["notes", "subtasks", "projects"]}"#);
    type Output = Duplicate;

    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![self.task_id.target()])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Duplicate>> {
        let include: Vec<String> =
            self.parts().iter().filter_map(|part| json!(part).as_str().map(str::to_owned)).collect();
        let body = json!({ "name": self.name, "include": include.join(",") });
        // https://developers.asana.com/reference/duplicatetask
        let call = api
            .post(&["api", "1.0", "tasks", &self.task_id, "duplicate"])
            .query("opt_fields", "status,new_task.name")
            .json(&json!({ "data": body }));
        let Job { status, new_task } = call.send::<Envelope<Job>>().await?.data;
        let (id, name) = new_task.map(|task| (task.gid, task.name)).unzip();
        Ok(Duplicate { id, name: name.flatten(), status }.into_output())
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<Duplicate>> {
        // https://developers.asana.com/reference/gettask
        let call = api.get(&["api", "1.0", "tasks", &self.task_id]).query("opt_fields", task::FIELDS);
        let original = call.send::<Envelope<Task>>().await?.data;
        let Some(TaskList { path, query }) = self.place(&original) else { return Ok(Reconciliation::Inconclusive) };
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let is_copy = |task: &Task| {
            task.id() != &*self.task_id && task.name().is_some_and(|name| same_text::is_same(&self.name, name))
        };
        let copies = match reconcile::list_own_tasks(api, &path, query, is_copy).await? {
            Candidates::All(copies) => copies,
            Candidates::Unfinished(cursor) => return Ok(Reconciliation::Unfinished(cursor)),
        };
        Ok(match reconcile::unique_candidate(copies, CREATED_MESSAGE) {
            Reconciliation::Applied(output) => {
                let (id, name) = (Some(output.data.id().to_owned()), output.data.name().map(str::to_owned));
                Reconciliation::Applied(Duplicate { id, name, status: None }.into_output())
            }
            Reconciliation::NotApplied => Reconciliation::NotApplied,
            Reconciliation::Inconclusive => Reconciliation::Inconclusive,
            Reconciliation::Unfinished(cursor) => Reconciliation::Unfinished(cursor),
        })
    }
}

impl DuplicateTask {
    /// Returns the parts that are copied.
    fn parts(&self) -> Vec<Part> {
        const ALL: [Part; 10] = [
            Part::Assignee,
            Part::Attachments,
            Part::Dates,
            Part::Dependencies,
            Part::Followers,
            Part::Notes,
            Part::Parent,
            Part::Projects,
            Part::Subtasks,
            Part::Tags,
        ];
        self.include.as_ref().map_or_else(|| ALL.to_vec(), |include| include.iter().copied().collect())
    }

    /// Returns a list that has the copy: its path and its parameters. `None` if the copy is in no list that can be read.
    fn place(&self, original: &Task) -> Option<TaskList> {
        let parts = self.parts();
        let path = |segments: &[&str]| ["api", "1.0"].iter().chain(segments).map(|one| (*one).to_owned()).collect();
        let place = original.place();
        if let Some(project) = place.project.filter(|_| parts.contains(&Part::Projects)) {
            return Some(TaskList { path: path(&["tasks"]), query: vec![("project", project.to_owned())] });
        }
        if let Some(parent) = place.parent.filter(|_| parts.contains(&Part::Parent)) {
            return Some(TaskList { path: path(&["tasks", parent, "subtasks"]), query: vec![] });
        }
        let (assignee, workspace) = place.assignee.zip(place.workspace).filter(|_| parts.contains(&Part::Assignee))?;
        let query = vec![("assignee", assignee.to_owned()), ("workspace", workspace.to_owned())];
        Some(TaskList { path: path(&["tasks"]), query })
    }
}

impl Duplicate {
    /// Returns the output of the action.
    fn into_output(self) -> ActionOutput<Self> {
        match self.id.clone() {
            Some(id) => ActionOutput::new(CREATED_MESSAGE, self).with_id(id),
            None => ActionOutput::new(CREATED_MESSAGE, self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing::{self, SentRequest, Step, StepOutput};

    #[tokio::test]
    async fn copies_a_task() {
        let context = json!({ "taskId": "42", "name": "Again", "include": ["notes", "subtasks"] });
        let (output, calls) = testing::run(&ADAPTER, "duplicate_task", context, |_| {
            (201, json!({ "data": { "gid": "1", "status": "in_progress", "new_task": { "gid": "99", "name": "Again" } } }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!(output.external_id.as_deref(), Some("99"));
        assert_eq!(output.data, json!({ "id": "99", "name": "Again", "status": "in_progress" }));
        assert_eq!(calls[0].line, "POST /api/1.0/tasks/42/duplicate");
        assert_eq!(calls[0].body, json!({ "data": { "name": "Again", "include": "notes,subtasks" } }));
    }

    async fn reconcile(original: Value, include: Option<Value>, tasks: Value) -> (StepOutput, Vec<SentRequest>) {
        let context = json!({ "taskId": "42", "name": "Again", "include": include });
        let provider = move |sent: &SentRequest| match sent.line.as_str() {
            "GET /api/1.0/users/me" => Ok((200, json!({ "data": { "gid": "5" } }))),
            "GET /api/1.0/tasks/42" => Ok((200, json!({ "data": original }))),
            _ => Ok((200, json!({ "data": tasks }))),
        };
        let (found, calls) =
            testing::run_step(&ADAPTER, "duplicate_task", None, Step::Reconcile, context, provider).await;
        (found.unwrap(), calls)
    }

    #[tokio::test]
    async fn reconciles_by_place_name_and_time() {
        let place = json!([{ "project": { "gid": "7" }, "section": { "gid": "8" } }]);
        let original = json!({ "gid": "42", "name": "Again", "memberships": place, "parent": { "gid": "9" },
            "assignee": { "gid": "5" }, "workspace": { "gid": "1" } });
        let copy = |gid: &str, name: &str, at: &str| json!({ "gid": gid, "name": name, "created_at": at, "created_by": { "gid": "5" } });
        let now = "2026-11-23T10:00:01.000Z";
        let (mut anothers, mut created) = (copy("96", "Again", now), copy("97", "Again", now));
        anothers["created_by"]["gid"] = json!("6");
        created["external"] = json!({ "gid": "pe:task_xyz.1" });
        let tasks = json!([
            anothers,
            created,
            copy("42", "Again", now),
            copy("98", "Again", "2026-11-22T10:00:00.000Z"),
            copy("99", "Again", now)
        ]);
        let (found, calls) = reconcile(original.clone(), None, tasks).await;
        assert_eq!(found.applied_id(), Some("99"));
        assert_eq!((calls[2].line.as_str(), calls[2].parameter("project")), ("GET /api/1.0/tasks", "7"));
        let (absent, calls) = reconcile(original.clone(), Some(json!(["parent"])), json!([])).await;
        assert_eq!(absent, StepOutput::Reconciliation(Reconciliation::NotApplied));
        assert_eq!(calls[2].line, "GET /api/1.0/tasks/9/subtasks");
        let (_, calls) = reconcile(original.clone(), Some(json!(["assignee"])), json!([])).await;
        assert_eq!((calls[2].parameter("assignee"), calls[2].parameter("workspace")), ("5", "1"));
        let (unclear, calls) = reconcile(original, Some(json!(["notes"])), json!([])).await;
        assert_eq!((unclear, calls.len()), (StepOutput::Reconciliation(Reconciliation::Inconclusive), 1));
    }
}
