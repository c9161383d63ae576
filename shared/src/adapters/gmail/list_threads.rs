//! `list_threads`: lists or searches the threads of the mailbox.

use futures::stream::{self, StreamExt, TryStreamExt};

use super::READ_SCOPES;
use super::label::{self, AnyLabel};
use super::message::none_if_not_found;
use super::thread::{Thread, ThreadSummary};
use crate::adapters::prelude::*;

/// The headers of an e-mail of a listed thread.
const HEADERS: [&str; 3] = ["From", "Subject", "Date"];

/// Find threads, newest first: subject, senders, time, number of e-mails and labels of each. `gmail_get_thread` reads one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListThreads {
    /// Search query in the syntax of Gmail's search box: `is:unread from:ann@example.com`. A thread is found if one of its e-mails is.
    query: Option<Line<2048>>,
    /// Number of threads to return.
    #[serde(default, alias = "maxResults")]
    #[schemars(extend("x-aliases" = ["maxResults"]))]
    limit: Limit<10, 50>,
    /// Return only threads with an e-mail that has all of these labels, by name or id: `inbox`, `Receipts`.
    #[serde(alias = "labelIds")]
    #[schemars(extend("x-aliases" = ["labelIds"]))]
    labels: Option<Items<AnyLabel, 100>>,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ThreadPage {
    // Absent when nothing was found.
    #[serde(default)]
    threads: Vec<ThreadEntry>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct ThreadEntry {
    id: String,
}

impl Action for ListThreads {
    const META: Meta = Meta::read("list_threads", READ_SCOPES)
        .aliases(&["search_threads", "fetch_threads"])
        .example(r#"{"query": "is:unread", "labels": ["Inbox"], "limit": 5}"#);
    type Output = List<ThreadSummary>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<ThreadSummary>>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.threads/list
        let mut call = api
            .get(&["gmail", "v1", "users", "me", "threads"])
            .query_opt("q", self.query.as_deref())
            .query("maxResults", self.limit.get())
            .query_opt("pageToken", self.cursor.as_deref());
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels/list
        for label in label::find(api, &label::names(self.labels.as_ref())).await? {
            call = call.query("labelIds", label.id);
        }
        let page: ThreadPage = call.send().await?;
        let reads = stream::iter(page.threads).map(|entry| read(api, entry.id));
        let threads: Vec<Option<ThreadSummary>> = reads.buffered(super::MAX_CONCURRENT_READS).try_collect().await?;
        Ok(List::of(threads.into_iter().flatten(), page.next_page_token))
    }
}

/// Reads a thread with the headers of its e-mails; `None` if it was deleted after it was listed.
async fn read(api: &Api<'_>, id: String) -> Result<Option<ThreadSummary>> {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.threads/get
    let call = api.get(&["gmail", "v1", "users", "me", "threads", &id]).query("format", "metadata");
    let call = HEADERS.iter().fold(call, |call, name| call.query("metadataHeaders", name));
    let thread: Option<Thread> = none_if_not_found(call.send().await)?;
    Ok(thread.map(|thread| thread.into_summary(id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    fn respond(sent: &SentRequest) -> (u16, Value) {
        let message = |id: &str, from: &str, labels: Value| {
            json!({ "id": id, "threadId": "t1", "labelIds": labels, "snippet": id, "internalDate": "1795600000000",
                "payload": { "headers": [{ "name": "From", "value": from }, { "name": "Subject", "value": id }] } })
        };
        match sent.line.rsplit_once('/').unwrap().1 {
            "threads" => (200, json!({ "threads": [{ "id": "t1" }, { "id": "gone" }], "nextPageToken": "p2" })),
            "gone" => (404, json!({ "error": { "code": 404 } })),
            _ => {
                let ann = message("m1", "Ann <ann@b.co>", json!(["INBOX"]));
                let (bob, again) =
                    (message("m2", "bob@b.co", json!(["SENT"])), message("m3", "ann@b.co", json!(["INBOX", "UNREAD"])));
                (200, json!({ "id": "t1", "messages": [ann, bob, again] }))
            }
        }
    }

    #[tokio::test]
    async fn threads_are_listed_with_their_people_and_labels() {
        let context = json!({ "query": "is:unread", "labels": ["sent"], "cursor": "p1" });
        let (output, calls) = testing::run(&ADAPTER, "search_threads", context, respond).await;
        let thread = json!({ "id": "t1", "link": "https://mail.google.com/mail/u/0/#all/t1", "subject": "m1",
            "from": [{ "name": "Ann", "email": "ann@b.co" }, { "email": "bob@b.co" }], "date": "2026-11-25T09:46:40Z",
            "snippet": "m3", "emailCount": 3, "labelIds": ["INBOX", "SENT", "UNREAD"], "unread": true });
        assert_eq!(output.unwrap().data, json!({ "threads": [thread], "cursor": "p2" }));
        assert_eq!(calls[0].line, "GET /gmail/v1/users/me/threads");
        let sent = ["q", "maxResults", "pageToken", "labelIds"].map(|name| calls[0].parameter(name));
        assert_eq!(sent, ["is:unread", "10", "p1", "SENT"]);
        assert_eq!((calls.len(), calls[1].parameter("format")), (3, "metadata"));
    }
}
