//! `create_subtask`: creates a subtask of a task.

use super::custom_field::FieldPlace;
use super::custom_values::CustomFields;
use super::prelude::*;
use super::reconcile::{self, TaskList};
use super::task::{self, Task, TaskFields, TaskType};
use super::task_places::TaskPlaces;
use super::texts::TextForms;

const CREATED_MESSAGE: &str = "The subtask was created.";

/// Create a subtask of an Asana task.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateSubtask {
    /// The parent task: its id (gid) or link.
    task_id: TaskId,
    /// The subtask's name.
    name: Name,
    /// A project to add it to beside its parent: its id (gid), link or name.
    project_id: Option<ProjectId>,
    /// A section of that project: its id (gid) or name.
    section_id: Option<SectionId>,
    /// The description as plain text.
    notes: Option<Plain>,
    /// The description as Markdown.
    markdown: Option<Plain>,
    /// The description in Asana's HTML: `<body>See <strong>this</strong></body>`.
    html_notes: Option<TaskHtml>,
    /// The due date, for example `2026-11-23`.
    due_on: Option<Day>,
    /// The due time, instead of `dueOn`, for example `2026-11-23T10:00:00Z`.
    due_at: Option<Instant>,
    /// The start date, for example `2026-11-20`. Requires `dueOn` or `dueAt`.
    start_on: Option<Day>,
    /// The start time, instead of `startOn`. Requires `dueAt`.
    #[schemars(extend("x-tier" = "all"))]
    start_at: Option<Instant>,
    /// The type; a milestone has only a due date.
    #[serde(rename = "type")]
    #[schemars(extend("x-tier" = "all"))]
    task_type: Option<TaskType>,
    /// The assignee: `me`, an e-mail address, a user's id (gid) or name.
    assignee_id: Option<Person>,
    /// The followers, who are notified of its progress.
    follower_ids: Option<Items<Person, 100>>,
    /// Its tags, by id (gid) or name.
    tag_ids: Option<Items<TagId, 100>>,
    /// Values of the custom fields that its parent or its project has, by name or id, for example `{"Priority": "High", "Estimate": 5}`.
    custom_fields: Option<CustomFields>,
}

impl Action for CreateSubtask {
    const META: Meta = Meta::create("create_subtask", WRITE_TASKS_SCOPES)
        .reconciled_by("its external id, or its name, time and author", READ_TASKS_SCOPES)
        .example(r#"{"taskId": "1200000000000021", "name": "Find a picture", "assigneeId": "sam@example.com"}"#);
    type Output = Task;

    fn check(&self) -> Result<()> {
        self.texts().check()?;
        self.places().check()?;
        self.fields().check()
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        let mut targets = vec![self.task_id.target()];
        targets.extend(self.places().targets(api, self.assignee_id.as_ref()).await?);
        targets.extend(self.texts().targets());
        Ok(targets)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Task>> {
        let project = self.places().project(api).await?;
        let mut places = vec![FieldPlace::Task(&self.task_id)];
        places.extend(project.iter().map(|project| FieldPlace::TasksOf(&project.gid)));
        let mut body = self.fields().to_body(api, None, &places).await?;
        self.places().add_to(api, project.as_ref(), &mut body).await?;
        body["external"] = json!({ "gid": reconcile::external_id(api) });
        // https://developers.asana.com/reference/createsubtaskfortask
        let call = api
            .post(&["api", "1.0", "tasks", &self.task_id, "subtasks"])
            .query("opt_fields", task::FIELDS)
            .json(&json!({ "data": body }));
        Ok(call.send::<Envelope<Task>>().await?.data.into_output(CREATED_MESSAGE))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<Task>> {
        let list = async || Ok(Some(TaskList::Subtasks(self.task_id.to_string())));
        reconcile::reconcile_task(api, &self.name, list, CREATED_MESSAGE).await
    }
}

impl CreateSubtask {
    fn texts(&self) -> TextForms<'_> {
        TextForms::notes(self.notes.as_ref(), self.markdown.as_ref()).or_task_html(self.html_notes.as_ref())
    }

    fn fields(&self) -> TaskFields<'_> {
        TaskFields {
            name: Some(&self.name),
            notes: self.notes.as_ref(),
            html_notes: self.texts().rich(&[]),
            due_on: self.due_on,
            due_at: self.due_at,
            start_on: self.start_on,
            start_at: self.start_at,
            resource_subtype: self.task_type,
            assignee: self.assignee_id.as_ref(),
            custom_fields: self.custom_fields.as_ref(),
        }
    }

    fn places(&self) -> TaskPlaces<'_> {
        TaskPlaces {
            workspace: None,
            project: self.project_id.as_ref(),
            section: self.section_id.as_ref(),
            followers: self.follower_ids.as_deref(),
            tags: self.tag_ids.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing::{self, Step, StepOutput};

    #[tokio::test]
    async fn creates_a_subtask() {
        let context = json!({ "taskId": "42", "name": "Ship", "notes": "Soon", "dueOn": "2026-11-24" });
        let (output, calls) = testing::run(&ADAPTER, "create_subtask", context, |_| {
            (201, json!({ "data": { "gid": "99", "name": "Ship", "parent": { "gid": "42", "name": "All" } } }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!((output.external_id.as_deref(), &output.data["parent"]["id"]), (Some("99"), &json!("42")));
        assert_eq!(calls[0].line, "POST /api/1.0/tasks/42/subtasks");
        assert_eq!(calls[0].parameter("opt_fields"), task::FIELDS);
        assert_eq!(
            calls[0].body,
            json!({ "data": { "name": "Ship", "notes": "Soon", "due_on": "2026-11-24",
                "external": { "gid": "pe:task_abc.1" } } })
        );
    }

    #[tokio::test]
    async fn reconciles_by_external_id() {
        let reconcile = async |response: (u16, Value)| {
            let context = json!({ "taskId": "42", "name": "Ship" });
            testing::run_step(&ADAPTER, "create_subtask", None, Step::Reconcile, context, move |_| Ok(response.clone()))
                .await
        };
        let (result, calls) = reconcile((200, json!({ "data": { "gid": "99" } }))).await;
        assert!(matches!(result.unwrap(), StepOutput::Reconciliation(Reconciliation::Applied(_))));
        assert_eq!(calls[0].line, "GET /api/1.0/tasks/external:pe:task_abc.1");
        assert_eq!(
            reconcile((404, Value::Null)).await.0.unwrap(),
            StepOutput::Reconciliation(Reconciliation::NotApplied)
        );
    }
}
