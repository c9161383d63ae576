//! `upload_file`: adds a file at the end of a page.

use jiff::SignedDuration;

use super::NO_SCOPES;
use super::bare_text::bare_text;
use super::block::{self, BlockHead};
use super::file_block::FileBlock;
use super::file_upload::{self, File, Sent, State};
use super::place::Place;
use super::reconcile;
use super::rich_text::{self, PlainText};
use crate::adapters::prelude::*;
use crate::validate::UNKNOWN_CONTENT_TYPE;

/// Age below which an upload can surely be attached. It expires after an hour:
/// <https://developers.notion.com/reference/file-upload>
const MAX_UPLOAD_AGE: SignedDuration = SignedDuration::from_mins(30);

/// Add a file at the end of a Notion page: a picture, a PDF, a video or a sound as such, others as a download. Notion takes documents,
/// pictures, sounds and videos, at most 5 MiB in a workspace on the free plan.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UploadFile {
    /// The page, or a block with blocks under it: its id or a link to it.
    page_id: Place,
    /// The file, at most 100 MiB.
    file: File,
    /// The caption under the file, in plain text.
    caption: Option<PlainText>,
}

/// The response to a request that adds blocks.
#[derive(Deserialize)]
struct Appended {
    results: Vec<BlockHead>,
}

impl Action for UploadFile {
    const META: Meta = Meta::create("upload_file", NO_SCOPES)
        .reconciled_by("its upload, which is attached once", &[])
        .stores_checkpoint()
        .example(
            r#"{"pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010", "file": {"filename": "minutes.txt", "text": "We met."}, "caption": "Monday"}"#,
        );
    type Output = FileBlock;

    fn check(&self) -> Result<()> {
        // The name of an uploaded file is not known at first.
        let name = self.file.filename();
        let has_type = self.file.content_type() != UNKNOWN_CONTENT_TYPE;
        match name.is_empty() || has_type || file_upload::has_extension(name) {
            true => Ok(()),
            false => Err(Error::invalid("file.filename", "must have an extension, for example report.pdf")),
        }
    }

    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![self.page_id.to_target()])
    }

    /// Sends the file. Nobody sees it before it is attached, and Notion deletes an upload that is not attached within an hour.
    async fn prepare(&self, api: &Api<'_>) -> Result<Option<String>> {
        file_upload::send(api, &self.file).await.map(Some)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<FileBlock>> {
        let sent_again;
        let sent = match api.checkpoint.and_then(Sent::parse) {
            Some(sent) if !may_be_expired(api) || file_upload::state(api, sent.id).await? != State::Expired => sent,
            _ => {
                sent_again = file_upload::send(api, &self.file).await?;
                Sent::parse(&sent_again).unwrap_or(Sent { kind: "file", id: &sent_again })
            }
        };
        let mut content = json!({ "type": "file_upload", "file_upload": { "id": sent.id } });
        if let Some(caption) = &self.caption {
            content["caption"] = json!(rich_text::to_rich_text(caption));
        }
        let mut block = json!({ "type": sent.kind });
        block[sent.kind] = content;
        // https://developers.notion.com/reference/patch-block-children
        let call = api.call(Method::PATCH, &["v1", "blocks", self.page_id.as_str(), "children"]);
        let appended: Appended = call.json(&json!({ "children": [block] })).send().await?;
        let block = appended.results.into_iter().next();
        let block = block.ok_or_else(|| api.error(api.effect.ambiguous_kind(), "sent a response without the block"))?;
        Ok(self.output(sent, Some(block.id)))
    }

    /// An upload that is attached is this effect's, because nobody else knows its id. Of one that expired, another one may have been
    /// attached in its place: the block of that is looked for.
    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<FileBlock>> {
        let Some(sent) = api.checkpoint.and_then(Sent::parse) else { return Ok(Reconciliation::NotApplied) };
        let state = file_upload::state(api, sent.id).await?;
        if state == State::Unattached {
            return Ok(Reconciliation::NotApplied);
        }
        let blocks = self.find_blocks(api, sent.kind).await?;
        Ok(match (state, blocks) {
            (State::Expired, Some(blocks)) if blocks.is_empty() => Reconciliation::NotApplied,
            (_, Some(mut blocks)) if blocks.len() == 1 => Reconciliation::Applied(self.output(sent, blocks.pop())),
            // The block of an attached upload may be listed later; or a person has deleted it.
            _ => Reconciliation::Inconclusive,
        })
    }
}

