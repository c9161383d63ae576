//! `get_attachment`: reads an attachment of a message.

use super::READ_SCOPES;
use super::id::{Id, PartId};
use super::message;
use super::part::Part;
use crate::adapters::files::{self, FileOutput, NewFile};
use crate::adapters::prelude::*;

/// Read an attachment of an e-mail: its name, type and size, and its `file`, which other actions take.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetAttachment {
    /// The e-mail's `id`, as `gmail_fetch_emails` returns it.
    message_id: Id,
    /// The attachment's `id` in the list that `gmail_get_email` returns, for example `0.2`.
    attachment_id: PartId,
    /// True to read the text of a text file of at most 20 KiB too.
    #[serde(default)]
    as_text: bool,
}

impl Action for GetAttachment {
    const META: Meta =
        Meta::read("get_attachment", READ_SCOPES).example(r#"{"messageId": "18f0000000000006", "attachmentId": "1"}"#);
    type Output = FileOutput;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<FileOutput>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/get
        let message = message::get(api, &self.message_id).await?;
        let part = self.find_part(api, message.attachments())?;
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages.attachments/get
        let source = part.source(api, &message.id).await?;
        let file = NewFile { filename: part.stored_name(), content_type: part.file_type(), size: source.length() };
        let output = files::read(api, file, source.open().await?, self.as_text).await?;
        let external_id = format!("{}/{}", message.id, part.id());
        Ok(output.with_id(external_id).with_link(Some(super::web_link(&message.id))))
    }
}

impl GetAttachment {
    fn find_part<'a>(&self, api: &Api<'_>, attachments: Vec<&'a Part>) -> Result<&'a Part> {
        let part = attachments.into_iter().find(|part| part.id() == &*self.attachment_id);
        part.ok_or_else(|| {
            api.error(Kind::NotFound, "the e-mail has no attachment with this id: get_email lists its attachments")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    fn provider(size: u64) -> impl Fn(&testing::SentRequest) -> (u16, Value) + Send + Sync {
        move |sent| match sent.line.as_str() {
            "GET /gmail/v1/users/me/messages/m1" => (
                200,
                json!({ "id": "m1", "payload": { "mimeType": "multipart/mixed", "parts": [
                    { "partId": "0", "mimeType": "text/plain", "body": { "data": "SGk" } },
                    { "partId": "0.1", "mimeType": "image/png", "filename": "a.png",
                        "body": { "attachmentId": "A1", "size": size } }] } }),
            ),
            _ => (200, json!({ "size": size, "data": "_-8=" })),
        }
    }

    /// Runs the action, and returns its output, its calls, and the files that it stored.
    async fn run(
        context: Value,
        provider: impl Fn(&testing::SentRequest) -> (u16, Value) + Send + Sync + 'static,
    ) -> (Result<ActionOutput>, Vec<testing::SentRequest>, Vec<(NewFile, bytes::Bytes)>) {
        let harness = testing::ActionHarness::new(&ADAPTER, move |sent| Ok(provider(sent)));
        let action = ADAPTER.action("get_attachment").unwrap();
        let context = action.accept(context).unwrap();
        let output = action.run(&harness.api(action, None), &context).await;
        (output, harness.calls(), harness.stored_files())
    }

    #[tokio::test]
    async fn stores_a_file_by_its_part_id() {
        let context = json!({ "messageId": "m1", "attachmentId": "0.1" });
        let (output, calls, stored) = run(context, provider(2)).await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "file": "file_00000000000000000000000001", "filename": "a.png", "contentType": "image/png", "size": 2 })
        );
        assert_eq!(output.link.as_deref(), Some("https://mail.google.com/mail/u/0/#all/m1"));
        assert_eq!(output.external_id.as_deref(), Some("m1/0.1"));
        assert_eq!(calls[0].parameter("format"), "full");
        assert_eq!(calls[1].line, "GET /gmail/v1/users/me/messages/m1/attachments/A1");
        assert!(calls[1].query.is_empty());
        assert_eq!((stored.len(), stored[0].1.as_ref()), (1, &[0xff, 0xef][..]));
    }

    #[tokio::test]
    async fn returns_a_small_text_on_wish() {
        let message = |size: usize| {
            let part = json!({ "partId": "1", "mimeType": "text/csv", "filename": "a.csv",
                "headers": [{ "name": "Content-Type", "value": "text/csv; charset=utf-8; name=a.csv" }],
                "body": { "data": "YSxi".repeat(size / 3), "size": size } });
            (200, json!({ "id": "m1", "payload": { "mimeType": "multipart/mixed", "parts": [part] } }))
        };
        let context = json!({ "messageId": "m1", "attachmentId": "1", "asText": true });
        for (size, text) in [(3, json!("a,b")), (20_481, Value::Null)] {
            let (output, _, stored) = run(context.clone(), move |_| message(size)).await;
            let ActionOutput { data, message, .. } = output.unwrap();
            assert_eq!(message.contains("more than 20480 bytes"), text.is_null(), "{message}");
            assert_eq!((&data["text"], &data["contentType"]), (&text, &json!("text/csv; charset=utf-8")));
            assert_eq!((stored[0].0.size, stored[0].1.len()), (size as u64, size));
        }
        let (output, _, _) = run(json!({ "messageId": "m1", "attachmentId": "1" }), move |_| message(3)).await;
        assert_eq!(output.unwrap().data.get("text"), None);
    }

    #[tokio::test]
    async fn missing_content_is_a_transient_failure() {
        let context = || json!({ "messageId": "m1", "attachmentId": "0.1" });
        for response in [json!({}), json!({ "data": "?" }), json!({ "data": "AAEC" })] {
            let provider = move |sent: &testing::SentRequest| {
                if sent.line.ends_with("/A1") { (200, response.clone()) } else { provider(2)(sent) }
            };
            let (output, _, stored) = run(context(), provider).await;
            assert!(matches!(output, Err(Error::Unavailable { .. })), "{output:?}");
            assert!(stored.is_empty());
        }
        let missing =
            |sent: &testing::SentRequest| if sent.line.ends_with("/A1") { (404, json!({})) } else { provider(2)(sent) };
        let (output, _, _) = run(context(), missing).await;
        assert_eq!(testing::error_kind(&output), Kind::NotFound);
        let empty =
            |sent: &testing::SentRequest| if sent.line.ends_with("/A1") { (200, json!({})) } else { provider(0)(sent) };
        let (output, _, _) = run(context(), empty).await;
        assert_eq!(output.unwrap().data["size"], 0);
    }

    #[tokio::test]
    async fn refuses_missing_attachments() {
        let (output, calls, _) = run(json!({ "messageId": "m1", "attachmentId": "0" }), provider(2)).await;
        assert_eq!((testing::error_kind(&output), calls.len()), (Kind::NotFound, 1));
        for id in ["0.", "a", "1/2"] {
            let context = json!({ "messageId": "m1", "attachmentId": id });
            assert_eq!(testing::refusal(&ADAPTER, "get_attachment", context).0, "context.attachmentId");
        }
    }
}
