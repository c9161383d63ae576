//! `get_file`: reads a file on a page.

use super::NO_SCOPES;
use super::file_block::FileBlock;
use super::place::Place;
use crate::adapters::files::{self, FileOutput, NewFile};
use crate::adapters::prelude::*;

/// The origins at which Notion keeps files: the host of `file.url`, which is valid for an hour.
/// <https://developers.notion.com/guides/data-apis/retrieving-files>
const FILE_ORIGINS: [&str; 2] = ["https://prod-files-secure.s3.us-west-2.amazonaws.com", "https://file.notion.so"];

/// Read a file on a Notion page: its name, type and size, and its `file`, which other actions take. A file elsewhere on the web has only
/// a link.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetFile {
    /// The block of the file, as `notion_list_files` returns it: its id or a link to it.
    block_id: Place,
    /// True to read the text of a text file of at most 20 KiB too.
    #[serde(default)]
    as_text: bool,
}

impl Action for GetFile {
    const META: Meta =
        Meta::read("get_file", NO_SCOPES).example(r#"{"blockId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0061"}"#);
    type Output = FileOutput;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<FileOutput>> {
        // https://developers.notion.com/reference/retrieve-a-block
        let block: Value = api.get(&["v1", "blocks", self.block_id.as_str()]).send().await?;
        let file = FileBlock::read(&block).ok_or_else(|| {
            api.error(Kind::Invalid, "the block has no file: notion_list_files lists the blocks that have one")
        })?;
        if let Some(link) = &file.link {
            return Err(api.error(Kind::Invalid, format!("the file is not in Notion: open it at {link}")));
        }
        let address = block[&file.kind]["file"]["url"].as_str();
        let address =
            address.ok_or_else(|| api.error(Kind::Transient, "unexpected response: a file without an address"))?;
        let download = api.call_issued(Method::GET, &FILE_ORIGINS, address).download().await?;
        let new_file = NewFile::read(api, file.filename.as_deref().unwrap_or("file"), None, &download)?;
        let output = files::read(api, new_file, download.stream, self.as_text).await?;
        Ok(output.with_id(self.block_id.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";

    fn provider(kind: &'static str, content: Value) -> impl Fn(&SentRequest) -> (u16, Value) + Send + Sync {
        move |sent: &SentRequest| {
            let mut block = json!({ "id": ID, "type": kind });
            block[kind] = content.clone();
            if sent.line.starts_with("GET /v1/blocks/") { (200, block) } else { (200, json!({ "a": 1 })) }
        }
    }

    #[tokio::test]
    async fn stores_the_file_without_sending_the_token_to_its_host() {
        let url = "https://prod-files-secure.s3.us-west-2.amazonaws.com/1/2/a%20b.json?X-Amz-Signature=1";
        let context = json!({ "blockId": ID, "asText": true });
        let file = json!({ "type": "file", "file": { "url": url, "expiry_time": "2026-11-23T11:00:00.000Z" } });
        let (output, calls) = testing::run(&ADAPTER, "get_file", context, provider("file", file)).await;
        let output = output.unwrap();
        assert_eq!((&output.data["filename"], &output.data["size"]), (&json!("a b.json"), &json!(7)));
        assert_eq!((&output.data["text"], output.external_id.as_deref()), (&json!("{\"a\":1}"), Some(ID)));
        assert_eq!((calls[1].line.as_str(), calls[1].header("authorization")), ("GET /1/2/a%20b.json", ""));
        assert_eq!(calls[1].header("notion-version"), "");
    }

    #[tokio::test]
    async fn other_hosts_and_other_blocks_are_refused() {
        let at = |url: &str| json!({ "type": "file", "file": { "url": url } });
        let external = json!({ "type": "external", "external": { "url": "https://example.com/a.png" } });
        for (kind, content, text) in [
            ("image", external, "open it at https://example.com/a.png"),
            ("paragraph", json!({ "rich_text": [] }), "notion_list_files"),
            ("pdf", at("https://example.com/a.pdf"), "not the provider's"),
            ("pdf", at("https://s3.us-west-2.amazonaws.com/evil/a.pdf"), "not the provider's"),
            ("pdf", at("https://evil.s3.us-west-2.amazonaws.com/a.pdf"), "not the provider's"),
        ] {
            let (output, calls) =
                testing::run(&ADAPTER, "get_file", json!({ "blockId": ID }), provider(kind, content)).await;
            let error = output.unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
            assert_eq!(calls.len(), 1);
        }
    }
}
