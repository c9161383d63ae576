//! A physical table: the requests that every collection of items makes.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::delete_item::builders::DeleteItemFluentBuilder;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;

use super::expression::{Condition, Placeholders};
use super::update::{Update, UpdateExpressions};
use super::{Item, text};
use crate::aws;
use crate::error::Result;

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
