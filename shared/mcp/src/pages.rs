//! The pages of a list.
//!
//! Source: <https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/pagination>.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

use crate::error::{Error, Result};

/// Page of a list, with its items under the list's name.
#[derive(Debug, Serialize)]
pub(crate) struct Page<T> {
    #[serde(flatten)]
    items: BTreeMap<&'static str, Vec<T>>,
    #[serde(rename = "nextCursor", skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Cuts a page out of a list. The cursor names the last item before it, so that an item which is added elsewhere moves nothing.
    pub(crate) fn cut(
        list: &'static str,
        mut items: Vec<T>,
        key: impl Fn(&T) -> &str,
        cursor: Option<&Value>,
        size: usize,
    ) -> Result<Self> {
        let start = match cursor {
            None => 0,
            Some(cursor) => {
                let last = cursor.as_str().and_then(|cursor| read_cursor(list, cursor)).ok_or_else(invalid)?;
                items.iter().position(|item| key(item) == last).ok_or_else(invalid)? + 1
            }
        };
        let end = start.saturating_add(size.max(1)).min(items.len());
        let next_cursor = (end < items.len()).then(|| write_cursor(list, key(&items[end - 1])));
        items.truncate(end);
        Ok(Self { items: BTreeMap::from([(list, items.split_off(start))]), next_cursor })
    }
}

fn write_cursor(list: &str, last: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{list}\n{last}"))
}

fn read_cursor(list: &str, cursor: &str) -> Option<String> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (of, last) = text.split_once('\n')?;
    (of == list).then(|| last.to_owned())
}

fn invalid() -> Error {
    Error::InvalidParams("The cursor is not one of this list: start without a cursor".to_owned())
}