impl UploadFile {
    /// Returns the ids of the blocks with a file of this name that the bot added since the attempt began; `None` if that cannot be told.
    async fn find_blocks(&self, api: &Api<'_>, kind: &str) -> Result<Option<Vec<String>>> {
        let Some(bot) = reconcile::bot_id(api).await? else { return Ok(None) };
        let Some(end) = block::read_to_end(api, self.page_id.as_str(), None).await? else { return Ok(None) };
        let blocks = end.blocks.iter().filter(|block| {
            let head = &block.head;
            head.author() == Some(&bot) && reconcile::is_candidate(api, &head.id, head.created_time.as_deref())
        });
        let is_file = |file: &FileBlock| {
            // Notion writes some characters of a name in another form.
            let name = file.filename.as_deref().map(bare_text);
            file.kind == kind && name.is_none_or(|name| name == bare_text(self.file.filename()))
        };
        Ok(Some(
            blocks
                .filter_map(|block| FileBlock::of(&block.head.id, &block.head.kind, &block.content))
                .filter(is_file)
                .filter_map(|file| file.id)
                .collect(),
        ))
    }

    fn output(&self, sent: Sent<'_>, id: Option<String>) -> ActionOutput<FileBlock> {
        let file = FileBlock {
            id: id.clone(),
            kind: sent.kind.to_owned(),
            filename: Some(self.file.filename().to_owned()),
            caption: None,
            link: None,
        };
        ActionOutput { external_id: id, ..ActionOutput::new("The file was added.", file) }
    }
}

