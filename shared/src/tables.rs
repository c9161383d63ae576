//! The five DynamoDB tables, a module each, with the keys, items and typed calls. No other module knows DynamoDB.
//!
//! Two tables hold several collections of items ([`integrations`], [`tasks`]), so that one read returns what belongs together.
//! Every base key starts with the owner, so no call can reach another user's item; the exceptions are the item of an OAuth flow,
//! whose key is the hash of its state, and the holders of a shared grant, which are hashes. `pk` and `sk` are the keys everywhere. `ttl` (epoch seconds) is the time from which DynamoDB
//! may delete an item; an expiry that matters is also compared in code, because that deletion can lag for days.

pub mod errors;
mod expression;
pub mod fallbacks;
mod index;
pub mod integrations;
mod json_text;
pub mod mappings;
mod permitted;
pub mod schema;
mod table;
pub mod tasks;
mod tries;
mod update;

pub use index::{INDEX_SHARDS, IndexPage, IndexQuery};

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::query::QueryError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemOutput;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;

use crate::answer;
use crate::aws;
use crate::error::{Error, FieldFault, Result};
use crate::keys;
use table::Key;

/// The error code of a condition that did not hold.
pub(crate) const CONDITION_FAILED: &str = "ConditionalCheckFailedException";

/// Rows per read after the first one, where a filter excluded rows of the page.
const FILL_READ_ROWS: i32 = 600;
/// Reads per page, of at most a megabyte each. Only after that many reads, some 1,800 rows, is a page short with more to come.
const MAX_READS_PER_PAGE: usize = 4;

/// An item, or the key of one.
pub type Item = HashMap<String, AttributeValue>;

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows, in the list's order.
    pub items: Vec<T>,
    /// The start of the next page; absent at the end.
    pub cursor: Option<String>,
}

/// The page of a list that a caller requests.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// The largest number of rows, 1 to 100.
    pub limit: Option<u16>,
    /// The cursor of the page before.
    pub cursor: Option<String>,
}

impl PageRequest {
    /// Rows of a page when the caller sets no limit.
    pub const DEFAULT_LIMIT: u16 = 50;

    /// Returns the largest number of rows.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a number out of range.
    pub(crate) fn limit(&self) -> Result<u16> {
        match self.limit.unwrap_or(Self::DEFAULT_LIMIT) {
            limit @ 1..=100 => Ok(limit),
            _ => Err(Error::invalid("limit", "must be between 1 and 100, for example 50")),
        }
    }

    /// Cuts the page out of a list that was read whole. `position` is unique and orders it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub fn cut<T>(&self, mut all: Vec<T>, position: impl Fn(&T) -> String) -> Result<Page<T>> {
        let (limit, start) = (usize::from(self.limit()?), self.start_after()?);
        all.sort_by_cached_key(&position);
        all.retain(|item| start.as_ref().is_none_or(|start| position(item) > *start));
        let has_more = all.len() > limit;
        let items: Vec<T> = all.into_iter().take(limit).collect();
        let last = items.last().filter(|_| has_more).map(position);
        Ok(Page { items, cursor: last.map(|last| keys::encode_cursor(&last)).transpose()? })
    }

    /// Checks the limit and the cursor of a page that is cut out of a list.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub fn check(&self) -> Result<()> {
        self.limit()?;
        self.start_after().map(drop)
    }

    /// Returns the faults that no list accepts. The position of a cursor is known only to its list.
    pub(crate) fn faults(&self) -> Vec<FieldFault> {
        let cursor = self.cursor.as_deref().map(keys::decode_cursor::<serde_json::Value>).transpose();
        let errors = [self.limit().err(), cursor.err()];
        errors.iter().flatten().flat_map(Error::fields).collect()
    }

    /// Returns the sort key after which the page starts.
    fn start_after(&self) -> Result<Option<String>> {
        let start = self.cursor.as_deref().map(keys::decode_cursor::<String>).transpose()?;
        if start.as_deref() == Some("") { Err(keys::invalid_cursor()) } else { Ok(start) }
    }
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Returns a time as epoch milliseconds.
fn milliseconds(at: Timestamp) -> AttributeValue {
    number(at.as_millisecond())
}

