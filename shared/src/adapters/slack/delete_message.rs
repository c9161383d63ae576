//! `delete_message`: deletes a message of the app's.

use super::access::Use;
use super::channel::{Channel, ResolvedChannel};
use super::message::ChangedMessage;
use super::time::Ts;
use super::{WRITE_MESSAGES_SCOPES, authorship, has_code};
use crate::adapters::prelude::*;

/// Delete a Slack message that the user's own agents posted with `slack_send_message`. It cannot be restored.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeleteMessage {
    channel: Channel,
    #[serde(alias = "timestamp")]
    #[schemars(extend("x-aliases" = ["timestamp"]))]
    ts: Ts,
}

impl Action for DeleteMessage {
    const META: Meta = Meta::idempotent("delete_message", WRITE_MESSAGES_SCOPES)
        .overwrites("the message")
        .example(r#"{"channel": "project-updates", "ts": "1735689600.000100"}"#);
    type Output = ChangedMessage;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        self.channel.targets(api, Use::Post, Some(&self.ts)).await
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ChangedMessage>> {
        let channel = self.channel.resolve(api, Use::Post).await?.of_message(api, &self.ts)?;
        match self.delete(api, &channel).await {
            Err(error) if is_absent(&error) && api.was_deleted_before(&error) => {}
            deleted => deleted?,
        }
        Ok(ChangedMessage::new(channel, &*self.ts).into_output("The message was deleted."))
    }
}

impl DeleteMessage {
    async fn delete(&self, api: &Api<'_>, channel: &ResolvedChannel) -> Result<()> {
        authorship::check_own(api, channel, &self.ts).await?;
        let body = json!({ "channel": channel.id, "ts": self.ts });
        // https://docs.slack.dev/reference/methods/chat.delete
        let deleted: Result<Value> = api.post(&["api", "chat.delete"]).json(&body).send().await;
        deleted.map(drop).map_err(|error| channel.map_error(api, error))
    }
}

/// True for the codes of a message that does not exist, when it is read and when it is deleted.
fn is_absent(error: &Error) -> bool {
    has_code(error, "thread_not_found") || has_code(error, "message_not_found")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn deletes_a_message() {
        let context = || json!({ "channel": "C0123456789", "ts": "1512085960.000100" });
        let deleted = json!({ "ok": true, "channel": "C0123456789", "ts": "1512085960.000100" });
        let (output, calls) =
            testing::run(&ADAPTER, "delete_message", context(), move |_| (200, deleted.clone())).await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "channel": { "id": "C0123456789" }, "ts": "1512085960.000100",
                "createdAt": "2017-11-30T23:52:40.0001Z" })
        );
        assert_eq!(output.external_id.as_deref(), Some("1512085960.000100"));
        assert_eq!(calls[0].line, "POST /api/chat.delete");
        assert_eq!(calls[0].body, context());
        let absent = json!({ "ok": false, "error": "message_not_found" });
        testing::assert_absent_is_done_only_on_a_retry(&ADAPTER, "delete_message", context(), (200, absent)).await;
    }

    #[tokio::test]
    async fn other_errors_are_failures() {
        for (code, kind) in [("cant_delete_message", Kind::Forbidden), ("channel_not_found", Kind::NotFound)] {
            let context = json!({ "channel": "C0123456789", "ts": "1512085960.000100" });
            let response = json!({ "ok": false, "error": code });
            let (output, _) = testing::run(&ADAPTER, "delete_message", context, move |_| (200, response.clone())).await;
            assert_eq!(testing::error_kind(&output), kind);
        }
    }
}
