//! `fetch_emails`: lists messages of the mailbox with sender, subject, date and a snippet.

use futures::stream::{self, StreamExt, TryStreamExt};

use super::READ_SCOPES;
use super::email::Email;
use super::label::{self, AnyLabel};
use super::message;
use crate::adapters::prelude::*;

/// The headers of an e-mail that is listed without its body.
const HEADERS: [&str; 7] = ["From", "To", "Cc", "Bcc", "Reply-To", "Subject", "Date"];

/// Find e-mails, newest first: sender, recipients, subject, date and a snippet of each. `gmail_get_email` reads one in full.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FetchEmails {
    /// Search query in the syntax of Gmail's search box: `is:unread from:ann@example.com`. Without it all mail is found.
    query: Option<Line<2048>>,
    /// Number of e-mails to return.
    #[serde(default, alias = "maxResults")]
    #[schemars(extend("x-aliases" = ["maxResults"]))]
    limit: Limit<10, 50>,
    /// Set to true to return texts, HTML and attachments too. A text over 20 KiB is cut; an e-mail over 5 MiB has none.
    #[serde(default)]
    include_body: bool,
    /// Return only e-mails with all of these labels, by name or id: `inbox`, `Receipts`.
    #[serde(alias = "labelIds")]
    #[schemars(extend("x-aliases" = ["labelIds"]))]
    labels: Option<Items<AnyLabel, 100>>,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MessagePage {
    // Absent when nothing was found.
    #[serde(default)]
    messages: Vec<MessageEntry>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct MessageEntry {
    id: String,
}

impl Action for FetchEmails {
    const META: Meta = Meta::read("fetch_emails", READ_SCOPES)
        .core()
        .aliases(&["list_emails", "search_emails"])
        .example(r#"{"query": "is:unread", "limit": 5}"#);
    type Output = List<Email>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Email>>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/list
        let mut call = api
            .get(&["gmail", "v1", "users", "me", "messages"])
            .query_opt("q", self.query.as_deref())
            .query("maxResults", self.limit.get())
            .query_opt("pageToken", self.cursor.as_deref());
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels/list
        for label in label::find(api, &label::names(self.labels.as_ref())).await? {
            call = call.query("labelIds", label.id);
        }
        let page: MessagePage = call.send().await?;
        let reads = stream::iter(page.messages).map(|entry| self.read(api, entry.id));
        let emails: Vec<Option<Email>> = reads.buffered(super::MAX_CONCURRENT_READS).try_collect().await?;
        Ok(List::of(emails.into_iter().flatten(), page.next_page_token))
    }
}

impl FetchEmails {
    /// Reads one e-mail; `None` if it was deleted after it was listed.
    async fn read(&self, api: &Api<'_>, id: String) -> Result<Option<Email>> {
        if self.include_body {
            return message::get_listed(api, &id).await;
        }
        let message = message::none_if_not_found(message::get_some_headers(api, &id, &HEADERS).await)?;
        Ok(message.map(|message| message.summary().listed()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    fn respond(sent: &SentRequest) -> (u16, Value) {
        match sent.line.rsplit_once('/').unwrap().1 {
            "labels" => (200, json!({ "labels": [{ "id": "Label_7", "name": "Category_Bugs" }] })),
            "messages" => (
                200,
                json!({ "messages": [{ "id": "m1" }, { "id": "gone" }, { "id": "m2" }],
                "nextPageToken": "p2", "resultSizeEstimate": 3 }),
            ),
            "gone" => (404, json!({ "error": { "code": 404, "message": "Requested entity was not found." } })),
            id => (
                200,
                json!({ "id": id, "threadId": "t1", "labelIds": ["INBOX", "UNREAD"], "snippet": "Hi",
                "internalDate": "1795600000000",
                "payload": { "headers": [{ "name": "from", "value": "Ann <ann@b.co>" },
                    { "name": "Subject", "value": "Hello" }] } }),
            ),
        }
    }

    #[tokio::test]
    async fn reads_listed_messages_in_order() {
        let context = json!({ "query": "is:unread", "maxResults": 10, "labelIds": ["Inbox", "category_bugs"] });
        let (output, calls) = testing::run(&ADAPTER, "fetch_emails", context, respond).await;
        let data = output.unwrap().data;
        assert_eq!(data["cursor"], "p2");
        assert_eq!(data["emails"].as_array().unwrap().len(), 2);
        assert_eq!(
            data["emails"][0],
            json!({ "id": "m1", "threadId": "t1", "link": "https://mail.google.com/mail/u/0/#all/m1",
                "from": { "name": "Ann", "email": "ann@b.co" }, "to": [], "subject": "Hello",
                "date": "2026-11-25T09:46:40Z", "snippet": "Hi", "labelIds": ["INBOX", "UNREAD"], "unread": true,
                "truncated": false })
        );
        assert_eq!(data["emails"][1]["id"], "m2");

        assert_eq!(calls[0].line, "GET /gmail/v1/users/me/labels");
        assert_eq!(calls[1].line, "GET /gmail/v1/users/me/messages");
        assert_eq!(calls[1].header("authorization"), "Bearer xoxp-token-1");
        assert_eq!((calls[1].parameter("q"), calls[1].parameter("maxResults")), ("is:unread", "10"));
        let labels: Vec<_> = calls[1].query.iter().filter(|(name, _)| name == "labelIds").map(|(_, id)| id).collect();
        assert_eq!(labels, ["INBOX", "Label_7"]);
        assert_eq!(calls[2].line, "GET /gmail/v1/users/me/messages/m1");
        assert_eq!(calls[2].parameter("format"), "metadata");
    }

    #[tokio::test]
    async fn no_results_give_an_empty_list() {
        let (output, calls) =
            testing::run(&ADAPTER, "fetch_emails", json!({}), |_| (200, json!({ "resultSizeEstimate": 0 }))).await;
        assert_eq!(output.unwrap().data, json!({ "emails": [] }));
        assert_eq!(calls[0].parameter("maxResults"), "10");
    }

    #[tokio::test]
    async fn full_emails_are_truncated_in_lists() {
        let provider = |sent: &SentRequest| match sent.line.ends_with("/messages") {
            true => (200, json!({ "messages": [{ "id": "m1" }] })),
            false => (
                200,
                json!({ "id": "m1", "threadId": "t1", "payload": { "mimeType": "text/plain",
                    "headers": [{ "name": "Cc", "value": "c@b.co" }], "body": { "data": "YWFh".repeat(10_000) } } }),
            ),
        };
        let context = json!({ "includeBody": true, "limit": 1 });
        let (output, calls) = testing::run(&ADAPTER, "list_emails", context, provider).await;
        let email = output.unwrap().data["emails"][0].clone();
        assert_eq!((calls[0].parameter("maxResults"), calls[1].parameter("format")), ("1", "full"));
        assert_eq!(email["text"].as_str().unwrap().len(), message::MAX_LISTED_BODY_BYTES);
        assert_eq!(
            (&email["truncated"], &email["cc"], &email["attachments"]),
            (&json!(true), &json!([{ "email": "c@b.co" }]), &json!([]))
        );
    }
}
