//! A task: its requested fields, its output, and the fields that a caller sets.

use jiff::ToSpan;
use jiff::tz::TimeZone;

use super::custom_field::{self, CustomField, FieldPlace};
use super::custom_values::CustomFields;
use super::prelude::*;
use super::shown_text;

/// The requested fields of a created or changed task; by default Asana returns little more than the name. They exclude the
/// caller's text, which would be stored with the result.
pub(super) const FIELDS: &str = "name,completed,completed_at,created_at,modified_at,due_on,due_at,start_on,start_at,resource_subtype,\
    assignee.name,followers.name,tags.name,parent.name,num_subtasks,memberships.project.name,memberships.section.name,\
    workspace.name,permalink_url";

/// A time after which no task was completed. Unlike the current time it is the same for every page, as a cursor requires.
pub(super) const FAR_FUTURE: &str = "2100-01-01T00:00:00Z";

/// Returns the requested fields of a task that is read.
pub(super) fn detail_fields() -> String {
    format!("{FIELDS},notes,{}", custom_field::opt_fields("custom_fields", &custom_field::SHOWN))
}

/// Returns the requested fields of one task that is read: those of a list, the description with its markup, and the options of its
/// custom fields.
pub(super) fn whole_fields() -> String {
    format!("{},html_notes,custom_fields.enum_options.name,custom_fields.enum_options.enabled", detail_fields())
}

/// A task.
// As Asana returns it; serialized, it is our output.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Task {
    /// The id (gid).
    #[serde(rename(serialize = "id"))]
    gid: String,
    /// The name.
    name: Option<String>,
    /// The address at which a person can open it.
    #[serde(rename(serialize = "link"))]
    permalink_url: Option<String>,
    /// The description as plain text, where the task is read.
    notes: Option<String>,
    /// The description as Markdown, where one task is read and its description has markup.
    #[serde(skip_deserializing)]
    markdown: Option<String>,
    /// The same in Asana's HTML.
    html_notes: Option<String>,
    /// True if it is completed.
    completed: Option<bool>,
    /// The time of completion.
    completed_at: Option<Instant>,
    /// The time of creation.
    created_at: Option<Instant>,
    /// The time of the last change.
    modified_at: Option<Instant>,
    /// The due date.
    due_on: Option<Day>,
    /// The due time.
    due_at: Option<Instant>,
    /// The start date.
    start_on: Option<Day>,
    /// The start time.
    start_at: Option<Instant>,
    /// The type: `default_task`, `milestone`, `approval` or `section`.
    #[serde(rename(serialize = "type"))]
    resource_subtype: Option<String>,
    /// The assignee.
    assignee: Option<Ref>,
    /// The followers.
    #[serde(default)]
    followers: Vec<Ref>,
    /// The tags.
    #[serde(default)]
    tags: Vec<Ref>,
    /// The parent task.
    parent: Option<Ref>,
    /// The number of subtasks.
    num_subtasks: Option<u32>,
    /// The projects, with the section of each.
    #[serde(default)]
    memberships: Vec<Membership>,
    /// The workspace.
    workspace: Option<Ref>,
    /// The custom fields, where the task is read.
    custom_fields: Option<Vec<CustomField>>,
    /// Its author, where a lost effect is looked for.
    #[serde(skip_serializing)]
    created_by: Option<Ref>,
    /// The data that this app has stored with it.
    #[serde(skip_serializing)]
    external: Option<External>,
}

/// The data that an app has stored with a task: <https://developers.asana.com/docs/custom-external-data>
#[derive(Debug, Deserialize, JsonSchema)]
struct External {
    gid: Option<String>,
}

impl Task {
    /// True if this app has stored an id with it.
    pub(super) fn has_external_id(&self) -> bool {
        self.external.as_ref().is_some_and(|external| external.gid.is_some())
    }
}

/// A task's place in a project.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Membership {
    /// The project.
    project: Option<Ref>,
    /// The section.
    section: Option<Ref>,
}

/// The places of a task, by their ids, and its assignee.
pub(super) struct TaskPlace<'a> {
    pub(super) project: Option<&'a str>,
    pub(super) parent: Option<&'a str>,
    pub(super) assignee: Option<&'a str>,
    pub(super) workspace: Option<&'a str>,
}

