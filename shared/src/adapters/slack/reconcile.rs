//! Reconciliation of a posted message by the effect key in its metadata. Every app in the workspace can read the metadata; it contains
//! that key and the author mark, and nothing else.
//! <https://docs.slack.dev/messaging/message-metadata/>

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::has_code;
use super::page::{self, ResponseMetadata};
use crate::adapters::api::Api;
use crate::error::Result;

/// The event type of the metadata.
const EVENT_TYPE: &str = "plugin_engine_send";
/// Messages per page; apps outside the Marketplace get 15.
const PAGE_LIMIT: u32 = 200;
/// Maximum difference between Slack's clock and ours. It can be generous: the key identifies the message.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(10);
/// Maximum number of pages to read in one reconciliation. The next one goes on from there.
const MAX_PAGES: usize = 5;

/// The result of a search for this effect's message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Search {
    /// The message exists. Holds its `ts`.
    Found(String),
    /// All messages of the window were read, and none is this effect's.
    Absent,
    /// A part of the window was read. Holds the cursor of the next reconciliation.
    Unfinished(String),
}

/// The place of a search in its window. The window's start is the same in every reconciliation, because it depends on the attempt
/// only; its end is fixed by the first one.
#[derive(Debug, PartialEq, Eq)]
struct Position {
    /// The end of the window, as a Slack timestamp.
    latest: String,
    /// Slack's cursor of the next page; `None` for the first page. Slack's cursors name the first message of their page, so newer
    /// messages do not move them.
    next_page: Option<String>,
}

#[derive(Deserialize)]
struct History {
    messages: Vec<Message>,
    response_metadata: Option<ResponseMetadata>,
}

#[derive(Deserialize)]
struct Message {
    ts: String,
    #[serde(default)]
    metadata: MessageMetadata,
}

/// The metadata of a message, of any app.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub(super) struct MessageMetadata(Value);

/// Returns the metadata of the message that this effect posts.
///
/// # Errors
/// [`Error::Unavailable`](crate::error::Error::Unavailable) when the author mark cannot be made now.
pub(super) async fn effect_metadata(api: &Api<'_>) -> Result<Value> {
    let mark = api.authorship.mark(&api.effect_key).await?;
    Ok(json!({ "event_type": EVENT_TYPE, "event_payload": { "key": api.effect_key, "author": mark } }))
}

/// Searches a channel, or a thread of it, for this effect's message, from the place where the last reconciliation stopped.
///
/// # Errors
/// A failure of a call, except a rate limit after the first page.
pub(super) async fn find_message(api: &Api<'_>, channel: &str, thread: Option<&str>) -> Result<Search> {
    let (mut position, mut limit) = (Position::resume(api), PAGE_LIMIT);
    for page_number in 0..MAX_PAGES {
        let (page, size) = match read_page(api, channel, thread, &position, limit).await {
            Ok(page) => page,
            Err(error) if page_number > 0 && error.is_rate_limit() => break,
            // Slack no longer accepts the cursor of an earlier reconciliation: the window is read from its first page.
            Err(error) if position.next_page.is_some() && has_code(&error, "invalid_cursor") => {
                position.next_page = None;
                continue;
            }
            Err(error) => return Err(error),
        };
        limit = size;
        if let Some(found) = page.messages.into_iter().find(|message| message.metadata.has_key(&api.effect_key)) {
            return Ok(Search::Found(found.ts));
        }
        position.next_page = page::next_cursor(page.response_metadata);
        if position.next_page.is_none() {
            return Ok(Search::Absent);
        }
    }
    Ok(Search::Unfinished(position.to_cursor()))
}

async fn read_page(
    api: &Api<'_>,
    channel: &str,
    thread: Option<&str>,
    position: &Position,
    limit: u32,
) -> Result<(History, u32)> {
    // https://docs.slack.dev/reference/methods/conversations.history
    // https://docs.slack.dev/reference/methods/conversations.replies
    let method = if thread.is_some() { "conversations.replies" } else { "conversations.history" };
    let call = api
        .get(&["api", method])
        .query("channel", channel)
        .query_opt("ts", thread)
        .query("oldest", slack_time(api.attempted_at - MAX_CLOCK_SKEW))
        .query("latest", &position.latest)
        .query("include_all_metadata", true);
    page::read(api, call, limit, position.next_page.as_deref()).await
}

impl Position {
    /// Returns the place where the last reconciliation stopped, or the first page of a window that ends now.
    fn resume(api: &Api<'_>) -> Self {
        match api.cursor.and_then(|cursor| cursor.split_once('/')) {
            Some((latest, next_page)) => Self {
                latest: latest.to_owned(),
                next_page: Some(next_page.to_owned()).filter(|next_page| !next_page.is_empty()),
            },
            None => Self { latest: slack_time(api.now() + MAX_CLOCK_SKEW), next_page: None },
        }
    }

    /// Returns the place as `<latest>/<cursor of Slack>`. A Slack timestamp contains no slash.
    fn to_cursor(&self) -> String {
        format!("{}/{}", self.latest, self.next_page.as_deref().unwrap_or_default())
    }
}

impl MessageMetadata {
    /// Returns true if the message has this effect's key. Other fields of the metadata are Slack's.
    fn has_key(&self, key: &str) -> bool {
        self.key() == Some(key)
    }

