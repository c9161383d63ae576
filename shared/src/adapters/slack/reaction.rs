//! A reaction, an emoji beside a message: the common part of `add_reaction` and `remove_reaction`.

use super::access::Use;
use super::channel::{Channel, ChannelRef};
use super::emoji::Emoji;
use super::time::Ts;
use crate::adapters::prelude::*;

/// The scopes for adding and removing reactions.
pub(super) const WRITE_REACTIONS_SCOPES: Scopes = &[&["reactions:write"]];

/// The context of both actions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct Reaction {
    channel: Channel,
    #[serde(alias = "timestamp")]
    #[schemars(extend("x-aliases" = ["timestamp"]))]
    ts: Ts,
    #[serde(alias = "name")]
    #[schemars(extend("x-aliases" = ["name"]))]
    emoji: Emoji,
}

/// A reaction that was added or removed, as output.
#[derive(Serialize, JsonSchema)]
pub(super) struct ChangedReaction {
    /// The `ts` of the message.
    ts: String,
    /// The channel.
    channel: ChannelRef,
    /// The emoji's name.
    emoji: String,
}

impl Reaction {
    /// Returns the channel and the message.
    ///
    /// # Errors
    /// As [`Channel::resolve`].
    pub(super) async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        self.channel.targets(api, Use::Read, Some(&self.ts)).await
    }

    /// Calls the method that adds or removes the reaction.
    ///
    /// # Errors
    /// A failure of the provider.
    pub(super) async fn call_method(
        &self,
        api: &Api<'_>,
        method: &str,
        message: &str,
    ) -> Result<ActionOutput<ChangedReaction>> {
        let channel = self.channel.resolve(api, Use::Read).await?.of_message(api, &self.ts)?;
        let body = json!({ "channel": channel.id, "timestamp": self.ts, "name": self.emoji.name() });
        let response: Result<Value> = api.post(&["api", method]).json(&body).send().await;
        response.map_err(|error| channel.map_error(api, error))?;
        let (ts, emoji) = (self.ts.to_string(), self.emoji.name().to_owned());
        Ok(ActionOutput::new(message, ChangedReaction { ts, channel: channel.into_ref(), emoji }).with_id(&*self.ts))
    }
}

/// The common tests of both actions.
#[cfg(test)]
pub(super) mod testing {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    async fn react(intent: &str, response: Value) -> (Result<ActionOutput>, Vec<SentRequest>) {
        let context = json!({ "channel": "C0123456789", "ts": "1512085960.000100", "emoji": ":thumbsup:" });
        testing::run(&ADAPTER, intent, context, move |_| (200, response.clone())).await
    }

    /// Asserts the request, and that the code for an unchanged state counts as success.
    pub(in super::super) async fn assert_unchanged_state_succeeds(intent: &str, method: &str, already: &str) {
        for response in [json!({ "ok": true }), json!({ "ok": false, "error": already })] {
            let (output, calls) = react(intent, response).await;
            let output = output.unwrap();
            let expected =
                json!({ "channel": { "id": "C0123456789" }, "ts": "1512085960.000100", "emoji": "thumbsup" });
            assert_eq!((output.data, output.external_id.as_deref()), (expected, Some("1512085960.000100")));
            assert_eq!(calls[0].line, format!("POST /api/{method}"));
            let body = json!({ "channel": "C0123456789", "timestamp": "1512085960.000100", "name": "thumbsup" });
            assert_eq!(calls[0].body, body);
        }
    }

    /// Asserts the error kinds of codes of Slack's.
    pub(in super::super) async fn assert_error_kinds<const N: usize>(intent: &str, codes: [(&str, Kind); N]) {
        for (code, kind) in codes {
            let (output, _) = react(intent, json!({ "ok": false, "error": code })).await;
            assert_eq!(testing::error_kind(&output), kind, "{code}");
        }
    }
}
