//! [`Files`]: the files of users. A model names a file by its id; its bytes go from the client to the bucket, and from there to a
//! provider.
//!
//! | Objects | Life |
//! |---|---|
//! | `in/<file>` | uploads, and what reads gave: a day, by the bucket's lifecycle |
//! | `held/<user>/<file>/<task>` | the copy of a task, from its acceptance to its end |
//! | `contexts/<user>/<task>` | long payloads, as long as their tasks |
//!
//! Each task has a copy of its own, so that nothing is counted and no two tasks race; a list by prefix tells which tasks need a file.

mod attempt_files;
mod held;
mod held_key;
mod resolved;
mod sweep;
mod upload;

pub(crate) use held_key::PAYLOADS_PREFIX;
pub use held_key::{HeldKey, payload_key};
pub use sweep::FileSweep;
pub(crate) use sweep::needs_files;
pub use upload::NewUpload;

use aws_types::SdkConfig;
use jiff::SignedDuration;

use crate::aws::{Bucket, Link};
use crate::clock::{Clock, Random};
use crate::deployment::{Deployment, Part};
use crate::error::{FileFault, Result};
use crate::ids::FileId;
use crate::intent::IntentFile;
use crate::permissions::Caller;
use crate::tables::tasks::{FileItems, FileRow, LimitItems, TaskFiles, TaskItems};
use crate::tables::{Page, PageRequest};

/// Bytes a second that a transfer has at least, from the bucket through a function to a provider.
const MIN_BYTES_PER_SECOND: u64 = 2 * 1024 * 1024;

/// The files of all users. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Files {
    pub(crate) rows: FileItems,
    pub(crate) tasks: TaskItems,
    pub(crate) limits: LimitItems,
    pub(crate) bucket: Bucket,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
}

/// A file, with the link to its bytes if they are there.
#[derive(Clone, Debug)]
pub struct FoundFile {
    /// The file.
    pub row: FileRow,
    /// The link that downloads it; `None` before its upload.
    pub download: Option<Link>,
}

impl Part for Files {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, aws, http, clock, random, .. } = deployment;
        let aws: &SdkConfig = aws;
        let table = &config.tables.tasks;
        Self {
            rows: FileItems::new(dynamodb.clone(), table.clone()),
            tasks: TaskItems::new(dynamodb.clone(), table.clone()),
            limits: LimitItems::new(dynamodb.clone(), table.clone()),
            bucket: Bucket::new(&config.files.bucket, config.files.endpoint.as_ref(), aws, http, clock),
            clock: clock.clone(),
            random: random.clone(),
        }
    }
}

impl Files {
    /// Returns a file that the caller may use, and the link to its bytes.
    ///
    /// # Errors
    /// [`FileFault::NotFound`].
    pub async fn find(&self, caller: &Caller, id: &str) -> Result<FoundFile> {
        let not_found = || FileFault::NotFound { field: "fileId".to_owned() };
        let id = FileId::parse(id).map_err(|_| not_found())?;
        let row = self.row(caller, &id).await?.ok_or_else(not_found)?;
        let key = upload_key(&row.id);
        let download = match self.bucket.head(&key).await? {
            Some(facts) if facts.length == row.size => {
                Some(self.bucket.download_link(&key, &row.filename, &row.content_type).await?)
            }
            Some(_) | None => None,
        };
        Ok(FoundFile { row, download })
    }

    /// Lists the files that the caller may use, newest first.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::error::Error::Invalid) for a bad limit or cursor.
    pub async fn list(&self, caller: &Caller, page: &PageRequest) -> Result<Page<FileRow>> {
        self.rows.list(caller, page, self.clock.now()).await
    }

    /// Deletes a file. Copies that tasks need stay with them.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn delete(&self, caller: &Caller, id: &FileId) -> Result<()> {
        // The row last: without it nobody finds the bytes.
        self.bucket.delete(&upload_key(id)).await?;
        self.rows.delete(&caller.user, id).await
    }

    /// Returns the row of a file that the caller may use, if there is one.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn row(&self, caller: &Caller, id: &FileId) -> Result<Option<FileRow>> {
        Ok(self.rows.find(caller, std::slice::from_ref(id), self.clock.now()).await?.pop())
    }
}

/// Returns the time that an attempt needs in addition for sending so many bytes.
pub fn transfer_time(bytes: u64) -> SignedDuration {
    SignedDuration::from_secs(bytes.div_ceil(MIN_BYTES_PER_SECOND).cast_signed())
}

/// Returns the files of an intent as its task has them.
pub fn files_of(files: &[IntentFile]) -> TaskFiles {
    TaskFiles {
        ids: files.iter().map(|file| file.id.clone()).collect(),
        bytes: files.iter().map(|file| file.size).sum(),
    }
}

/// Returns the key of an upload.
fn upload_key(id: &FileId) -> String {
    format!("in/{id}")
}
