//! `list_users`: lists the people of the workspace.

use super::page::{self, ResponseMetadata};
use super::user::{READ_USERS_SCOPES, User, UserObject};
use super::workspace;
use crate::adapters::prelude::*;

/// List the people and bots of the Slack workspace, including deactivated ones. To find one by e-mail address, use `slack_user_info`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListUsers {
    /// Number of users to return. Slack may return fewer before the end of the list.
    #[serde(default)]
    limit: Limit<100, 200>,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

#[derive(Deserialize)]
struct UserPage {
    members: Vec<UserObject>,
    response_metadata: Option<ResponseMetadata>,
}

impl Action for ListUsers {
    const META: Meta = Meta::read("list_users", READ_USERS_SCOPES).core().example(r#"{"limit": 50}"#);
    type Output = List<User>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<User>>> {
        // https://docs.slack.dev/reference/methods/users.list
        let call = workspace::name_in(api, api.get(&["api", "users.list"]));
        let (page, _): (UserPage, u32) = page::read(api, call, self.limit.get(), self.cursor.as_deref()).await?;
        let users = page.members.into_iter().map(|user| user.into_output(api));
        Ok(List::of(users, page::next_cursor(page.response_metadata)))
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
            json!({ "users": [
                { "id": "U1", "name": "Ann Lee", "realName": "Ann Lee", "username": "ann", "email": "ann@example.com",
                    "title": "CFO", "timeZone": "Europe/Amsterdam", "bot": false, "deactivated": false },
                { "id": "U2", "bot": true, "deactivated": false },
            ] })
        );
        assert_eq!(calls[0].line, "GET /api/users.list");
        assert_eq!((calls[0].parameter("limit"), calls[0].parameter("cursor")), ("2", "p2"));
    }
}
