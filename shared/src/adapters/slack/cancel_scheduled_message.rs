//! `cancel_scheduled_message`: cancels a message that Slack has not posted yet.

use super::channel::Channel;
use super::{WRITE_MESSAGES_SCOPES, has_code, scheduled_message};
use crate::adapters::prelude::*;
use crate::validate::check_text;

const MAX_ID_BYTES: usize = 64;

/// Cancel a message that the user's own agents scheduled in Slack, before it is posted. Slack rejects this in the last minute before its time.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CancelScheduledMessage {
    /// The channel it is scheduled for: its name (`general`, `#general`), its id or a link to it; or the person, by e-mail
    /// address or id.
    channel: Channel,
    /// Its `id`, as `schedule_message` and `list_scheduled_messages` return it, for example `Q1298393284`.
    #[serde(alias = "scheduledMessageId", alias = "scheduled_message_id")]
    #[schemars(extend("x-aliases" = ["scheduledMessageId", "scheduled_message_id"]))]
    id: String,
}

impl Action for CancelScheduledMessage {
    const META: Meta = Meta::idempotent("cancel_scheduled_message", WRITE_MESSAGES_SCOPES)
        .example(r#"{"channel": "general", "id": "Q0CENTURY01"}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        self.channel.check()?;
        check_text("id", &self.id, MAX_ID_BYTES)?;
        match self.id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            true => Ok(()),
            false => Err(Error::invalid("id", "must be the id of a scheduled message, for example Q1298393284")),
        }
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let channel = self.channel.resolve_to_post(api).await?;
        if scheduled_message::own_ids(api, std::slice::from_ref(&self.id)).await?.is_empty() {
            return Err(not_scheduled(api));
        }
        let body = json!({ "channel": channel.id, "scheduled_message_id": self.id });
        // https://docs.slack.dev/reference/methods/chat.deleteScheduledMessage
        let message = match api.post(&["api", "chat.deleteScheduledMessage"]).json(&body).send::<Value>().await {
            Ok(_) => "The scheduled message was cancelled.",
            // Slack has one code for unknown, cancelled and posted messages. Only an earlier attempt of this task can have
            // cancelled it for us; without one, nothing was cancelled, and the message may have been posted.
            Err(error) if has_code(&error, "invalid_scheduled_message_id") => {
                if !api.is_retry {
                    return Err(not_scheduled(api));
                }
                "The message is no longer scheduled."
            }
            Err(error) => return Err(channel.map_error(api, error)),
        };
        Ok(ActionOutput {
            message: message.to_owned(),
            data: json!({ "id": self.id, "channel": channel.id }),
            external_id: Some(self.id.clone()),
            link: None,
        })
    }
}

fn not_scheduled(api: &Api<'_>) -> Error {
    let text = "your agents have no such message scheduled: it was posted or cancelled before, or never scheduled; \
                list_scheduled_messages returns the scheduled ones";
    api.error(Kind::NotFound, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing;

    fn context() -> Value {
        json!({ "channel": "C0123456789", "id": "Q1" })
    }

    #[tokio::test]
    async fn cancels_a_pending_message() {
        let (output, calls) =
            testing::run(&ADAPTER, "cancel_scheduled_message", context(), |_| (200, json!({ "ok": true }))).await;
        let output = output.unwrap();
        assert_eq!(output.data, json!({ "id": "Q1", "channel": "C0123456789" }));
        assert_eq!(output.external_id.as_deref(), Some("Q1"));
        assert_eq!(calls[0].line, "POST /api/chat.deleteScheduledMessage");
        assert_eq!(calls[0].body, json!({ "channel": "C0123456789", "scheduled_message_id": "Q1" }));
    }

    #[tokio::test]
    async fn absent_message_counts_as_cancelled_only_on_a_retry() {
        let not_found = || json!({ "ok": false, "error": "invalid_scheduled_message_id" });
        testing::assert_absent_is_done_only_on_a_retry(
            &ADAPTER,
            "cancel_scheduled_message",
            context(),
            (200, not_found()),
        )
        .await;
    }

    #[test]
    fn rejects_a_missing_channel_or_blank_id() {
        let rejected = |context| testing::refusal(&ADAPTER, "cancel_scheduled_message", context).0;
        assert_eq!(rejected(json!({ "channel": "general", "id": " " })), "context.id");
        assert_eq!(rejected(json!({ "id": "Q1" })), "context.channel");
    }
}
