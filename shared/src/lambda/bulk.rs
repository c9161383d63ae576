//! Bulk requests: items are processed concurrently and independently; each has its own result.

use futures::StreamExt;
use futures::stream;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::input;
use super::request::Input;
use crate::answer;
use crate::error::{Error, ErrorDetail, Result, form};
use crate::ids::UserId;

/// The largest number of items in one request.
const MAX_ITEMS: usize = 100;
/// The longest id in a list, in bytes as an answer has it: above the longest that the engine makes.
const MAX_ID_BYTES: usize = 4096;
/// The number of items processed concurrently.
const CONCURRENCY: usize = 16;

/// Checks the number of items in a request.
///
/// # Errors
/// [`Error::Invalid`] for an empty or too long list.
pub fn check_item_count(field: &str, items: usize) -> Result<()> {
    match items {
        1..=MAX_ITEMS => Ok(()),
        _ => {
            let example = form(field).unwrap_or_else(|| format!("a list of 1 to {MAX_ITEMS} items").into());
            Err(Error::invalid(field, format!("must be {example}")))
        }
    }
}

/// Checks the ids of a request: their number, and that no item is longer than an id can be. The answer repeats them.
///
/// # Errors
/// [`Error::Invalid`] naming the list or the item.
pub fn check_ids(field: &str, ids: &[Value]) -> Result<()> {
    check_item_count(field, ids.len())?;
    match ids.iter().position(|id| answer::written_len(id) > MAX_ID_BYTES) {
        None => Ok(()),
        Some(at) => Err(Error::invalid(format!("{field}[{at}]"), format!("must be at most {MAX_ID_BYTES} bytes"))),
    }
}

/// Returns the number of requests that a bulk request counts as: one for each item. A list that is too long is refused, as one request.
pub fn uses(items: usize) -> u32 {
    u32::try_from(items).ok().filter(|_| items <= MAX_ITEMS).unwrap_or(1)
}

/// Deserializes the item at a position of the list `field`. An invalid item does not refuse the other items. `userId` is optional and
/// must name the user of the request, as on every route.
///
/// # Errors
/// [`Error::Missing`], [`Error::Invalid`], [`Error::Fields`] with the paths inside the item, or with its place, such as `mappings[0]`,
/// if it is no object; [`Error::UserMismatch`].
pub fn parse_item<T: Input>(field: &str, index: usize, mut item: Value, user: &UserId) -> Result<T> {
    let named_user = item.as_object_mut().and_then(|fields| fields.remove("userId"));
    if named_user.is_some_and(|named| !named.is_null() && named != user.as_str()) {
        return Err(Error::UserMismatch);
    }
    input::of_item(&format!("{field}[{index}]"), item)
}

/// Deserializes the id at a position of the list `field`.
///
/// # Errors
/// [`Error::Invalid`] with its place, such as `ids[0]`.
pub fn parse_id(field: &str, index: usize, item: Value) -> Result<String> {
    input::of_id(&format!("{field}[{index}]"), item)
}

/// Processes all items and returns the results in the order of the items.
pub async fn process_items<T, R, F>(items: Vec<T>, process: impl Fn(T) -> F) -> Vec<Result<R>>
where
    F: Future<Output = Result<R>>,
{
    stream::iter(items).map(process).buffered(CONCURRENCY).collect().await
}

/// The result of an item that succeeded.
#[derive(Clone, Debug)]
pub struct BulkSuccess {
    /// The id of the affected object.
    pub id: String,
    /// True if the call changed the object, false if it repeated an earlier call; `None` where repetition is an error.
    pub changed: Option<bool>,
}

impl From<String> for BulkSuccess {
    fn from(id: String) -> Self {
        Self { id, changed: None }
    }
}

/// The result of a bulk request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkOut)]
pub struct Summary {
    /// True if every item succeeded.
    pub success: bool,
    /// The number of items that succeeded.
    pub count: usize,
    /// The counts as a sentence.
    pub message: String,
    /// One result for each item, in the order of the request.
    pub results: Vec<Item>,
}

/// The result of one item.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = BulkItem)]
pub enum Item {
    /// The item succeeded.
    Succeeded {
        /// The position of the item in the request, from 0.
        index: usize,
        /// The id of the affected object.
        id: String,
        /// True if the request changed the object, false if it repeated an earlier one. Absent where repetition is an error.
        #[serde(skip_serializing_if = "Option::is_none")]
        changed: Option<bool>,
    },
    /// The item failed.
    Failed {
        /// The position of the item in the request, from 0.
        index: usize,
        /// The reason of the failure.
        error: ErrorDetail,
    },
}

/// Summarizes the results; `verb` completes the message, as in `3 of 4 deleted`.
pub fn summarize(verb: &str, results: Vec<Result<BulkSuccess>>) -> Summary {
    let (total, count) = (results.len(), results.iter().filter(|result| result.is_ok()).count());
    let items = results.into_iter().enumerate().map(|(index, result)| match result {
        Ok(BulkSuccess { id, changed }) => Item::Succeeded { index, id, changed },
        Err(error) => {
            if let Error::Unavailable(source) | Error::Internal(source) = &error {
                tracing::error!(index, %source, "bulk item failed");
            }
            Item::Failed { index, error: error.detail(None) }
        }
    });
    Summary { success: count == total, count, message: format!("{count} of {total} {verb}"), results: items.collect() }
}
