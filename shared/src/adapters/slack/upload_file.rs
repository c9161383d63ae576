//! `upload_file`: uploads a file and shares it in a channel.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::HashMap;

use super::access::Use;
use super::channel::{Channel, ChannelRef, ResolvedChannel};
use super::text::{MAX_TEXT_CHARS, Markup};
use super::time::Ts;
use super::{UPLOAD_ORIGIN, has_code};
use crate::adapters::prelude::*;

/// A context has 32 KiB at most.
const MAX_CONTENT_CHARS: usize = 32 * 1024;
const MAX_NAME_CHARS: usize = 255;

/// Upload a small file to Slack and share it in a channel or with a person, with an optional message.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UploadFile {
    channel: Channel,
    /// The file's name with its extension, for example `report.csv`.
    filename: FileName,
    /// The file's content as text. Either this or `contentBase64` is required.
    content: Option<Text<MAX_CONTENT_CHARS>>,
    /// The file's content as Base64, for binary files.
    content_base64: Option<Base64>,
    /// The title that Slack shows above the file; by default its name.
    title: Option<Line<MAX_NAME_CHARS>>,
    /// The text of the message that shares the file; mentions are shown as plain text.
    initial_comment: Option<Markup<MAX_TEXT_CHARS>>,
    /// The `ts` of a message to reply to with the file, in its thread.
    #[serde(alias = "thread_ts")]
    #[schemars(extend("x-aliases" = ["thread_ts"]))]
    thread_ts: Option<Ts>,
}

/// A file's name without folders.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(try_from = "Line<MAX_NAME_CHARS>")]
#[schemars(inline, with = "Line<MAX_NAME_CHARS>")]
struct FileName(String);

/// Bytes in Base64.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(try_from = "Text<MAX_CONTENT_CHARS>")]
#[schemars(inline, with = "Text<MAX_CONTENT_CHARS>")]
struct Base64(Vec<u8>);

#[derive(Deserialize)]
struct UploadTicket {
    upload_url: String,
    file_id: String,
}

#[derive(Deserialize)]
struct CompleteResponse {
    files: Vec<File>,
}

#[derive(Deserialize)]
struct FileResponse {
    file: File,
}

/// A file as Slack returns it.
#[derive(Deserialize)]
struct File {
    id: String,
    title: Option<String>,
    permalink: Option<String>,
    #[serde(default)]
    channels: Vec<String>,
    #[serde(default)]
    groups: Vec<String>,
    #[serde(default)]
    ims: Vec<String>,
    /// The messages that share the file, by the kind of the channel and its id.
    #[serde(default)]
    shares: HashMap<String, HashMap<String, Value>>,
}

/// A file that was shared, as output.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SharedFile {
    /// The id.
    id: String,
    /// The name.
    filename: String,
    /// The title.
    title: Option<String>,
    /// The address at which a person can open it.
    link: Option<String>,
    /// The channel.
    channel: ChannelRef,
    /// The `ts` of the first message of the thread.
    thread_ts: Option<String>,
}

