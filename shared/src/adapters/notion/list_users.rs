//! `list_users`: lists the people and bots of the workspace.

use super::NO_SCOPES;
use super::list::{self, List};
use crate::adapters::prelude::*;

/// List the people and bots of the Notion workspace, with the ids that people properties accept. Guests are not listed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListUsers {
    /// Number of users to return, 1 to 100; default 25.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// The `cursor` of the previous page, to continue from there.
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct User {
    id: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    name: Option<String>,
    avatar_url: Option<String>,
    #[serde(default)]
    person: Value,
}

impl Action for ListUsers {
    const META: Meta = Meta::read("list_users", NO_SCOPES).example(r#"{"limit": 10}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        list::check(self.limit, self.cursor.as_deref())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.notion.com/reference/get-users
        let call = api.get(&["v1", "users"]);
        let users: List<User> = list::requested_get(api, call, self.limit, self.cursor.as_deref()).await?;
        Ok(users.to_output("user", user_json))
    }
}

/// Returns a user as output; the address is present if the connection has access to it.
fn user_json(user: &User) -> Value {
    json!({
        "id": user.id,
        "type": user.kind,
        "name": user.name,
        "email": user.person["email"],
        "avatarUrl": user.avatar_url,
    })
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
                { "id": "b1", "type": "bot", "name": "Us", "email": null, "avatarUrl": null },
            ] })
        );
        assert_eq!(calls[0].line, "GET /v1/users");
        assert_eq!(calls[0].query, [("page_size".to_owned(), "2".to_owned())]);
    }

    #[test]
    fn refuses_invalid_limits_and_cursors() {
        let refused = |context| testing::refusal(&ADAPTER, "list_users", context).0;
        assert_eq!(refused(json!({ "limit": 0 })), "context.limit");
        assert_eq!(refused(json!({ "cursor": "a\nb" })), "context.cursor");
    }
}
