//! `delete_message`: deletes a message of the app's.

use super::channel::{Channel, ResolvedChannel};
use super::{WRITE_MESSAGES_SCOPES, authorship, has_code, time};
use crate::adapters::prelude::*;

/// Delete a message that the user's own agents posted to Slack with `send_message`. It cannot be restored. Messages of other people and
/// apps, and those that others posted with this app, cannot be deleted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeleteMessage {
    /// The channel of the message: its name (`general`, `#general`), its id or a link to it. For a direct message the person,
    /// by e-mail address or id.
    channel: Channel,
    /// The `ts` of the message, such as `1512085950.000216`.
    #[serde(alias = "timestamp")]
    #[schemars(extend("x-aliases" = ["timestamp"]))]
    ts: String,
}

impl Action for DeleteMessage {
    const META: Meta = Meta::idempotent("delete_message", WRITE_MESSAGES_SCOPES)
        .example(r#"{"channel": "project-updates", "ts": "1735689600.000100"}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        self.channel.check()?;
        time::check_ts("ts", &self.ts)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let channel = self.channel.resolve_to_post(api).await?;
        match self.delete(api, &channel).await {
            Err(error) if is_absent(&error) && api.was_deleted_before(&error) => {}
            deleted => deleted?,
        }
        Ok(ActionOutput {
            message: "The message was deleted.".to_owned(),
            data: json!({ "channel": channel.id, "ts": self.ts }),
            external_id: Some(self.ts.clone()),
            link: None,
        })
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
        assert_eq!(output.data, context());
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

    #[test]
    fn rejects_a_missing_or_invalid_ts() {
        let rejected = |context| testing::refusal(&ADAPTER, "delete_message", context).0;
        assert_eq!(rejected(json!({ "channel": "general", "ts": "yesterday" })), "context.ts");
        assert_eq!(rejected(json!({ "channel": "general" })), "context.ts");
    }
}
