//! `create_project`: creates a project.

use super::custom_field::FieldPlace;
use super::custom_values::CustomFields;
use super::named_record::NamedRecord;
use super::prelude::*;
use super::project::{self, Project, View};
use super::texts::TextForms;
use super::{reconcile, task, team, workspace};

const CREATED_MESSAGE: &str = "The project was created.";

/// Create a project in Asana.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
pub(super) struct CreateProject {
    /// The project's name.
    name: Name,
    /// The workspace, by id (gid), link or name. Optional if the account has only one.
    #[serde(skip_serializing)]
    workspace_id: Option<WorkspaceId>,
    /// The team to share it with, by id (gid), link or name. Required in an organization with several teams.
    #[serde(skip_serializing)]
    team_id: Option<TeamId>,
    /// The description as plain text.
    #[serde(skip_serializing)]
    notes: Option<Plain>,
    /// The description as Markdown.
    #[serde(skip_serializing)]
    markdown: Option<Plain>,
    /// The description in Asana's HTML: `<body>See <strong>this</strong></body>`.
    #[serde(skip_serializing)]
    html_notes: Option<Html>,
    /// The project's default view.
    #[serde(rename(serialize = "default_view"))]
    view: Option<View>,
    /// The due date, for example `2026-11-23`.
    due_on: Option<Day>,
    /// The start date, for example `2026-11-20`. Requires `dueOn`.
    start_on: Option<Day>,
    /// Values of the project's own custom fields by name or id, for example `{"Priority": "High"}`.
    #[serde(skip_serializing)]
    custom_fields: Option<CustomFields>,
}

