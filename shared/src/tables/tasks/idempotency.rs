//! Idempotency keys: `user` / `idem#<sha256 of the key>`, in the tasks table under the user alone, which no task's partition
//! (`user#agent`) can equal. A key names the task its first request made.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{CONDITION_FAILED, from_item, number, text, to_item, ttl};
use crate::aws;
use crate::error::{Error, Result};
use crate::ids::{TaskId, UserId, check_text, encode, fingerprint};

/// How long a key is remembered.
pub const IDEMPOTENCY_KEY_RETENTION: SignedDuration = SignedDuration::from_hours(24);
/// Longest key, in bytes.
const MAX_IDEMPOTENCY_KEY_BYTES: usize = 255;

/// A caller's key and what it was sent with. Neither is kept as such.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    key_hash: String,
    body_hash: String,
}

impl IdempotencyKey {
    /// Takes the key of a request whose content is `body`, in a form in which equal requests are equal texts.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a key that is empty, longer than 255 bytes or has control characters.
    pub fn new(key: &str, body: &str) -> Result<Self> {
        check_text("Idempotency-Key", key, MAX_IDEMPOTENCY_KEY_BYTES)?;
        Ok(Self { key_hash: fingerprint(key, 32), body_hash: fingerprint(body, 32) })
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeyItem {
    body_hash: String,
    task_id: String,
    ttl: i64,
}

impl KeyItem {
    /// The task, if the key came with the same body.
    fn task_for(&self, key: &IdempotencyKey) -> Result<TaskId> {
        if self.body_hash == key.body_hash { TaskId::parse(&self.task_id) } else { Err(Error::IdempotencyKeyReused) }
    }
}

/// Where keys are kept.
#[derive(Clone, Debug)]
pub struct IdempotencyItems {
    client: Client,
    table: String,
}

fn sort_key(key: &IdempotencyKey) -> String {
    format!("idem#{}", key.key_hash)
}

impl IdempotencyItems {
    /// Keeps them in `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Takes a key for the task a request is about to make. Returns the task it was taken for before, if it was.
    ///
    /// # Errors
    /// [`Error::KeyReused`] when it was taken for another request.
    pub async fn reserve(
        &self,
        user: &UserId,
        key: &IdempotencyKey,
        task: &TaskId,
        now: Timestamp,
    ) -> Result<Option<TaskId>> {
        let new = KeyItem {
            body_hash: key.body_hash.clone(),
            task_id: task.to_string(),
            ttl: ttl(now, IDEMPOTENCY_KEY_RETENTION),
        };
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(to_item(encode(user.as_str()), sort_key(key), &new)?))
            // DynamoDB may take days to delete what has ended.
            .condition_expression("attribute_not_exists(pk) OR #ttl <= :now")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":now", number(now.as_second()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(None),
            Err(error) if aws::has_code(&error, CONDITION_FAILED) => match error.into_service_error() {
                PutItemError::ConditionalCheckFailedException(failed) => {
                    let found = from_item::<KeyItem>(failed.item.unwrap_or_default())?.task_for(key)?;
                    // Our own put, repeated by the SDK after its answer was lost.
                    Ok(Some(found).filter(|found| found != task))
                }
                other => Err(Error::internal(other)),
            },
            Err(error) => Err(aws::failure(error)),
        }
    }

    /// The task a key was taken for, if it was.
    ///
    /// # Errors
    /// [`Error::KeyReused`] when it was taken for another request.
    pub async fn find(&self, user: &UserId, key: &IdempotencyKey, now: Timestamp) -> Result<Option<TaskId>> {
        let get = self.client.get_item().table_name(&self.table);
        let get = get.key("pk", text(encode(user.as_str()))).key("sk", text(sort_key(key))).consistent_read(true);
        let Some(item) = get.send().await.map_err(aws::failure)?.item else { return Ok(None) };
        let row: KeyItem = from_item(item)?;
        if row.ttl <= now.as_second() { Ok(None) } else { row.task_for(key).map(Some) }
    }
}
