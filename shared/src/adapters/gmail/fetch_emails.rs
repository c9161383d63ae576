//! `fetch_emails`: lists messages of the mailbox with sender, subject, date and a snippet.

use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::TO_READ;
use crate::adapters::action::{Action, Done, Effect, Scopes};
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};
use crate::ids::check_text;

const DEFAULT_RESULTS: u32 = 10;
const MAX_RESULTS: u32 = 50;
/// Messages read at the same time: each costs 5 of a user's 6,000 units a minute, and Gmail limits concurrency too.
const CONCURRENCY: usize = 5;
const MAX_TEXT_BYTES: usize = 2048;

/// Find e-mails in the connected Gmail account, newest first, with sender, recipients, subject, date and a snippet.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FetchEmails {
    /// What to look for, as in Gmail's search box: `is:unread from:ann@example.com`. All mail when left out.
    query: Option<String>,
    /// How many e-mails to return, 1 to 50; 10 when left out.
    #[schemars(range(min = 1, max = 50))]
    max_results: Option<u32>,
    /// Only e-mails that carry all of these labels, by id: `INBOX`, `UNREAD`, `Label_12`.
    label_ids: Option<Vec<String>>,
    /// The `cursor` of the page before, to go on from there.
    cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    // Absent when nothing was found.
    #[serde(default)]
    messages: Vec<Entry>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    id: String,
    thread_id: Option<String>,
    #[serde(default)]
    label_ids: Vec<String>,
    #[serde(default)]
    snippet: String,
    internal_date: Option<String>,
    #[serde(default)]
    payload: Payload,
}

#[derive(Default, Deserialize)]
struct Payload {
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    value: String,
}

impl Action for FetchEmails {
    const NAME: &'static str = "fetch_emails";
    const SCOPES: Scopes = TO_READ;
    const EFFECT: Effect = Effect::Read;

    fn check(&self) -> Result<()> {
        for (field, text) in [("query", &self.query), ("cursor", &self.cursor)] {
            if let Some(text) = text {
                check_text(field, text, MAX_TEXT_BYTES)?;
            }
        }
        for label in self.label_ids.iter().flatten() {
            check_text("labelIds", label, MAX_TEXT_BYTES)?;
        }
        match self.max_results {
            None | Some(1..=MAX_RESULTS) => Ok(()),
            Some(_) => Err(Error::invalid("maxResults", format!("must be 1 to {MAX_RESULTS}"))),
        }
    }

    async fn run(&self, api: &Api<'_>) -> Result<Done> {
        let list = self.list(api).await?;
        let found: Vec<Option<Message>> =
            stream::iter(list.messages).map(|entry| read(api, entry.id)).buffered(CONCURRENCY).try_collect().await?;
        let emails: Vec<Value> = found.iter().flatten().map(email).collect();
        Ok(Done {
            message: match emails.len() {
                1 => "1 e-mail found.".to_owned(),
                many => format!("{many} e-mails found."),
            },
            data: json!({ "emails": emails, "cursor": list.next_page_token }),
            external_id: None,
            link: None,
        })
    }
}

impl FetchEmails {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/list
    async fn list(&self, api: &Api<'_>) -> Result<List> {
        let mut call = api
            .get(&["gmail", "v1", "users", "me", "messages"])
            .maybe("q", self.query.as_deref())
            .query("maxResults", self.max_results.unwrap_or(DEFAULT_RESULTS))
            .maybe("pageToken", self.cursor.as_deref());
        for label in self.label_ids.iter().flatten() {
            call = call.query("labelIds", label);
        }
        call.send().await
    }
}

/// Reads one message, or nothing when it was deleted since it was listed.
// https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/get
async fn read(api: &Api<'_>, id: String) -> Result<Option<Message>> {
    let mut call = api.get(&["gmail", "v1", "users", "me", "messages", &id]).query("format", "metadata");
    for header in ["From", "To", "Subject", "Date"] {
        call = call.query("metadataHeaders", header);
    }
    match call.send().await {
        Ok(message) => Ok(Some(message)),
        Err(Error::Provider(error)) if error.kind == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn email(message: &Message) -> Value {
    let header = |name: &str| {
        let headers = &message.payload.headers;
        headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value.as_str())
    };
    // When Google took it in; the sender's own Date header may say anything.
    let received =
        message.internal_date.as_deref().and_then(|text| Timestamp::from_millisecond(text.parse().ok()?).ok());
    let written = || Some(jiff::fmt::rfc2822::parse(header("Date")?).ok()?.timestamp());
    json!({
        "id": message.id,
        "threadId": message.thread_id,
        "from": header("From"),
        "to": header("To"),
        "subject": header("Subject"),
        "date": received.or_else(written),
        "snippet": message.snippet,
        "labelIds": message.label_ids,
        "unread": message.label_ids.iter().any(|label| label == "UNREAD"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing::{self, Sent};

    fn mailbox(sent: &Sent) -> (u16, Value) {
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
    async fn lists_and_reads_in_order() {
        let context = json!({ "query": "is:unread", "maxResults": 10, "labelIds": ["INBOX", "X"] });
        let (done, calls) = testing::run(&ADAPTER, "fetch_emails", context, mailbox).await;
        let data = done.unwrap().data;
        assert_eq!(data["cursor"], "p2");
        assert_eq!(data["emails"].as_array().unwrap().len(), 2);
        assert_eq!(
            data["emails"][0],
            json!({ "id": "m1", "threadId": "t1", "from": "Ann <ann@b.co>", "to": null, "subject": "Hello",
                "date": "2026-11-25T09:46:40Z", "snippet": "Hi", "labelIds": ["INBOX", "UNREAD"], "unread": true })
        );
        assert_eq!(data["emails"][1]["id"], "m2");

        assert_eq!(calls[0].line, "GET /gmail/v1/users/me/messages");
        assert_eq!(calls[0].header("authorization"), "Bearer token-1");
        assert_eq!((calls[0].parameter("q"), calls[0].parameter("maxResults")), ("is:unread", "10"));
        assert_eq!(calls[0].query.iter().filter(|(name, _)| name == "labelIds").count(), 2);
        assert_eq!(calls[1].line, "GET /gmail/v1/users/me/messages/m1");
        assert_eq!(calls[1].parameter("format"), "metadata");
    }

    #[tokio::test]
    async fn nothing_found_is_an_empty_list() {
        let (done, calls) =
            testing::run(&ADAPTER, "fetch_emails", json!({}), |_| (200, json!({ "resultSizeEstimate": 0 }))).await;
        assert_eq!(done.unwrap().data, json!({ "emails": [], "cursor": null }));
        assert_eq!(calls[0].parameter("maxResults"), "10");
    }

    #[test]
    fn refuses_what_is_out_of_range() {
        for bad in [json!(0), json!(51), json!(-1), json!("10")] {
            let context = json!({ "maxResults": bad });
            assert_eq!(testing::refusal(&ADAPTER, "fetch_emails", context).0, "context.maxResults");
        }
        assert_eq!(testing::refusal(&ADAPTER, "fetch_emails", json!({ "query": "" })).0, "context.query");
    }
}
