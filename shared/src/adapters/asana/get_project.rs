//! `get_project`: reads one project.

use super::prelude::*;
use super::project::{self, Project};

/// Read an Asana project: its description, dates, owner and team.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetProject {
    /// The project: its id (gid), link or name.
    project_id: ProjectId,
}

impl Action for GetProject {
    const META: Meta = Meta::read("get_project", READ_PROJECTS_SCOPES).example(r#"{"projectId": "1200000000000010"}"#);
    type Output = Project;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Project>> {
        let project = self.project_id.resolve(api, "projectId", None).await?.gid;
        // https://developers.asana.com/reference/getproject
        let call = api.get(&["api", "1.0", "projects", &project]).query("opt_fields", project::whole_fields());
        Ok(call.send::<Envelope<Project>>().await?.data.with_markdown().into_output("The project was read."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_the_project() {
        let (output, calls) = testing::run(&ADAPTER, "get_project", json!({ "projectId": "42" }), |_| {
            let html = "<body><strong>Soon</strong></body>";
            (200, json!({ "data": { "gid": "42", "name": "Web", "html_notes": html, "permalink_url": "https://app.asana.com/0/42" } }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!((output.external_id.as_deref(), &output.data["name"]), (Some("42"), &json!("Web")));
        assert_eq!(output.data["markdown"], "**Soon**");
        assert_eq!(output.link.as_deref(), Some("https://app.asana.com/0/42"));
        assert_eq!(calls[0].line, "GET /api/1.0/projects/42");
        assert_eq!(calls[0].query, [("opt_fields".to_owned(), project::whole_fields())]);
    }
}
