//! `pin_message`: pins a message to its channel.

use super::access::Use;
use super::channel::Channel;
use super::message::ChangedMessage;
use super::time::Ts;
use crate::adapters::prelude::*;

/// Pin a Slack message to its channel, for everyone in it. A second call changes nothing.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PinMessage {
    channel: Channel,
    #[serde(alias = "timestamp")]
    #[schemars(extend("x-aliases" = ["timestamp"]))]
    ts: Ts,
}

impl Action for PinMessage {
    const META: Meta = Meta::idempotent("pin_message", &[&["pins:write"]])
        .example(r#"{"channel": "project-updates", "ts": "1735689600.000100"}"#);
    type Output = ChangedMessage;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        self.channel.targets(api, Use::Read, Some(&self.ts)).await
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ChangedMessage>> {
        let channel = self.channel.resolve(api, Use::Read).await?.of_message(api, &self.ts)?;
        let body = json!({ "channel": channel.id, "timestamp": self.ts });
        // https://docs.slack.dev/reference/methods/pins.add
        let response: Result<Value> = api.post(&["api", "pins.add"]).json(&body).send().await;
        response.map_err(|error| channel.map_error(api, error))?;
        Ok(ChangedMessage::new(channel, &*self.ts).into_linked_output(api, "The message was pinned."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing;

    async fn pin(response: Value) -> (Result<ActionOutput>, Vec<testing::SentRequest>) {
        let context = json!({ "channel": "C0123456789", "ts": "1512085960.000100" });
        testing::run(&ADAPTER, "pin_message", context, move |_| (200, response.clone())).await
    }

    #[tokio::test]
    async fn pinned_message_counts_as_success() {
        for response in [json!({ "ok": true }), json!({ "ok": false, "error": "already_pinned" })] {
            let (output, calls) = pin(response).await;
            let output = output.unwrap();
            assert_eq!(output.data["channel"], json!({ "id": "C0123456789" }));
            assert_eq!(output.external_id.as_deref(), Some("1512085960.000100"));
            assert_eq!(calls[0].line, "POST /api/pins.add");
            assert_eq!(calls[0].body, json!({ "channel": "C0123456789", "timestamp": "1512085960.000100" }));
        }
    }

    #[tokio::test]
    async fn provider_errors_map_to_their_kinds() {
        for (code, kind) in [("message_not_found", Kind::NotFound), ("too_many_pins", Kind::Invalid)] {
            assert_eq!(testing::error_kind(&pin(json!({ "ok": false, "error": code })).await.0), kind);
        }
    }
}
