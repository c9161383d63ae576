//! `update_task`: changes fields of a task.

use super::envelope::Envelope;
use super::task::{self, CustomFields, Task, TaskFields};
use super::{WRITE_TASKS_SCOPES, input};
use crate::adapters::prelude::*;

/// Change an Asana task. Only the given fields change; to move it use `add_task_to_section`, to complete it `complete_task`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateTask {
    /// The id (gid) of the task.
    task_id: String,
    /// The new name.
    name: Option<String>,
    /// The new description as plain text, which replaces the old one; empty to clear it.
    #[schemars(extend("x-multiline" = true, "x-clear" = "empty"))]
    notes: Option<String>,
    /// The new description in Asana's HTML, for example `<body>See <strong>this</strong></body>`. Cannot be combined with
    /// `notes`.
    #[schemars(extend("x-multiline" = true))]
    html_notes: Option<String>,
    /// The due date, for example `2026-11-23`; null to clear it. Cannot be combined with `dueAt`.
    #[serde(default, deserialize_with = "input::double_option")]
    #[schemars(extend("x-clear" = "null", "x-empty" = "refused"))]
    due_on: Option<Option<String>>,
    /// The due time, ISO 8601 with a zone, for example `2026-11-23T10:00:00Z`; null to clear it. Cannot be combined with `dueOn`.
    #[serde(default, deserialize_with = "input::double_option")]
    #[schemars(extend("x-clear" = "null", "x-empty" = "refused"))]
    due_at: Option<Option<String>>,
    /// The start date, for example `2026-11-20`; null to clear it. Requires `dueOn` or `dueAt`.
    #[serde(default, deserialize_with = "input::double_option")]
    #[schemars(extend("x-clear" = "null", "x-empty" = "refused"))]
    start_on: Option<Option<String>>,
    /// The assignee: `me`, an e-mail address or a user's id (gid); null to clear it.
    #[serde(default, deserialize_with = "input::double_option")]
    #[schemars(extend("x-clear" = "null"))]
    assignee_id: Option<Option<String>>,
    /// New values of custom fields, each under the field's id (gid); null clears one.
    custom_fields: Option<CustomFields>,
}

impl Action for UpdateTask {
    const META: Meta = Meta::idempotent("update_task", WRITE_TASKS_SCOPES)
        .example(r#"{"taskId": "1200000000000021", "name": "Draft the new landing page", "dueOn": "2026-12-01"}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        input::check_gid("taskId", &self.task_id)?;
        self.fields().check()?;
        match self.fields().to_body()?.is_empty() {
            true => Err(Error::invalid("", "must set at least one field, for example name")),
            false => Ok(()),
        }
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let body = json!({ "data": self.fields().to_body()? });
        // https://developers.asana.com/reference/updatetask
        let call = api
            .call(Method::PUT, &["api", "1.0", "tasks", &self.task_id])
            .query("opt_fields", task::FIELDS)
            .json(&body);
        Ok(call.send::<Envelope<Task>>().await?.data.into_output("The task was changed."))
    }
}

impl UpdateTask {
    fn fields(&self) -> TaskFields<'_> {
        TaskFields {
            name: self.name.as_deref(),
            notes: self.notes.as_deref(),
            html_notes: self.html_notes.as_deref(),
            due_on: self.due_on.as_ref().map(Option::as_deref),
            due_at: self.due_at.as_ref().map(Option::as_deref),
            start_on: self.start_on.as_ref().map(Option::as_deref),
            assignee_id: self.assignee_id.as_ref().map(Option::as_deref),
            custom_fields: self.custom_fields.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn changes_given_fields_and_clears_nulls() {
        let context = json!({ "taskId": "42", "name": "Ship", "notes": "", "dueOn": null, "startOn": null,
            "assigneeId": null, "customFields": { "8": null } });
        let (output, calls) = testing::run(&ADAPTER, "update_task", context, |_| {
            (200, json!({ "data": { "gid": "42", "name": "Ship", "permalink_url": "https://app.asana.com/0/0/42" } }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!((output.external_id.as_deref(), &output.data["name"]), (Some("42"), &json!("Ship")));
        assert_eq!(calls[0].line, "PUT /api/1.0/tasks/42");
        assert_eq!(calls[0].parameter("opt_fields"), task::FIELDS);
        assert_eq!(
            calls[0].body,
            json!({ "data": { "name": "Ship", "notes": "", "due_on": null, "start_on": null, "assignee": null,
                "custom_fields": { "8": null } } })
        );
    }

    #[tokio::test]
    async fn lost_response_can_be_repeated() {
        let context = json!({ "taskId": "42", "name": "Ship" });
        let (output, _) = testing::run(&ADAPTER, "update_task", context, |_| (500, Value::Null)).await;
        assert_eq!(testing::error_kind(&output), Kind::Repeatable);
    }

    #[test]
    fn rejects_invalid_or_empty_changes() {
        for (field, bad) in [
            ("taskId", json!("x")),
            ("name", json!("a\nb")),
            ("dueOn", json!("soon")),
            ("startOn", json!("2026-11-23")),
        ] {
            let mut context = json!({ "taskId": "42", "notes": "Soon" });
            context[field] = bad.clone();
            assert_eq!(testing::refusal(&ADAPTER, "update_task", context).0, format!("context.{field}"), "{bad}");
        }
        assert_eq!(testing::refusal(&ADAPTER, "update_task", json!({ "taskId": "42" })).0, "context");
    }
}
