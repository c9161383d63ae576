//! Bulk calls: each item is done by itself, several at a time, and has a result of its own.

use futures::StreamExt;
use futures::stream;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use super::request::deserialize_error;
use crate::error::{Error, ErrorDetail, Result};

/// Most items of one call.
const MAX_ITEMS: usize = 100;
/// Items that are done at the same time.
const CONCURRENCY: usize = 16;

/// Checks how many items a caller sent.
///
/// # Errors
/// [`Error::Invalid`] for none or too many.
pub fn check_item_count(field: &str, items: usize) -> Result<()> {
    match items {
        0 => Err(Error::invalid(field, "must not be empty")),
        1..=MAX_ITEMS => Ok(()),
        _ => Err(Error::invalid(field, format!("must have at most {MAX_ITEMS} items"))),
    }
}

/// Reads an item of the list `field`: what is wrong with one item is no reason to refuse the others.
///
/// # Errors
/// [`Error::Invalid`] naming what is wrong in it, else `field`.
pub fn parse_item<T: DeserializeOwned>(field: &str, item: Value) -> Result<T> {
    serde_path_to_error::deserialize(item).map_err(|error| deserialize_error(field, error))
}

/// Does each item; the results stand in the items' order.
pub async fn process_items<T, R, F>(items: Vec<T>, work: impl Fn(T) -> F) -> Vec<Result<R>>
where
    F: Future<Output = Result<R>>,
{
    stream::iter(items).map(work).buffered(CONCURRENCY).collect().await
}

/// An item that was done.
#[derive(Clone, Debug)]
pub struct BulkSuccess {
    /// The id of what it is about.
    pub id: String,
    /// Whether it was different before, where a repetition is no error.
    pub changed: Option<bool>,
}

impl From<String> for BulkSuccess {
    fn from(id: String) -> Self {
        Self { id, changed: None }
    }
}

/// What became of a bulk call.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkOut)]
pub struct Summary {
    /// Whether every item was done.
    pub success: bool,
    /// How many were done.
    pub count: usize,
    /// The same for a person.
    pub message: String,
    /// One for each item, in the items' order.
    pub results: Vec<Item>,
}

/// What became of one item.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = BulkItem)]
pub enum Item {
    /// It was done.
    Succeeded {
        /// Which one, from 0.
        index: usize,
        /// The id of what it is about.
        id: String,
        /// Whether it was different before; only where a repetition is no error.
        #[serde(skip_serializing_if = "Option::is_none")]
        changed: Option<bool>,
    },
    /// It was not.
    Failed {
        /// Which one, from 0.
        index: usize,
        /// The reason.
        error: ErrorDetail,
    },
}

/// Tells of each item what became of it.
pub fn summarize(verb: &str, results: Vec<Result<BulkSuccess>>) -> Summary {
    let (all, count) = (results.len(), results.iter().filter(|result| result.is_ok()).count());
    let items = results.into_iter().enumerate().map(|(index, result)| match result {
        Ok(BulkSuccess { id, changed }) => Item::Succeeded { index, id, changed },
        Err(error) => {
            if let Error::Unavailable(source) | Error::Internal(source) = &error {
                tracing::error!(index, %source, "an item of a bulk call failed");
            }
            Item::Failed { index, error: error.detail(None) }
        }
    });
    Summary { success: count == all, count, message: format!("{count} of {all} {verb}"), results: items.collect() }
}
