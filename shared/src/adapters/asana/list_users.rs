//! `list_users`: lists the people of a workspace.

use super::prelude::*;

/// List the people of an Asana workspace, or of all the person's workspaces.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListUsers {
    /// The workspace: its id (gid), link or name; by default all of the person's workspaces.
    workspace_id: Option<WorkspaceId>,
    /// Number of users to return.
    #[serde(default)]
    limit: PageLimit,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

/// A user.
// As Asana returns it; serialized, it is our output.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub(super) struct User {
    /// The id (gid).
    #[serde(rename(serialize = "id"))]
    gid: String,
    /// The name.
    name: Option<String>,
    /// The e-mail address.
    email: Option<String>,
}

impl Action for ListUsers {
    const META: Meta = Meta::read("list_users", READ_USERS_SCOPES).example(r#"{"workspaceId": "1200000000000001"}"#);
    type Output = List<User>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<User>>> {
        let workspace = match &self.workspace_id {
            Some(workspace) => Some(workspace.resolve(api, "workspaceId").await?.gid),
            None => None,
        };
        // https://developers.asana.com/reference/getusers
        let call =
            api.get(&["api", "1.0", "users"]).query_opt("workspace", workspace).query("opt_fields", "name,email");
        envelope::list(api, call, self.limit, self.cursor.as_ref()).await
    }
}

impl Listed for User {
    const NOUN: &'static str = "user";
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
                { "id": "5", "name": "Ann", "email": "ann@example.com" }, { "id": "6", "name": "Guest" } ] })
        );
        assert_eq!(calls[0].line, "GET /api/1.0/users");
        assert_eq!((calls[0].parameter("workspace"), calls[0].parameter("offset")), ("7", "p2"));
        assert_eq!(calls[0].parameter("opt_fields"), "name,email");
    }
}
