//! A physical table: the requests that every collection of items makes.
//!
//! [`Table::insert_once`], [`Table::update_once`] and [`Table::delete_once`] recognise their own effect when the SDK repeats them after
//! a lost response: every conditional write and every deletion whose refusal a caller reports is one of them, unless its own
//! condition holds for its repetition too.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::AsyncSleep;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::delete_item::builders::DeleteItemFluentBuilder;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{KeysAndAttributes, ReturnValue, ReturnValuesOnConditionCheckFailure};
use std::time::Duration;

use super::expression::{Condition, Placeholders};
use super::tries::Tries;
use super::update::{Update, UpdateExpressions};
use super::{CONDITION_FAILED, Item, text};
use crate::aws;
use crate::error::{Error, Result};

/// The waits before the keys that a batch left unread are read again. DynamoDB leaves keys when it is throttled, and asks for a
/// backoff. <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>
const UNREAD_KEYS_BACKOFF: [Duration; 3] =
    [Duration::from_millis(50), Duration::from_millis(100), Duration::from_millis(200)];

/// A table of DynamoDB.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) client: Client,
    pub(super) name: String,
}

/// The primary key of an item.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) pk: String,
    pub(super) sk: String,
}

/// The result of a conditional write, or of a deletion.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Written {
    /// Applied, by this try of the call or by an earlier one whose response was lost. The row after an update; before a deletion,
    /// unless an earlier try deleted it.
    Applied(Option<Item>),
    /// Not applied. The row that did not meet the condition, or that was not there.
    Refused(Option<Item>),
}

impl Written {
    /// Returns true if the write was applied.
    pub(super) fn is_applied(&self) -> bool {
        matches!(self, Self::Applied(_))
    }

    /// Returns the row of a write that was applied.
    pub(super) fn applied(self) -> Option<Item> {
        match self {
            Self::Applied(row) => row,
            Self::Refused(_) => None,
        }
    }
}

impl Key {
    pub(super) fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    /// Returns the key's two attributes.
    pub(super) fn into_item(self) -> Item {
        Item::from([("pk".to_owned(), text(self.pk)), ("sk".to_owned(), text(self.sk))])
    }
}

impl Table {
    /// Reads one item, strongly consistently.
    pub(super) async fn get(&self, key: Key) -> Result<Option<Item>> {
        let get = self.client.get_item().table_name(&self.name).set_key(Some(key.into_item()));
        Ok(get.consistent_read(true).send().await.map_err(aws::failure)?.item)
    }

    /// Returns a put of an item.
    pub(super) fn put(&self, item: Item) -> PutItemFluentBuilder {
        self.client.put_item().table_name(&self.name).set_item(Some(item))
    }

    /// Returns a put of an item under a condition.
    pub(super) fn put_if(&self, item: Item, condition: Condition) -> PutItemFluentBuilder {
        let mut placeholders = Placeholders::default();
        let condition = placeholders.render(condition);
        let (names, values) = placeholders.into_maps();
        self.put(item)
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
    }

