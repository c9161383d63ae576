//! `get_reactions`: reads who reacted to a message.

use super::access::Use;
use super::channel::{Channel, ChannelRef};
use super::person::PersonRef;
use super::time::Ts;
use crate::adapters::prelude::*;

/// Read the reactions to a Slack message with the people who added each. `slack_user_info` and `slack_list_users` name them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetReactions {
    channel: Channel,
    #[serde(alias = "timestamp")]
    #[schemars(extend("x-aliases" = ["timestamp"]))]
    ts: Ts,
}

#[derive(Deserialize)]
struct Response {
    message: ReactedMessage,
}

/// The message; without `reactions` it has none.
#[derive(Deserialize)]
struct ReactedMessage {
    #[serde(default)]
    reactions: Vec<ReactionObject>,
    permalink: Option<String>,
}

#[derive(Deserialize)]
struct ReactionObject {
    name: String,
    count: Option<u32>,
    #[serde(default)]
    users: Vec<String>,
}

/// A message and its reactions.
#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
pub(super) struct ReactionsOfMessage {
    /// The `ts`, the message's id in its channel.
    ts: String,
    /// The channel.
    channel: ChannelRef,
    /// The reactions.
    reactions: Vec<ReactionOfPeople>,
    /// The address at which a person can open the message.
    link: Option<String>,
}

/// An emoji and the people who reacted with it.
#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
pub(super) struct ReactionOfPeople {
    /// The name of the emoji.
    name: String,
    /// The number of people.
    count: Option<u32>,
    /// The people.
    people: Vec<PersonRef>,
}

impl Action for GetReactions {
    const META: Meta = Meta::read("get_reactions", &[&["reactions:read"]])
        .example(r#"{"channel": "project-updates", "ts": "1735689600.000100"}"#);
    type Output = ReactionsOfMessage;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ReactionsOfMessage>> {
        let channel = self.channel.resolve(api, Use::Read).await?.of_message(api, &self.ts)?;
        // Without `full` Slack leaves people out.
        // https://docs.slack.dev/reference/methods/reactions.get
        let call = api
            .get(&["api", "reactions.get"])
            .query("channel", &channel.id)
            .query("timestamp", &*self.ts)
            .query("full", true);
        let Response { message } = call.send().await.map_err(|error| channel.map_error(api, error))?;
        let reactions = message.reactions.into_iter().map(|reaction| ReactionOfPeople {
            name: reaction.name,
            count: reaction.count,
            people: reaction.users.into_iter().map(|id| PersonRef::of(api, id)).collect(),
        });
        let output = ReactionsOfMessage {
            ts: self.ts.to_string(),
            channel: channel.into_ref(),
            reactions: reactions.collect(),
            link: message.permalink,
        };
        Ok(ActionOutput::new("The reactions were found.", output))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing;

    async fn read(response: Value) -> (Result<ActionOutput>, Vec<testing::SentRequest>) {
        let context = json!({ "channel": "C0123456789", "ts": "1512085950.000216" });
        testing::run(&ADAPTER, "get_reactions", context, move |_| (200, response.clone())).await
    }

    #[tokio::test]
    async fn returns_each_emoji_with_its_people() {
        let message = json!({ "ts": "1512085950.000216", "text": "Hi", "permalink": "https://works.slack.com/x",
            "reactions": [{ "name": "grinning", "users": ["U1", "U2"], "count": 2 }] });
        let (output, calls) =
            read(json!({ "ok": true, "type": "message", "channel": "C0123456789", "message": message })).await;
        assert_eq!(
            output.unwrap().data,
            json!({ "ts": "1512085950.000216", "channel": { "id": "C0123456789" }, "link": "https://works.slack.com/x",
                "reactions": [{ "name": "grinning", "count": 2, "people": [{ "id": "U1" }, { "id": "U2" }] }] })
        );
        assert_eq!(calls[0].line, "GET /api/reactions.get");
        assert_eq!((calls[0].parameter("timestamp"), calls[0].parameter("full")), ("1512085950.000216", "true"));
        let bare = json!({ "ok": true, "type": "message", "message": { "ts": "1512085950.000216" } });
        assert_eq!(read(bare).await.0.unwrap().data["reactions"], json!([]));
    }

    #[tokio::test]
    async fn provider_errors_map_to_their_kinds() {
        for (code, kind) in [
            ("bad_timestamp", Kind::Invalid),
            ("channel_not_found", Kind::NotFound),
            ("message_not_found", Kind::NotFound),
            ("missing_scope", Kind::MissingScope),
        ] {
            assert_eq!(testing::error_kind(&read(json!({ "ok": false, "error": code })).await.0), kind, "{code}");
        }
    }
}
