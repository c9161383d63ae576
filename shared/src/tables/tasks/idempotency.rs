//! The items of idempotency keys. A key names the task that its first request created.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::aws;
use crate::error::{Error, Result};
use crate::ids::{Creator, TaskId, UserId};
use crate::keys::{composite_key, encode};
use crate::tables::expression::{absent, any, le};
use crate::tables::table::{Key, Table};
use crate::tables::{CONDITION_FAILED, from_item, number, to_item, ttl};
use crate::validate::{check_text, fingerprint};

/// Lifetime of a key that its caller chose for one request.
pub const IDEMPOTENCY_KEY_RETENTION: SignedDuration = SignedDuration::from_hours(24);
/// Longest key, in bytes.
const MAX_IDEMPOTENCY_KEY_BYTES: usize = 255;

/// The hashes of a caller's key and of the request it came with, and the time for which the key counts.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    key_hash: String,
    body_hash: String,
    lifetime: SignedDuration,
}

impl IdempotencyKey {
    /// Takes the key of a request whose content is `body`, in a form in which equal requests are equal texts.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a key that is empty, longer than 255 bytes or has control characters.
    pub fn new(key: &str, body: &str) -> Result<Self> {
        check_text("Idempotency-Key", key, MAX_IDEMPOTENCY_KEY_BYTES)?;
        Ok(Self {
            key_hash: fingerprint(key, 32),
            body_hash: fingerprint(body, 32),
            lifetime: IDEMPOTENCY_KEY_RETENTION,
        })
    }

    /// Makes the key of a request from its content: `name` with another content is another key, so that no request is refused for a
    /// name that was used before.
    pub fn of_content(name: &[&str], content: &str, lifetime: SignedDuration) -> Self {
        let body_hash = fingerprint(content, 32);
        let parts: Vec<&str> = ["content"].iter().chain(name).copied().chain([body_hash.as_str()]).collect();
        Self { key_hash: fingerprint(&composite_key(&parts), 32), body_hash, lifetime }
    }

    /// Returns the key as one of its caller: a service has keys of its own, so that it neither takes nor finds those of its user.
    #[must_use]
    pub fn of_creator(self, creator: Option<&Creator>) -> Self {
        match creator.and_then(Creator::service) {
            Some(service) => Self { key_hash: fingerprint(&composite_key(&[service, &self.key_hash]), 32), ..self },
            None => self,
        }
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
    /// Returns the task, if the key came with the same body.
    fn task_for(&self, key: &IdempotencyKey) -> Result<TaskId> {
        if self.body_hash == key.body_hash { TaskId::parse(&self.task_id) } else { Err(Error::IdempotencyKeyReused) }
    }
}

/// The idempotency keys' items of the tasks table.
#[derive(Clone, Debug)]
pub struct IdempotencyItems(Table);

fn key_of(user: &UserId, key: &IdempotencyKey) -> Key {
    Key::new(encode(user.as_str()), format!("idem#{}", key.key_hash))
}

impl IdempotencyItems {
    /// Uses the items of `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self(Table { client, name: table })
    }

    /// Reserves a key for the task that a request is about to create. Returns the task it was reserved for before, if it was.
    ///
    /// # Errors
    /// [`Error::IdempotencyKeyReused`] when it was reserved for another request.
    pub async fn reserve(
        &self,
        user: &UserId,
        key: &IdempotencyKey,
        task: &TaskId,
        now: Timestamp,
    ) -> Result<Option<TaskId>> {
        let ttl = ttl(now, key.lifetime);
        let new = KeyItem { body_hash: key.body_hash.clone(), task_id: task.to_string(), ttl };
        // DynamoDB may take days to delete an expired item.
        let free = any([absent("pk"), le("ttl", number(now.as_second()))]);
        let put = self.0.put_if(to_item(key_of(user, key), &new)?, free);
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(None),
            Err(error) if aws::has_code(&error, CONDITION_FAILED) => match error.into_service_error() {
                PutItemError::ConditionalCheckFailedException(failed) => {
                    let found = from_item::<KeyItem>(failed.item.unwrap_or_default())?.task_for(key)?;
                    // The same task: our own put, repeated by the SDK after its answer was lost.
                    Ok(Some(found).filter(|found| found != task))
                }
                other => Err(Error::internal(other)),
            },
            Err(error) => Err(aws::failure(error)),
        }
    }

    /// Returns the task a key was reserved for, if it was.
    ///
    /// # Errors
    /// [`Error::IdempotencyKeyReused`] when it was reserved for another request.
    pub async fn find(&self, user: &UserId, key: &IdempotencyKey, now: Timestamp) -> Result<Option<TaskId>> {
        let Some(item) = self.0.get(key_of(user, key)).await? else { return Ok(None) };
        let item: KeyItem = from_item(item)?;
        if item.ttl <= now.as_second() { Ok(None) } else { item.task_for(key).map(Some) }
    }
}
