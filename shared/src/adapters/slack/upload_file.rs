//! `upload_file`: uploads a file and shares it in a channel.

use super::access::Use;
use super::channel::{Channel, ChannelRef, ResolvedChannel};
use super::file::{FileObject, FileResponse};
use super::mention_policy::Mentions;
use super::text::{MAX_TEXT_CHARS, Markup};
use super::time::ThreadTs;
use super::{UPLOAD_ORIGIN, has_code, joining};
use crate::adapters::files::MAX_FILE_BYTES;
use crate::adapters::input::FileInput;
use crate::adapters::prelude::*;

/// Slack takes a file of 1 GB, ten times as much: <https://slack.com/help/articles/201330736-Add-files-to-Slack>
const MAX_BYTES: u64 = MAX_FILE_BYTES;
const MAX_TITLE_CHARS: usize = 255;

/// Upload a file to Slack and share it in a channel or with a person, with an optional message.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UploadFile {
    channel: Channel,
    /// The file, at most 100 MiB.
    file: FileInput<MAX_BYTES>,
    /// The title that Slack shows above the file; by default its name.
    title: Option<Line<MAX_TITLE_CHARS>>,
    /// The text of the message that shares the file.
    initial_comment: Option<Markup<MAX_TEXT_CHARS>>,
    #[serde(default)]
    mentions: Mentions,
    /// The `ts` of a message to reply to with the file, in its thread.
    #[serde(alias = "thread_ts")]
    #[schemars(extend("x-aliases" = ["thread_ts"]))]
    thread_ts: Option<ThreadTs>,
    /// False to join no channel. By default the app joins a public channel that it is not in.
    join_channel: Option<bool>,
}

#[derive(Deserialize)]
struct UploadTicket {
    upload_url: String,
    file_id: String,
}

#[derive(Deserialize)]
struct CompleteResponse {
    files: Vec<FileObject>,
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
            r#"{"channel": "general", "file": {"filename": "numbers.csv", "text": "month,visits\nOctober,1204\n"},
                 "initialComment": "October's numbers."}"#,
        );
    type Output = SharedFile;

    fn check(&self) -> Result<()> {
        // https://docs.slack.dev/reference/methods/files.getUploadURLExternal#errors
        match self.file.inline() {
            Some(content) if content.is_empty() => {
                Err(Error::invalid("file", "must not be empty: Slack refuses an empty file"))
            }
            _ => Ok(()),
        }
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        self.channel.targets(api, Use::Post, None).await
    }

    /// Uploads the bytes. They are not visible before they are shared, and Slack deletes uploads that are never shared.
    async fn prepare(&self, api: &Api<'_>) -> Result<Option<String>> {
        self.channel.resolve(api, Use::Post).await?.of_message(api, &self.thread_ts)?;
        self.upload(api).await.map(Some)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<SharedFile>> {
        let channel = self.channel.resolve(api, Use::Post).await?.of_message(api, &self.thread_ts)?;
        let file = match api.checkpoint {
            Some(file) => file.to_owned(),
            None => self.upload(api).await?,
        };
        let title = self.title.as_deref().unwrap_or(self.file.filename());
        let mut body = json!({ "files": [{ "id": file, "title": title }], "channel_id": channel.id });
        if let Some(comment) = &self.initial_comment {
            body["initial_comment"] = json!(self.mentions.write_text(api, comment.as_written()).await?);
        }
        if let Some(ts) = &self.thread_ts {
            body["thread_ts"] = json!(ts);
        }
        // https://docs.slack.dev/reference/methods/files.completeUploadExternal
        let call = api.post(&["api", "files.completeUploadExternal"]).json(&body);
        let completed: CompleteResponse = joining::send(api, &channel, call, self.join_channel.unwrap_or(true)).await?;
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
        let content = self.file.content(api);
        // https://docs.slack.dev/reference/methods/files.getUploadURLExternal
        let call = api
            .post(&["api", "files.getUploadURLExternal"])
            .query("filename", self.file.filename())
            .query("length", content.length())
            .preparation();
        let ticket: UploadTicket = call.send().await?;
        // https://docs.slack.dev/messaging/working-with-files#upload
        let call = api.call_issued(Method::POST, &[UPLOAD_ORIGIN], &ticket.upload_url);
        let call = call.content("application/octet-stream", content);
        call.preparation().send_unit().await?;
        Ok(ticket.file_id)
    }

    fn output(&self, file: FileObject, channel: ResolvedChannel) -> ActionOutput<SharedFile> {
        let (id, link) = (file.id.clone(), file.permalink.clone());
        let shared = SharedFile {
            id: file.id,
            filename: self.file.filename().to_owned(),
            title: file.title,
            link: file.permalink,
            channel: channel.into_ref(),
            thread_ts: self.thread_ts.as_deref().map(ToOwned::to_owned),
        };
        ActionOutput::new("The file was shared.", shared).with_id(id).with_link(link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, SentRequest, Step, StepOutput};
    use crate::http::HttpError;

    fn context() -> Value {
        json!({ "channel": "C0123456789", "file": { "filename": "a.json", "text": "{\"a\":1}" }, "title": "A",
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
    async fn the_comment_has_the_mentions_of_its_policy_and_the_thread_of_a_link() {
        let share = async |mentions: &str| {
            let link = "https://works.slack.com/archives/C0123456789/p1512085960000100?thread_ts=1512085950.000216";
            let mut context = context();
            context["initialComment"] = json!("<@ann@example.com> <!here>");
            context["threadTs"] = json!(link);
            context["mentions"] = json!(mentions);
            let (_, calls) = testing::run_with_checkpoint(&ADAPTER, "upload_file", "F1", context, |_| {
                (200, json!({ "ok": true, "user": { "id": "U0123456789" }, "files": [{ "id": "F1" }] }))
            })
            .await;
            let body = &calls.last().unwrap().body;
            assert_eq!(body["thread_ts"], "1512085950.000216");
            body["initial_comment"].clone()
        };
        assert_eq!(share("people").await, "<@U0123456789> &lt;!here&gt;");
        assert_eq!(share("all").await, "<@U0123456789> <!here>");
        assert_eq!(share("none").await, "&lt;@ann@example.com&gt; &lt;!here&gt;");
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
        for (reason, file) in [
            ("without a path", json!({ "filename": "a/b", "text": "a" })),
            ("one of file, content and text", json!({ "filename": "a", "text": "a", "content": "QQ==" })),
            ("base64", json!({ "filename": "a", "content": "?" })),
            ("must not be empty", json!({ "filename": "a", "content": "data:text/plain;base64," })),
            (
                "at most 104857600 bytes; the file has 104857601",
                json!({ "file": "file_01JQ3X7K5T8Z9V0W1Y2A3B4C5D", "size": 104_857_601 }),
            ),
        ] {
            let context = json!({ "channel": "C0123456789", "file": file });
            let (field, why) = testing::refusal(&ADAPTER, "upload_file", context);
            assert!(field.starts_with("context.file") && why.contains(reason), "{file}: {field} {why}");
        }
    }
}
