//! `get_attachment`: reads an attachment of a message.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::message::{self, Part};
use super::{READ_SCOPES, check_id};
use crate::adapters::prelude::*;

/// Google's response and ours both carry the file in base64; ours has to fit into the 6 MB of a Lambda response.
const MAX_ATTACHMENT_BYTES: u64 = 3 * 1024 * 1024;

/// Read an attachment of an e-mail, at most 3 MiB: its name, type and size, and its content in base64.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetAttachment {
    /// The e-mail's `id`.
    message_id: String,
    /// The attachment's `id` in the list that `get_email` returns, for example `1` or `0.2`.
    attachment_id: String,
}

impl Action for GetAttachment {
    const META: Meta =
        Meta::read("get_attachment", READ_SCOPES).example(r#"{"messageId": "18f0000000000006", "attachmentId": "1"}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        check_id("messageId", &self.message_id)?;
        check_id("attachmentId", &self.attachment_id)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/get
        let message = message::get(api, &self.message_id).await?;
        let part = self.find_part(api, message.attachments())?;
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages.attachments/get
        let bytes = part.bytes(api, &message.id).await?;
        Ok(ActionOutput {
            message: format!("The attachment of {} bytes was read.", bytes.len()),
            data: json!({
                "messageId": message.id,
                "attachmentId": part.id(),
                "filename": Some(part.filename()).filter(|name| !name.is_empty()),
                "contentType": part.content_type(),
                "size": bytes.len(),
                "content": STANDARD.encode(&bytes),
            }),
            external_id: Some(format!("{}/{}", message.id, part.id())),
            link: Some(super::web_link(&message.id)),
        })
    }
}

impl GetAttachment {
    fn find_part<'a>(&self, api: &Api<'_>, attachments: Vec<&'a Part>) -> Result<&'a Part> {
        let part = attachments.into_iter().find(|part| part.id() == self.attachment_id);
        let part = part.ok_or_else(|| {
            api.error(Kind::NotFound, "the e-mail has no attachment with this id: get_email lists its attachments")
        })?;
        if part.size() > MAX_ATTACHMENT_BYTES {
            return Err(api.error(Kind::Invalid, format!("the attachment is larger than {MAX_ATTACHMENT_BYTES} bytes")));
        }
        Ok(part)
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
                    { "partId": "1", "mimeType": "image/png", "filename": "a.png",
                        "body": { "attachmentId": "A1", "size": size } }] } }),
            ),
            _ => (200, json!({ "size": 3, "data": "_-8=" })),
        }
    }

    #[tokio::test]
    async fn reads_a_file_by_its_part_id() {
        let context = json!({ "messageId": "m1", "attachmentId": "1" });
        let (output, calls) = testing::run(&ADAPTER, "get_attachment", context, provider(2)).await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "messageId": "m1", "attachmentId": "1", "filename": "a.png", "contentType": "image/png", "size": 2,
                "content": "/+8=" })
        );
        assert_eq!(output.external_id.as_deref(), Some("m1/1"));
        assert_eq!(calls[0].parameter("format"), "full");
        assert_eq!(calls[1].line, "GET /gmail/v1/users/me/messages/m1/attachments/A1");
        assert!(calls[1].query.is_empty());
    }

    #[tokio::test]
    async fn missing_content_is_a_transient_failure() {
        let context = || json!({ "messageId": "m1", "attachmentId": "1" });
        for response in [json!({}), json!({ "data": "?" })] {
            let provider = move |sent: &testing::SentRequest| {
                if sent.line.ends_with("/A1") { (200, response.clone()) } else { provider(2)(sent) }
            };
            let (output, _) = testing::run(&ADAPTER, "get_attachment", context(), provider).await;
            assert_eq!(testing::error_kind(&output), Kind::Transient);
        }
        let empty =
            |sent: &testing::SentRequest| if sent.line.ends_with("/A1") { (200, json!({})) } else { provider(0)(sent) };
        let (output, _) = testing::run(&ADAPTER, "get_attachment", context(), empty).await;
        assert_eq!(output.unwrap().data["content"], "");
    }

    #[tokio::test]
    async fn refuses_missing_and_oversized_attachments() {
        let context = json!({ "messageId": "m1", "attachmentId": "0" });
        let (output, calls) = testing::run(&ADAPTER, "get_attachment", context, provider(2)).await;
        assert_eq!((testing::error_kind(&output), calls.len()), (Kind::NotFound, 1));
        let context = json!({ "messageId": "m1", "attachmentId": "1" });
        let (output, calls) =
            testing::run(&ADAPTER, "get_attachment", context, provider(MAX_ATTACHMENT_BYTES + 1)).await;
        assert_eq!((testing::error_kind(&output), calls.len()), (Kind::Invalid, 1));
        let refused = testing::refusal(&ADAPTER, "get_attachment", json!({ "messageId": "m1", "attachmentId": "" }));
        assert_eq!(refused.0, "context.attachmentId");
    }
}
