//! `list_users`: lists the people and bots of the workspace.

use super::NO_SCOPES;
use super::list::{self, PageLimit};
use super::user::User;
use crate::adapters::prelude::*;

/// List the people and bots of the Notion workspace, with the ids that people properties accept. Guests are not listed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListUsers {
    /// Number of users to return.
    #[serde(default)]
    limit: PageLimit,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

impl Action for ListUsers {
    const META: Meta = Meta::read("list_users", NO_SCOPES).example(r#"{"limit": 10}"#);
    type Output = List<User>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<User>>> {
        // https://developers.notion.com/reference/get-users
        let call = api.get(&["v1", "users"]);
        let users = list::requested_get::<Value>(api, call, self.limit, self.cursor.as_ref()).await?;
        Ok(users.into_output(|user| User::of(&user)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_people_and_bots() {
        let (output, calls) = testing::run(&ADAPTER, "list_users", json!({ "limit": 2 }), |_| {
            (
                200,
                json!({ "object": "list", "has_more": true, "next_cursor": "p2", "results": [
                    { "object": "user", "id": "u1", "type": "person", "name": "Ann", "avatar_url": "https://a.example/a.png",
                        "person": { "email": "ann@example.com" } },
                    { "object": "user", "id": "b1", "type": "bot", "name": "Us", "avatar_url": null, "bot": {} },
                ] }),
            )
        })
        .await;
        assert_eq!(
            output.unwrap().data,
            json!({ "cursor": "p2", "users": [
                { "id": "u1", "type": "person", "name": "Ann", "email": "ann@example.com",
                    "avatarUrl": "https://a.example/a.png" },
                { "id": "b1", "type": "bot", "name": "Us" },
            ] })
        );
        assert_eq!(calls[0].line, "GET /v1/users");
        assert_eq!(calls[0].query, [("page_size".to_owned(), "2".to_owned())]);
    }
}
