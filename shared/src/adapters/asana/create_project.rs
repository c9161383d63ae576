//! `create_project`: creates a project.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::envelope::Envelope;
use super::project::{self, Project};
use super::{READ_PROJECTS, WRITE_PROJECTS, input, reconcile, workspace};
use crate::adapters::action::{Action, ActionOutput, Effect, ReconcileBy, Reconciliation, Scopes};
use crate::adapters::api::Api;
use crate::error::{Error, Result};
use crate::validate::check_text;

const CREATED_MESSAGE: &str = "The project was created.";

/// Create a project in Asana.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateProject {
    /// The project's name.
    name: String,
    /// The id (gid) of the workspace; not needed when the account has only one.
    workspace_id: Option<String>,
    /// The id (gid) of the team to share it with. A workspace that is an organization may need it.
    team_id: Option<String>,
    /// A plain description.
    notes: Option<String>,
    /// How it is shown at first.
    view: Option<View>,
    /// The day it is due, as `2026-11-23`.
    due_on: Option<String>,
    /// The day work on it begins, as `2026-11-20`. Needs `dueOn` beside it.
    start_on: Option<String>,
}

/// How a project is shown.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum View {
    List,
    Board,
    Calendar,
    Timeline,
}

impl Action for CreateProject {
    const NAME: &'static str = "create_project";
    const SCOPES: Scopes = WRITE_PROJECTS;
    const EFFECT: Effect = Effect::Create;
    const RECONCILE_BY: Option<ReconcileBy> =
        Some(ReconcileBy { by: "its workspace, name and time", scopes: READ_PROJECTS });

    fn example() -> Value {
        json!({ "name": "Spring campaign", "view": "board", "dueOn": "2027-03-01" })
    }

    fn check(&self) -> Result<()> {
        check_text("name", &self.name, input::MAX_NAME_BYTES)?;
        input::check_optional_gids(&[("workspaceId", &self.workspace_id), ("teamId", &self.team_id)])?;
        input::check_optional_dates(&[("dueOn", &self.due_on), ("startOn", &self.start_on)])?;
        match self.start_on.is_some() && self.due_on.is_none() {
            true => Err(Error::invalid("startOn", "needs dueOn beside it")),
            false => Ok(()),
        }
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let mut body = json!({ "name": self.name });
        body["workspace"] = json!(workspace::resolve(api, self.workspace_id.as_deref()).await?);
        let fields =
            [("team", &self.team_id), ("notes", &self.notes), ("due_on", &self.due_on), ("start_on", &self.start_on)];
        for (name, value) in fields {
            if let Some(value) = value {
                body[name] = json!(value);
            }
        }
        if let Some(view) = &self.view {
            body["default_view"] = json!(view);
        }
        // https://developers.asana.com/reference/createproject
        let call =
            api.post(&["api", "1.0", "projects"]).query("opt_fields", project::FIELDS).json(&json!({ "data": body }));
        Ok(call.send::<Envelope<Project>>().await?.data.into_output(CREATED_MESSAGE))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation> {
        let workspace = workspace::resolve(api, self.workspace_id.as_deref()).await?;
        // https://developers.asana.com/reference/getprojects
        let query = [("workspace", workspace.as_str()), ("opt_fields", project::FIELDS)];
        let projects = reconcile::list_candidates::<Project>(api, &["api", "1.0", "projects"], &query).await?;
        let Some(projects) = projects else { return Ok(Reconciliation::Inconclusive) };
        let named = |project: &Project| project.name.as_ref() == Some(&self.name);
        Ok(reconcile::unique_candidate(projects.into_iter().filter(named), |project| {
            project.into_output(CREATED_MESSAGE)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing::{self, Step, StepOutput};

    #[tokio::test]
    async fn creates_a_project() {
        let context = json!({ "name": "Web", "workspaceId": "7", "teamId": "8", "notes": "Soon", "view": "board",
            "dueOn": "2026-12-24", "startOn": "2026-11-24" });
        let (done, calls) = testing::run(&ADAPTER, "create_project", context, |_| {
            (201, json!({ "data": { "gid": "42", "name": "Web", "permalink_url": "https://app.asana.com/0/42" } }))
        })
        .await;
        let done = done.unwrap();
        assert_eq!(
            (done.external_id.as_deref(), done.link.as_deref()),
            (Some("42"), Some("https://app.asana.com/0/42"))
        );
        assert_eq!(done.data["name"], "Web");
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

    #[tokio::test]
    async fn reconciles_by_name_and_time() {
        let ask = async |projects: Value| {
            let (asked, context) = (("create_project", None), json!({ "name": "Web", "workspaceId": "7" }));
            let provider = move |_: &testing::SentRequest| Ok((200, json!({ "data": projects })));
            testing::run_step(&ADAPTER, asked, Step::Reconcile, context, provider).await
        };
        let project = |gid: &str, name: &str, at: &str| json!({ "gid": gid, "name": name, "created_at": at });
        let now = "2026-11-23T10:00:01.000Z";
        let (found, calls) = ask(json!([project("41", "Other", now), project("42", "Web", now)])).await;
        assert!(
            matches!(found.unwrap(), StepOutput::Reconciliation(Reconciliation::Applied(done)) if done.external_id.as_deref() == Some("42"))
        );
        assert_eq!((calls[0].line.as_str(), calls[0].parameter("workspace")), ("GET /api/1.0/projects", "7"));
        let old = project("42", "Web", "2026-11-23T09:00:00.000Z");
        assert_eq!(ask(json!([old])).await.0.unwrap(), StepOutput::Reconciliation(Reconciliation::NotApplied));
        let ageless = json!({ "gid": "42", "name": "Web" });
        assert_eq!(ask(json!([ageless])).await.0.unwrap(), StepOutput::Reconciliation(Reconciliation::Inconclusive));
        let twice = json!([project("41", "Web", now), project("42", "Web", now)]);
        assert_eq!(ask(twice).await.0.unwrap(), StepOutput::Reconciliation(Reconciliation::Inconclusive));
    }

    #[test]
    fn rejects_invalid_projects() {
        for (field, bad) in [
            ("name", ""),
            ("workspaceId", "Home"),
            ("teamId", "Us"),
            ("view", "gantt"),
            ("dueOn", "soon"),
            ("startOn", "2026-11-24"),
        ] {
            let mut context = json!({ "name": "Web" });
            context[field] = json!(bad);
            assert_eq!(testing::refusal(&ADAPTER, "create_project", context).0, format!("context.{field}"), "{bad}");
        }
    }
}