impl Task {
    /// Returns where the task is.
    pub(super) fn place(&self) -> TaskPlace<'_> {
        TaskPlace {
            project: self.memberships.iter().find_map(|place| gid_of(place.project.as_ref())),
            parent: gid_of(self.parent.as_ref()),
            assignee: gid_of(self.assignee.as_ref()),
            workspace: gid_of(self.workspace.as_ref()),
        }
    }

    /// Adds the description as Markdown, if it has markup.
    pub(super) fn with_markdown(self) -> Self {
        let (markdown, html_notes) = shown_text::forms(self.html_notes);
        Self { markdown, html_notes, ..self }
    }
}

fn gid_of(record: Option<&Ref>) -> Option<&str> {
    record.map(|record| record.gid.as_str())
}

impl Listed for Task {
    const NOUN: &'static str = "task";
}

impl Record for Task {
    fn id(&self) -> &str {
        &self.gid
    }

    fn created_at(&self) -> Option<Instant> {
        self.created_at
    }

    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn link(&self) -> Option<&str> {
        self.permalink_url.as_deref()
    }

    fn author(&self) -> Option<&str> {
        self.created_by.as_ref().map(|author| author.gid.as_str())
    }
}

/// A task with the projects in which it is.
#[derive(Deserialize)]
struct InProjects {
    projects: Option<Vec<Ref>>,
}

/// Returns the projects of a task.
///
/// # Errors
/// A failure of the call.
pub(super) async fn projects(api: &Api<'_>, task: &str) -> Result<Vec<Ref>> {
    // https://developers.asana.com/reference/gettask
    let call = api.get(&["api", "1.0", "tasks", task]).exact().query("opt_fields", "projects.name");
    Ok(call.send::<Envelope<InProjects>>().await?.data.projects.unwrap_or_default())
}

/// A type of tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "lowercase"))]
#[schemars(inline)]
pub(super) enum TaskType {
    #[serde(rename(serialize = "default_task"))]
    Task,
    #[serde(rename(serialize = "milestone"))]
    Milestone,
}

/// The fields of a task that a caller sets, in Asana's names. Absent ones stay unchanged.
#[skip_serializing_none]
#[derive(Default, Serialize)]
pub(super) struct TaskFields<'a> {
    pub(super) name: Option<&'a Name>,
    pub(super) notes: Option<&'a Plain>,
    pub(super) html_notes: Option<String>,
    pub(super) due_on: Option<Day>,
    pub(super) due_at: Option<Instant>,
    pub(super) start_on: Option<Day>,
    pub(super) start_at: Option<Instant>,
    pub(super) resource_subtype: Option<TaskType>,
    /// Looked up.
    #[serde(skip)]
    pub(super) assignee: Option<&'a Person>,
    /// Looked up.
    #[serde(skip)]
    pub(super) custom_fields: Option<&'a CustomFields>,
}

