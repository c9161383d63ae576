//! `list_channels`: lists the workspace's channels.

use super::conversation::{Channel, ChannelKind, ConversationObject};
use super::page::{self, ResponseMetadata};
use super::{access, granted_types, user, workspace};
use crate::adapters::prelude::*;

/// List the channels of the Slack workspace: public ones, and private ones of which the person and the app are members. With a `type` also
/// the direct conversations of the person with the app, and those of groups with both.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListChannels {
    /// Only conversations of this type; by default public and private channels.
    #[serde(rename = "type")]
    kind: Option<ChannelKind>,
    /// Only channels the app is a member of, in which it can read and write.
    #[serde(default)]
    member_only: bool,
    /// True to include archived channels.
    #[serde(default)]
    #[schemars(extend("x-tier" = "all"))]
    include_archived: bool,
    /// Number of channels to return. Slack may return fewer before the end of the list.
    #[serde(default)]
    limit: Limit<100, 500>,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

#[derive(Deserialize)]
struct ChannelPage {
    channels: Vec<ConversationObject>,
    response_metadata: Option<ResponseMetadata>,
}

impl Action for ListChannels {
    /// The requested type decides which of them is needed.
    const META: Meta = Meta::read("list_channels", &[&["channels:read", "groups:read", "im:read", "mpim:read"]])
        .core()
        .example(r#"{"limit": 50}"#);
    type Output = List<Channel>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Channel>>> {
        // https://docs.slack.dev/reference/methods/users.conversations
        // https://docs.slack.dev/reference/methods/conversations.list
        let method = if self.member_only { "users.conversations" } else { "conversations.list" };
        let types = self.kind.map_or("public_channel,private_channel", ChannelKind::slack_type);
        let call = api.get(&["api", method]).query("exclude_archived", !self.include_archived);
        let call = workspace::name_in(api, call);
        let (page, _): (ChannelPage, u32) =
            granted_types::read(api, call, types, self.limit.get(), self.cursor.as_deref()).await?;
        let mut channels = page.channels.into_iter().map(|channel| channel.into_output(api)).collect();
        access::retain_visible(api, &mut channels).await?;
        user::learn_names(api, channels.iter().filter_map(Channel::person)).await;
        Ok(List::of(
            channels.into_iter().map(|channel| channel.with_known_name(api)),
            page::next_cursor(page.response_metadata),
        ))
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
            json!({ "cursor": "p2", "channels": [{ "id": "C1", "name": "general", "type": "public",
                "archived": false, "member": true, "memberCount": 4, "purpose": "Everything",
                "createdAt": "2017-11-30T23:52:30Z", "createdBy": { "id": "U1" } }] })
        );
        assert_eq!(calls[0].line, "GET /api/conversations.list");
        let sent: Vec<_> = calls[0].query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            sent,
            [
                ("exclude_archived", "true"),
                ("types", "public_channel,private_channel"),
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

    #[tokio::test]
    async fn direct_conversations_have_the_names_of_their_people() {
        let context = json!({ "type": "direct" });
        let (output, calls) = testing::run(&ADAPTER, "list_channels", context, |sent| match sent.line.as_str() {
            "GET /api/users.info" => (200, json!({ "ok": true, "user": { "id": "U1", "real_name": "Ann Lee" } })),
            _ => (200, json!({ "ok": true, "channels": [{ "id": "D1", "is_im": true, "user": "U1", "created": 1_512_085_950 }] })),
        })
        .await;
        assert_eq!(output.unwrap().data["channels"][0]["person"], json!({ "id": "U1", "name": "Ann Lee" }));
        assert_eq!(calls[0].parameter("types"), "im");
        assert_eq!(list(json!({ "type": "group" })).await.1[0].parameter("types"), "mpim");
    }
}
