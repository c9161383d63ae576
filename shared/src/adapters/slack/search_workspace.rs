//! `search_workspace`: searches all conversations that the person can read, with the person's own token.

use super::channel::ChannelRef;
use super::file::FileObject;
use super::message::{self, Author, Message, MessageContent};
use super::workspace;
use crate::adapters::paging;
use crate::adapters::prelude::*;

/// Maximum number of messages of a page, and the last page that Slack returns.
const MAX_LIMIT: u32 = 100;
const MAX_PAGE: u32 = 100;

/// Find messages in the whole Slack workspace, newest first: in every conversation that the person can read. It needs the person's own
/// permission `search:read`; `slack_search_messages` searches one channel without it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SearchWorkspace {
    /// The words, and Slack's modifiers, such as `in:#general`, `from:@ann` or `after:2026-11-01`, separated by spaces.
    query: Line<500>,
    /// Number of messages to return.
    #[serde(default)]
    limit: Limit<20, MAX_LIMIT>,
    /// The `cursor` of the previous search, to continue with older messages.
    cursor: Option<PageCursor>,
    /// True to add Slack's markup.
    #[serde(default)]
    raw: bool,
}

/// A page in the results, by its number from 1, and the size of the pages where it is not the search's own: `<page>` or
/// `<page>/<count>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("pattern" = "^[0-9]{1,3}(/[0-9]{1,3})?$"))]
struct PageCursor {
    page: u32,
    count: Option<u32>,
}

/// A place in the results: Slack counts pages from 1, by their number of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    page: u32,
    count: u32,
}

#[derive(Deserialize)]
struct Response {
    messages: Matches,
}

#[derive(Deserialize)]
struct Matches {
    matches: Vec<Match>,
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct Paging {
    pages: Option<u32>,
}

#[derive(Deserialize)]
struct Match {
    ts: String,
    text: Option<String>,
    #[serde(default)]
    blocks: Value,
    #[serde(default)]
    attachments: Value,
    #[serde(default)]
    files: Vec<FileObject>,
    /// Empty for a bot.
    user: Option<String>,
    username: Option<String>,
    channel: Option<FoundIn>,
    permalink: Option<String>,
}

#[derive(Deserialize)]
struct FoundIn {
    id: String,
    name: Option<String>,
}

impl Action for SearchWorkspace {
    const META: Meta = Meta::read("search_workspace", &[&["search:read"]])
        .with_user_token()
        .smaller_request("one message is too long: leave it out by the `query`, for example with before:2026-11-01")
        .example(r#"{"query": "launch in:#project-updates", "limit": 10}"#);
    type Output = List<Message>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Message>>> {
        let first = self.place();
        // https://docs.slack.dev/reference/methods/search.messages
        let call = api.get(&["api", "search.messages"]).query("query", &*self.query).query("sort", "timestamp");
        let call = workspace::name_in(api, call);
        let read = |count| {
            let (call, page) = (call.clone(), first.with_count(count).page);
            async move {
                if page > MAX_PAGE {
                    return Err(api.too_large());
                }
                call.query("count", count).query("page", page).send::<Response>().await
            }
        };
        let (response, count) = paging::read_in_sizes(api, first.count, next_divisor, read).await?;
        let Matches { matches, paging } = response.messages;
        message::learn_names(api, matches.iter().map(Match::content)).await;
        let place = first.with_count(count);
        let pages = paging.and_then(|paging| paging.pages).unwrap_or(place.page);
        let cursor = (place.page < pages.min(MAX_PAGE)).then(|| self.cursor_behind(place));
        Ok(List::of(matches.into_iter().map(|found| found.into_output(api, self.raw)), cursor))
    }
}

impl TryFrom<String> for PageCursor {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let number = |text: &str, max| text.parse().ok().filter(|number| (1..=max).contains(number));
        let cursor = match text.split_once('/') {
            Some((page, count)) => {
                number(page, MAX_PAGE).zip(number(count, MAX_LIMIT)).map(|(page, count)| (page, Some(count)))
            }
            None => number(&text, MAX_PAGE).map(|page| (page, None)),
        };
        let (page, count) = cursor.ok_or("must be the cursor of a search, for example 2")?;
        Ok(Self { page, count })
    }
}

impl SearchWorkspace {
    /// Returns the place of the page to read.
    fn place(&self) -> Place {
        let PageCursor { page, count } = self.cursor.unwrap_or(PageCursor { page: 1, count: None });
        Place { page, count: count.unwrap_or(self.limit.get()) }
    }

    /// Returns the cursor of the page behind a place.
    fn cursor_behind(&self, place: Place) -> String {
        let Place { page, count } = place;
        if count == self.limit.get() { (page + 1).to_string() } else { format!("{}/{count}", page + 1) }
    }
}

impl Place {
    /// Returns the page of the same first message among pages of another size, which divides this one.
    fn with_count(self, count: u32) -> Self {
        Self { page: (self.page - 1) * (self.count / count) + 1, count }
    }
}

impl Match {
    fn content(&self) -> MessageContent<'_> {
        let Self { text, blocks, attachments, files, .. } = self;
        MessageContent { text: text.as_deref(), blocks, attachments, files }
    }