impl TaskFields<'_> {
    /// Checks what crosses fields.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub(super) fn check(&self) -> Result<()> {
        if self.due_on.is_some() && self.due_at.is_some() {
            return Err(Error::invalid("dueAt", "cannot be combined with dueOn"));
        }
        self.check_start()
    }

    /// Checks the start: <https://developers.asana.com/reference/createtask>
    fn check_start(&self) -> Result<()> {
        if self.start_on.is_some() && self.start_at.is_some() {
            return Err(Error::invalid("startAt", "cannot be combined with startOn"));
        }
        if self.resource_subtype == Some(TaskType::Milestone) && (self.start_on.is_some() || self.start_at.is_some()) {
            let field = if self.start_on.is_some() { "startOn" } else { "startAt" };
            return Err(Error::invalid(field, "cannot be set for a milestone, which has only a due date"));
        }
        if self.start_on.is_some() && !self.has_due() {
            return Err(Error::invalid("startOn", "requires dueOn or dueAt"));
        }
        match (self.start_at, self.due_at) {
            (Some(_), None) => return Err(Error::invalid("startAt", "requires dueAt")),
            (Some(start), Some(due)) if start.0 > due.0 => {
                let reason = "must not be after dueAt, for example 2026-11-23T09:00:00Z before 2026-11-23T10:00:00Z";
                return Err(Error::invalid("startAt", reason));
            }
            _ => {}
        }
        // A time is a date of its own in each zone: none is more than a day behind that of UTC.
        let last_day = self.due_at.and_then(|due| due.0.to_zoned(TimeZone::UTC).date().checked_add(1.day()).ok());
        if self.start_on.zip(last_day).is_some_and(|(start, last)| start.0 > last) {
            return Err(Error::invalid("startOn", "must not be after dueAt"));
        }
        check_order(self.start_on, self.due_on)
    }

    /// Returns the fields in Asana's form. The assignee is looked up in the workspace, or in all of the account; the custom fields are those
    /// of the places.
    ///
    /// # Errors
    /// A person or a custom field that does not exist, or a failure of a look-up.
    pub(super) async fn to_body(
        &self,
        api: &Api<'_>,
        workspace: Option<&WorkspaceId>,
        places: &[FieldPlace<'_>],
    ) -> Result<Value> {
        let mut body = json!(self);
        if let Some(assignee) = self.assignee {
            body["assignee"] = json!(assignee.resolve(api, "assigneeId", workspace).await?);
        }
        if let Some(custom_fields) = self.custom_fields {
            body["custom_fields"] = custom_fields.resolve(api, places).await?;
        }
        Ok(body)
    }

    /// True if a due date or a due time is set.
    pub(super) fn has_due(&self) -> bool {
        self.due_on.is_some() || self.due_at.is_some()
    }
}

/// Checks that a start date is not after the due date.
///
/// # Errors
/// [`Error::Invalid`].
pub(super) fn check_order(start_on: Option<Day>, due_on: Option<Day>) -> Result<()> {
    match (start_on, due_on) {
        (Some(start), Some(due)) if start.0 > due.0 => {
            Err(Error::invalid("startOn", "must not be after dueOn, for example 2026-11-20 before 2026-11-23"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn task_output_has_every_field() {
        let task: Task = serde_json::from_value(json!({
            "gid": "99", "name": "Ship", "permalink_url": "https://app.asana.com/0/0/99", "completed": true,
            "completed_at": "2026-11-23T10:00:00.000Z", "due_on": "2026-11-24", "due_at": null, "num_subtasks": 2,
            "assignee": { "gid": "5", "name": "Ann" }, "tags": [{ "gid": "6" }],
            "memberships": [{ "project": { "gid": "42", "name": "Web" }, "section": { "gid": "43", "name": "To do" } }],
            "start_at": "2026-11-23T09:00:00.000Z", "resource_subtype": "default_task",
            "custom_fields": [{ "gid": "7", "name": "Estimate", "representation_type": "number", "display_value": "3" },
                { "gid": "8", "name": "Priority", "representation_type": "enum", "display_value": null, "enum_options": [
                    { "gid": "81", "name": "High", "enabled": true }, { "gid": "82", "name": "Old", "enabled": false }] }],
        }))
        .unwrap();
        let output = task.into_output("Read.");
        assert_eq!(
            json!(output.data),
            json!({
                "id": "99", "name": "Ship", "link": "https://app.asana.com/0/0/99", "completed": true,
                "completedAt": "2026-11-23T10:00:00Z", "dueOn": "2026-11-24",
                "assignee": { "id": "5", "name": "Ann" }, "followers": [], "tags": [{ "id": "6" }], "numSubtasks": 2,
                "memberships": [{ "project": { "id": "42", "name": "Web" }, "section": { "id": "43", "name": "To do" } }],
                "startAt": "2026-11-23T09:00:00Z", "type": "default_task",
                "customFields": [{ "id": "7", "name": "Estimate", "type": "number", "value": "3" },
                    { "id": "8", "name": "Priority", "type": "enum", "options": ["High"] }],
            })
        );
        assert_eq!(
            (output.external_id.as_deref(), output.link.as_deref()),
            (Some("99"), Some("https://app.asana.com/0/0/99"))
        );
    }

    #[test]
    fn the_fields_of_a_created_task_exclude_the_callers_text() {
        assert!(!FIELDS.contains("notes") && !FIELDS.contains("custom_fields"));
    }
}
