//! `unpin_message`: removes a message from the pins of its channel.

use super::access::Use;
use super::channel::Channel;
use super::message::ChangedMessage;
use super::time::Ts;
use crate::adapters::prelude::*;

/// Unpin a Slack message from its channel, for everyone in it. The message remains. A second call changes nothing.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UnpinMessage {
    channel: Channel,
    #[serde(alias = "timestamp")]
    #[schemars(extend("x-aliases" = ["timestamp"]))]
    ts: Ts,
}

impl Action for UnpinMessage {
    const META: Meta = Meta::idempotent("unpin_message", &[&["pins:write"]])
        .overwrites("the pin")
        .example(r#"{"channel": "project-updates", "ts": "1735693200.000100"}"#);
    type Output = ChangedMessage;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        self.channel.targets(api, Use::Read, Some(&self.ts)).await
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ChangedMessage>> {
        let channel = self.channel.resolve(api, Use::Read).await?.of_message(api, &self.ts)?;
        let body = json!({ "channel": channel.id, "timestamp": self.ts });
        // https://docs.slack.dev/reference/methods/pins.remove
        let response: Result<Value> = api.post(&["api", "pins.remove"]).json(&body).send().await;
        response.map_err(|error| channel.map_error(api, error))?;
        Ok(ChangedMessage::new(channel, &*self.ts).into_linked_output(api, "The message is not pinned."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing;

    async fn unpin(response: Value) -> (Result<ActionOutput>, Vec<testing::SentRequest>) {
        let context = json!({ "channel": "C0123456789", "ts": "1512085960.000100" });
        testing::run(&ADAPTER, "unpin_message", context, move |_| (200, response.clone())).await
    }

    #[tokio::test]
    async fn message_without_a_pin_counts_as_success() {
        for response in [
            json!({ "ok": true }),
            json!({ "ok": false, "error": "no_pin" }),
            json!({ "ok": false, "error": "not_pinned" }),
        ] {
            let (output, calls) = unpin(response).await;
            let output = output.unwrap();
            assert_eq!(output.data["channel"], json!({ "id": "C0123456789" }));
            assert_eq!(output.external_id.as_deref(), Some("1512085960.000100"));
            assert_eq!(calls[0].line, "POST /api/pins.remove");
            assert_eq!(calls[0].body, json!({ "channel": "C0123456789", "timestamp": "1512085960.000100" }));
        }
    }

    #[tokio::test]
    async fn provider_errors_map_to_their_kinds() {
        let codes = [
            ("bad_timestamp", Kind::Invalid),
            ("channel_not_found", Kind::NotFound),
            ("message_not_found", Kind::NotFound),
            ("restricted_action", Kind::Forbidden),
        ];
        for (code, kind) in codes {
            assert_eq!(testing::error_kind(&unpin(json!({ "ok": false, "error": code })).await.0), kind, "{code}");
        }
    }
}
