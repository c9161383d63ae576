//! `update_task`: changes fields of a task.

use super::custom_field::FieldPlace;
use super::custom_values::{CustomFields, FieldKey};
use super::prelude::*;
use super::task::{self, Task, TaskFields, TaskType};
use super::texts::TextForms;

/// Change an Asana task. Only the given fields change. To move it use `asana_add_task_to_section`, to complete it
/// `asana_complete_task`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateTask {
    /// The task: its id (gid) or link.
    task_id: TaskId,
    /// The new name.
    name: Option<Name>,
    /// The new description as plain text, which replaces the old one.
    notes: Option<Plain>,
    /// The new description as Markdown.
    markdown: Option<Plain>,
    /// The new description in Asana's HTML: `<body>See <strong>this</strong></body>`.
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
    /// New values of custom fields by name or id, for example `{"Priority": "High", "Estimate": 5}`; null clears one.
    custom_fields: Option<CustomFields>,
    /// The fields to clear. The start is cleared only beside a new or a cleared due date.
    clear: Option<Items<Clearable, 6>>,
    /// The custom fields to clear, by name or id (gid).
    #[schemars(extend("x-tier" = "all"))]
    clear_custom_fields: Option<Items<FieldKey, 100>>,
}

/// A field of a task that can be cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
enum Clearable {
    AssigneeId,
    DueAt,
    DueOn,
    Notes,
    StartAt,
    StartOn,
}

