//! `fetch_emails`: lists messages of the mailbox with sender, subject, date and a snippet.

use futures::future::ready;
use futures::stream::{self, StreamExt, TryStreamExt};

use super::message::{self, Message};
use super::{READ_SCOPES, check_id};
use crate::adapters::paging;
use crate::adapters::prelude::*;
use crate::validate::check_text;

const DEFAULT_RESULTS: u32 = 10;
const MAX_RESULTS: u32 = 50;
const MAX_TEXT_BYTES: usize = 2048;

/// Find e-mails in the connected Gmail account, newest first, with sender, recipients, subject, date and a snippet.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FetchEmails {
    /// Search query in the syntax of Gmail's search box: `is:unread from:ann@example.com`. Default: all mail.
    query: Option<String>,
    /// Number of e-mails to return, 1 to 50; default 10.
    #[serde(alias = "maxResults")]
    #[schemars(extend("x-aliases" = ["maxResults"]))]
    #[schemars(range(min = 1, max = 50))]
    limit: Option<u32>,
    /// Set to true to return each e-mail in full, as `get_email` does: text, HTML and attachments. By default only the headers
    /// and a snippet are returned. A text over 20 KiB is cut; then `truncated` is true, and `get_email` returns more of it. An
    /// e-mail over 5 MiB has neither text nor attachments; then `truncated` is true.
    include_body: Option<bool>,
    /// Return only e-mails with all of these labels, by id: `INBOX`, `UNREAD`, `Label_12`.
    label_ids: Option<Vec<String>>,
    /// The `cursor` of the previous page, to continue from there.
    cursor: Option<String>,
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
        .aliases(&["list_emails", "search_emails"])
        .example(r#"{"query": "is:unread", "limit": 5}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        for (field, text) in [("query", &self.query), ("cursor", &self.cursor)] {
            if let Some(text) = text {
                check_text(field, text, MAX_TEXT_BYTES)?;
            }
        }
        for (at, label) in self.label_ids.iter().flatten().enumerate() {
            check_id(&format!("labelIds[{at}]"), label)?;
        }
        paging::check_limit("limit", self.limit, MAX_RESULTS)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let list = self.list_page(api).await?;
        let full = self.include_body.unwrap_or_default();
        let reads = stream::iter(list.messages)
            .map(|entry| read_message(api, entry.id, full))
            .buffered(super::MAX_CONCURRENT_READS);
        let emails: Vec<Value> = reads.try_filter_map(|email| ready(Ok(email))).try_collect().await?;
        Ok(ActionOutput {
            message: paging::count_message(emails.len(), "e-mail"),
            data: json!({ "emails": emails, "cursor": list.next_page_token }),
            external_id: None,
            link: None,
        })
    }
}

impl FetchEmails {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/list
    async fn list_page(&self, api: &Api<'_>) -> Result<MessagePage> {
        let mut call = api
            .get(&["gmail", "v1", "users", "me", "messages"])
            .query_opt("q", self.query.as_deref())
            .query("maxResults", self.limit.unwrap_or(DEFAULT_RESULTS))
            .query_opt("pageToken", self.cursor.as_deref());
        for label in self.label_ids.iter().flatten() {
            call = call.query("labelIds", label);
        }
        call.send().await
    }
}

/// Reads one message, as output; `None` if it was deleted after it was listed.
async fn read_message(api: &Api<'_>, id: String, full: bool) -> Result<Option<Value>> {
    if full {
        return message::get_listed(api, &id).await;
    }
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/get
    let mut call = api.get(&["gmail", "v1", "users", "me", "messages", &id]).query("format", "metadata");
    for header in ["From", "To", "Subject", "Date"] {
        call = call.query("metadataHeaders", header);
    }
    let message: Option<Message> = message::none_if_not_found(call.send().await)?;
    Ok(message.as_ref().map(|message| message::shorten(message.summary_json())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    fn respond(sent: &SentRequest) -> (u16, Value) {
        match sent.line.rsplit_once('/').unwrap().1 {
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
        let context = json!({ "query": "is:unread", "maxResults": 10, "labelIds": ["INBOX", "X"] });
        let (output, calls) = testing::run(&ADAPTER, "fetch_emails", context, respond).await;
        let data = output.unwrap().data;
        assert_eq!(data["cursor"], "p2");
        assert_eq!(data["emails"].as_array().unwrap().len(), 2);
        assert_eq!(
            data["emails"][0],
            json!({ "id": "m1", "threadId": "t1", "from": "Ann <ann@b.co>", "to": null, "subject": "Hello",
                "date": "2026-11-25T09:46:40Z", "snippet": "Hi", "labelIds": ["INBOX", "UNREAD"], "unread": true })
        );
        assert_eq!(data["emails"][1]["id"], "m2");

        assert_eq!(calls[0].line, "GET /gmail/v1/users/me/messages");
        assert_eq!(calls[0].header("authorization"), "Bearer xoxp-token-1");
        assert_eq!((calls[0].parameter("q"), calls[0].parameter("maxResults")), ("is:unread", "10"));
        assert_eq!(calls[0].query.iter().filter(|(name, _)| name == "labelIds").count(), 2);
        assert_eq!(calls[1].line, "GET /gmail/v1/users/me/messages/m1");
        assert_eq!(calls[1].parameter("format"), "metadata");
    }

    #[tokio::test]
    async fn no_results_give_an_empty_list() {
        let (output, calls) =
            testing::run(&ADAPTER, "fetch_emails", json!({}), |_| (200, json!({ "resultSizeEstimate": 0 }))).await;
        assert_eq!(output.unwrap().data, json!({ "emails": [], "cursor": null }));
        assert_eq!(calls[0].parameter("maxResults"), "10");
    }

    #[test]
    fn refuses_invalid_limits_and_queries() {
        for bad in [json!(0), json!(51), json!(-1), json!("ten")] {
            let context = json!({ "maxResults": bad });
            assert_eq!(testing::refusal(&ADAPTER, "fetch_emails", context).0, "context.maxResults");
        }
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
            (&json!(true), &json!("c@b.co"), &json!([]))
        );
    }
}
