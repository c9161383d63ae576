//! `list_workspaces`: lists the workspaces of the account.

use super::prelude::*;

/// List the Asana workspaces and organizations of the person.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListWorkspaces {
    /// Number of workspaces to return.
    #[serde(default)]
    limit: PageLimit,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

/// A workspace.
// As Asana returns it; serialized, it is our output.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Workspace {
    /// The id (gid).
    #[serde(rename(serialize = "id"))]
    gid: String,
    /// The name.
    name: Option<String>,
    /// True if it is an organization.
    is_organization: Option<bool>,
}

impl Action for ListWorkspaces {
    const META: Meta = Meta::read("list_workspaces", READ_WORKSPACES_SCOPES);
    type Output = List<Workspace>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Workspace>>> {
        // https://developers.asana.com/reference/getworkspaces
        let call = api.get(&["api", "1.0", "workspaces"]).query("opt_fields", "name,is_organization");
        envelope::list(api, call, self.limit, self.cursor.as_ref()).await
    }
}

impl Listed for Workspace {
    const NOUN: &'static str = "workspace";
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
            json!({ "workspaces": [{ "id": "7", "name": "Home", "isOrganization": false }] })
        );
        assert_eq!(calls[0].line, "GET /api/1.0/workspaces");
        assert_eq!((calls[0].parameter("limit"), calls[0].parameter("opt_fields")), ("3", "name,is_organization"));
    }
}