impl Action for UpdateTask {
    const META: Meta = Meta::idempotent("update_task", WRITE_TASKS_SCOPES)
        .core()
        .overwrites("the old values of the given fields")
        .example(r#"{"taskId": "1200000000000021", "name": "Draft the new landing page", "dueOn": "2026-12-01"}"#);
    type Output = Task;

    fn check(&self) -> Result<()> {
        let fields = self.fields();
        fields.check()?;
        self.texts().check()?;
        if self.cleared().any(|field| self.is_set(field)) {
            let reason = "must not have a field that is also set, for example [\"dueOn\"] without dueOn and dueAt";
            return Err(Error::invalid("clear", reason));
        }
        let clears = |field: Clearable| self.cleared().any(|cleared| cleared == field);
        let clears_due = clears(Clearable::DueOn) || clears(Clearable::DueAt);
        if (clears(Clearable::StartOn) || clears(Clearable::StartAt)) && !fields.has_due() && !clears_due {
            return Err(Error::invalid("clear", "with startOn requires dueOn, or dueOn in clear too"));
        }
        if let Some(set) = &self.custom_fields
            && self.cleared_custom_fields().any(|field| set.has(field))
        {
            return Err(Error::invalid("clearCustomFields", "must not have a field that is also in customFields"));
        }
        let is_unchanged = |body: &Value| body.as_object().is_some_and(serde_json::Map::is_empty);
        let is_empty = self.assignee_id.is_none() && self.custom_fields().is_none() && self.cleared().next().is_none();
        match is_empty && is_unchanged(&json!(fields)) {
            true => Err(Error::invalid("", "must set at least one field, for example name, or clear one")),
            false => Ok(()),
        }
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        let mut targets = vec![self.task_id.target()];
        if let Some(assignee) = &self.assignee_id {
            targets.push(assignee.target(api, "assigneeId", None).await?);
        }
        targets.extend(self.texts().targets());
        Ok(targets)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Task>> {
        let body = self.to_body(api).await?;
        // https://developers.asana.com/reference/updatetask
        let call = api
            .call(Method::PUT, &["api", "1.0", "tasks", &self.task_id])
            .query("opt_fields", task::FIELDS)
            .json(&json!({ "data": body }));
        Ok(call.send::<Envelope<Task>>().await?.data.into_output("The task was changed."))
    }
}

impl UpdateTask {
    fn texts(&self) -> TextForms<'_> {
        TextForms::notes(self.notes.as_ref(), self.markdown.as_ref()).or_task_html(self.html_notes.as_ref())
    }

    fn fields(&self) -> TaskFields<'_> {
        TaskFields {
            name: self.name.as_ref(),
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

    fn cleared(&self) -> impl Iterator<Item = Clearable> {
        self.clear.iter().flat_map(|fields| fields.iter()).copied()
    }

    fn cleared_custom_fields(&self) -> impl Iterator<Item = &FieldKey> {
        self.clear_custom_fields.iter().flat_map(|fields| fields.iter())
    }

    fn is_set(&self, field: Clearable) -> bool {
        match field {
            Clearable::AssigneeId => self.assignee_id.is_some(),
            // One replaces the other.
            Clearable::DueAt | Clearable::DueOn => self.due_on.is_some() || self.due_at.is_some(),
            Clearable::Notes => !self.texts().is_empty(),
            Clearable::StartAt | Clearable::StartOn => self.start_on.is_some() || self.start_at.is_some(),
        }
    }

    /// Returns the custom fields that are set or cleared, if there are any.
    fn custom_fields(&self) -> Option<CustomFields> {
        let set = self.custom_fields.clone().unwrap_or_default().with_cleared(self.cleared_custom_fields());
        (!set.is_empty()).then_some(set)
    }

    /// Returns the changes in Asana's names.
    async fn to_body(&self, api: &Api<'_>) -> Result<Value> {
        let custom_fields = self.custom_fields();
        let fields = TaskFields { custom_fields: custom_fields.as_ref(), ..self.fields() };
        let mut body = fields.to_body(api, None, &[FieldPlace::Task(&self.task_id)]).await?;
        self.clear_in(&mut body);
        Ok(body)
    }

    /// Clears the fields in a body with the others. A date and its time are one value, of which Asana takes one key; a start time goes only
    /// with a due time: <https://developers.asana.com/reference/updatetask>
    fn clear_in(&self, body: &mut Value) {
        let clears = |field: Clearable| self.cleared().any(|cleared| cleared == field);
        if clears(Clearable::AssigneeId) {
            body["assignee"] = Value::Null;
        }
        if clears(Clearable::Notes) {
            // Asana documents no null for it.
            body["notes"] = json!("");
        }
        match (clears(Clearable::DueOn), clears(Clearable::DueAt)) {
            (true, _) => body["due_on"] = Value::Null,
            (false, true) => body["due_at"] = Value::Null,
            (false, false) => {}
        }
        match (clears(Clearable::StartOn), clears(Clearable::StartAt)) {
            (false, true) if body.get("due_at").is_some() => body["start_at"] = Value::Null,
            (false, false) => {}
            _ => body["start_on"] = Value::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn changes_and_clears_the_named_fields() {
        let context = json!({ "taskId": "42", "name": "Ship", "customFields": { "estimate": "3" }, "clearCustomFields": ["Priority"],
            "clear": ["notes", "dueOn", "startOn", "assigneeId"] });
        let (output, calls) = testing::run(&ADAPTER, "update_task", context, |sent| {
            if sent.line == "GET /api/1.0/tasks/42" {
                let fields = json!([{ "gid": "7", "name": "Estimate", "representation_type": "number" },
                    { "gid": "8", "name": "Priority", "representation_type": "enum" }]);
                return (200, json!({ "data": { "gid": "42", "custom_fields": fields } }));
            }
            (200, json!({ "data": { "gid": "42", "name": "Ship", "permalink_url": "https://app.asana.com/0/0/42" } }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!((output.external_id.as_deref(), &output.data["name"]), (Some("42"), &json!("Ship")));
        assert_eq!(calls[1].line, "PUT /api/1.0/tasks/42");
        assert_eq!(calls[1].parameter("opt_fields"), task::FIELDS);
        assert_eq!(
            calls[1].body,
            json!({ "data": { "name": "Ship", "notes": "", "due_on": null, "start_on": null, "assignee": null,
                "custom_fields": { "7": 3, "8": null } } })
        );
    }

    #[tokio::test]
    async fn a_date_and_its_time_are_cleared_by_one_key() {
        for (context, body) in [
            (json!({ "clear": ["dueOn", "dueAt"] }), json!({ "due_on": null })),
            (json!({ "clear": ["dueAt", "startAt"] }), json!({ "due_at": null, "start_at": null })),
            (json!({ "clear": ["dueOn", "dueAt", "startAt", "startOn"] }), json!({ "due_on": null, "start_on": null })),
            (json!({ "clear": ["dueOn", "startAt"] }), json!({ "due_on": null, "start_on": null })),
            (
                json!({ "dueOn": "2026-12-01", "clear": ["startAt"] }),
                json!({ "due_on": "2026-12-01", "start_on": null }),
            ),
        ] {
            let mut context = context;
            context["taskId"] = json!("42");
            let (output, calls) =
                testing::run(&ADAPTER, "update_task", context, |_| (200, json!({ "data": { "gid": "42" } }))).await;
            output.unwrap();
            assert_eq!(calls[0].body["data"], body);
        }
    }

    #[tokio::test]
    async fn lost_response_can_be_repeated() {
        let context = json!({ "taskId": "42", "name": "Ship" });
        let (output, _) = testing::run(&ADAPTER, "update_task", context, |_| (500, Value::Null)).await;
        assert_eq!(testing::error_kind(&output), Kind::Repeatable);
    }

    #[test]
    fn rejects_invalid_or_empty_changes() {
        for (at, bad) in [
            ("context.startOn", json!({ "startOn": "2026-11-23" })),
            ("context.startOn", json!({ "startOn": "2026-11-23", "clear": ["dueOn"] })),
            ("context.clear", json!({ "clear": ["startOn"] })),
            ("context.clear", json!({ "clear": ["dueOn"], "dueAt": "2026-11-23T10:00:00Z" })),
            ("context.clear", json!({ "clear": ["notes"], "htmlNotes": "<body>Soon</body>" })),
            ("context.clearCustomFields", json!({ "clearCustomFields": ["8"], "customFields": { "8": 3 } })),
            ("context", json!({})),
            // Null and an empty text are an absent field.
            ("context", json!({ "dueOn": null, "notes": "", "assigneeId": "", "clear": [] })),
        ] {
            let mut context = bad.clone();
            context["taskId"] = json!("42");
            assert_eq!(testing::refusal(&ADAPTER, "update_task", context).0, at, "{bad}");
        }
    }
}
