//! The five DynamoDB tables: one file a table with its keys, items and typed calls. DynamoDB is known here alone.
//!
//! Every base key starts with the owner, so no call can reach another user's row; the one exception is the row of an
//! OAuth flow, whose key is the hash of its state. `pk` and `sk` are the keys everywhere, `ttl` (epoch seconds) is when
//! DynamoDB may delete a row; expiry that matters is also compared in code, because that deletion can lag for days.

pub mod circuit_breakers;
pub mod cooldowns;
pub mod delegations;
pub mod errors;
pub mod fallbacks;
pub mod idempotency;
pub mod integrations;
mod json_text;
pub mod limits;
pub mod mappings;
pub mod oauth_flows;
pub mod schema;
pub mod tasks;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::query::QueryError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemOutput;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;

use crate::aws;
use crate::error::{Error, Result};

/// The error code of a condition that did not hold.
pub(crate) const CONDITION_FAILED: &str = "ConditionalCheckFailedException";

/// Rows that are read at once to make up for what a filter left out.
const FILL_READ_ROWS: i32 = 200;
/// How often is read for one page. Only after that many reads, some 1,800 rows, is a page short with more to come.
const MAX_READS_PER_PAGE: usize = 10;

/// A row, or a key of one.
pub type Item = HashMap<String, AttributeValue>;

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows, in the list's order.
    pub items: Vec<T>,
    /// Where the next page starts; absent at the end.
    pub cursor: Option<String>,
}

/// Which page of a list is wanted.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// Most rows, 1 to 100.
    pub limit: Option<u16>,
    /// The cursor of the page before.
    pub cursor: Option<String>,
}

impl PageRequest {
    /// Rows of a page when the caller does not say.
    pub const DEFAULT_LIMIT: u16 = 50;

    fn limit(&self) -> Result<u16> {
        match self.limit.unwrap_or(Self::DEFAULT_LIMIT) {
            limit @ 1..=100 => Ok(limit),
            _ => Err(Error::invalid("limit", "must be between 1 and 100")),
        }
    }

    /// The sort key after which the page starts.
    fn start_after(&self) -> Result<Option<String>> {
        self.cursor.as_deref().map(crate::ids::decode_cursor).transpose()
    }
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn to_item<T: Serialize>(pk: String, sk: String, value: &T) -> Result<Item> {
    let mut item: Item = serde_dynamo::to_item(value).map_err(Error::internal)?;
    item.retain(|_, value| !value.is_null());
    item.insert("pk".to_owned(), AttributeValue::S(pk));
    item.insert("sk".to_owned(), AttributeValue::S(sk));
    Ok(item)
}

fn from_item<T: DeserializeOwned>(item: Item) -> Result<T> {
    serde_dynamo::from_item(item).map_err(Error::internal)
}

fn string_attribute<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// One page of a query over the rows of `owner`, strongly consistent.
async fn query_page<T: DeserializeOwned>(
    query: QueryFluentBuilder,
    owner: &str,
    request: &PageRequest,
) -> Result<Page<T>> {
    let start = request.start_after()?.map(|sk| Item::from([("pk".into(), text(owner)), ("sk".into(), text(sk))]));
    fill_page(query, start, request).await
}

/// One page of a query that goes on after `last`, strongly consistent. What a filter leaves out is made up for by reading on.
async fn fill_page<T: DeserializeOwned>(
    query: QueryFluentBuilder,
    mut last: Option<Item>,
    request: &PageRequest,
) -> Result<Page<T>> {
    let wanted = request.limit()?;
    let mut query = query.consistent_read(true).limit(i32::from(wanted));
    let wanted = usize::from(wanted);
    let mut rows: Vec<Item> = vec![];
    for _ in 0..MAX_READS_PER_PAGE {
        let answer = query.clone().set_exclusive_start_key(last).send().await;
        let answer = answer.map_err(|error| page_error(error, request))?;
        rows.extend(answer.items.unwrap_or_default());
        last = answer.last_evaluated_key;
        if rows.len() >= wanted || last.is_none() {
            break;
        }
        query = query.limit(FILL_READ_ROWS);
    }
    if rows.len() > wanted {
        rows.truncate(wanted);
        last = rows.last().cloned();
    }
    let cursor = last
        .as_ref()
        .and_then(|row| string_attribute(row, "sk"))
        .map(|sk| crate::ids::encode_cursor(&sk))
        .transpose()?;
    Ok(Page { items: rows.into_iter().map(from_item).collect::<Result<_>>()?, cursor })
}

/// Why a page could not be read. DynamoDB refuses a position outside the list; such a cursor is another list's, or made up.
fn page_error(error: SdkError<QueryError>, request: &PageRequest) -> Error {
    if request.cursor.is_some() && aws::has_code(&error, "ValidationException") {
        return crate::ids::invalid_cursor();
    }
    aws::failure(error)
}

/// What a write with a condition answered, or `None` when the condition did not hold: the caller says what that means.
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

/// The row that an update returned.
fn updated_row<T: DeserializeOwned>(answer: UpdateItemOutput) -> Result<T> {
    from_item(answer.attributes.unwrap_or_default())
}

/// An epoch second some time from now, for `ttl`.
fn ttl(now: Timestamp, after: SignedDuration) -> i64 {
    (now + after).as_second()
}