fn attribute(value: impl Serialize) -> Result<AttributeValue> {
    serde_dynamo::to_attribute_value(value).map_err(Error::internal)
}

fn to_item<T: Serialize>(key: Key, value: &T) -> Result<Item> {
    let mut item: Item = serde_dynamo::to_item(value).map_err(Error::internal)?;
    item.retain(|_, value| !value.is_null());
    item.extend(key.into_item());
    Ok(item)
}

fn from_item<T: DeserializeOwned>(item: Item) -> Result<T> {
    serde_dynamo::from_item(item).map_err(Error::internal)
}

fn string_attribute<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// Reads one page of a query over the rows of `owner`, strongly consistently.
async fn query_page<T: DeserializeOwned + Serialize>(
    query: QueryFluentBuilder,
    owner: &str,
    request: &PageRequest,
) -> Result<Page<T>> {
    query_page_within(query, owner, request, MAX_READS_PER_PAGE).await
}

/// Reads one page as [`query_page`] does, by at most so many reads.
async fn query_page_within<T: DeserializeOwned + Serialize>(
    query: QueryFluentBuilder,
    owner: &str,
    request: &PageRequest,
    max_reads: usize,
) -> Result<Page<T>> {
    let start = request.start_after()?.map(|sk| Key::new(owner, sk).into_item());
    fill_page(query, start, request, max_reads).await
}

/// Reads one page of a query that continues after `last`, strongly consistently. Further reads replace the rows that a filter
/// excluded. Rows that do not fit into an answer are left to the next page.
async fn fill_page<T: DeserializeOwned + Serialize>(
    query: QueryFluentBuilder,
    mut last: Option<Item>,
    request: &PageRequest,
    max_reads: usize,
) -> Result<Page<T>> {
    let limit = request.limit()?;
    let mut query = query.consistent_read(true).limit(i32::from(limit));
    let limit = usize::from(limit);
    let mut rows: Vec<Item> = vec![];
    for _ in 0..max_reads {
        let answer = query.clone().set_exclusive_start_key(last).send().await;
        let answer = answer.map_err(|error| page_error(error, request))?;
        rows.extend(answer.items.unwrap_or_default());
        last = answer.last_evaluated_key;
        if rows.len() >= limit || last.is_none() {
            break;
        }
        query = query.limit(FILL_READ_ROWS);
    }
    let sort_keys: Vec<Option<String>> =
        rows.iter().map(|row| string_attribute(row, "sk").map(str::to_owned)).collect();
    let mut items: Vec<T> = rows.into_iter().take(limit).map(from_item).collect::<Result<_>>()?;
    let fitting = answer::fitting_rows(&items);
    let mut last = last.as_ref().and_then(|row| string_attribute(row, "sk"));
    if fitting < sort_keys.len() {
        items.truncate(fitting);
        last = items.len().checked_sub(1).and_then(|last| sort_keys[last].as_deref());
    }
    let cursor = last.map(|sk| keys::encode_cursor(&sk)).transpose()?;
    Ok(Page { items, cursor })
}

/// Returns the error of a page. DynamoDB rejects a position outside the list; such a cursor is another list's, or invented.
fn page_error(error: SdkError<QueryError>, request: &PageRequest) -> Error {
    if request.cursor.is_some() && aws::has_code(&error, "ValidationException") {
        return keys::invalid_cursor();
    }
    aws::failure(error)
}

/// Returns the answer of a conditional write, or `None` if the condition did not hold: the caller decides what that means.
fn condition_met<T, E>(answer: Result<T, SdkError<E>>) -> Result<Option<T>>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if aws::has_code(&error, CONDITION_FAILED) => Ok(None),
        Err(error) => Err(aws::failure(error)),
    }
}

/// Reads the row that an update returned.
fn updated_row<T: DeserializeOwned>(answer: UpdateItemOutput) -> Result<T> {
    from_item(answer.attributes.unwrap_or_default())
}

/// Returns the epoch second that lies `after` from now, for `ttl`.
fn ttl(now: Timestamp, after: SignedDuration) -> i64 {
    (now + after).as_second()
}
