//! `list_members`: lists the members of a channel.

use super::access::{MemberPage, Use};
use super::channel::SharedChannel;
use super::page;
use super::person::PersonRef;
use crate::adapters::prelude::*;

/// List the members of a Slack channel by id. `slack_user_info` and `slack_list_users` name them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListMembers {
    channel: SharedChannel,
    /// Number of members to return.
    #[serde(default)]
    limit: Limit<100, 500>,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

impl Action for ListMembers {
    /// The channel's type, which only Slack knows, decides which of them is needed.
    const META: Meta = Meta::read("list_members", &[&["channels:read", "groups:read", "im:read", "mpim:read"]])
        .example(r#"{"channel": "general"}"#);
    type Output = List<PersonRef>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<PersonRef>>> {
        let channel = self.channel.resolve(api, Use::Read).await?;
        // https://docs.slack.dev/reference/methods/conversations.members
        let call = api.get(&["api", "conversations.members"]).query("channel", &channel.id);
        let read = page::read(api, call, self.limit.get(), self.cursor.as_deref()).await;
        let (page, _): (MemberPage, u32) = read.map_err(|error| channel.map_error(api, error))?;
        let members = page.members.into_iter().map(|id| PersonRef::of(api, id));
        Ok(List::of(members, page::next_cursor(page.response_metadata)))
    }
}

impl Listed for PersonRef {
    const NOUN: &'static str = "member";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_a_page_of_members() {
        let context = json!({ "channel": "C0123456789", "limit": 2, "cursor": "p2" });
        let (output, calls) = testing::run(&ADAPTER, "list_members", context, |_| {
            (200, json!({ "ok": true, "members": ["U1", "U2"], "response_metadata": { "next_cursor": "p3" } }))
        })
        .await;
        assert_eq!(output.unwrap().data, json!({ "members": [{ "id": "U1" }, { "id": "U2" }], "cursor": "p3" }));
        assert_eq!(calls[0].line, "GET /api/conversations.members");
        assert_eq!((calls[0].parameter("limit"), calls[0].parameter("cursor")), ("2", "p2"));
    }
}
