//! `list_channels`: lists the workspace's channels.

use super::channel_name::ChannelPage;
use super::conversation::Conversation;
use super::{LIST_CHANNELS_SCOPES, access, page};
use crate::adapters::paging;
use crate::adapters::prelude::*;

const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 500;

/// List the channels of the Slack workspace: all public ones, and those private ones of which both the connected person and the app
/// are members.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListChannels {
    /// Only public or only private channels; by default both.
    #[serde(rename = "type")]
    kind: Option<Kind>,
    /// Only channels the app is a member of, in which it can read and write.
    #[serde(default)]
    member_only: bool,
    /// True to include archived channels.
    #[serde(default)]
    include_archived: bool,
    /// Number of channels to return, 1 to 500; default 100. Slack may return fewer before the end of the list.
    #[schemars(range(min = 1, max = 500))]
    limit: Option<u32>,
    /// The `cursor` of the previous page, to continue from there.
    cursor: Option<String>,
}

/// The visibility of a channel.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Kind {
    /// Visible to everyone in the workspace.
    Public,
    /// Visible to its members.
    Private,
}

impl Action for ListChannels {
    const META: Meta = Meta::read("list_channels", LIST_CHANNELS_SCOPES).example(r#"{"limit": 50}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        page::check_page(self.limit, MAX_LIMIT, self.cursor.as_deref())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://docs.slack.dev/reference/methods/users.conversations
        // https://docs.slack.dev/reference/methods/conversations.list
        let method = if self.member_only { "users.conversations" } else { "conversations.list" };
        let types = match self.kind {
            Some(Kind::Public) => "public_channel",
            Some(Kind::Private) => "private_channel",
            None => "public_channel,private_channel",
        };
        let call = api.get(&["api", method]).query("types", types).query("exclude_archived", !self.include_archived);
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        let (mut list, _): (ChannelPage, u32) = page::read(api, call, limit, self.cursor.as_deref()).await?;
        access::retain_visible(api, &mut list.channels).await?;
        let channels = list.channels.iter().map(Conversation::to_json);
        Ok(paging::page_output("channel", channels, page::next_cursor(list.response_metadata)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing;

    async fn list(context: Value) -> (Value, Vec<testing::SentRequest>) {
        let (output, calls) = testing::run(&ADAPTER, "list_channels", context, |_| {
            let general = json!({ "id": "C1", "name": "general", "is_private": false, "is_archived": false,
                "is_member": true, "num_members": 4, "created": 1_512_085_950, "creator": "U1",
                "topic": { "value": "" }, "purpose": { "value": "Everything" } });
            (200, json!({ "ok": true, "channels": [general], "response_metadata": { "next_cursor": "p2" } }))
        })
        .await;
        (output.unwrap().data, calls)
    }

    #[tokio::test]
    async fn returns_a_page_of_channels() {
        let (data, calls) = list(json!({ "limit": 5, "cursor": "p1" })).await;
        assert_eq!(
            data,
            json!({ "cursor": "p2", "channels": [{ "id": "C1", "name": "general", "type": "public", "user": null,
                "archived": false, "member": true, "members": 4, "topic": null, "purpose": "Everything",
                "createdAt": "2017-11-30T23:52:30Z" }] })
        );
        assert_eq!(calls[0].line, "GET /api/conversations.list");
        let sent: Vec<_> = calls[0].query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            sent,
            [
                ("types", "public_channel,private_channel"),
                ("exclude_archived", "true"),
                ("limit", "5"),
                ("cursor", "p1")
            ]
        );
    }

    #[tokio::test]
    async fn member_only_and_type_select_method_and_types() {
        let (_, calls) = list(json!({ "type": "private", "memberOnly": true, "includeArchived": true })).await;
        assert_eq!(calls[0].line, "GET /api/users.conversations");
        assert_eq!((calls[0].parameter("types"), calls[0].parameter("exclude_archived")), ("private_channel", "false"));
    }

    #[test]
    fn rejects_invalid_limit_cursor_and_type() {
        for (field, bad) in [("limit", json!(501)), ("cursor", json!("a\nb")), ("type", json!("im"))] {
            let rejected = testing::refusal(&ADAPTER, "list_channels", json!({ field: bad })).0;
            assert_eq!(rejected, format!("context.{field}"));
        }
    }
}
