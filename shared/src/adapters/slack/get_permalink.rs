//! `get_permalink`: reads the link to a message.

use super::access::Use;
use super::channel::{Channel, ChannelRef};
use super::permalink;
use super::time::Ts;
use crate::adapters::prelude::*;

/// Get the link to a Slack message, at which a person opens it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetPermalink {
    channel: Channel,
    #[serde(alias = "timestamp")]
    #[schemars(extend("x-aliases" = ["timestamp"]))]
    ts: Ts,
}

/// A message and its link.
#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
pub(super) struct LinkedMessage {
    /// The `ts`, the message's id in its channel.
    ts: String,
    /// The channel.
    channel: ChannelRef,
    /// The address at which a person can open it.
    link: Option<String>,
}

impl Action for GetPermalink {
    /// None: <https://docs.slack.dev/reference/methods/chat.getPermalink>
    const META: Meta =
        Meta::read("get_permalink", &[]).example(r#"{"channel": "project-updates", "ts": "1735689600.000100"}"#);
    type Output = LinkedMessage;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<LinkedMessage>> {
        let channel = self.channel.resolve(api, Use::Read).await?.of_message(api, &self.ts)?;
        // https://docs.slack.dev/reference/methods/chat.getPermalink
        let link = permalink::read(api, &channel, &self.ts).await?;
        let output = LinkedMessage { ts: self.ts.to_string(), channel: channel.into_ref(), link };
        Ok(ActionOutput::new("The link was found.", output))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_the_link() {
        let context = json!({ "channel": "C0123456789", "ts": "1512085950.000216" });
        let link = "https://works.slack.com/archives/C0123456789/p1512085950000216";
        let (output, calls) = testing::run(&ADAPTER, "get_permalink", context.clone(), move |_| {
            (200, json!({ "ok": true, "channel": "C0123456789", "permalink": link }))
        })
        .await;
        let expected = json!({ "ts": "1512085950.000216", "channel": { "id": "C0123456789" }, "link": link });
        assert_eq!(output.unwrap().data, expected);
        assert_eq!(calls[0].line, "GET /api/chat.getPermalink");
        assert_eq!(
            (calls[0].parameter("channel"), calls[0].parameter("message_ts")),
            ("C0123456789", "1512085950.000216")
        );
        let absent = |_: &testing::SentRequest| (200, json!({ "ok": false, "error": "message_not_found" }));
        let (output, _) = testing::run(&ADAPTER, "get_permalink", context, absent).await;
        assert_eq!(testing::error_kind(&output), Kind::NotFound);
    }
}
