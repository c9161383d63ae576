//! `get_file`: reads a file that was shared.

use super::FILES_ORIGIN;
use super::file::{FileId, FileObject};
use crate::adapters::api::Download;
use crate::adapters::files::{self, FileOutput, NewFile};
use crate::adapters::prelude::*;

/// Read a file that was shared in Slack: its name, type and size, and its `file`, which other actions take.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetFile {
    #[serde(alias = "file_id", alias = "link")]
    #[schemars(extend("x-aliases" = ["file_id", "link"]))]
    file_id: FileId,
    /// True to read the text of a text file of at most 20 KiB too.
    #[serde(default, alias = "as_text")]
    #[schemars(extend("x-aliases" = ["as_text"]))]
    as_text: bool,
}

impl Action for GetFile {
    const META: Meta =
        Meta::read("get_file", &[&["files:read"]]).example(r#"{"fileId": "F0LANDING01", "asText": true}"#);
    type Output = FileOutput;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<FileOutput>> {
        let file = self.file_id.fetch(api).await?;
        let address = address(api, &file)?;
        let call = api.call_at(Method::GET, &[FILES_ORIGIN], &address);
        let download = call.download_from(&[FILES_ORIGIN]).await?;
        let new_file = describe(api, &file, &download)?;
        let output = files::read(api, new_file, download.stream, self.as_text).await?;
        Ok(output.with_id(file.id).with_link(file.permalink))
    }
}

/// Returns the address of the bytes.
///
/// # Errors
/// The reason why a file has none, with the link to it.
fn address(api: &Api<'_>, file: &FileObject) -> Result<String> {
    match file.mode.as_deref() {
        Some("hidden_by_limit") => {
            return Err(api.error(Kind::PlanLimit, "the plan of the workspace hides the file, because it is old"));
        }
        Some("tombstone") => return Err(api.error(Kind::NotFound, "the file was deleted")),
        _ => {}
    }
    if file.is_external {
        let place = file.external_type.as_deref().filter(|place| !place.is_empty()).unwrap_or("another service");
        let link = file.url_private.as_deref().or(file.permalink.as_deref()).unwrap_or_default();
        return Err(api.error(Kind::Invalid, format!("the file is not at Slack, but at {place}: open it at {link}")));
    }
    // The former address redirects to a page for people for some types.
    let addresses = [&file.url_private_download, &file.url_private].into_iter().flatten();
    addresses
        .into_iter()
        .find(|address| address.starts_with("http"))
        .cloned()
        .ok_or_else(|| api.error(Kind::Forbidden, format!("Slack does not give the file to apps{}", opened_at(file))))
}

/// Returns the facts of the file that is stored.
///
/// # Errors
/// For a file that is too large, and for a page that was sent instead of the file.
fn describe(api: &Api<'_>, file: &FileObject, download: &Download) -> Result<NewFile> {
    if is_page(file, download) {
        // https://github.com/slackapi/bolt-js/issues/2585
        let text =
            format!("needs files:read: Slack sent the page for signing in instead of the file{}", opened_at(file));
        return Err(api.error(Kind::MissingScope, text));
    }
    let read = NewFile::read(api, file.display_name(), file.size, download)?;
    // Slack knows the type of a snippet, which it sends as text/plain.
    Ok(NewFile { content_type: file.mimetype.clone().unwrap_or(read.content_type), ..read })
}

/// True for HTML that is not the file: the file has another type or another size.
fn is_page(file: &FileObject, download: &Download) -> bool {
    let is_html = |content_type: &str| content_type.trim_start().to_ascii_lowercase().starts_with("text/html");
    let is_same = file.mimetype.as_deref().is_some_and(is_html) && file.size.is_some() && file.size == download.length;
    download.content_type().is_some_and(is_html) && !is_same
}

fn opened_at(file: &FileObject) -> String {
    file.permalink.as_ref().map_or_else(String::new, |link| format!("; open it at {link}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, ActionHarness, SentRequest};

    const LINK: &str = "https://team.slack.com/files/U1/F0123456789/numbers.json";

    /// A file as `files.info` returns it, with changes.
    fn file(change: Value) -> Value {
        let mut file = json!({ "id": "F0123456789", "name": "numbers.json", "mimetype": "application/json", "size": 7,
            "mode": "hosted", "permalink": LINK, "channels": ["C0123456789"],
            "url_private_download": "https://files.slack.com/files-pri/T1-F0123456789/download/numbers.json" });
        file.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        json!({ "ok": true, "file": file })
    }

    fn context() -> Value {
        json!({ "fileId": LINK, "asText": true })
    }

    #[tokio::test]
    async fn the_bytes_go_to_the_store() {
        let harness = ActionHarness::new(&ADAPTER, |sent: &SentRequest| {
            Ok((200, if sent.line == "GET /api/files.info" { file(json!({})) } else { json!({ "a": 1 }) }))
        });
        let action = ADAPTER.action("get_file").unwrap();
        let output = action.run(&harness.api(action, None), &context()).await.unwrap();
        let [(stored, content)] = harness.stored_files().try_into().unwrap();
        assert_eq!((stored.filename.as_str(), stored.size, content.as_ref()), ("numbers.json", 7, &br#"{"a":1}"#[..]));
        assert!(output.data["file"].as_str().unwrap().starts_with("file_"));
        assert_eq!((&output.data["contentType"], &output.data["size"]), (&json!("application/json"), &json!(7)));
        assert_eq!(output.data["text"], r#"{"a":1}"#);
        assert_eq!((output.external_id.as_deref(), output.link.as_deref()), (Some("F0123456789"), Some(LINK)));
        let calls = harness.calls();
        assert_eq!(calls[0].parameter("file"), "F0123456789");
        assert_eq!(calls[1].line, "GET /files-pri/T1-F0123456789/download/numbers.json");
        assert_eq!(calls[1].header("authorization"), "Bearer xoxp-token-1");
    }

    #[tokio::test]
    async fn a_file_without_bytes_is_refused_with_its_link() {
        let none = Value::Null;
        for (change, kind, text) in [
            (json!({ "mode": "hidden_by_limit" }), Kind::PlanLimit, "the plan of the workspace"),
            (json!({ "mode": "tombstone" }), Kind::NotFound, "was deleted"),
            (
                json!({ "is_external": true, "external_type": "gdrive", "url_private": "https://docs.example/d" }),
                Kind::Invalid,
                "at gdrive: open it at https://docs.example/d",
            ),
            (json!({ "url_private_download": none, "file_access": "access_denied" }), Kind::Forbidden, LINK),
            (json!({ "url_private_download": "https://evil.example/f" }), Kind::Invalid, "not the provider's"),
        ] {
            let answer = file(change.clone());
            let (output, calls) = testing::run(&ADAPTER, "get_file", context(), move |_| (200, answer.clone())).await;
            assert_eq!((testing::error_kind(&output), calls.len()), (kind, 1), "{change}");
            assert!(output.unwrap_err().to_string().contains(text), "{change}");
        }
        let gone = |_: &SentRequest| (200, json!({ "ok": false, "error": "file_deleted" }));
        let (output, _) = testing::run(&ADAPTER, "get_file", context(), gone).await;
        assert_eq!(testing::error_kind(&output), Kind::NotFound);
    }

    #[test]
    fn html_is_the_file_only_by_its_type_and_size() {
        let is_page = |mimetype: &str, sent: &str, length: Option<u64>| {
            let file = file(json!({ "mimetype": mimetype }));
            let headers = [(http::header::CONTENT_TYPE, sent.parse().unwrap())].into_iter().collect();
            let download = Download { length, headers, stream: crate::http::Body::default().into_stream() };
            super::is_page(&serde_json::from_value(file["file"].clone()).unwrap(), &download)
        };
        assert!(is_page("image/png", "text/html; charset=utf-8", Some(7)));
        assert!(is_page("text/html", "Text/HTML", Some(9)) && is_page("text/html", "text/html", None));
        assert!(!is_page("text/html", "text/html", Some(7)) && !is_page("image/png", "image/png", Some(9)));
    }
}