    /// Returns true if the message has the author mark of this connection.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable) when the mark cannot be checked now.
    pub(super) async fn is_own(&self, api: &Api<'_>) -> Result<bool> {
        match (self.key(), self.0["event_payload"]["author"].as_str()) {
            (Some(key), Some(mark)) => api.authorship.recognizes(key, mark).await,
            _ => Ok(false),
        }
    }

    fn key(&self) -> Option<&str> {
        let payload = (self.0["event_type"] == EVENT_TYPE).then_some(&self.0["event_payload"]);
        payload.and_then(|payload| payload["key"].as_str())
    }
}

/// Returns an instant as a Slack timestamp, in whole seconds.
fn slack_time(instant: Timestamp) -> String {
    format!("{}.000000", instant.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{ActionHarness, EFFECT_KEY, SentRequest};
    use crate::error::Kind;
    use crate::http::HttpError;

    fn message(key: &str) -> Value {
        json!({ "ts": "1795428001.000100", "metadata": { "event_type": "plugin_engine_send", "app_id": "A1",
            "event_payload": { "key": key, "added_by_slack": 1 } } })
    }

    fn page(messages: &[Value], next: &str) -> Result<(u16, Value), HttpError> {
        Ok((200, json!({ "ok": true, "messages": messages, "response_metadata": { "next_cursor": next } })))
    }

    async fn search(
        cursor: Option<&str>,
        provider: impl Fn(&SentRequest) -> Result<(u16, Value), HttpError> + Send + Sync + 'static,
    ) -> (Result<Search>, Vec<SentRequest>) {
        let harness = ActionHarness::new(&ADAPTER, provider);
        let action = ADAPTER.action("send_message").unwrap();
        let api = Api { cursor, ..harness.api(action, None) };
        (find_message(&api, "C1", None).await, harness.calls())
    }

    #[tokio::test]
    async fn only_the_key_is_compared() {
        let (found, calls) = search(None, |_| page(&[json!({ "ts": "1.000001" }), message(EFFECT_KEY)], "")).await;
        assert_eq!(found.unwrap(), Search::Found("1795428001.000100".to_owned()));
        // Ten minutes before and after the test's time.
        assert_eq!(
            (calls[0].parameter("oldest"), calls[0].parameter("latest")),
            ("1795427400.000000", "1795428600.000000")
        );
        let (found, _) = search(None, |_| page(&[message("another")], "")).await;
        assert_eq!(found.unwrap(), Search::Absent);
    }

    #[tokio::test]
    async fn a_rate_limit_after_a_page_leaves_a_cursor_and_the_next_search_goes_on() {
        let limited = || Ok((429, json!({ "ok": false, "error": "ratelimited" })));
        let provider = move |sent: &SentRequest| match sent.parameter("cursor") {
            "" => page(&[message("another")], "p/2="),
            _ => limited(),
        };
        let (found, _) = search(None, provider).await;
        let Search::Unfinished(cursor) = found.unwrap() else { panic!("the search ended") };
        assert_eq!(cursor, "1795428600.000000/p/2=");
        let stored = "1795428555.000000/p/2=";
        let (found, calls) = search(Some(stored), |_| page(&[message(EFFECT_KEY)], "")).await;
        assert_eq!(found.unwrap(), Search::Found("1795428001.000100".to_owned()));
        assert_eq!((calls[0].parameter("latest"), calls[0].parameter("cursor")), ("1795428555.000000", "p/2="));
        let (found, _) = search(Some(stored), move |_| limited()).await;
        assert_eq!(found.unwrap_err().kind(), Some(Kind::RateLimited));
    }

    #[tokio::test]
    async fn a_page_that_is_too_long_is_read_with_fewer_messages() {
        let provider =
            |sent: &SentRequest| match (sent.parameter("limit").parse::<u32>().unwrap(), sent.parameter("cursor")) {
                (51.., _) => Err(HttpError::TooLarge(http::StatusCode::OK)),
                (_, "") => page(&[message("another")], "p2"),
                _ => page(&[message(EFFECT_KEY)], ""),
            };
        let (found, calls) = search(None, provider).await;
        assert_eq!(found.unwrap(), Search::Found("1795428001.000100".to_owned()));
        let limits: Vec<_> = calls.iter().map(|sent| sent.parameter("limit")).collect();
        assert_eq!(limits, ["200", "100", "50", "50"]);
    }

    #[tokio::test]
    async fn a_long_history_is_read_in_parts() {
        let (found, calls) = search(None, |_| page(&[], "more")).await;
        assert_eq!(found.unwrap(), Search::Unfinished("1795428600.000000/more".to_owned()));
        assert_eq!(calls.len(), MAX_PAGES);
    }

    #[tokio::test]
    async fn an_expired_cursor_starts_the_same_window_again() {
        let provider = |sent: &SentRequest| match sent.parameter("cursor") {
            "" => page(&[message(EFFECT_KEY)], ""),
            _ => Ok((200, json!({ "ok": false, "error": "invalid_cursor" }))),
        };
        let (found, calls) = search(Some("1795428555.000000/old"), provider).await;
        assert_eq!(found.unwrap(), Search::Found("1795428001.000100".to_owned()));
        assert_eq!((calls.len(), calls[1].parameter("latest")), (2, "1795428555.000000"));
    }
}
