//! Pages of a list: <https://developers.notion.com/reference/pagination>

use serde::Deserialize;
use serde_json::{Value, json};

use crate::adapters::action::Done;
use crate::error::{Error, Result};
use crate::ids::check_text;

/// What one page holds when nobody says.
pub(super) const DEFAULT_LIMIT: u32 = 25;
/// The most Notion gives at once.
pub(super) const MAX_LIMIT: u32 = 100;
const MAX_CURSOR_BYTES: usize = 1024;

/// One page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    /// What is on it.
    pub(super) results: Vec<T>,
    has_more: bool,
    next_cursor: Option<String>,
}

impl<T> List<T> {
    /// Where the next page begins, if there is one.
    pub(super) fn cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref().filter(|_| self.has_more)
    }

    /// Whether Notion says that there is no page after this one.
    pub(super) fn is_last(&self) -> bool {
        !self.has_more
    }

    /// The page as told to the agent, under the name of what it holds.
    pub(super) fn done(&self, (one, many): (&str, &str), show: impl Fn(&T) -> Value) -> Done {
        let shown: Vec<Value> = self.results.iter().map(show).collect();
        let message = match shown.len() {
            1 => format!("1 {one} found."),
            count => format!("{count} {many} found."),
        };
        Done { message, data: json!({ many: shown, "cursor": self.cursor() }), external_id: None, link: None }
    }
}

/// Checks what every paged action takes.
///
/// # Errors
/// [`Error::Invalid`].
pub(super) fn check(limit: Option<u32>, cursor: Option<&str>) -> Result<()> {
    if let Some(cursor) = cursor {
        check_text("cursor", cursor, MAX_CURSOR_BYTES)?;
    }
    match limit {
        None | Some(1..=MAX_LIMIT) => Ok(()),
        Some(_) => Err(Error::invalid("limit", format!("must be 1 to {MAX_LIMIT}"))),
    }
}

/// The body of a paged call that is a POST.
pub(super) fn body(limit: Option<u32>, cursor: Option<&str>) -> Value {
    let mut body = json!({ "page_size": limit.unwrap_or(DEFAULT_LIMIT) });
    if let Some(cursor) = cursor {
        body["start_cursor"] = json!(cursor);
    }
    body
}
