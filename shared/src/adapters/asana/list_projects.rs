//! `list_projects`: lists the projects of a workspace.

use super::prelude::*;
use super::project::{self, Project};
use super::workspace;

/// List the projects of an Asana workspace that the person can see.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListProjects {
    /// The workspace, by id (gid), link or name. Optional if the account has only one.
    workspace_id: Option<WorkspaceId>,
    /// True for archived projects only, false for active ones only; by default both.
    archived: Option<bool>,
    /// Number of projects to return.
    #[serde(default)]
    limit: PageLimit,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

impl Action for ListProjects {
    const META: Meta = Meta::read("list_projects", READ_PROJECTS_SCOPES).core().example(r#"{"archived": false}"#);
    type Output = List<Project>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Project>>> {
        let workspace = workspace::resolve(api, self.workspace_id.as_ref()).await?;
        // https://developers.asana.com/reference/getprojects
        let call = api
            .get(&["api", "1.0", "projects"])
            .query("workspace", workspace.gid)
            .query_opt("archived", self.archived)
            .query("opt_fields", project::detail_fields());
        envelope::list(api, call, self.limit, self.cursor.as_ref()).await
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
            json!({ "cursor": "p3", "projects": [{ "id": "42", "name": "Web", "link": "https://app.asana.com/0/42",
                "archived": true, "dueOn": "2026-12-24", "owner": { "id": "5", "name": "Ann" } }] })
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
}
