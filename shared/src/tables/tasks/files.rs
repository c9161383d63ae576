//! The files of a user: a row each, `file_<ulid>` in the partition `user##files`, for a day. Their bytes are in the bucket.

use aws_sdk_dynamodb::Client;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::ids::{Creator, FileId, UserId};
use crate::permissions::Caller;
use crate::tables::expression::{all, all_of, begins_with, eq, gt};
use crate::tables::table::{Key, Table};
use crate::tables::{Page, PageRequest, from_item, number, query_page, text, to_item};

/// The end of the partition of a user's files. No agent's id is empty, so that no other partition has two separators side by side.
const PARTITION: &str = "##files";
/// The start of each sort key: that of the id.
const SORT_KEY_PREFIX: &str = "file_";
/// Time for which an upload can be named in a request. What a task needs of it is copied.
pub const FILE_RETENTION: SignedDuration = SignedDuration::from_hours(24);
/// Keys of one BatchGetItem.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>
const MAX_BATCH: usize = 100;

/// The row of a file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileRow {
    /// The id.
    #[serde(rename = "sk")]
    pub id: FileId,
    /// The name, without a path.
    pub filename: String,
    /// The media type.
    pub content_type: String,
    /// The number of bytes.
    pub size: u64,
    /// The SHA-256 of the bytes in base64, if the upload was declared with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The caller who made it; absent for the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Creator>,
    /// The end of its life, epoch seconds.
    pub ttl: i64,
}

impl FileRow {
    /// Returns the end of its life.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp::from_second(self.ttl).unwrap_or_default()
    }

    /// True if a caller may use it now: a service has the files that it made, a user has all.
    fn is_visible(&self, caller: &Caller, now: Timestamp) -> bool {
        let creator = caller.creator();
        self.expires_at() > now && (creator.is_none() || self.created_by == creator)
    }
}

/// The files' items of the tasks table.
#[derive(Clone, Debug)]
pub struct FileItems(Table);

impl FileItems {
    /// Uses the items of `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self(Table { client, name: table })
    }

    /// Adds a row. A repetition changes nothing.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn insert(&self, user: &UserId, row: &FileRow) -> Result<()> {
        self.0.put(to_item(key(user, &row.id), row)?).send().await.map(|_| ()).map_err(crate::aws::failure)
    }

    /// Returns those of the files that exist and that the caller may use, in any order. Without ids nothing is read.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn find(&self, caller: &Caller, ids: &[FileId], now: Timestamp) -> Result<Vec<FileRow>> {
        let mut rows: Vec<FileRow> = vec![];
        for batch in ids.chunks(MAX_BATCH) {
            let keys = batch.iter().map(|id| key(&caller.user, id));
            for item in self.0.batch_get(keys).await? {
                rows.push(from_item(item)?);
            }
        }
        rows.retain(|row| row.is_visible(caller, now));
        Ok(rows)
    }

    /// Returns the files that the caller may use, newest first.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::error::Error::Invalid) for a bad limit or cursor.
    pub async fn list(&self, caller: &Caller, page: &PageRequest, now: Timestamp) -> Result<Page<FileRow>> {
        let owner = partition(&caller.user);
        let keys = all([eq("pk", text(&owner)), begins_with("sk", text(SORT_KEY_PREFIX))]);
        let made_by = caller.creator().map(|creator| eq("createdBy", text(creator)));
        let living = gt("ttl", number(now.as_second()));
        let query = self.0.query(keys, all_of([Some(living), made_by])).scan_index_forward(false);
        query_page(query, &owner, page).await
    }

    /// Deletes a row. One that does not exist is deleted as well.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn delete(&self, user: &UserId, id: &FileId) -> Result<()> {
        self.0.delete(key(user, id)).send().await.map(|_| ()).map_err(crate::aws::failure)
    }
}

fn partition(user: &UserId) -> String {
    format!("{}{PARTITION}", user.stored_key())
}

fn key(user: &UserId, id: &FileId) -> Key {
    Key::new(partition(user), id.to_string())
}
