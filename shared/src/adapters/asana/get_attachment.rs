//! `get_attachment`: reads a file that is attached.

use super::attachment::{self, Attachment, FILE_ORIGINS};
use super::prelude::*;
use crate::adapters::files::{self, FileOutput, NewFile};

/// Read a file that is attached in Asana: its name, type and size, and its `file`, which other actions take. A file at another service,
/// such as Dropbox, has only a link.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetAttachment {
    /// The id (gid) of the attachment, as `asana_list_attachments` returns it.
    attachment_id: Gid,
    /// True to read the text of a text file of at most 20 KiB too.
    #[serde(default)]
    as_text: bool,
}

impl Action for GetAttachment {
    const META: Meta = Meta::read("get_attachment", READ_ATTACHMENTS_SCOPES)
        .example(r#"{"attachmentId": "1200000000000071", "asText": true}"#);
    type Output = FileOutput;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<FileOutput>> {
        // https://developers.asana.com/reference/getattachment
        let call = api.get(&["api", "1.0", "attachments", &self.attachment_id]);
        let call = call.query("opt_fields", attachment::DETAIL_FIELDS);
        let attachment = call.send::<Envelope<Attachment>>().await?.data;
        // The address is valid for two minutes.
        let download = api.call_issued(Method::GET, &FILE_ORIGINS, attachment.address(api)?).download().await?;
        let file = NewFile::read(api, attachment.name().unwrap_or("attachment"), attachment.size, &download)?;
        let output = files::read(api, file, download.stream, self.as_text).await?;
        Ok(output.with_id(attachment.id()).with_link(attachment.link().map(ToOwned::to_owned)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    fn provider(attachment: Value) -> impl Fn(&SentRequest) -> (u16, Value) + Send + Sync {
        move |sent: &SentRequest| match sent.line.as_str() {
            "GET /api/1.0/attachments/9" => (200, json!({ "data": attachment })),
            _ => (200, json!({ "a": 1 })),
        }
    }

    fn at(address: &str) -> Value {
        json!({ "gid": "9", "name": "a.json", "host": "asana", "size": 7, "download_url": address,
            "permanent_url": "https://app.asana.com/a/9" })
    }

    #[tokio::test]
    async fn stores_the_file_without_sending_the_token_to_its_host() {
        for host in ["asanausercontent.com", "eu.asanausercontent.com", "asana-user-private-us-east-1.s3.amazonaws.com"]
        {
            let context = json!({ "attachmentId": "9", "asText": true });
            let attachment = at(&format!("https://{host}/us1/assets/9?e=1"));
            let (output, calls) = testing::run(&ADAPTER, "get_attachment", context, provider(attachment)).await;
            let output = output.unwrap();
            assert_eq!((&output.data["filename"], &output.data["size"]), (&json!("a.json"), &json!(7)));
            assert_eq!((&output.data["text"], output.external_id.as_deref()), (&json!("{\"a\":1}"), Some("9")));
            assert_eq!(output.link.as_deref(), Some("https://app.asana.com/a/9"));
            assert_eq!(calls[0].parameter("opt_fields"), attachment::DETAIL_FIELDS);
            assert_eq!((calls[1].line.as_str(), calls[1].header("authorization")), ("GET /us1/assets/9", ""));
        }
    }

    #[tokio::test]
    async fn other_hosts_and_other_services_are_not_called() {
        let dropbox = json!({ "gid": "9", "name": "a.png", "host": "dropbox", "view_url": "https://www.dropbox.com/s/1",
            "download_url": "https://asanausercontent.com/9" });
        let mut nowhere = at("");
        nowhere["download_url"] = Value::Null;
        for (attachment, text) in [
            (at("https://asanausercontent.com.evil.example/9"), "not the provider's"),
            (at("https://evil.s3.amazonaws.com/9"), "not the provider's"),
            (at("http://asanausercontent.com/9"), "not the provider's"),
            (at("https://127.0.0.1/9"), "not the provider's"),
            (dropbox, "in dropbox: open it at https://www.dropbox.com/s/1"),
            (nowhere, "open it at https://app.asana.com/a/9"),
        ] {
            let context = json!({ "attachmentId": "9" });
            let (output, calls) = testing::run(&ADAPTER, "get_attachment", context, provider(attachment)).await;
            let error = output.unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
            assert_eq!(calls.len(), 1);
        }
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let moved = |sent: &SentRequest| match sent.line.as_str() {
            "GET /api/1.0/attachments/9" => (200, json!({ "data": at("https://asanausercontent.com/9") })),
            _ => (302, Value::Null),
        };
        let (output, calls) = testing::run(&ADAPTER, "get_attachment", json!({ "attachmentId": "9" }), moved).await;
        assert_eq!((testing::error_kind(&output), calls.len()), (Kind::Invalid, 2));
    }
}
