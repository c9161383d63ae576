//! Notion's strangeness.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::{Clock, rfc3339};

/// The ways in which Notion is strange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NotionStrangeness {
    /// True if the times of new pages, blocks and databases are rounded down to the minute
    /// (<https://developers.notion.com/changelog/last-edited-time-is-now-rounded-to-the-nearest-minute>). Those of comments are
    /// rounded too in the examples of <https://developers.notion.com/reference/comment-object>.
    pub rounds_times: bool,
    /// True if a page of a list may be shorter than `page_size` though there are more items: `page_size` is a maximum, and only
    /// `has_more` tells the end (<https://developers.notion.com/reference/intro#pagination>). Pages of three items and more are
    /// one item short.
    pub shortens_pages: bool,
    /// The number of rows after which a query ends with an incomplete `request_status`, if queries have that field (schema
    /// `QueryDataSourceResponse` of <https://github.com/makenotion/notion-sdk-js>).
    pub query_limit: Option<usize>,
    /// True if the connection lacks the capabilities for comments: 403 `restricted_resource`, whatever the person consented to
    /// (<https://developers.notion.com/reference/capabilities>). A test asks for it.
    pub lacks_comment_capability: bool,
    /// True if the workspace is on the free plan, where a file has at most 5 MiB
    /// (<https://developers.notion.com/guides/data-apis/working-with-files-and-media>). A test asks for it.
    pub has_free_plan: bool,
}

impl NotionStrangeness {
    pub(crate) const fn documented() -> Self {
        Self {
            rounds_times: false,
            shortens_pages: false,
            query_limit: None,
            lacks_comment_capability: false,
            has_free_plan: false,
        }
    }

    pub(crate) const fn content() -> Self {
        Self { rounds_times: true, shortens_pages: true, query_limit: Some(10_000), ..Self::documented() }
    }

    /// Returns the size of the largest file.
    pub(super) fn max_file_bytes(self) -> u64 {
        if self.has_free_plan { 5 << 20 } else { 5 << 30 }
    }

    /// Returns the size of a page of which `left` items are left.
    pub(super) fn page_size(self, requested: usize, left: usize) -> usize {
        let whole = requested.min(left);
        if self.shortens_pages && whole >= 3 { whole - 1 } else { requested }
    }

    /// Returns the time of a new object.
    pub(super) fn time(self, clock: &Clock) -> String {
        let now = clock.millis();
        rfc3339(if self.rounds_times { now - now.rem_euclid(60_000) } else { now })
    }

    /// Returns the rows of a query up to its limit, with its `request_status`.
    pub(super) fn limit_query(self, rows: &mut Vec<Value>) -> Option<Value> {
        let limit = self.query_limit?;
        if rows.len() <= limit {
            return Some(json!({"type": "complete"}));
        }
        rows.truncate(limit);
        Some(json!({"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}))
    }
}
