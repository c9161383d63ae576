//! A task: its requested fields, its output, and the fields that a caller sets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value, json};
use std::collections::BTreeMap;

use super::envelope::Ref;
use super::input;
use crate::adapters::action::ActionOutput;
use crate::error::{Error, Result};
use crate::validate::check_text;

/// The requested fields of a created or changed task; by default Asana returns little more than the name. They exclude the
/// caller's text, which would be stored with the result.
pub(super) const FIELDS: &str = "name,completed,completed_at,created_at,modified_at,due_on,due_at,start_on,\
    assignee.name,followers.name,tags.name,parent.name,num_subtasks,memberships.project.name,memberships.section.name,\
    workspace.name,permalink_url";

/// Returns the requested fields of a task that is read.
pub(super) fn detail_fields() -> String {
    format!("{FIELDS},notes,custom_fields.name,custom_fields.display_value")
}

/// A task as Asana returns it; serialized, it is our output.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Task {
    #[serde(rename(serialize = "id"))]
    gid: String,
    name: Option<String>,
    #[serde(rename(serialize = "url"))]
    permalink_url: Option<String>,
    completed: Option<bool>,
    completed_at: Option<String>,
    created_at: Option<String>,
    modified_at: Option<String>,
    due_on: Option<String>,
    due_at: Option<String>,
    start_on: Option<String>,
    assignee: Option<Ref>,
    #[serde(default)]
    followers: Vec<Ref>,
    #[serde(default)]
    tags: Vec<Ref>,
    parent: Option<Ref>,
    num_subtasks: Option<u32>,
    #[serde(default)]
    memberships: Vec<Membership>,
    workspace: Option<Ref>,
}

/// A task with its description and custom fields.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct TaskDetails {
    #[serde(flatten)]
    task: Task,
    notes: Option<String>,
    #[serde(default)]
    custom_fields: Vec<CustomField>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Membership {
    project: Option<Ref>,
    section: Option<Ref>,
}

#[derive(Debug, Deserialize, Serialize)]
struct CustomField {
    #[serde(rename(serialize = "id"))]
    gid: String,
    name: Option<String>,
    #[serde(rename(serialize = "value"))]
    display_value: Option<String>,
}

impl Task {
    /// Returns the task as output.
    pub(super) fn into_output(self, message: &str) -> ActionOutput {
        ActionOutput {
            message: message.to_owned(),
            data: json!(self),
            external_id: Some(self.gid),
            link: self.permalink_url,
        }
    }
}

impl TaskDetails {
    /// Returns the task as output.
    pub(super) fn into_output(self, message: &str) -> ActionOutput {
        ActionOutput { data: json!(self), ..self.task.into_output(message) }
    }

    /// Returns the creation time, in Asana's format.
    pub(super) fn created_at(&self) -> Option<&str> {
        self.task.created_at.as_deref()
    }
}

/// The value of a custom field.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(untagged, expecting = "must be a string, a number or a list of strings, for example 3.5")]
#[schemars(inline, extend("x-form" = "a text, a number or a list of texts"))]
pub(super) enum FieldValue {
    /// A text, a date such as `2026-11-23`, or the id (gid) of an option.
    #[schemars(extend("x-multiline" = true))]
    Text(String),
    /// A number.
    Number(Number),
    /// The ids (gids) of several options or people.
    Several(Vec<String>),
}

/// Custom fields by their ids; null clears one.
pub(super) type CustomFields = BTreeMap<String, Option<FieldValue>>;

/// The fields of a task that a caller sets. `None` leaves a field unchanged; `Some(None)` clears it.
#[derive(Default)]
pub(super) struct TaskFields<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) notes: Option<&'a str>,
    pub(super) html_notes: Option<&'a str>,
    pub(super) due_on: Option<Option<&'a str>>,
    pub(super) due_at: Option<Option<&'a str>>,
    pub(super) start_on: Option<Option<&'a str>>,
    pub(super) assignee_id: Option<Option<&'a str>>,
    pub(super) custom_fields: Option<&'a CustomFields>,
}

