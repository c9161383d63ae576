//! `upload_attachment`: attaches a file to a task or a project.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::borrow::Cow;

use super::attachment::{self, Attachment};
use super::prelude::*;
use super::reconcile::{self, Candidates};
use crate::adapters::files::MAX_FILE_BYTES;
use crate::adapters::form_data::FormData;
use crate::adapters::input::FileInput;

const CREATED_MESSAGE: &str = "The file was attached.";

/// The characters of a name that are encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');

/// Attach a file to an Asana task, or to a project as a key resource. A second call attaches it again.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UploadAttachment {
    /// The task: its id (gid) or link. Exactly one of `taskId` and `projectId` is required.
    task_id: Option<TaskId>,
    /// The project: its id (gid), link or name.
    project_id: Option<ProjectId>,
    /// The file, at most 100 MiB.
    file: FileInput<MAX_FILE_BYTES>,
}

impl Action for UploadAttachment {
    const META: Meta = Meta::create("upload_attachment", WRITE_ATTACHMENTS_SCOPES)
        .reconciled_by("its time, name and size among the attachments", READ_ATTACHMENTS_SCOPES)
        .example(
            r#"{"taskId": "1200000000000021", "file": {"filename": "quotes.txt", "text": "Fast, friendly, found by accident."}}"#,
        );
    type Output = Attachment;

    fn check(&self) -> Result<()> {
        attachment::check_parent(self.task_id.as_ref(), self.project_id.as_ref())
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![self.parent(api).await?])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Attachment>> {
        let parent = self.parent(api).await?.id;
        let name = form_name(self.file.filename());
        let form = FormData::new(&api.effect_key).field("parent", &parent);
        let form = form.file("file", &name, self.file.content_type(), self.file.source(api));
        // https://developers.asana.com/reference/createattachmentforobject
        let call = api.post(&["api", "1.0", "attachments"]).query("opt_fields", attachment::FIELDS).form(form);
        Ok(call.send::<Envelope<Attachment>>().await?.data.into_output(CREATED_MESSAGE))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<Attachment>> {
        let parent = self.parent(api).await?.id;
        // https://developers.asana.com/reference/getattachmentsforobject
        let path = ["api", "1.0", "attachments"];
        let query = [("parent", parent.as_str()), ("opt_fields", attachment::FIELDS)];
        let has_size = |attachment: &Attachment| attachment.size.is_none_or(|size| size == self.file.size());
        let may_be_it = |attachment: &Attachment| attachment.is_hosted() && has_size(attachment);
        let candidates = match reconcile::list_candidates(api, &path, &query, may_be_it).await? {
            Candidates::All(attachments) => attachments,
            Candidates::Unfinished(cursor) => return Ok(Reconciliation::Unfinished(cursor)),
        };
        let has_name = |attachment: &Attachment| attachment.name().is_some_and(|name| self.is_named(name));
        // One with another name may be this one.
        if !candidates.is_empty() && !candidates.iter().any(has_name) {
            return Ok(Reconciliation::Inconclusive);
        }
        Ok(reconcile::unique_candidate(candidates.into_iter().filter(has_name), CREATED_MESSAGE))
    }
}

impl UploadAttachment {
    async fn parent(&self, api: &Api<'_>) -> Result<Target> {
        attachment::parent(api, self.task_id.as_ref(), self.project_id.as_ref()).await
    }

