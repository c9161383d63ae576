//! `list_files`: lists the files that were shared in a channel.

use super::access::Use;
use super::channel::SharedChannel;
use super::file::{FileObject, FileRef};
use super::person::{Person, PersonRef};
use super::time::{self, Moment};
use super::workspace;
use crate::adapters::prelude::*;

/// The last page that can be asked for.
const MAX_PAGE: u32 = 1_000;

/// List the files that were shared in a Slack channel, newest first. `slack_get_file` reads one by its `id`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListFiles {
    channel: SharedChannel,
    /// Only files that this person uploaded.
    user: Option<Person>,
    /// Only files of these types; by default all.
    types: Option<Items<FileType, 6>>,
    /// Only files uploaded at or after this time.
    oldest: Option<Moment>,
    /// Only files uploaded at or before this time.
    latest: Option<Moment>,
    /// Number of files to return.
    #[serde(default)]
    limit: Limit<50, 100>,
    /// The `cursor` of the previous page, with the same `limit`.
    cursor: Option<PageNumber>,
}

/// A type of files by which Slack filters.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum FileType {
    Images,
    Pdfs,
    Snippets,
    Zips,
    /// Google Docs.
    Gdocs,
    /// Posts and canvases.
    Spaces,
}

/// The number of a page, from 1.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("pattern" = "^[0-9]{1,4}$"))]
struct PageNumber(u32);

#[derive(Deserialize)]
struct Response {
    files: Vec<FileObject>,
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct Paging {
    pages: Option<u32>,
}

/// A file that was shared, as output.
#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListedFile {
    #[serde(flatten)]
    file: FileRef,
    /// The title that Slack shows above it.
    title: Option<String>,
    /// The time of uploading.
    created_at: Option<String>,
    /// The one who uploaded it.
    author: Option<PersonRef>,
}

impl Action for ListFiles {
    const META: Meta = Meta::read("list_files", &[&["files:read"]])
        .smaller_request("ask for fewer: a smaller `limit`, for example 10")
        .example(r#"{"channel": "project-updates"}"#);
    type Output = List<ListedFile>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<ListedFile>>> {
        let channel = self.channel.resolve(api, Use::Read).await?;
        let user = match &self.user {
            Some(user) => Some(user.resolve_id(api).await?),
            None => None,
        };
        let PageNumber(page) = self.cursor.unwrap_or(PageNumber(1));
        // https://docs.slack.dev/reference/methods/files.list
        let call = api
            .get(&["api", "files.list"])
            .query("channel", &channel.id)
            .query_opt("user", user.as_deref())
            .query_opt("types", self.type_names().as_deref())
            .query_opt("ts_from", self.oldest.as_deref())
            .query_opt("ts_to", self.latest.as_deref())
            .query("count", self.limit.get())
            .query("page", page);
        let call = workspace::name_in(api, call);
        let Response { files, paging } = call.send().await.map_err(|error| channel.map_error(api, error))?;
        let pages = paging.and_then(|paging| paging.pages).unwrap_or(page).min(MAX_PAGE);
        let cursor = (page < pages).then(|| (page + 1).to_string());
        Ok(List::of(files.into_iter().map(|file| ListedFile::of(api, file)), cursor))
    }
}

impl ListFiles {
    /// Returns the types as Slack takes them, separated by commas.
    fn type_names(&self) -> Option<String> {
        let names = self.types.as_ref()?.iter().filter_map(|kind| json!(kind).as_str().map(ToOwned::to_owned));
        Some(names.collect::<Vec<_>>().join(","))
    }
}

impl Listed for ListedFile {
    const NOUN: &'static str = "file";
}

impl ListedFile {
    fn of(api: &Api<'_>, mut file: FileObject) -> Self {
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        Self {
            title: filled(file.title.take()),
            created_at: file.created.filter(|created| *created > 0).and_then(time::of_seconds),
            author: filled(file.user.take()).map(|id| PersonRef::of(api, id)),
            file: file.into_ref(),
        }
    }
}

impl TryFrom<String> for PageNumber {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let number = text.parse().ok().filter(|number| (1..=MAX_PAGE).contains(number));
        number.map(Self).ok_or("must be the cursor of a list of files, for example 2")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_a_page_of_files_that_can_be_read_by_their_ids() {
        let context = json!({ "channel": "C0123456789", "user": "U0123456789", "types": ["images", "pdfs"], "limit": 1,
            "oldest": "2017-11-30T23:52:30Z", "latest": "1512085960", "cursor": "2" });
        let (output, calls) = testing::run(&ADAPTER, "list_files", context, |_| {
            let file = json!({ "id": "F0123456789", "name": "a.png", "title": "A", "mimetype": "image/png", "size": 7,
                "user": "U0123456789", "created": 1_512_085_950, "permalink": "https://works.slack.com/files/F0123456789" });
            (200, json!({ "ok": true, "files": [file], "paging": { "count": 1, "total": 3, "page": 2, "pages": 3 } }))
        })
        .await;
        let expected = json!({ "id": "F0123456789", "filename": "a.png", "title": "A", "contentType": "image/png", "size": 7,
            "link": "https://works.slack.com/files/F0123456789", "createdAt": "2017-11-30T23:52:30Z",
            "author": { "id": "U0123456789" } });
        assert_eq!(output.unwrap().data, json!({ "files": [expected], "cursor": "3" }));
        assert_eq!(calls[0].line, "GET /api/files.list");
        let sent =
            ["channel", "user", "types", "ts_from", "ts_to", "count", "page"].map(|name| calls[0].parameter(name));
        let expected =
            ["C0123456789", "U0123456789", "images,pdfs", "1512085950.000000", "1512085960.000000", "1", "2"];
        assert_eq!(sent, expected);
    }

    #[tokio::test]
    async fn the_last_page_has_no_cursor_and_a_stub_has_its_id() {
        let (output, _) = testing::run(&ADAPTER, "list_files", json!({ "channel": "C0123456789" }), |_| {
            let stub = json!({ "id": "F1", "created": 0, "user": "", "mode": "file_access" });
            (200, json!({ "ok": true, "files": [stub], "paging": { "page": 1, "pages": 1 } }))
        })
        .await;
        assert_eq!(output.unwrap().data, json!({ "files": [{ "id": "F1" }] }));
    }

    #[tokio::test]
    async fn provider_errors_map_to_their_kinds() {
        for (code, kind) in [
            ("missing_scope", Kind::MissingScope),
            ("slack_connect_canvas_sharing_blocked", Kind::Forbidden),
            ("unknown_type", Kind::Invalid),
            ("user_not_found", Kind::NotFound),
        ] {
            let response = move |_: &testing::SentRequest| (200, json!({ "ok": false, "error": code }));
            let (output, _) = testing::run(&ADAPTER, "list_files", json!({ "channel": "C0123456789" }), response).await;
            assert_eq!(testing::error_kind(&output), kind, "{code}");
        }
    }

    #[test]
    fn a_cursor_is_a_page() {
        for bad in ["0", "1001", "p2", ""] {
            assert!(PageNumber::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
