//! `list_drafts`: lists the drafts of the mailbox.

use futures::stream::{self, StreamExt, TryStreamExt};

use super::LIST_DRAFTS_SCOPES;
use super::draft::{self, Draft};
use super::message;
use crate::adapters::paging;
use crate::adapters::prelude::*;

const DEFAULT_LIMIT: u32 = 10;
const MAX_LIMIT: u32 = 50;
const MAX_CURSOR_BYTES: usize = 2048;

/// List the drafts in the connected Gmail account, newest first, with recipients, subject, date and a snippet.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListDrafts {
    /// Number of drafts to return, 1 to 50; default 10.
    #[schemars(range(min = 1, max = 50))]
    limit: Option<u32>,
    /// The `cursor` of the previous page, to continue from there.
    cursor: Option<String>,
}

impl Action for ListDrafts {
    const META: Meta = Meta::read("list_drafts", LIST_DRAFTS_SCOPES).example(r#"{"limit": 5}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        paging::check_page(self.limit, MAX_LIMIT, self.cursor.as_deref(), MAX_CURSOR_BYTES)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/list
        let page = draft::list(api, self.limit.unwrap_or(DEFAULT_LIMIT), self.cursor.as_deref()).await?;
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/get
        let reads = stream::iter(page.drafts).map(|listed| read_draft(api, listed.id));
        let drafts: Vec<Option<Value>> = reads.buffered(super::MAX_CONCURRENT_READS).try_collect().await?;
        Ok(paging::page_output("draft", drafts.into_iter().flatten(), page.next_page_token))
    }
}

/// Reads one draft, as output; `None` if it was sent or deleted after it was listed.
async fn read_draft(api: &Api<'_>, id: String) -> Result<Option<Value>> {
    Ok(draft::get(api, &id).await?.as_ref().map(|draft| message::shorten(draft_json(draft))))
}

fn draft_json(draft: &Draft) -> Value {
    let mut summary = draft.message.summary_json();
    json!({
        "id": draft.id,
        "messageId": draft.message.id,
        "threadId": draft.message.thread_id,
        "to": summary["to"].take(),
        "cc": draft.message.header("Cc"),
        "subject": summary["subject"].take(),
        "date": summary["date"].take(),
        "snippet": summary["snippet"].take(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn reads_listed_drafts() {
        let provider = |sent: &testing::SentRequest| match sent.line.rsplit_once('/').unwrap().1 {
            "drafts" => (200, json!({ "drafts": [{ "id": "r1" }, { "id": "gone" }], "nextPageToken": "p2" })),
            "gone" => (404, json!({ "error": { "code": 404 } })),
            id => (
                200,
                json!({ "id": id, "message": { "id": "m1", "threadId": "t1", "snippet": "Hi", "internalDate": "1795600000000",
                    "payload": { "headers": [{ "name": "To", "value": "a@b.co" }, { "name": "Subject", "value": "S" }] } } }),
            ),
        };
        let context = json!({ "limit": 2, "cursor": "p1" });
        let (output, calls) = testing::run(&ADAPTER, "list_drafts", context, provider).await;
        let draft = json!({ "id": "r1", "messageId": "m1", "threadId": "t1", "to": "a@b.co", "cc": null, "subject": "S",
            "date": "2026-11-25T09:46:40Z", "snippet": "Hi" });
        assert_eq!(output.unwrap().data, json!({ "drafts": [draft], "cursor": "p2" }));
        assert_eq!(calls[0].line, "GET /gmail/v1/users/me/drafts");
        assert_eq!((calls[0].parameter("maxResults"), calls[0].parameter("pageToken")), ("2", "p1"));
        assert_eq!(
            (calls[1].line.as_str(), calls[1].parameter("format")),
            ("GET /gmail/v1/users/me/drafts/r1", "metadata")
        );
    }

    #[tokio::test]
    async fn no_drafts_give_an_empty_list() {
        let (output, calls) = testing::run(&ADAPTER, "list_drafts", json!({}), |_| (200, json!({}))).await;
        assert_eq!(output.unwrap().data, json!({ "drafts": [], "cursor": null }));
        assert_eq!(calls[0].parameter("maxResults"), "10");
        assert_eq!(testing::refusal(&ADAPTER, "list_drafts", json!({ "limit": 51 })).0, "context.limit");
    }
}
