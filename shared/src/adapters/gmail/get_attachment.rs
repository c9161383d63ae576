//! `get_attachment`: reads an attachment of a message.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::READ_SCOPES;
use super::id::{Id, PartId};
use super::message::{self, Part};
use crate::adapters::prelude::*;

/// Google's response and ours both carry the file in base64; ours has to fit into the 6 MB of a Lambda response.
const MAX_ATTACHMENT_BYTES: u64 = 3 * 1024 * 1024;

/// Read an attachment of an e-mail, at most 3 MiB: its name, type and size, and its content in base64.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetAttachment {
    /// The e-mail's `id`, as `gmail_fetch_emails` returns it.
    message_id: Id,
    /// The attachment's `id` in the list that `gmail_get_email` returns, for example `0.2`.
    attachment_id: PartId,
}

/// An attachment with its content.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AttachedFile {
    /// The id.
    id: String,
    /// The id of its e-mail.
    message_id: String,
    /// The address at which a person can open the e-mail.
    link: String,
    /// The file's name.
    filename: Option<String>,
    /// The MIME type.
    content_type: Option<String>,
    /// The size in bytes.
    size: usize,
    /// The content in base64.
    content: String,
}

impl Action for GetAttachment {
    const META: Meta =
        Meta::read("get_attachment", READ_SCOPES).example(r#"{"messageId": "18f0000000000006", "attachmentId": "1"}"#);
    type Output = AttachedFile;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<AttachedFile>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/get
        let message = message::get(api, &self.message_id).await?;
        let part = self.find_part(api, message.attachments())?;
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages.attachments/get
        let bytes = part.bytes(api, &message.id).await?;
        let link = super::web_link(&message.id);
        let file = AttachedFile {
            id: part.id().to_owned(),
            message_id: message.id.clone(),
            link: link.clone(),
            filename: part.filename().map(ToOwned::to_owned),
            content_type: part.content_type().map(ToOwned::to_owned),
            size: bytes.len(),
            content: STANDARD.encode(&bytes),
        };
        let output = ActionOutput::new(format!("The attachment of {} bytes was read.", bytes.len()), file);
        Ok(output.with_id(format!("{}/{}", message.id, part.id())).with_link(Some(link)))
    }
}

impl GetAttachment {
    fn find_part<'a>(&self, api: &Api<'_>, attachments: Vec<&'a Part>) -> Result<&'a Part> {
        let part = attachments.into_iter().find(|part| part.id() == &*self.attachment_id);
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
                    { "partId": "0.1", "mimeType": "image/png", "filename": "a.png",
                        "body": { "attachmentId": "A1", "size": size } }] } }),
            ),
            _ => (200, json!({ "size": 3, "data": "_-8=" })),
        }
    }

    #[tokio::test]
    async fn reads_a_file_by_its_part_id() {
        let context = json!({ "messageId": "m1", "attachmentId": "0.1" });
        let (output, calls) = testing::run(&ADAPTER, "get_attachment", context, provider(2)).await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "id": "0.1", "messageId": "m1", "link": "https://mail.google.com/mail/u/0/#all/m1",
                "filename": "a.png", "contentType": "image/png", "size": 2, "content": "/+8=" })
        );
        assert_eq!(output.external_id.as_deref(), Some("m1/0.1"));
        assert_eq!(calls[0].parameter("format"), "full");
        assert_eq!(calls[1].line, "GET /gmail/v1/users/me/messages/m1/attachments/A1");
        assert!(calls[1].query.is_empty());
    }

    #[tokio::test]
    async fn missing_content_is_a_transient_failure() {
        let context = || json!({ "messageId": "m1", "attachmentId": "0.1" });
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
        let context = json!({ "messageId": "m1", "attachmentId": "0.1" });
        let (output, calls) =
            testing::run(&ADAPTER, "get_attachment", context, provider(MAX_ATTACHMENT_BYTES + 1)).await;
        assert_eq!((testing::error_kind(&output), calls.len()), (Kind::Invalid, 1));
        for id in ["0.", "a", "1/2"] {
            let context = json!({ "messageId": "m1", "attachmentId": id });
            assert_eq!(testing::refusal(&ADAPTER, "get_attachment", context).0, "context.attachmentId");
        }
    }
}