impl TaskFields<'_> {
    /// Checks what the types do not express.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub(super) fn check(&self) -> Result<()> {
        if let Some(name) = self.name {
            check_text("name", name, input::MAX_NAME_BYTES)?;
        }
        if self.notes.is_some_and(|notes| !notes.is_empty()) && self.html_notes.is_some() {
            return Err(Error::invalid("htmlNotes", "cannot be combined with notes"));
        }
        if self.html_notes.is_some_and(|html| !(html.starts_with("<body>") && html.ends_with("</body>"))) {
            return Err(Error::invalid(
                "htmlNotes",
                "must be <body>...</body>, for example <body>See <strong>this</strong></body>",
            ));
        }
        if let Some(Some(assignee)) = self.assignee_id {
            input::check_person("assigneeId", assignee)?;
        }
        for field in self.custom_fields.iter().flat_map(|fields| fields.keys()) {
            input::check_gid("customFields", field)?;
        }
        self.check_dates()
    }

    fn check_dates(&self) -> Result<()> {
        if self.due_on.flatten().is_some() && self.due_at.flatten().is_some() {
            return Err(Error::invalid("dueAt", "cannot be combined with dueOn"));
        }
        if self.start_on.is_some() && self.due_on.is_none() && self.due_at.is_none() {
            return Err(Error::invalid("startOn", "requires dueOn or dueAt"));
        }
        for (field, day) in [("dueOn", self.due_on), ("startOn", self.start_on)] {
            if let Some(Some(day)) = day {
                input::parse_date(field, day)?;
            }
        }
        if let Some(Some(instant)) = self.due_at {
            input::parse_timestamp("dueAt", instant)?;
        }
        Ok(())
    }

    /// Returns the fields in Asana's names.
    ///
    /// # Errors
    /// [`Error::Invalid`], as [`TaskFields::check`].
    pub(super) fn to_body(&self) -> Result<Map<String, Value>> {
        let utc = |text: &str| input::parse_timestamp("dueAt", text).map(|instant| instant.to_string());
        // A field that is cleared beside its alternative with a value is that of a model that fills in every field.
        let due_on = self.due_on.filter(|due_on| due_on.is_some() || self.due_at.flatten().is_none());
        let due_at = self.due_at.filter(|due_at| due_at.is_some() || self.due_on.flatten().is_none());
        let notes = self.notes.filter(|notes| !notes.is_empty() || self.html_notes.is_none());
        let due_at = due_at.map(|due_at| due_at.map(utc).transpose()).transpose()?;
        let fields = [
            ("name", self.name.map(Value::from)),
            ("notes", notes.map(Value::from)),
            ("html_notes", self.html_notes.map(Value::from)),
            ("due_on", due_on.map(Value::from)),
            ("due_at", due_at.map(Value::from)),
            ("start_on", self.start_on.map(Value::from)),
            ("assignee", self.assignee_id.map(Value::from)),
            ("custom_fields", self.custom_fields.map(|fields| json!(fields))),
        ];
        let set_fields = fields.into_iter().filter_map(|(name, value)| value.map(|value| (name.to_owned(), value)));
        Ok(set_fields.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn task_output_has_every_field() {
        let task: TaskDetails = serde_json::from_value(json!({
            "gid": "99", "name": "Ship", "permalink_url": "https://app.asana.com/0/0/99", "completed": true,
            "completed_at": "2026-11-23T10:00:00.000Z", "due_on": "2026-11-24", "num_subtasks": 2,
            "assignee": { "gid": "5", "name": "Ann" }, "tags": [{ "gid": "6" }],
            "memberships": [{ "project": { "gid": "42", "name": "Web" }, "section": { "gid": "43", "name": "To do" } }],
            "custom_fields": [{ "gid": "7", "name": "Estimate", "display_value": "3" }],
        }))
        .unwrap();
        let output = task.into_output("Read.");
        assert_eq!(
            output.data,
            json!({
                "id": "99", "name": "Ship", "url": "https://app.asana.com/0/0/99", "notes": null, "completed": true,
                "completedAt": "2026-11-23T10:00:00.000Z", "createdAt": null, "modifiedAt": null, "dueOn": "2026-11-24",
                "dueAt": null, "startOn": null, "assignee": { "id": "5", "name": "Ann" }, "followers": [],
                "tags": [{ "id": "6" }], "parent": null, "numSubtasks": 2, "workspace": null,
                "memberships": [{ "project": { "id": "42", "name": "Web" }, "section": { "id": "43", "name": "To do" } }],
                "customFields": [{ "id": "7", "name": "Estimate", "value": "3" }],
            })
        );
        assert_eq!(
            (output.external_id.as_deref(), output.link.as_deref()),
            (Some("99"), Some("https://app.asana.com/0/0/99"))
        );
    }

    #[test]
    fn output_excludes_caller_text() {
        let task: Task = serde_json::from_value(json!({ "gid": "99", "notes": "Soon", "custom_fields": [] })).unwrap();
        let data = task.into_output("Created.").data;
        assert_eq!((data.get("notes"), data.get("customFields")), (None, None));
    }

    #[test]
    fn omitted_fields_are_not_sent_and_null_clears() {
        let set_fields = TaskFields {
            notes: Some(""),
            due_at: Some(Some("2026-11-24T12:00:00+02:00")),
            assignee_id: Some(None),
            ..TaskFields::default()
        };
        assert_eq!(
            Value::Object(set_fields.to_body().unwrap()),
            json!({ "notes": "", "due_at": "2026-11-24T10:00:00Z", "assignee": null })
        );
    }
}
