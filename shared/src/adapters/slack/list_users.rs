//! `list_users`: lists the people of the workspace.

use super::page::{self, ResponseMetadata};
use super::person::{READ_USERS_SCOPES, User};
use crate::adapters::paging;
use crate::adapters::prelude::*;

const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 200;

/// List the people and bots of the Slack workspace, including deactivated ones. To find one person, `lookup_user_by_email` is
/// faster.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListUsers {
    /// Number of users to return, 1 to 200; default 100. Slack may return fewer before the end of the list.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u32>,
    /// The `cursor` of the previous page, to continue from there.
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct UserPage {
    members: Vec<User>,
    response_metadata: Option<ResponseMetadata>,
}

impl Action for ListUsers {
    const META: Meta = Meta::read("list_users", READ_USERS_SCOPES).example(r#"{"limit": 50}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        page::check_page(self.limit, MAX_LIMIT, self.cursor.as_deref())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://docs.slack.dev/reference/methods/users.list
        let (call, limit) = (api.get(&["api", "users.list"]), self.limit.unwrap_or(DEFAULT_LIMIT));
        let (list, _): (UserPage, u32) = page::read(api, call, limit, self.cursor.as_deref()).await?;
        let users = list.members.iter().map(User::to_json);
        Ok(paging::page_output("user", users, page::next_cursor(list.response_metadata)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_a_page_of_users() {
        let (output, calls) = testing::run(&ADAPTER, "list_users", json!({ "limit": 2, "cursor": "p2" }), |_| {
            let ann = json!({ "id": "U1", "name": "ann", "real_name": "Ann Lee", "deleted": false, "is_bot": false,
                "tz": "Europe/Amsterdam", "profile": { "display_name": "", "email": "ann@example.com", "title": "CFO" } });
            let members = json!([ann, { "id": "U2", "is_bot": true }]);
            (200, json!({ "ok": true, "members": members, "cache_ts": 1, "response_metadata": { "next_cursor": "" } }))
        })
        .await;
        assert_eq!(
            output.unwrap().data,
            json!({ "cursor": null, "users": [
                { "id": "U1", "name": "ann", "realName": "Ann Lee", "displayName": null, "email": "ann@example.com",
                    "title": "CFO", "timeZone": "Europe/Amsterdam", "bot": false, "deactivated": false },
                { "id": "U2", "name": null, "realName": null, "displayName": null, "email": null, "title": null,
                    "timeZone": null, "bot": true, "deactivated": false },
            ] })
        );
        assert_eq!(calls[0].line, "GET /api/users.list");
        assert_eq!((calls[0].parameter("limit"), calls[0].parameter("cursor")), ("2", "p2"));
    }

    #[test]
    fn rejects_invalid_limit_and_cursor() {
        for (field, bad) in [("limit", json!(201)), ("cursor", json!("a\nb"))] {
            assert_eq!(testing::refusal(&ADAPTER, "list_users", json!({ field: bad })).0, format!("context.{field}"));
        }
    }
}