    /// Returns an update of one item.
    pub(super) fn update(&self, key: Key, update: Update) -> UpdateItemFluentBuilder {
        let UpdateExpressions { update, condition, names, values } = update.into_expressions();
        self.client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key.into_item()))
            .update_expression(update)
            .set_condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
    }

    /// Puts an item under a condition. The same item, found after a try without a response, is this call's own.
    pub(super) async fn insert_once(&self, item: Item, condition: Condition) -> Result<Written> {
        let tries = Tries::default();
        let put = self.put_if(item.clone(), condition);
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let found = match put.customize().interceptor(tries.clone()).send().await {
            Ok(_) => return Ok(Written::Applied(None)),
            Err(error) => refusing_row(error, |error| match error {
                PutItemError::ConditionalCheckFailedException(failed) => failed.item,
                _ => None,
            })?,
        };
        let is_ours = tries.may_have_been_applied() && found.as_ref() == Some(&item);
        Ok(if is_ours { Written::Applied(None) } else { Written::Refused(found) })
    }

    /// Updates one item under the update's condition, and returns the row after it. A row with the update's own changes, found after
    /// a try without a response, is this call's own.
    pub(super) async fn update_once(&self, key: Key, update: Update) -> Result<Written> {
        let (tries, changes) = (Tries::default(), update.changes());
        let update = self.update(key, update).return_values(ReturnValue::AllNew);
        let update = update.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let found = match update.customize().interceptor(tries.clone()).send().await {
            Ok(answer) => return Ok(Written::Applied(answer.attributes)),
            Err(error) => refusing_row(error, |error| match error {
                UpdateItemError::ConditionalCheckFailedException(failed) => failed.item,
                _ => None,
            })?,
        };
        let is_ours = tries.may_have_been_applied() && found.as_ref().is_some_and(|row| changes.are_in(row));
        Ok(if is_ours { Written::Applied(found) } else { Written::Refused(found) })
    }

    /// Deletes one item, under a condition if there is one, and returns the row before. No row, found after a try without a response,
    /// was deleted by this call: if there was none before either, its absence is what the caller asked for.
    pub(super) async fn delete_once(&self, key: Key, condition: Option<Condition>) -> Result<Written> {
        let tries = Tries::default();
        let delete = match condition {
            Some(condition) => self.delete_if(key, condition),
            None => self.delete(key),
        };
        let delete = delete
            .return_values(ReturnValue::AllOld)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let (row, is_refused) = match delete.customize().interceptor(tries.clone()).send().await {
            Ok(answer) => (answer.attributes.filter(|row| !row.is_empty()), false),
            Err(error) => {
                let row = refusing_row(error, |error| match error {
                    DeleteItemError::ConditionalCheckFailedException(failed) => failed.item,
                    _ => None,
                })?;
                (row.filter(|row| !row.is_empty()), true)
            }
        };
        Ok(match row {
            None if tries.may_have_been_applied() => Written::Applied(None),
            Some(row) if !is_refused => Written::Applied(Some(row)),
            row => Written::Refused(row),
        })
    }

    /// Reads several items, strongly consistently: keys that DynamoDB leaves unread are read again.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when keys stay unread: an unread item is not an absent one.
    pub(super) async fn batch_get(&self, keys: impl IntoIterator<Item = Key>) -> Result<Vec<Item>> {
        let keys = keys.into_iter().map(Key::into_item).collect();
        let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
        let mut keys = keys.map_err(Error::internal)?;
        let (mut items, mut backoff) = (vec![], UNREAD_KEYS_BACKOFF.into_iter());
        loop {
            let read = self.client.batch_get_item().request_items(&self.name, keys);
            let answer = read.send().await.map_err(aws::failure)?;
            items.extend(answer.responses.unwrap_or_default().remove(&self.name).unwrap_or_default());
            let Some(unread) = answer.unprocessed_keys.unwrap_or_default().remove(&self.name) else {
                return Ok(items);
            };
            let (Some(wait), Some(sleep)) = (backoff.next(), self.client.config().sleep_impl()) else {
                return Err(Error::unavailable("DynamoDB left keys of a BatchGetItem unread"));
            };
            sleep.sleep(wait).await;
            keys = unread;
        }
    }

    /// Returns a deletion of one item.
    pub(super) fn delete(&self, key: Key) -> DeleteItemFluentBuilder {
        self.client.delete_item().table_name(&self.name).set_key(Some(key.into_item()))
    }

    /// Returns a deletion of one item under a condition.
    pub(super) fn delete_if(&self, key: Key, condition: Condition) -> DeleteItemFluentBuilder {
        let mut placeholders = Placeholders::default();
        let condition = placeholders.render(condition);
        let (names, values) = placeholders.into_maps();
        self.delete(key)
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
    }

    /// Returns a query of the items with these keys that pass the filter.
    pub(super) fn query(&self, keys: Condition, filter: Option<Condition>) -> QueryFluentBuilder {
        let mut placeholders = Placeholders::default();
        let keys = placeholders.render(keys);
        let filter = filter.map(|filter| placeholders.render(filter));
        let (names, values) = placeholders.into_maps();
        self.client
            .query()
            .table_name(&self.name)
            .key_condition_expression(keys)
            .set_filter_expression(filter)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
    }
}

/// Returns the row that did not meet a write's condition; any other failure is an error.
fn refusing_row<E>(error: SdkError<E>, row: impl FnOnce(E) -> Option<Item>) -> Result<Option<Item>>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match error {
        SdkError::ServiceError(refused) if refused.err().code() == Some(CONDITION_FAILED) => {
            Ok(row(refused.into_err()))
        }
        error => Err(aws::failure(error)),
    }
}
