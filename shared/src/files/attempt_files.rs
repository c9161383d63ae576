//! The files of an attempt: the copies of its task, and what its action reads for another one.

use bytes::Bytes;
use futures::future::BoxFuture;
use std::sync::Arc;

use super::upload::{DeclaredFile, FILE_LIMIT};
use super::{Files, HeldKey, upload_key};
use crate::adapters::content::Source;
use crate::adapters::files::{ActionFiles, FileOutput, MAX_FILE_BYTES, NewFile};
use crate::error::{Error, FileFault, Result};
use crate::http::{Body, ByteStream};
use crate::ids::{BudgetHolder, Creator, FileId, TaskId, UserId};
use crate::validate::{clean_content_type, clean_filename};

/// The name of a file whose provider gives it none that can be one.
const UNNAMED: &str = "file";

/// The files of one attempt.
#[derive(Clone, Debug)]
struct AttemptFiles {
    files: Files,
    user: UserId,
    /// The task that has copies of them; `None` for an intent without an effect, which sends the uploads themselves.
    holder: Option<TaskId>,
    created_by: Option<Creator>,
}

impl Files {
    /// Returns the files of an attempt. `holder` is its task, if that has copies.
    pub fn for_attempt(
        &self,
        user: &UserId,
        holder: Option<TaskId>,
        created_by: Option<&Creator>,
    ) -> Arc<dyn ActionFiles> {
        Arc::new(AttemptFiles { files: self.clone(), user: user.clone(), holder, created_by: created_by.cloned() })
    }
}

impl AttemptFiles {
    async fn insert(&self, new: NewFile, content: ByteStream) -> Result<FileOutput> {
        let NewFile { filename, content_type, size } = new;
        if size > MAX_FILE_BYTES {
            return Err(Error::TooLarge {
                what: "A file",
                limit: usize::try_from(MAX_FILE_BYTES).unwrap_or(usize::MAX),
            });
        }
        let Files { limits, bucket, rows, clock, .. } = &self.files;
        limits.consume(&BudgetHolder::new(&self.user, self.created_by.as_ref()), FILE_LIMIT, clock.now()).await?;
        let filename = clean_filename(&filename).unwrap_or_else(|| UNNAMED.to_owned());
        let content_type = clean_content_type(&content_type).to_owned();
        let declared = DeclaredFile { filename, content_type, size, sha256: None };
        let row = self.files.new_row(self.created_by.clone(), declared);
        let body = if size == 0 { Body::from(Bytes::new()) } else { Body::stream(Some(size), content) };
        bucket.put(&upload_key(&row.id), &row.content_type, body).await?;
        rows.insert(&self.user, &row).await?;
        Ok(FileOutput { file: row.id, filename: row.filename, content_type: row.content_type, size, text: None })
    }
}

impl ActionFiles for AttemptFiles {
    fn source(&self, file: &FileId, size: u64) -> Source {
        let key = match &self.holder {
            Some(task) => HeldKey::of_copy(&self.user, file, task),
            None => upload_key(file),
        };
        let bucket = self.files.bucket.clone();
        Source::ranged(size, move |range| {
            let (bucket, key) = (bucket.clone(), key.clone());
            Box::pin(async move { Ok(bucket.open(&key, range).await?.ok_or(FileFault::Expired)?) })
        })
    }

    fn store(&self, file: NewFile, content: ByteStream) -> BoxFuture<'_, Result<FileOutput>> {
        Box::pin(self.insert(file, content))
    }
}
