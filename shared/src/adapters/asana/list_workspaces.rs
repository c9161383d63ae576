//! `list_workspaces`: lists the workspaces of the account.

use super::READ_WORKSPACES_SCOPES;
use super::envelope::{self, Page};
use super::workspace::Workspace;
use crate::adapters::prelude::*;

/// List the Asana workspaces and organizations of the person.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListWorkspaces {
    /// Number of workspaces to return, 1 to 100; default 50.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// The `cursor` of the previous page, to continue from there.
    cursor: Option<String>,
}

impl Action for ListWorkspaces {
    const META: Meta = Meta::read("list_workspaces", READ_WORKSPACES_SCOPES);
    type Output = Value;

    fn check(&self) -> Result<()> {
        envelope::check_page(self.limit, self.cursor.as_deref())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.asana.com/reference/getworkspaces
        let call = api.get(&["api", "1.0", "workspaces"]).query("opt_fields", "name,is_organization");
        let page: Page<Workspace> = envelope::requested_page(api, call, self.limit, self.cursor.as_deref()).await?;
        Ok(page.into_output("workspace"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_a_page_of_workspaces() {
        let (output, calls) = testing::run(&ADAPTER, "list_workspaces", json!({ "limit": 3 }), |_| {
            (200, json!({ "data": [{ "gid": "7", "name": "Home", "is_organization": false }], "next_page": null }))
        })
        .await;
        assert_eq!(
            output.unwrap().data,
            json!({ "cursor": null, "workspaces": [{ "id": "7", "name": "Home", "isOrganization": false }] })
        );
        assert_eq!(calls[0].line, "GET /api/1.0/workspaces");
        assert_eq!((calls[0].parameter("limit"), calls[0].parameter("opt_fields")), ("3", "name,is_organization"));
    }

    #[test]
    fn rejects_an_invalid_limit() {
        assert_eq!(testing::refusal(&ADAPTER, "list_workspaces", json!({ "limit": 0 })).0, "context.limit");
    }
}
