//! `list_drafts`: lists the drafts of the mailbox.

use futures::stream::{self, StreamExt, TryStreamExt};

use super::LIST_DRAFTS_SCOPES;
use super::draft::{self, Draft, DraftSummary};
use crate::adapters::prelude::*;

/// List the drafts of the mailbox, newest first, with recipients, subject, date and a snippet.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListDrafts {
    /// Number of drafts to return.
    #[serde(default)]
    limit: Limit<10, 50>,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

impl Action for ListDrafts {
    const META: Meta = Meta::read("list_drafts", LIST_DRAFTS_SCOPES).example(r#"{"limit": 5}"#);
    type Output = List<DraftSummary>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<DraftSummary>>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/list
        let page = draft::list(api, self.limit.get(), self.cursor.as_deref()).await?;
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/get
        let reads = stream::iter(page.drafts).map(|listed| async move {
            let draft: Result<_> = draft::get(api, &listed.id).await;
            // A draft that was sent or deleted after it was listed is left out.
            draft.map(|draft| draft.map(Draft::into_summary))
        });
        let drafts: Vec<Option<DraftSummary>> = reads.buffered(super::MAX_CONCURRENT_READS).try_collect().await?;
        Ok(List::of(drafts.into_iter().flatten(), page.next_page_token))
    }
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
        let draft = json!({ "id": "r1", "messageId": "m1", "threadId": "t1",
            "link": "https://mail.google.com/mail/u/0/#all/m1", "to": [{ "email": "a@b.co" }], "subject": "S",
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
        assert_eq!(output.unwrap().data, json!({ "drafts": [] }));
        assert_eq!(calls[0].parameter("maxResults"), "10");
    }
}