    /// True if a name that Asana returns is that of the file, in which it may have left the encoding.
    fn is_named(&self, shown: &str) -> bool {
        shown == self.file.filename() || percent_decode_str(shown).decode_utf8_lossy() == self.file.filename()
    }
}

/// Returns a file's name as the form has it. Asana takes names with other characters than those of ASCII percent-encoded:
/// <https://developers.asana.com/reference/createattachmentforobject>
fn form_name(name: &str) -> Cow<'_, str> {
    match name.is_ascii() && !name.contains(['%', '"']) {
        true => name.into(),
        false => utf8_percent_encode(name, ENCODED).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing::{self, SentRequest, Step, StepOutput};
    use crate::http::HttpError;

    const FILE: &str = "file_01JQ3X7K5T8Z9V0W1Y2A3B4C5D";

    fn context() -> Value {
        json!({ "taskId": "42", "file": { "file": FILE, "filename": "Zürich.pdf", "contentType": "application/pdf", "size": 30 } })
    }

    fn attachment(gid: &str, name: &str, size: u64, at: &str) -> Value {
        json!({ "gid": gid, "name": name, "size": size, "host": "asana", "created_at": at,
            "parent": { "gid": "42", "name": "All" }, "permanent_url": "https://app.asana.com/a/1" })
    }

    const NEW: &str = "2026-11-23T10:00:02.000Z";

    #[tokio::test]
    async fn attaches_a_file() {
        let (output, calls) = testing::run(&ADAPTER, "upload_attachment", context(), |_| {
            (200, json!({ "data": attachment("99", "Zürich.pdf", 30, NEW) }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "id": "99", "filename": "Zürich.pdf", "size": 30, "host": "asana", "createdAt": "2026-11-23T10:00:02Z",
                "parent": { "id": "42", "name": "All" }, "link": "https://app.asana.com/a/1" })
        );
        assert_eq!(
            (output.external_id.as_deref(), output.link.as_deref()),
            (Some("99"), Some("https://app.asana.com/a/1"))
        );
        assert_eq!((calls.len(), calls[0].line.as_str()), (1, "POST /api/1.0/attachments"));
        assert_eq!(calls[0].header("content-type"), "multipart/form-data; boundary=plugin-engine-task_abc.1");
        let form = calls[0].text();
        assert!(form.contains("name=\"parent\"\r\n\r\n42\r\n"), "{form}");
        assert!(form.contains("filename=\"Z%C3%BCrich.pdf\"\r\nContent-Type: application/pdf\r\n\r\nabcd"), "{form}");
    }

    async fn reconcile(attachments: Vec<Value>) -> Reconciliation {
        let provider = move |_: &SentRequest| Ok((200, json!({ "data": attachments })));
        let step = testing::run_step(&ADAPTER, "upload_attachment", None, Step::Reconcile, context(), provider);
        match step.await {
            (Ok(StepOutput::Reconciliation(result)), calls) => {
                assert_eq!((calls[0].line.as_str(), calls[0].parameter("parent")), ("GET /api/1.0/attachments", "42"));
                result
            }
            (other, _) => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn reconciles_by_time_name_and_size() {
        let found =
            reconcile(vec![attachment("9", "a.pdf", 30, NEW), attachment("10", "Z%C3%BCrich.pdf", 30, NEW)]).await;
        let Reconciliation::Applied(output) = found else { panic!("{found:?}") };
        assert_eq!(output.external_id.as_deref(), Some("10"));
        let mut elsewhere = attachment("9", "Zürich.pdf", 30, NEW);
        elsewhere["host"] = json!("dropbox");
        let own = || attachment("9", "Zürich.pdf", 30, NEW);
        for (attachments, expected) in [
            (vec![], Reconciliation::NotApplied),
            (vec![attachment("9", "Zürich.pdf", 30, "2026-11-23T09:58:00Z")], Reconciliation::NotApplied),
            (vec![attachment("9", "Zürich.pdf", 31, NEW)], Reconciliation::NotApplied),
            (vec![elsewhere], Reconciliation::NotApplied),
            (vec![own(), own()], Reconciliation::Inconclusive),
            // Asana may have changed the name.
            (vec![attachment("9", "Zurich.pdf", 30, NEW)], Reconciliation::Inconclusive),
        ] {
            assert_eq!(reconcile(attachments).await, expected);
        }
    }

    #[tokio::test]
    async fn a_lost_upload_is_ambiguous_and_a_refused_one_is_not() {
        let lost = |_: &SentRequest| Err(HttpError::Lost("cut".to_owned()));
        let (output, _) = testing::run_fallible(&ADAPTER, "upload_attachment", context(), lost).await;
        assert_eq!(testing::error_kind(&output), Kind::Ambiguous);
        let (output, _) = testing::run(&ADAPTER, "upload_attachment", context(), |_| (413, Value::Null)).await;
        assert_eq!(testing::error_kind(&output), Kind::Invalid);
    }

    #[test]
    fn refuses_no_place_two_places_and_a_file_that_is_too_large() {
        let refusal = |context: Value| testing::refusal(&ADAPTER, "upload_attachment", context);
        let file = json!({ "filename": "a.txt", "text": "a" });
        for context in [json!({ "file": file }), json!({ "taskId": "1", "projectId": "2", "file": file })] {
            assert_eq!(refusal(context).0, "context.taskId");
        }
        let large = json!({ "file": FILE, "size": MAX_FILE_BYTES + 1 });
        assert_eq!(refusal(json!({ "taskId": "1", "file": large })).0, "context.file");
    }
}
