//! `update_project`: changes fields of a project.

use super::custom_field::FieldPlace;
use super::custom_values::CustomFields;
use super::prelude::*;
use super::project::{self, Project, View};
use super::task;
use super::texts::TextForms;

/// Change an Asana project: its name, description, dates, owner or view, or archive it. Only the given fields change.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
pub(super) struct UpdateProject {
    /// The project, by id (gid), link or name.
    #[serde(skip_serializing)]
    project_id: ProjectId,
    /// The new name.
    name: Option<Name>,
    /// The new description as plain text, which replaces the old one.
    #[serde(skip_serializing)]
    notes: Option<Plain>,
    /// The new description as Markdown.
    #[serde(skip_serializing)]
    markdown: Option<Plain>,
    /// The new description in Asana's HTML: `<body>See <strong>this</strong></body>`.
    #[serde(skip_serializing)]
    html_notes: Option<Html>,
    /// The due date, for example `2026-11-23`.
    due_on: Option<Day>,
    /// The start date, for example `2026-11-20`. Requires `dueOn`.
    start_on: Option<Day>,
    /// True to archive the project, false to bring it back.
    archived: Option<bool>,
    /// The new owner: `me`, an e-mail address, a user's id (gid) or name.
    #[serde(skip_serializing)]
    owner_id: Option<Person>,
    /// The project's default view.
    #[serde(rename(serialize = "default_view"))]
    view: Option<View>,
    /// New values of the project's own custom fields by name or id; null clears one.
    #[serde(skip_serializing)]
    custom_fields: Option<CustomFields>,
    /// The fields to clear. `startOn` is cleared only beside a new or a cleared due date.
    #[serde(skip_serializing)]
    clear: Option<Items<Clearable, 4>>,
}

/// A field of a project that can be cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
enum Clearable {
    DueOn,
    Notes,
    OwnerId,
    StartOn,
}

