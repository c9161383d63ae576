//! `list_teams`: lists the teams of an organization.

use super::prelude::*;
use super::team::{self, Team};
use super::workspace;

/// List the teams of an Asana workspace that is an organization. A new project there belongs to one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListTeams {
    /// The workspace, by id (gid), link or name. Optional if the account has only one.
    workspace_id: Option<WorkspaceId>,
    /// Number of teams to return.
    #[serde(default)]
    limit: PageLimit,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

impl Action for ListTeams {
    const META: Meta = Meta::read("list_teams", READ_TEAMS_SCOPES).example(r#"{"limit": 20}"#);
    type Output = List<Team>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Team>>> {
        let workspace = workspace::resolve(api, self.workspace_id.as_ref()).await?.gid;
        // https://developers.asana.com/reference/getteamsforworkspace
        let call = api.get(&["api", "1.0", "workspaces", &workspace, "teams"]).query("opt_fields", team::FIELDS);
        envelope::list(api, call, self.limit, self.cursor.as_ref()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_a_page_of_teams() {
        let (output, calls) = testing::run(&ADAPTER, "list_teams", json!({ "workspaceId": "7" }), |_| {
            let team = json!({ "gid": "6", "name": "Design", "visibility": "public",
                "organization": { "gid": "7", "name": "Home" }, "permalink_url": "https://app.asana.com/0/team/6" });
            (200, json!({ "data": [team], "next_page": null }))
        })
        .await;
        assert_eq!(
            output.unwrap().data,
            json!({ "teams": [{ "id": "6", "name": "Design", "visibility": "public",
                "organization": { "id": "7", "name": "Home" }, "link": "https://app.asana.com/0/team/6" }] })
        );
        assert_eq!(calls[0].line, "GET /api/1.0/workspaces/7/teams");
        assert_eq!((calls[0].parameter("limit"), calls[0].parameter("opt_fields")), ("50", team::FIELDS));
    }
}