impl Action for CreateProject {
    const META: Meta = Meta::create("create_project", WRITE_PROJECTS_SCOPES)
        .reconciled_by("its workspace, name, time and owner", READ_PROJECTS_SCOPES)
        .example(r#"{"name": "Spring campaign", "view": "board", "dueOn": "2027-03-01"}"#);
    type Output = Project;

    fn check(&self) -> Result<()> {
        self.texts().check()?;
        match self.start_on.is_some() && self.due_on.is_none() {
            true => Err(Error::invalid("startOn", "requires dueOn")),
            false => task::check_order(self.start_on, self.due_on),
        }
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        let workspace = workspace::resolve(api, self.workspace_id.as_ref()).await?;
        self.team(api, &workspace.gid).await?;
        Ok([WorkspaceId::target_of(workspace)].into_iter().chain(self.texts().targets()).collect())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Project>> {
        let workspace = workspace::resolve(api, self.workspace_id.as_ref()).await?.gid;
        // Serialized, the input is the record in Asana's names.
        let mut body = json!(self);
        self.texts().write_to(&mut body, &[]);
        // Deprecated, and required in organizations: https://developers.asana.com/reference/createproject
        if let Some(team) = self.team(api, &workspace).await? {
            body["team"] = json!(team);
        }
        if let Some(custom_fields) = &self.custom_fields {
            body["custom_fields"] = custom_fields.resolve(api, &[FieldPlace::Workspace(&workspace)]).await?;
        }
        body["workspace"] = json!(workspace);
        // https://developers.asana.com/reference/createproject
        let call =
            api.post(&["api", "1.0", "projects"]).query("opt_fields", project::FIELDS).json(&json!({ "data": body }));
        let created = call.send::<Envelope<Project>>().await;
        ProjectId::forget_names(api);
        Ok(created?.data.into_output(CREATED_MESSAGE))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<Project>> {
        let workspace = workspace::resolve(api, self.workspace_id.as_ref()).await?;
        let owner = reconcile::own_id(api).await?;
        let record = NamedRecord {
            resource_type: "project",
            // https://developers.asana.com/reference/getprojects
            collection: "projects",
            fields: project::FIELDS,
            workspace: &workspace.gid,
            name: &self.name,
            owner: owner.as_deref(),
        };
        record.reconcile(api, CREATED_MESSAGE).await
    }
}

impl CreateProject {
    fn texts(&self) -> TextForms<'_> {
        TextForms::notes(self.notes.as_ref(), self.markdown.as_ref()).or_html(self.html_notes.as_ref())
    }

    /// Returns the team of the project, if it has one.
    async fn team(&self, api: &Api<'_>, workspace: &str) -> Result<Option<String>> {
        match &self.team_id {
            Some(team) => Ok(Some(team.resolve(api, "teamId", self.workspace_id.as_ref()).await?.gid)),
            None => team::of_new_project(api, workspace).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing::{self, SentRequest, Step, StepOutput};

    #[tokio::test]
    async fn creates_a_project() {
        let context = json!({ "name": "Web", "workspaceId": "7", "teamId": "8", "notes": "Soon", "view": "board",
            "dueOn": "2026-12-24", "startOn": "2026-11-24" });
        let (output, calls) = testing::run(&ADAPTER, "create_project", context, |_| {
            (201, json!({ "data": { "gid": "42", "name": "Web", "permalink_url": "https://app.asana.com/0/42" } }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!(
            (output.external_id.as_deref(), output.link.as_deref()),
            (Some("42"), Some("https://app.asana.com/0/42"))
        );
        assert_eq!(output.data["name"], "Web");
        assert_eq!(
            (calls[0].line.as_str(), calls[0].parameter("opt_fields")),
            ("POST /api/1.0/projects", project::FIELDS)
        );
        assert_eq!(
            calls[0].body,
            json!({ "data": { "name": "Web", "workspace": "7", "team": "8", "notes": "Soon", "default_view": "board",
                "due_on": "2026-12-24", "start_on": "2026-11-24" } })
        );
    }

    const NOW: &str = "2026-11-23T10:00:01.000Z";

    fn project(gid: &str, name: &str, at: &str, owner: Option<&str>) -> Value {
        json!({ "gid": gid, "name": name, "created_at": at, "owner": owner.map(|gid| json!({ "gid": gid })) })
    }

    /// Reconciles with these projects in the workspace, of which the typeahead suggests none or refuses to. `5` is the user.
    async fn reconcile(projects: Vec<Value>, suggests: Option<bool>) -> (StepOutput, Vec<SentRequest>) {
        let context = json!({ "name": "Web", "workspaceId": "7" });
        let provider = move |sent: &SentRequest| {
            Ok(match sent.line.rsplit_once('/').unwrap().1 {
                "me" => (200, json!({ "data": { "gid": "5" } })),
                "typeahead" if suggests.is_none() => (403, Value::Null),
                "typeahead" if suggests == Some(false) => (200, json!({ "data": [] })),
                "typeahead" | "projects" => (200, json!({ "data": projects })),
                gid => (200, json!({ "data": projects.iter().find(|project| project["gid"] == gid) })),
            })
        };
        let (result, calls) =
            testing::run_step(&ADAPTER, "create_project", None, Step::Reconcile, context, provider).await;
        (result.unwrap(), calls)
    }

    #[tokio::test]
    async fn the_typeahead_finds_it_at_once() {
        let old = project("40", "Web", "2026-11-22T10:00:01.000Z", Some("5"));
        let projects = vec![old, project("41", "Website", NOW, Some("5")), project("42", "Web", NOW, Some("5"))];
        let (found, calls) = reconcile(projects, Some(true)).await;
        assert_eq!(found.applied_id(), Some("42"));
        let lines: Vec<_> = calls.iter().map(|sent| sent.line.strip_prefix("GET /api/1.0/").unwrap()).collect();
        assert_eq!(lines, ["users/me", "workspaces/7/typeahead", "projects/40", "projects/42"]);
        let parameter = |name| calls[1].parameter(name);
        assert_eq!(["resource_type", "query", "count", "opt_fields"].map(parameter), ["project", "Web", "100", "name"]);
    }

    #[tokio::test]
    async fn reconciles_by_name_time_and_owner() {
        let not_applied = || Some(Reconciliation::NotApplied);
        let inconclusive = || Some(Reconciliation::Inconclusive);
        for suggests in [Some(true), Some(false), None] {
            for (projects, expected) in [
                (vec![project("41", "Other", NOW, Some("5")), project("42", "Web", NOW, Some("5"))], None),
                (vec![project("42", " Web", NOW, None)], None),
                (vec![project("41", "Web", NOW, Some("6")), project("42", "Web", NOW, Some("5"))], None),
                (vec![], not_applied()),
                (vec![project("42", "Web", "2026-11-23T09:00:00.000Z", Some("5"))], not_applied()),
                (vec![project("42", "Web", NOW, Some("6"))], inconclusive()),
                (vec![json!({ "gid": "42", "name": "Web" })], inconclusive()),
                (vec![project("41", "Web", NOW, None), project("42", "Web", NOW, None)], inconclusive()),
            ] {
                let (found, _) = reconcile(projects.clone(), suggests).await;
                match expected {
                    Some(expected) => assert_eq!(found, StepOutput::Reconciliation(expected), "{projects:?}"),
                    None => assert_eq!(found.applied_id(), Some("42"), "{projects:?} {suggests:?}"),
                }
            }
        }
        let (_, calls) = reconcile(vec![], Some(false)).await;
        assert_eq!((calls[2].line.as_str(), calls[2].parameter("workspace")), ("GET /api/1.0/projects", "7"));
    }

    #[test]
    fn a_start_needs_a_due_date_that_is_not_before_it() {
        for due_on in [Value::Null, json!("2026-11-23")] {
            let context = json!({ "name": "Web", "startOn": "2026-11-24", "dueOn": due_on });
            assert_eq!(testing::refusal(&ADAPTER, "create_project", context).0, "context.startOn");
        }
    }
}