    fn into_output(self, api: &Api<'_>, raw: bool) -> Message {
        let content = self.content().to_message(api, &self.ts, raw);
        Message {
            author: Author::of(self.user, self.username, None),
            channel: self.channel.map(|FoundIn { id, name }| ChannelRef { id, name }),
            link: self.permalink,
            files: self.files.into_iter().map(FileObject::into_ref).collect(),
            ..content
        }
    }
}

/// Returns the largest smaller size of pages that begin where those of `count` begin.
fn next_divisor(count: u32) -> u32 {
    (1..count).rev().find(|smaller| count.is_multiple_of(*smaller)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};
    use crate::http::HttpError;

    /// The third of three pages, or an earlier one.
    fn page(sent: &SentRequest) -> (u16, Value) {
        let matches = json!([{
            "ts": "1512085950.000216", "text": "Launch", "user": "U1", "username": "ann", "team": "T1", "type": "message",
            "channel": { "id": "C1", "name": "general" }, "permalink": "https://works.slack.com/archives/C1/p1512085950000216",
        }]);
        let paging = json!({ "count": 1, "total": 3, "page": sent.parameter("page"), "pages": 3 });
        (200, json!({ "ok": true, "messages": { "matches": matches, "paging": paging } }))
    }

    #[tokio::test]
    async fn returns_messages_of_all_conversations_and_a_cursor() {
        let context = json!({ "query": "launch", "limit": 1, "cursor": "2" });
        let (output, calls) = testing::run(&ADAPTER, "search_workspace", context, page).await;
        assert_eq!(
            output.unwrap().data,
            json!({ "messages": [{
                "ts": "1512085950.000216", "createdAt": "2017-11-30T23:52:30.000216Z", "channel": { "id": "C1", "name": "general" },
                "author": { "id": "U1", "name": "ann" }, "text": "Launch",
                "link": "https://works.slack.com/archives/C1/p1512085950000216", "reactions": [], "files": [],
            }], "cursor": "3" })
        );
        assert_eq!(calls[0].line, "GET /api/search.messages");
        assert_eq!((calls[0].parameter("page"), calls[0].parameter("count")), ("2", "1"));
        assert_eq!((calls[0].parameter("query"), calls[0].parameter("sort")), ("launch", "timestamp"));
        let last = json!({ "query": "launch", "cursor": "3" });
        let (output, _) = testing::run(&ADAPTER, "search_workspace", last, page).await;
        assert_eq!(output.unwrap().data["cursor"], Value::Null);
    }

    #[tokio::test]
    async fn a_page_that_is_too_long_is_read_in_pages_with_the_same_first_message() {
        let search = async |cursor: &str| {
            let context = json!({ "query": "launch", "limit": 50, "cursor": cursor });
            let (output, calls) = testing::run_fallible(&ADAPTER, "search_workspace", context, |sent| {
                let count: u32 = sent.parameter("count").parse().unwrap();
                let page = json!({ "ok": true, "messages": { "matches": [], "paging": { "pages": 90 } } });
                if count > 5 { Err(HttpError::TooLarge(http::StatusCode::OK)) } else { Ok((200, page)) }
            })
            .await;
            let read = |sent: &SentRequest| (sent.parameter("page").to_owned(), sent.parameter("count").to_owned());
            (output.unwrap().data["cursor"].clone(), calls.iter().map(read).collect::<Vec<_>>())
        };
        let pages = |pages: &[(&str, &str)]| -> Vec<(String, String)> {
            pages.iter().map(|(page, count)| ((*page).to_owned(), (*count).to_owned())).collect()
        };
        let (cursor, read) = search("3").await;
        assert_eq!((cursor, read), (json!("22/5"), pages(&[("3", "50"), ("5", "25"), ("21", "5")])));
        assert_eq!(search("22/5").await, (json!("23/5"), pages(&[("22", "5")])));
    }

    #[tokio::test]
    async fn fields_that_slack_leaves_empty_are_absent() {
        // The document's second example has an empty `user`: a bot's message.
        let matches = json!([
            { "ts": "1508795665.000236", "text": "x", "user": "", "username": "robot overlord", "channel": { "id": "C1" } },
            { "ts": "1508795665.000236", "text": null, "user": null, "username": null, "channel": null, "permalink": null },
            { "ts": "1508795665.000236" },
        ]);
        let reply = json!({ "ok": true, "messages": { "matches": matches, "paging": null } });
        let context = json!({ "query": "launch" });
        let (output, _) = testing::run(&ADAPTER, "search_workspace", context, move |_| (200, reply.clone())).await;
        let messages = output.unwrap().data["messages"].clone();
        assert_eq!(messages[0]["author"], json!({ "name": "robot overlord" }));
        let bare = json!({ "ts": "1508795665.000236", "createdAt": "2017-10-23T21:54:25.000236Z", "reactions": [], "files": [] });
        assert_eq!((&messages[1], &messages[2]), (&bare, &bare));
    }

    #[test]
    fn a_cursor_is_a_place_within_the_results() {
        for bad in ["0", "101", "p2", "2/0", "2/101"] {
            assert!(PageCursor::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