/// True if an upload may be too old to be attached: of an earlier attempt, or of one that waited for a rate limit or a connection.
fn may_be_expired(api: &Api<'_>) -> bool {
    api.is_retry || api.now().duration_since(api.attempted_at) > MAX_UPLOAD_AGE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{self, ActionHarness, SentRequest, Step, StepOutput};

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";
    const FILE: &str = "file_01JQ3X7K5T8Z9V0W1Y2A3B4C5D";
    const NEW: &str = "2026-11-23T10:00:00.000Z";

    fn stored(filename: &str, size: u64) -> Value {
        json!({ "pageId": ID, "file": { "file": FILE, "filename": filename, "size": size } })
    }

    /// The uploads of a workspace that takes 30 MB.
    fn uploads(sent: &SentRequest) -> Result<(u16, Value), crate::http::HttpError> {
        let upload = |status: &str| {
            json!({ "object": "file_upload", "id": "u1", "status": status,
            "expiry_time": NEW, "filename": "a", "content_type": "video/mp4" })
        };
        Ok(match sent.line.as_str() {
            "GET /v1/users/me" => {
                let limits = json!({ "max_file_upload_size_in_bytes": 30_000_000 });
                (200, json!({ "id": "bot", "bot": { "workspace_limits": limits } }))
            }
            line if line.ends_with("/complete") => (200, upload("uploaded")),
            _ => (200, upload("pending")),
        })
    }

    async fn prepare(context: Value) -> (Result<StepOutput>, Vec<SentRequest>) {
        testing::run_step(&ADAPTER, "upload_file", None, Step::Prepare, context, uploads).await
    }

    fn lines(calls: &[SentRequest]) -> Vec<&str> {
        calls.iter().map(|sent| sent.line.as_str()).collect()
    }

    #[tokio::test]
    async fn prepare_sends_a_small_file_at_once() {
        let context = json!({ "pageId": ID, "file": { "filename": "Zürich.mp4", "text": "Hi" } });
        let (checkpoint, calls) = prepare(context).await;
        assert_eq!(checkpoint.unwrap(), StepOutput::Checkpoint(Some("video/u1".to_owned())));
        assert_eq!(lines(&calls), ["POST /v1/file_uploads", "POST /v1/file_uploads/u1/send"]);
        assert_eq!(calls[0].body, json!({ "filename": "Zürich.mp4" }), "Notion knows the type by the extension");
        let form = calls[1].text();
        assert!(form.contains("filename=\"Zürich.mp4\"\r\nContent-Type: video/mp4\r\n\r\nHi\r\n"), "{form}");
        let context = json!({ "pageId": ID, "file": { "filename": "README", "text": "Hi" } });
        let (_, calls) = prepare(context).await;
        assert_eq!(calls[0].body, json!({ "filename": "README", "content_type": "text/plain" }));
    }

    #[tokio::test]
    async fn prepare_sends_a_large_file_in_parts() {
        let (checkpoint, calls) = prepare(stored("film.mp4", 20_000_001)).await;
        assert_eq!(checkpoint.unwrap(), StepOutput::Checkpoint(Some("video/u1".to_owned())));
        let send = "POST /v1/file_uploads/u1/send";
        let expected = ["GET /v1/users/me", "POST /v1/file_uploads", send, send, "POST /v1/file_uploads/u1/complete"];
        assert_eq!(lines(&calls), expected);
        assert_eq!(calls[1].body, json!({ "filename": "film.mp4", "mode": "multi_part", "number_of_parts": 2 }));
        for (call, number, first, length) in [(&calls[2], "1", "abc", 10_485_760), (&calls[3], "2", "mno", 9_514_241)] {
            let form = call.text();
            assert!(form.contains(&format!("name=\"part_number\"\r\n\r\n{number}\r\n")), "{number}");
            let content = form.split("video/mp4\r\n\r\n").nth(1).unwrap().split("\r\n--plugin").next().unwrap();
            assert_eq!((&content[..3], content.len()), (first, length));
        }
    }

    #[tokio::test]
    async fn a_file_that_the_plan_does_not_take_is_not_sent() {
        let (refused, calls) = prepare(stored("film.mp4", 30_000_001)).await;
        let error = refused.unwrap_err();
        assert_eq!((error.kind(), calls.len()), (Some(Kind::PlanLimit), 1));
        assert!(error.to_string().contains("at most 30000000 bytes; the file has 30000001"), "{error}");
    }

    #[tokio::test]
    async fn run_attaches_the_upload() {
        let context = json!({ "pageId": ID, "file": { "filename": "a.png", "text": "Hi" }, "caption": "The lake" });
        let (output, calls) = testing::run_with_checkpoint(&ADAPTER, "upload_file", "image/u1", context, |_| {
            (200, json!({ "object": "list", "results": [{ "object": "block", "id": "b1", "type": "image" }] }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!(output.data, json!({ "id": "b1", "type": "image", "filename": "a.png" }));
        assert_eq!(output.external_id.as_deref(), Some("b1"));
        assert_eq!(lines(&calls), [format!("PATCH /v1/blocks/{ID}/children")]);
        let caption = json!([{ "type": "text", "text": { "content": "The lake" } }]);
        let image = json!({ "type": "file_upload", "file_upload": { "id": "u1" }, "caption": caption });
        assert_eq!(calls[0].body, json!({ "children": [{ "type": "image", "image": image }] }));
    }

    /// Runs a later attempt, in which the upload has this status.
    async fn run_again(status: &'static str) -> Vec<String> {
        let harness = ActionHarness::new(&ADAPTER, move |sent| match sent.line.as_str() {
            "GET /v1/file_uploads/u0" => Ok((200, json!({ "id": "u0", "status": status, "expiry_time": NEW }))),
            line if line.starts_with("PATCH") => Ok((200, json!({ "results": [{ "id": "b1" }] }))),
            _ => uploads(sent),
        });
        let action = ADAPTER.action("upload_file").unwrap();
        let api = Api { is_retry: true, ..harness.api(action, Some("video/u0")) };
        action.run(&api, &stored("film.mp4", 3)).await.unwrap();
        let calls = harness.calls();
        let attached = &calls.last().unwrap().body["children"][0]["video"]["file_upload"]["id"];
        lines(&calls[1..]).into_iter().chain(attached.as_str()).map(str::to_owned).collect()
    }

    #[tokio::test]
    async fn an_upload_that_waited_for_an_hour_is_read() {
        let harness = ActionHarness::new(&ADAPTER, move |sent| match sent.line.as_str() {
            "GET /v1/file_uploads/u0" => Ok((200, json!({ "id": "u0", "status": "expired", "expiry_time": NEW }))),
            line if line.starts_with("PATCH") => Ok((200, json!({ "results": [{ "id": "b1" }] }))),
            _ => uploads(sent),
        });
        let api = harness.api(ADAPTER.action("upload_file").unwrap(), Some("video/u0"));
        for (minutes, first) in [(29, "PATCH"), (61, "GET")] {
            let attempted_at = api.now() - SignedDuration::from_mins(minutes);
            let before = harness.calls().len();
            let api = Api { attempted_at, ..harness.api(ADAPTER.action("upload_file").unwrap(), Some("video/u0")) };
            ADAPTER.action("upload_file").unwrap().run(&api, &stored("film.mp4", 3)).await.unwrap();
            assert!(harness.calls()[before].line.starts_with(first), "{minutes}");
        }
    }

    #[tokio::test]
    async fn an_expired_upload_is_sent_again() {
        let attach = format!("PATCH /v1/blocks/{ID}/children");
        assert_eq!(run_again("uploaded").await, [&attach, "u0"]);
        let again = ["POST /v1/file_uploads", "POST /v1/file_uploads/u1/send", &attach, "u1"];
        assert_eq!(run_again("expired").await, again);
    }

    fn block(id: &str, name: &str, author: &str, created: &str) -> Value {
        let url = format!("https://prod-files-secure.s3.us-west-2.amazonaws.com/1/2/{name}?X-Amz-Expires=3600");
        json!({ "object": "block", "id": id, "type": "image", "created_time": created, "has_children": false,
            "created_by": { "object": "user", "id": author }, "image": { "type": "file", "file": { "url": url } } })
    }

    /// Reconciles an upload with these blocks on the page.
    async fn reconcile(status: &'static str, expiry: Value, blocks: Vec<Value>) -> Reconciliation {
        let provider = move |sent: &SentRequest| {
            Ok(match sent.line.as_str() {
                "GET /v1/file_uploads/u1" => (200, json!({ "id": "u1", "status": status, "expiry_time": expiry })),
                "GET /v1/users/me" => (200, json!({ "id": "bot" })),
                _ => (200, json!({ "results": blocks, "has_more": false, "next_cursor": null })),
            })
        };
        let context = stored("my lake.png", 3);
        let step = testing::run_step(&ADAPTER, "upload_file", Some("image/u1"), Step::Reconcile, context, provider);
        match step.await {
            (Ok(StepOutput::Reconciliation(result)), _) => result,
            (other, _) => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn reconciles_by_the_upload_and_an_expired_one_by_its_block() {
        let (end, attached) = (json!(NEW), Value::Null);
        let own = || block("b1", "my_lake.png", "bot", NEW);
        for (status, expiry, blocks, id) in [
            ("uploaded", &attached, vec![own(), block("b2", "my_lake.png", "person", NEW)], Some("b1")),
            ("expired", &end, vec![own()], Some("b1")),
        ] {
            let found = reconcile(status, expiry.clone(), blocks).await;
            let Reconciliation::Applied(output) = found else { panic!("{status}: {found:?}") };
            assert_eq!(output.external_id.as_deref(), id);
        }
        let older = block("b1", "my_lake.png", "bot", "2026-11-23T09:57:00.000Z");
        for (status, blocks, expected) in [
            ("uploaded", vec![own()], Reconciliation::NotApplied),
            ("expired", vec![], Reconciliation::NotApplied),
            ("expired", vec![older, block("b2", "other.png", "bot", NEW)], Reconciliation::NotApplied),
            ("expired", vec![own(), own()], Reconciliation::Inconclusive),
        ] {
            assert_eq!(reconcile(status, end.clone(), blocks).await, expected, "{status}");
        }
    }

    #[tokio::test]
    async fn only_the_attachment_can_be_ambiguous() {
        let fails = |_: &SentRequest| Ok((502, Value::Null));
        let (checkpoint, _) =
            testing::run_step(&ADAPTER, "upload_file", None, Step::Prepare, stored("a.png", 3), fails).await;
        assert_eq!(checkpoint.unwrap_err().kind(), Some(Kind::Transient));
        let (output, _) = testing::run_with_checkpoint(&ADAPTER, "upload_file", "image/u1", stored("a.png", 3), |_| {
            (502, Value::Null)
        })
        .await;
        assert_eq!(testing::error_kind(&output), Kind::Ambiguous);
    }

    #[test]
    fn refuses_a_name_without_a_type_and_a_long_one() {
        // Notion takes 900 bytes: https://developers.notion.com/reference/create-a-file-upload
        for (name, reason) in [("README", "an extension"), (&*format!("{}.txt", "😀".repeat(64)), "255 bytes")] {
            let refusal = testing::refusal(&ADAPTER, "upload_file", stored(name, 3));
            assert!(refusal.0 == "context.file.filename" && refusal.1.contains(reason), "{refusal:?}");
        }
    }
}
