//! [`Payloads`]: the payloads of tasks, each in the place of its size.
//!
//! | As JSON | Place |
//! |---|---|
//! | to 1 KiB | the task's row |
//! | to 64 KiB | a side item, `P#<ulid>` |
//! | more | an object of the bucket, `contexts/<user>/<task>`: encrypted, and bound to its key |
//!
//! An object lives as long as its task's row: a row without its object does not exist, and the sweep deletes an object without a row.
//! Every week it is looked at, and encrypted with the current key if it is not: a key that is no longer used can be removed after that.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::aws::Bucket;
use crate::clock::Clock;
use crate::deployment::{Deployment, Part};
use crate::error::{Error, Result};
use crate::files::{Files, PAYLOADS_PREFIX, payload_key};
use crate::http::ActionSlots;
use crate::tables::tasks::{Task, TaskItems};
use crate::vault::ColumnCipher;

/// Largest payload of a side item, in bytes of JSON. DynamoDB takes 400 KB, at a unit a KiB; beyond this an object costs less.
/// <https://aws.amazon.com/dynamodb/pricing/on-demand/> <https://aws.amazon.com/s3/pricing/>
const MAX_ITEM_BYTES: usize = 64 * 1024;

/// Interval in which an object is looked at, and the part of it in which it is: a sweep runs every hour, and one can fail.
const RENEWAL_HOURS: i64 = 7 * 24;
const RENEWAL_WINDOW_HOURS: i64 = 3;
/// Part of the function's time in which no further object is looked at.
const RESERVE: SignedDuration = SignedDuration::from_secs(10);

/// The payloads of tasks. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Payloads {
    tasks: TaskItems,
    bucket: Bucket,
    cipher: ColumnCipher,
    clock: Clock,
}

/// What a look at the objects has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Renewal {
    /// Objects that are encrypted with the current key now.
    pub renewed: usize,
    /// Objects that could not be renewed; the next look finds them again.
    pub failed: usize,
}

impl Part for Payloads {
    fn build(deployment: &Deployment) -> Self {
        Self {
            tasks: TaskItems::new(deployment.dynamodb.clone(), deployment.config.tables.tasks.clone()),
            bucket: deployment.part::<Files>().bucket.clone(),
            cipher: deployment.part::<ColumnCipher>().clone(),
            clock: deployment.clock.clone(),
        }
    }
}

impl Payloads {
    /// Adds a task with its payload, as [`TaskItems::insert`] does.
    ///
    /// # Errors
    /// Those of [`TaskItems::insert`]; [`Error::NotConfigured`] and [`Error::Unavailable`] for a payload that cannot be encrypted.
    pub async fn insert(&self, task: &Task) -> Result<Option<Task>> {
        let payload = task.payload.to_string();
        if payload.len() <= MAX_ITEM_BYTES {
            return self.tasks.insert(task).await;
        }
        // First: a task must never be without its payload.
        let key = object_key(task)?;
        let encrypted = self.cipher.encrypt(&key, &payload).await?;
        self.store(&key, encrypted).await?;
        self.tasks.insert(&Task { payload: Value::Null, payload_in_bucket: true, ..task.clone() }).await
    }

    /// Returns the payload of a task. A long one takes the memory of long responses, until `slots` are dropped.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn load(&self, task: &Task, slots: &ActionSlots) -> Result<Value> {
        if !task.payload_in_bucket {
            return self.tasks.load_payload(task).await;
        }
        let key = object_key(task)?;
        let object = self.bucket.read_into(&key, slots).await?;
        let payload = self.decrypt(&key, object.ok_or_else(|| Error::internal("a task without its payload"))?).await?;
        serde_json::from_str(&payload).map_err(Error::internal)
    }

    /// Encrypts objects with the current key, each once a week.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`] if the objects cannot be listed.
    pub async fn renew(&self, deadline: Timestamp) -> Result<Renewal> {
        let (mut renewal, mut after) = (Renewal::default(), None);
        loop {
            if self.clock.now() + RESERVE > deadline {
                return Ok(renewal);
            }
            let page = self.bucket.list(PAYLOADS_PREFIX, after.as_deref()).await?;
            let now = self.clock.now();
            for object in page.objects.iter().filter(|object| is_due_for_renewal(now.duration_since(object.stored_at)))
            {
                if self.clock.now() + RESERVE > deadline {
                    return Ok(renewal);
                }
                match self.renew_object(&object.key).await {
                    Ok(renewed) => renewal.renewed += usize::from(renewed),
                    Err(error) => {
                        renewal.failed += 1;
                        tracing::warn!(?error, "the payload of a task could not be encrypted with the current key");
                    }
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(renewal);
            }
        }
    }

    async fn renew_object(&self, key: &str) -> Result<bool> {
        let Some(object) = self.bucket.read(key).await? else { return Ok(false) };
        let encrypted = std::str::from_utf8(&object).map_err(Error::internal)?;
        let Some(renewed) = self.cipher.renewed(key, encrypted).await? else { return Ok(false) };
        self.store(key, renewed).await.map(|()| true)
    }

    async fn store(&self, key: &str, encrypted: String) -> Result<()> {
        self.bucket.put(key, "application/octet-stream", encrypted.into()).await
    }

    async fn decrypt(&self, key: &str, object: Bytes) -> Result<zeroize::Zeroizing<String>> {
        let encrypted = std::str::from_utf8(&object).map_err(Error::internal)?;
        self.cipher.decrypt(key, encrypted).await.map_err(|error| match error {
            Error::NotFound(_) => Error::internal("a payload that was moved or damaged"),
            error => error,
        })
    }
}

/// True for the age of an object of which the key is compared now.
fn is_due_for_renewal(age: SignedDuration) -> bool {
    age.as_hours() >= RENEWAL_HOURS && age.as_hours() % RENEWAL_HOURS < RENEWAL_WINDOW_HOURS
}

/// Returns the key of the object of a task's payload. It names the user and the task, and is what the ciphertext is bound to.
fn object_key(task: &Task) -> Result<String> {
    let place = task.owner().zip(task.id()).map(|((user, _), id)| payload_key(&user, &id));
    place.ok_or_else(|| Error::internal("a task without an owner"))
}
