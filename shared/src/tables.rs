//! The five DynamoDB tables: one file a table with its keys, items and typed calls. DynamoDB is known here alone.
//!
//! Every base key starts with the owner, so no call can reach another user's row; the one exception is the row of an
//! OAuth flow, whose key is the hash of its state. `pk` and `sk` are the keys everywhere, `ttl` (epoch seconds) is when
//! DynamoDB may delete a row; expiry that matters is also compared in code, because that deletion can lag for days.

pub mod breakers;
pub mod errors;
pub mod fallbacks;
pub mod integrations;
pub mod limits;
pub mod mappings;
pub mod oauth_flows;
pub mod schema;
pub mod tasks;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;

use crate::error::{Error, Result};

/// The error code of a condition that did not hold.
pub(crate) const CONDITION_FAILED: &str = "ConditionalCheckFailedException";

type Item = HashMap<String, AttributeValue>;

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

    fn limit(&self) -> Result<i32> {
        match self.limit.unwrap_or(Self::DEFAULT_LIMIT) {
            limit @ 1..=100 => Ok(i32::from(limit)),
            _ => Err(Error::invalid("limit", "must be between 1 and 100")),
        }
    }

    /// The sort key after which the page starts.
    fn after(&self) -> Result<Option<String>> {
        self.cursor.as_deref().map(crate::ids::open_cursor).transpose()
    }
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn row<T: Serialize>(pk: String, sk: String, value: &T) -> Result<Item> {
    let mut item: Item = serde_dynamo::to_item(value).map_err(Error::internal)?;
    item.retain(|_, value| !value.is_null());
    item.insert("pk".to_owned(), AttributeValue::S(pk));
    item.insert("sk".to_owned(), AttributeValue::S(sk));
    Ok(item)
}

fn read<T: DeserializeOwned>(item: Item) -> Result<T> {
    serde_dynamo::from_item(item).map_err(Error::internal)
}

fn string<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// The cursor behind the last row of a query's answer.
fn next(last: Option<&Item>) -> Result<Option<String>> {
    last.and_then(|key| string(key, "sk")).map(|sk| crate::ids::cursor(&sk)).transpose()
}

/// An epoch second some time from now, for `ttl`.
fn ttl(now: Timestamp, after: SignedDuration) -> i64 {
    (now + after).as_second()
}