impl Action for UploadFile {
    const META: Meta = Meta::create("upload_file", &[&["files:write"]])
        .reconciled_by("the file, which is uploaded before it is shared", &[&["files:read"]])
        .stores_checkpoint()
        .example(
            r#"{"channel": "general", "filename": "numbers.csv", "content": "month,visits\nOctober,1204\n",
                 "initialComment": "October's numbers."}"#,
        );
    type Output = SharedFile;

    fn check(&self) -> Result<()> {
        self.bytes().map(drop)
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        self.channel.targets(api, Use::Post, None).await
    }

    /// Uploads the bytes. They are not visible before they are shared, and Slack deletes uploads that are never shared.
    async fn prepare(&self, api: &Api<'_>) -> Result<Option<String>> {
        self.channel.resolve(api, Use::Post).await?;
        self.upload(api).await.map(Some)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<SharedFile>> {
        let channel = self.channel.resolve(api, Use::Post).await?;
        let file = match api.checkpoint {
            Some(file) => file.to_owned(),
            None => self.upload(api).await?,
        };
        let title = self.title.as_deref().unwrap_or(&self.filename.0);
        let mut body = json!({ "files": [{ "id": file, "title": title }], "channel_id": channel.id });
        if let Some(comment) = &self.initial_comment {
            body["initial_comment"] = json!(**comment);
        }
        if let Some(ts) = &self.thread_ts {
            body["thread_ts"] = json!(ts);
        }
        // https://docs.slack.dev/reference/methods/files.completeUploadExternal
        let completed: Result<CompleteResponse> =
            api.post(&["api", "files.completeUploadExternal"]).json(&body).send().await;
        let completed = completed.map_err(|error| channel.map_error(api, error))?;
        let shared = completed.files.into_iter().find(|shared| shared.id == file);
        let shared =
            shared.ok_or_else(|| api.error(api.effect.ambiguous_kind(), "sent a response without the file"))?;
        Ok(self.output(shared, channel))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<SharedFile>> {
        let Some(file) = api.checkpoint else { return Ok(Reconciliation::NotApplied) };
        let channel = self.channel.resolve(api, Use::Post).await?;
        // https://docs.slack.dev/reference/methods/files.info
        match api.get(&["api", "files.info"]).query("file", file).send::<FileResponse>().await {
            Ok(response) if response.file.is_shared_in(&channel.id) => {
                Ok(Reconciliation::Applied(self.output(response.file, channel)))
            }
            // Slack shares a file some time after its response.
            Ok(_) => Ok(Reconciliation::Inconclusive),
            // The file existed, so the upload was completed; it is unknown if the file was shared before it was deleted.
            Err(error) if has_code(&error, "file_deleted") => Ok(Reconciliation::Inconclusive),
            // An upload becomes a file only when it is completed.
            Err(error) if has_code(&error, "file_not_found") => Ok(Reconciliation::NotApplied),
            Err(error) => Err(error),
        }
    }
}

impl UploadFile {
    /// Uploads the bytes and returns the id of the future file.
    async fn upload(&self, api: &Api<'_>) -> Result<String> {
        let bytes = self.bytes()?;
        // https://docs.slack.dev/reference/methods/files.getUploadURLExternal
        let call = api
            .post(&["api", "files.getUploadURLExternal"])
            .query("filename", &self.filename.0)
            .query("length", bytes.len())
            .preparation();
        let ticket: UploadTicket = call.send().await?;
        // https://docs.slack.dev/messaging/working-with-files#upload
        let content = Content::new().source(Source::bytes(bytes.to_vec()));
        let call = api.call_issued(Method::POST, &[UPLOAD_ORIGIN], &ticket.upload_url);
        call.content("application/octet-stream", content).preparation().send_unit().await?;
        Ok(ticket.file_id)
    }

    fn bytes(&self) -> Result<&[u8]> {
        match (&self.content, &self.content_base64) {
            (Some(text), None) => Ok(text.as_bytes()),
            (None, Some(Base64(bytes))) => Ok(bytes),
            (None, None) => Err(Error::Missing(vec!["content or contentBase64".to_owned()])),
            (Some(_), Some(_)) => Err(Error::invalid("contentBase64", "cannot be combined with content")),
        }
    }

    fn output(&self, file: File, channel: ResolvedChannel) -> ActionOutput<SharedFile> {
        let (id, link) = (file.id.clone(), file.permalink.clone());
        let shared = SharedFile {
            id: file.id,
            filename: self.filename.0.clone(),
            title: file.title,
            link: file.permalink,
            channel: channel.into_ref(),
            thread_ts: self.thread_ts.as_deref().map(ToOwned::to_owned),
        };
        ActionOutput::new("The file was shared.", shared).with_id(id).with_link(link)
    }
}

impl TryFrom<Line<MAX_NAME_CHARS>> for FileName {
    type Error = &'static str;

    fn try_from(name: Line<MAX_NAME_CHARS>) -> Result<Self, Self::Error> {
        match name.contains(['/', '\\']) {
            true => Err("must be a name without folders, for example report.csv"),
            false => Ok(Self(name.to_string())),
        }
    }
}

impl TryFrom<Text<MAX_CONTENT_CHARS>> for Base64 {
    type Error = &'static str;

    fn try_from(encoded: Text<MAX_CONTENT_CHARS>) -> Result<Self, Self::Error> {
        let bytes = STANDARD.decode(encoded.trim()).ok().filter(|bytes| !bytes.is_empty());
        bytes.map(Self).ok_or("must be Base64, for example SGVsbG8=")
    }
}

impl File {
    /// Returns true if a message in the channel, or in a thread of it, shares the file. Nobody else knows the file before that, so
    /// the message is ours.
    /// <https://docs.slack.dev/reference/objects/file-object>
    fn is_shared_in(&self, channel: &str) -> bool {
        let is_listed = [&self.channels, &self.groups, &self.ims].into_iter().flatten().any(|id| id == channel);
        is_listed || self.shares.values().any(|shares| shares.contains_key(channel))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, SentRequest, Step, StepOutput};
    use crate::http::HttpError;

    fn context() -> Value {
        json!({ "channel": "C0123456789", "filename": "a.json", "content": "{\"a\":1}", "title": "A",
            "initialComment": "a < b", "threadTs": "1512085950.000216" })
    }

    fn ticket(url: &str) -> impl Fn(&SentRequest) -> Result<(u16, Value), HttpError> + Send + Sync + 'static {
        let url = url.to_owned();
        move |sent| match sent.line.as_str() {
            "POST /api/files.getUploadURLExternal" => {
                Ok((200, json!({ "ok": true, "upload_url": url, "file_id": "F1" })))
            }
            _ => Ok((200, json!("OK - 7"))),
        }
    }

    #[tokio::test]
    async fn prepare_uploads_the_bytes_without_the_token() {
        let provider = ticket("https://files.slack.com/upload/v1/ABC123");
        let (checkpoint, calls) =
            testing::run_step(&ADAPTER, "upload_file", None, Step::Prepare, context(), provider).await;
        assert_eq!(checkpoint.unwrap(), StepOutput::Checkpoint(Some("F1".to_owned())));
        assert_eq!((calls[0].parameter("filename"), calls[0].parameter("length")), ("a.json", "7"));
        assert_eq!(calls[1].line, "POST /upload/v1/ABC123");
        assert_eq!((&calls[1].body, calls[1].header("authorization")), (&json!({ "a": 1 }), ""));
        assert_eq!(calls.len(), 2);
    }

    #[tokio::test]
    async fn upload_rejects_addresses_of_other_origins() {
        for url in [
            "https://files.slack.com.evil.example/upload/v1/A",
            "https://evil.example/upload/v1/A",
            "http://files.slack.com/upload/v1/A",
            "https://files.slack.com:8443/upload/v1/A",
            "https://slack@files.slack.com/upload/v1/A",
            "https://slack.com/upload/v1/A",
            "http://127.0.0.1/upload/v1/A",
            "upload/v1/A",
        ] {
            let (checkpoint, calls) =
                testing::run_step(&ADAPTER, "upload_file", None, Step::Prepare, context(), ticket(url)).await;
            assert!(checkpoint.is_err(), "{url}");
            assert_eq!(calls.len(), 1, "{url}");
        }
    }

    #[tokio::test]
    async fn run_shares_the_uploaded_file() {
        let (output, calls) = testing::run_with_checkpoint(&ADAPTER, "upload_file", "F1", context(), |_| {
            (200, json!({ "ok": true, "files": [{ "id": "F1", "title": "A", "permalink": "https://team.slack.com/files/F1" }] }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "id": "F1", "filename": "a.json", "title": "A", "link": "https://team.slack.com/files/F1",
                "channel": { "id": "C0123456789" }, "threadTs": "1512085950.000216" })
        );
        assert_eq!(output.external_id.as_deref(), Some("F1"));
        assert_eq!(output.link.as_deref(), Some("https://team.slack.com/files/F1"));
        assert_eq!((calls.len(), calls[0].line.as_str()), (1, "POST /api/files.completeUploadExternal"));
        assert_eq!(
            calls[0].body,
            json!({ "files": [{ "id": "F1", "title": "A" }], "channel_id": "C0123456789",
                "initial_comment": "a &lt; b", "thread_ts": "1512085950.000216" })
        );
    }

    #[tokio::test]
    async fn only_the_share_call_can_be_ambiguous() {
        let lost = |_: &SentRequest| Err(HttpError::Lost("cut".to_owned()));
        let (checkpoint, _) = testing::run_step(&ADAPTER, "upload_file", None, Step::Prepare, context(), lost).await;
        assert_eq!(checkpoint.unwrap_err().kind(), Some(Kind::Transient));
        let (output, _) =
            testing::run_with_checkpoint(&ADAPTER, "upload_file", "F1", context(), |_| (500, Value::Null)).await;
        assert_eq!(testing::error_kind(&output), Kind::Ambiguous);
        let response = |_: &SentRequest| (200, json!({ "ok": false, "error": "not_in_channel" }));
        let (output, _) = testing::run_with_checkpoint(&ADAPTER, "upload_file", "F1", context(), response).await;
        assert_eq!(testing::error_kind(&output), Kind::Invalid);
    }

    #[tokio::test]
    async fn reconciles_by_the_channels_of_the_file() {
        let reconcile = async |body: Value| {
            let response = move |_: &SentRequest| Ok((200, body.clone()));
            testing::run_step(&ADAPTER, "upload_file", Some("F1"), Step::Reconcile, context(), response).await
        };
        let (result, calls) =
            reconcile(json!({ "ok": true, "file": { "id": "F1", "title": "A", "channels": ["C0123456789"] } })).await;
        assert_eq!(result.unwrap().applied_id(), Some("F1"));
        assert_eq!((calls[0].line.as_str(), calls[0].parameter("file")), ("GET /api/files.info", "F1"));
        let in_thread = json!({ "C0123456789": [{ "ts": "1795428001.000100", "thread_ts": "1512085950.000216" }] });
        let file = json!({ "id": "F1", "channels": [], "shares": { "public": in_thread } });
        let (result, _) = reconcile(json!({ "ok": true, "file": file })).await;
        assert_eq!(result.unwrap().applied_id(), Some("F1"));
        let (result, _) = reconcile(json!({ "ok": true, "file": { "id": "F1", "channels": ["C0000000000"] } })).await;
        assert_eq!(result.unwrap(), StepOutput::Reconciliation(Reconciliation::Inconclusive));
        let (result, _) = reconcile(json!({ "ok": false, "error": "file_deleted" })).await;
        assert_eq!(result.unwrap(), StepOutput::Reconciliation(Reconciliation::Inconclusive));
        let (result, _) = reconcile(json!({ "ok": false, "error": "file_not_found" })).await;
        assert_eq!(result.unwrap(), StepOutput::Reconciliation(Reconciliation::NotApplied));
        assert!(reconcile(json!({ "ok": false, "error": "missing_scope" })).await.0.is_err());
    }

    #[test]
    fn rejects_invalid_files() {
        for (field, change) in [
            ("filename", json!({ "filename": "a/b" })),
            ("contentBase64", json!({ "contentBase64": "QQ==" })),
            ("contentBase64", json!({ "content": null, "contentBase64": "?" })),
        ] {
            let mut context = context();
            context.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            assert_eq!(testing::refusal(&ADAPTER, "upload_file", context).0, format!("context.{field}"), "{change}");
        }
    }
}
