//! `create_task`: creates a task in a project or a workspace.

use super::custom_field::FieldPlace;
use super::custom_values::CustomFields;
use super::prelude::*;
use super::reconcile::{self, TaskList};
use super::task::{self, Task, TaskFields, TaskType};
use super::task_places::TaskPlaces;
use super::texts::TextForms;
use super::workspace;

const CREATED_MESSAGE: &str = "The task was created.";

/// Create a task in Asana, in a project or directly in a workspace.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateTask {
    /// The task's name.
    name: Name,
    /// The project to add it to: its id (gid), link or name.
    project_id: Option<ProjectId>,
    /// A section of that project: its id (gid) or name. By default Asana chooses one.
    section_id: Option<SectionId>,
    /// The workspace, by id (gid), link or name. Optional with a project, or if the account has only one.
    workspace_id: Option<WorkspaceId>,
    /// The description as plain text.
    notes: Option<Plain>,
    /// The description as Markdown.
    markdown: Option<Plain>,
    /// The description in Asana's HTML: `<body>See <strong>this</strong></body>`.
    #[schemars(extend("x-tier" = "all"))]
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
    /// Values of custom fields by name or id, for example `{"Priority": "High", "Estimate": 5}`.
    custom_fields: Option<CustomFields>,
}

impl Action for CreateTask {
    const META: Meta = Meta::create("create_task", WRITE_TASKS_SCOPES)
        .core()
        .reconciled_by("its external id, or its name, time and author", READ_TASKS_SCOPES)
        .example(r#"{"name": "Ship it", "projectId": "1200000000000010", "dueOn": "2026-11-30", "assigneeId": "me"}"#);
    type Output = Task;

    fn check(&self) -> Result<()> {
        self.texts().check()?;
        self.places().check()?;
        self.fields().check()
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        let mut targets = vec![];
        if self.project_id.is_none() {
            targets.push(workspace::target(api, self.workspace_id.as_ref()).await?);
        }
        targets.extend(self.places().targets(api, self.assignee_id.as_ref()).await?);
        targets.extend(self.texts().targets());
        Ok(targets)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Task>> {
        let body = self.to_body(api).await?;
        // https://developers.asana.com/reference/createtask
        let call = api.post(&["api", "1.0", "tasks"]).query("opt_fields", task::FIELDS).json(&json!({ "data": body }));
        Ok(call.send::<Envelope<Task>>().await?.data.into_output(CREATED_MESSAGE))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<Task>> {
        reconcile::reconcile_task(api, &self.name, async || self.list(api).await, CREATED_MESSAGE).await
    }
}

impl CreateTask {
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

    async fn to_body(&self, api: &Api<'_>) -> Result<Value> {
        let project = self.places().project(api).await?;
        let places: Vec<_> = project.iter().map(|project| FieldPlace::TasksOf(&project.gid)).collect();
        let mut body = self.fields().to_body(api, self.workspace_id.as_ref(), &places).await?;
        body["external"] = json!({ "gid": reconcile::external_id(api) });
        if project.is_none() {
            body["workspace"] = json!(workspace::resolve(api, self.workspace_id.as_ref()).await?.gid);
        }
        self.places().add_to(api, project.as_ref(), &mut body).await?;
        Ok(body)
    }

    /// Returns a list in which the created task is, if there is one.
    async fn list(&self, api: &Api<'_>) -> Result<Option<TaskList>> {
        if let Some(project) = self.places().project(api).await? {
            return Ok(Some(TaskList::Project(project.gid)));
        }
        let Some(assignee) = &self.assignee_id else { return Ok(None) };
        let workspace = workspace::resolve(api, self.workspace_id.as_ref()).await?.gid;
        let assignee = assignee.resolve(api, "assigneeId", self.workspace_id.as_ref()).await?;
        Ok(Some(TaskList::Assignee(assignee, workspace)))
    }

    fn places(&self) -> TaskPlaces<'_> {
        TaskPlaces {
            workspace: self.workspace_id.as_ref(),
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
    use crate::adapters::testing::{self, ActionHarness, SentRequest, Step, StepOutput};

    fn provider(sent: &SentRequest) -> (u16, Value) {
        match sent.line.as_str() {
            "GET /api/1.0/projects/42/custom_field_settings" => {
                let field = |(gid, kind): (&str, &str)| {
                    let options = (kind == "multi_enum")
                        .then(|| json!([{ "gid": "1", "name": "A" }, { "gid": "2", "name": "B" }]));
                    json!({ "custom_field": { "gid": gid, "name": gid, "representation_type": kind, "enum_options": options } })
                };
                let fields = [("8", "text"), ("9", "number"), ("10", "multi_enum"), ("11", "date")].map(field);
                (200, json!({ "data": fields, "next_page": null }))
            }
            "GET /api/1.0/workspaces" => (200, json!({ "data": [{ "gid": "7", "name": "Home" }], "next_page": null })),
            _ => (
                201,
                json!({ "data": { "gid": "99", "name": "Ship", "permalink_url": "https://app.asana.com/0/0/99",
                "created_at": "2026-11-23T10:00:00.000Z", "due_on": "2026-11-24", "due_at": null } }),
            ),
        }
    }

    #[tokio::test]
    async fn creates_a_task_in_a_project() {
        let context =
            json!({ "name": "Ship", "projectId": "42", "notes": "Soon", "dueOn": "2026-11-24", "assigneeId": "me" });
        let (output, calls) = testing::run(&ADAPTER, "create_task", context, provider).await;
        let output = output.unwrap();
        let field_of = |field: &str| output.data[field].clone();
        assert_eq!(
            (field_of("id"), field_of("name"), field_of("dueOn")),
            (json!("99"), json!("Ship"), json!("2026-11-24"))
        );
        assert_eq!((field_of("createdAt"), field_of("dueAt")), (json!("2026-11-23T10:00:00Z"), Value::Null));
        assert_eq!(
            (output.external_id.as_deref(), output.link.as_deref()),
            (Some("99"), Some("https://app.asana.com/0/0/99"))
        );

        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].line, "POST /api/1.0/tasks");
        assert_eq!(calls[0].header("authorization"), "Bearer xoxp-token-1");
        assert_eq!(calls[0].parameter("opt_fields"), task::FIELDS);
        assert_eq!(
            calls[0].body,
            json!({ "data": { "name": "Ship", "projects": ["42"], "notes": "Soon", "due_on": "2026-11-24",
                "assignee": "me", "external": { "gid": "pe:task_abc.1" } } })
        );
    }

    #[tokio::test]
    async fn creates_a_task_with_every_field() {
        let context = json!({ "name": "Ship", "projectId": "42", "sectionId": "43", "workspaceId": "7",
            "htmlNotes": "<body><em>Soon</em></body>", "dueOn": "2026-11-24", "startOn": "2026-11-23",
            "followerIds": ["me", "ann@example.com"], "tagIds": ["6"],
            "customFields": { "8": "now", "9": 2.5, "10": ["1", "B"], "11": "2026-12-01" } });
        let (output, calls) = testing::run(&ADAPTER, "create_task", context, provider).await;
        output.unwrap();
        assert_eq!(
            calls[1].body["data"],
            json!({ "name": "Ship", "memberships": [{ "project": "42", "section": "43" }],
                "html_notes": "<body><em>Soon</em></body>", "due_on": "2026-11-24", "start_on": "2026-11-23",
                "followers": ["me", "ann@example.com"], "tags": ["6"],
                "custom_fields": { "8": "now", "9": 2.5, "10": ["1", "2"], "11": { "date": "2026-12-01" } },
                "external": { "gid": "pe:task_abc.1" } })
        );
    }

    #[tokio::test]
    async fn uses_the_only_workspace_and_sends_utc() {
        let context = json!({ "name": "Ship", "dueAt": "2026-11-24T12:00:00+02:00" });
        let (output, calls) = testing::run(&ADAPTER, "create_task", context, provider).await;
        output.unwrap();
        assert_eq!(calls[0].line, "GET /api/1.0/workspaces");
        let task = &calls[1].body["data"];
        assert_eq!((&task["workspace"], &task["due_at"]), (&json!("7"), &json!("2026-11-24T10:00:00Z")));
    }

    #[tokio::test]
    async fn error_lists_the_workspaces_if_there_are_several() {
        let (output, calls) = testing::run(&ADAPTER, "create_task", json!({ "name": "Ship" }), |_| {
            (200, json!({ "data": [{ "gid": "7", "name": "Home" }, { "gid": "8", "name": "Work" }] }))
        })
        .await;
        assert_eq!((testing::error_kind(&output), calls.len()), (Kind::Invalid, 1));
        assert!(output.unwrap_err().to_string().contains("Home (7), Work (8)"));
    }

    #[tokio::test]
    async fn failed_workspace_lookup_is_transient_and_lost_write_is_ambiguous() {
        let (output, _) =
            testing::run(&ADAPTER, "create_task", json!({ "name": "Ship" }), |_| (500, Value::Null)).await;
        assert_eq!(testing::error_kind(&output), Kind::Transient);
        let context = json!({ "name": "Ship", "workspaceId": "7" });
        let (output, _) = testing::run(&ADAPTER, "create_task", context, |_| (500, Value::Null)).await;
        assert_eq!(testing::error_kind(&output), Kind::Ambiguous);
    }

    #[tokio::test]
    async fn reconciles_by_external_id() {
        let reconcile = async |response: (u16, Value)| {
            let provider = move |_: &SentRequest| Ok(response.clone());
            testing::run_step(&ADAPTER, "create_task", None, Step::Reconcile, json!({ "name": "Ship" }), provider).await
        };
        let (result, calls) = reconcile((200, json!({ "data": { "gid": "99" } }))).await;
        assert_eq!(result.unwrap().applied_id(), Some("99"));
        assert_eq!(calls[0].line, "GET /api/1.0/tasks/external:pe:task_abc.1");
        let (result, _) = reconcile((404, json!({ "errors": [{ "message": "Unknown object" }] }))).await;
        assert_eq!(result.unwrap(), StepOutput::Reconciliation(Reconciliation::NotApplied));
    }

    #[tokio::test]
    async fn a_lost_task_is_its_authors_and_needs_its_list_only_without_an_external_id() {
        let reconcile = async |is_external: bool, project: &str| {
            let context = json!({ "name": "Ship", "projectId": project, "workspaceId": "7" });
            let task = |gid: &str, author: &str, external: Value| {
                json!({ "gid": gid, "name": "Ship", "created_at": "2026-11-23T10:00:01.000Z", "created_by": { "gid": author },
                    "external": external })
            };
            let provider = move |sent: &SentRequest| {
                let page = |tasks: Value, next: Option<&str>| json!({ "data": tasks, "next_page": next.map(|next| json!({ "offset": next })) });
                Ok(match (sent.line.as_str(), sent.parameter("offset")) {
                    ("GET /api/1.0/tasks/external:pe:task_abc.1", _) if is_external => {
                        (200, json!({ "data": task("90", "5", Value::Null) }))
                    }
                    ("GET /api/1.0/tasks/external:pe:task_abc.1", _) => {
                        (404, json!({ "errors": [{ "message": "no" }] }))
                    }
                    ("GET /api/1.0/users/me", _) => (200, json!({ "data": { "gid": "5" } })),
                    ("GET /api/1.0/projects", _) => (200, page(json!([]), None)),
                    // Another's task does not end the list, which goes on for longer than one attempt reads.
                    ("GET /api/1.0/tasks", at) => match at.parse::<usize>().unwrap_or_default() {
                        0 => (
                            200,
                            page(
                                json!([task("91", "6", Value::Null), task("92", "5", json!({ "gid": "x" }))]),
                                Some("1"),
                            ),
                        ),
                        page_number @ ..10 => (200, page(json!([]), Some(&(page_number + 1).to_string()))),
                        _ => (200, page(json!([task("93", "5", Value::Null)]), None)),
                    },
                    _ => (500, Value::Null),
                })
            };
            let (found, calls) =
                testing::run_step(&ADAPTER, "create_task", None, Step::Reconcile, context, provider).await;
            (found.unwrap(), calls.len())
        };
        let (unfinished, _) = reconcile(false, "42").await;
        assert_eq!(unfinished, StepOutput::Reconciliation(Reconciliation::Unfinished("10".to_owned())));
        let (found, calls) = reconcile(true, "Renamed").await;
        assert_eq!((found.applied_id(), calls), (Some("90"), 1));
        let (unclear, _) = reconcile(false, "Renamed").await;
        assert_eq!(unclear, StepOutput::Reconciliation(Reconciliation::Inconclusive));
    }

    #[tokio::test]
    async fn the_targets_are_the_place_the_people_and_the_tags() {
        let context =
            json!({ "name": "Ship", "assigneeId": "me", "followerIds": ["ann@example.com"], "tagIds": ["6"] });
        let harness = ActionHarness::new(&ADAPTER, |sent| Ok(provider(sent)));
        let action = ADAPTER.action("create_task").unwrap();
        let targets = action.targets(&harness.api(action, None), &context).await.unwrap();
        let home = Target::new(TargetKind::Workspace, "7").named(Some("Home"));
        let people = [Target::person("me"), Target::person("ann@example.com")];
        assert_eq!(targets, [vec![home], people.to_vec(), vec![Target::new(TargetKind::Tag, "6")]].concat());
        let context = json!({ "name": "Ship", "projectId": "42", "sectionId": "43" });
        let targets = action.targets(&harness.api(action, None), &context).await.unwrap();
        assert_eq!(targets, [Target::new(TargetKind::Project, "42"), Target::new(TargetKind::Section, "43")]);
        assert_eq!(harness.calls().len(), 1);
    }

    #[test]
    fn rejects_invalid_tasks() {
        for (field, bad) in [
            ("sectionId", json!("43")),
            ("htmlNotes", json!("Soon")),
            ("startOn", json!("2026-11-23")),
            ("assigneeId", json!("ann@")),
            ("followerIds", json!(["@ann"])),
            ("tagIds", json!(["https://app.asana.com/0/42/7"])),
            ("customFields", json!({ "Estimate": true })),
            ("customFields", json!({ "8": "" })),
        ] {
            let mut context = json!({ "name": "Ship" });
            context[field] = bad.clone();
            let refused = testing::refusal(&ADAPTER, "create_task", context).0;
            assert!(refused.starts_with(&format!("context.{field}")), "{bad}: {refused}");
        }
        let both = json!({ "name": "Ship", "dueOn": "2026-11-23", "dueAt": "2026-11-23T10:00:00Z" });
        assert_eq!(testing::refusal(&ADAPTER, "create_task", both).0, "context.dueAt");
        let reversed = json!({ "name": "Ship", "dueOn": "2026-11-23", "startOn": "2026-11-24" });
        assert_eq!(testing::refusal(&ADAPTER, "create_task", reversed).0, "context.startOn");
    }
}
