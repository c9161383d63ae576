//! `list_projects`: lists the projects of a workspace.

use super::envelope::{self, Page};
use super::project::{self, ProjectDetails};
use super::{READ_PROJECTS_SCOPES, input, workspace};
use crate::adapters::prelude::*;

/// List the projects of an Asana workspace that the person can see.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListProjects {
    /// The id (gid) of the workspace. Optional if the account has only one.
    workspace_id: Option<String>,
    /// True for archived projects only, false for active ones only; by default both.
    archived: Option<bool>,
    /// Number of projects to return, 1 to 100; default 50.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// The `cursor` of the previous page, to continue from there.
    cursor: Option<String>,
}

impl Action for ListProjects {
    const META: Meta = Meta::read("list_projects", READ_PROJECTS_SCOPES).example(r#"{"archived": false}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        input::check_optional_gids(&[("workspaceId", &self.workspace_id)])?;
        envelope::check_page(self.limit, self.cursor.as_deref())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let workspace = workspace::resolve(api, self.workspace_id.as_deref()).await?;
        // https://developers.asana.com/reference/getprojects
        let call = api
            .get(&["api", "1.0", "projects"])
            .query("workspace", workspace)
            .query_opt("archived", self.archived)
            .query("opt_fields", project::detail_fields());
        let page: Page<ProjectDetails> =
            envelope::requested_page(api, call, self.limit, self.cursor.as_deref()).await?;
        Ok(page.into_output("project"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_a_page_of_projects() {
        let context = json!({ "workspaceId": "7", "archived": true, "limit": 1, "cursor": "p2" });
        let (output, calls) = testing::run(&ADAPTER, "list_projects", context, |_| {
            let project = json!({ "gid": "42", "name": "Web", "permalink_url": "https://app.asana.com/0/42",
                "archived": true, "owner": { "gid": "5", "name": "Ann" }, "due_on": "2026-12-24" });
            (200, json!({ "data": [project], "next_page": { "offset": "p3" } }))
        })
        .await;
        assert_eq!(
            output.unwrap().data,
            json!({ "cursor": "p3", "projects": [{ "id": "42", "name": "Web", "url": "https://app.asana.com/0/42",
                "notes": null, "archived": true, "completed": null, "createdAt": null, "modifiedAt": null,
                "dueOn": "2026-12-24", "startOn": null, "owner": { "id": "5", "name": "Ann" }, "team": null,
                "workspace": null }] })
        );
        assert_eq!(calls[0].line, "GET /api/1.0/projects");
        let query: Vec<_> = calls[0].query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            query,
            [
                ("workspace", "7"),
                ("archived", "true"),
                ("opt_fields", project::detail_fields().as_str()),
                ("limit", "1"),
                ("offset", "p2")
            ]
        );
    }

    #[test]
    fn rejects_invalid_workspace_and_limit() {
        for (field, bad) in [("workspaceId", json!("Home")), ("limit", json!(101))] {
            let rejected = testing::refusal(&ADAPTER, "list_projects", json!({ field: bad }));
            assert_eq!(rejected.0, format!("context.{field}"));
        }
    }
}