impl Action for UpdateProject {
    const META: Meta = Meta::idempotent("update_project", WRITE_PROJECTS_SCOPES)
        .overwrites("the old values of the given fields")
        .stores_checkpoint()
        .example(r#"{"projectId": "1200000000000010", "name": "Website relaunch 2", "dueOn": "2027-03-01"}"#);
    type Output = Project;

    fn check(&self) -> Result<()> {
        self.texts().check()?;
        if self.cleared().any(|field| self.is_set(field)) {
            let reason = "must not have a field that is also set, for example [\"dueOn\"] without dueOn";
            return Err(Error::invalid("clear", reason));
        }
        let clears = |field: Clearable| self.cleared().any(|cleared| cleared == field);
        if clears(Clearable::StartOn) && self.due_on.is_none() && !clears(Clearable::DueOn) {
            return Err(Error::invalid("clear", "with startOn requires dueOn, or dueOn in clear too"));
        }
        if self.start_on.is_some() && self.due_on.is_none() {
            return Err(Error::invalid("startOn", "requires dueOn"));
        }
        task::check_order(self.start_on, self.due_on)?;
        match self.to_body().as_object().is_some_and(serde_json::Map::is_empty)
            && self.owner_id.is_none()
            && self.custom_fields.is_none()
        {
            true => Err(Error::invalid("", "must set at least one field, for example name, or clear one")),
            false => Ok(()),
        }
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        let mut targets = vec![self.project_id.target(api, "projectId", None).await?];
        if let Some(owner) = &self.owner_id {
            targets.push(owner.target(api, "ownerId", None).await?);
        }
        targets.extend(self.texts().targets());
        Ok(targets)
    }

    /// Stores the project's id: its old name finds nothing once it has a new one.
    async fn prepare(&self, api: &Api<'_>) -> Result<Option<String>> {
        Ok(Some(self.project_id.resolve_anew(api, "projectId").await?))
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Project>> {
        let mut body = self.to_body();
        if let Some(owner) = &self.owner_id {
            body["owner"] = json!(owner.resolve(api, "ownerId", None).await?);
        }
        let id = match api.checkpoint {
            Some(id) => id.to_owned(),
            None => self.project_id.resolve_anew(api, "projectId").await?,
        };
        if let Some(custom_fields) = &self.custom_fields {
            body["custom_fields"] = custom_fields.resolve(api, &[FieldPlace::Project(&id)]).await?;
        }
        // https://developers.asana.com/reference/updateproject
        let call = api
            .call(Method::PUT, &["api", "1.0", "projects", &id])
            .query("opt_fields", project::FIELDS)
            .json(&json!({ "data": body }));
        let changed = call.send::<Envelope<Project>>().await;
        if self.name.is_some() || self.archived.is_some() {
            ProjectId::forget_names(api);
        }
        Ok(changed?.data.into_output("The project was changed."))
    }
}

impl UpdateProject {
    fn texts(&self) -> TextForms<'_> {
        TextForms::notes(self.notes.as_ref(), self.markdown.as_ref()).or_html(self.html_notes.as_ref())
    }

    fn cleared(&self) -> impl Iterator<Item = Clearable> {
        self.clear.iter().flat_map(|fields| fields.iter()).copied()
    }

    fn is_set(&self, field: Clearable) -> bool {
        match field {
            Clearable::DueOn => self.due_on.is_some(),
            Clearable::Notes => !self.texts().is_empty(),
            Clearable::OwnerId => self.owner_id.is_some(),
            Clearable::StartOn => self.start_on.is_some(),
        }
    }

    /// Returns the changes in Asana's names, but for the owner.
    fn to_body(&self) -> Value {
        // Serialized, the input has Asana's names.
        let mut body = json!(self);
        self.texts().write_to(&mut body, &[]);
        for field in self.cleared() {
            match field {
                Clearable::DueOn => body["due_on"] = Value::Null,
                // Asana documents no null for it.
                Clearable::Notes => body["notes"] = json!(""),
                Clearable::OwnerId => body["owner"] = Value::Null,
                Clearable::StartOn => body["start_on"] = Value::Null,
            }
        }
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn changes_and_clears_the_named_fields() {
        let context = json!({ "projectId": "42", "name": "Web", "markdown": "# **Soon**", "archived": true, "view": "board",
            "clear": ["dueOn", "startOn", "ownerId"] });
        let (output, calls) = testing::run(&ADAPTER, "update_project", context, |_| {
            (200, json!({ "data": { "gid": "42", "name": "Web" } }))
        })
        .await;
        assert_eq!(output.unwrap().data["name"], "Web");
        assert_eq!(
            (calls[0].line.as_str(), calls[0].parameter("opt_fields")),
            ("PUT /api/1.0/projects/42", project::FIELDS)
        );
        assert_eq!(
            calls[0].body["data"],
            json!({ "name": "Web", "html_notes": "<body><strong>Soon</strong></body>", "archived": true,
                "default_view": "board", "due_on": null, "start_on": null, "owner": null })
        );
    }

    #[test]
    fn rejects_invalid_or_empty_changes() {
        for (at, bad) in [
            ("context.startOn", json!({ "startOn": "2026-11-23" })),
            ("context.startOn", json!({ "startOn": "2026-11-23", "dueOn": "2026-11-20" })),
            ("context.clear", json!({ "clear": ["startOn"] })),
            ("context.clear", json!({ "clear": ["notes"], "markdown": "a" })),
            ("context.markdown", json!({ "markdown": "a", "notes": "b" })),
            ("context.htmlNotes", json!({ "htmlNotes": "<body><h1>a</h1></body>" })),
            ("context", json!({})),
        ] {
            let mut context = bad.clone();
            context["projectId"] = json!("42");
            assert_eq!(testing::refusal(&ADAPTER, "update_project", context).0, at, "{bad}");
        }
    }
}
