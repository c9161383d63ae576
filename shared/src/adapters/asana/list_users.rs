//! `list_users`: lists the people of a workspace.

use super::envelope::{self, Page};
use super::{READ_USERS_SCOPES, input};
use crate::adapters::prelude::*;

/// List the people of an Asana workspace, or of all the person's workspaces.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListUsers {
    /// The id (gid) of the workspace; by default all of the person's workspaces.
    workspace_id: Option<String>,
    /// Number of users to return, 1 to 100; default 50.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// The `cursor` of the previous page, to continue from there.
    cursor: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct User {
    #[serde(rename(serialize = "id"))]
    gid: String,
    name: Option<String>,
    email: Option<String>,
}

impl Action for ListUsers {
    const META: Meta = Meta::read("list_users", READ_USERS_SCOPES).example(r#"{"workspaceId": "1200000000000001"}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        input::check_optional_gids(&[("workspaceId", &self.workspace_id)])?;
        envelope::check_page(self.limit, self.cursor.as_deref())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.asana.com/reference/getusers
        let call = api
            .get(&["api", "1.0", "users"])
            .query_opt("workspace", self.workspace_id.as_deref())
            .query("opt_fields", "name,email");
        let page: Page<User> = envelope::requested_page(api, call, self.limit, self.cursor.as_deref()).await?;
        Ok(page.into_output("user"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_a_page_of_users() {
        let context = json!({ "workspaceId": "7", "cursor": "p2" });
        let (output, calls) = testing::run(&ADAPTER, "list_users", context, |_| {
            let ann = json!({ "gid": "5", "name": "Ann", "email": "ann@example.com", "resource_type": "user" });
            (200, json!({ "data": [ann, { "gid": "6", "name": "Guest" }], "next_page": { "offset": "p3" } }))
        })
        .await;
        assert_eq!(
            output.unwrap().data,
            json!({ "cursor": "p3", "users": [
                { "id": "5", "name": "Ann", "email": "ann@example.com" }, { "id": "6", "name": "Guest", "email": null } ] })
        );
        assert_eq!(calls[0].line, "GET /api/1.0/users");
        assert_eq!((calls[0].parameter("workspace"), calls[0].parameter("offset")), ("7", "p2"));
        assert_eq!(calls[0].parameter("opt_fields"), "name,email");
    }

    #[test]
    fn rejects_an_invalid_workspace() {
        assert_eq!(testing::refusal(&ADAPTER, "list_users", json!({ "workspaceId": "Home" })).0, "context.workspaceId");
    }
}
