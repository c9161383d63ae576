//! The files that an intent names, looked up at its acceptance: they exist, are uploaded, and a text is read.

use futures::future::try_join_all;

use super::{Files, upload_key};
use crate::error::{Error, FileFault, Result};
use crate::ids::FileId;
use crate::intent::{FoundUpload, FoundUploads, NamedFile, Taken};
use crate::permissions::Caller;
use crate::tables::tasks::FileRow;

/// Longest text that is read from a file, in bytes. The context that it becomes a part of has a limit of its own.
const MAX_TEXT_BYTES: u64 = 4 * 1024 * 1024;
/// Most bytes of a character in UTF-8.
const MAX_CHAR_BYTES: u64 = 4;
/// The mark at the start of a text that some editors write.
const BYTE_ORDER_MARK: char = '\u{feff}';

impl Files {
    /// Looks up the files that an intent names, with one read of the store, and adds them to those that are known. Without files nothing is
    /// called.
    ///
    /// # Errors
    /// [`FileFault::NotFound`], [`FileFault::NotUploaded`]; [`Error::Invalid`] for an upload of another size than was declared, and for a
    /// text that is too long or not UTF-8.
    pub async fn resolve(&self, caller: &Caller, named: &[NamedFile], known: FoundUploads) -> Result<FoundUploads> {
        if named.is_empty() {
            return Ok(known);
        }
        // Boxed: few intents name files, and the future of every one would have the size of this one.
        Box::pin(self.resolve_named(caller, named, known)).await
    }

    async fn resolve_named(
        &self,
        caller: &Caller,
        named: &[NamedFile],
        mut uploads: FoundUploads,
    ) -> Result<FoundUploads> {
        let mut ids: Vec<FileId> = named.iter().filter_map(|file| FileId::parse(&file.id).ok()).collect();
        ids.sort();
        ids.dedup();
        let rows = self.rows.find(caller, &ids, self.clock.now()).await?;
        let found = try_join_all((0..named.len()).map(|at| self.look_up(named, at, &rows))).await?;
        for (id, upload) in found.into_iter().flatten() {
            match uploads.get_mut(&id) {
                Some(known) => known.text = upload.text.or(known.text.take()),
                None => drop(uploads.insert(id, upload)),
            }
        }
        Ok(uploads)
    }

    /// Looks at the upload of the file at a place. Each file is looked at for the place that names it first, and for each of its texts.
    async fn look_up(&self, named: &[NamedFile], at: usize, rows: &[FileRow]) -> Result<Option<(String, FoundUpload)>> {
        let file = &named[at];
        let id = FileId::parse(&file.id).ok();
        let row = rows.iter().find(|row| Some(&row.id) == id.as_ref());
        let row = row.ok_or_else(|| FileFault::NotFound { field: file.field.clone() })?;
        if file.takes == Taken::Bytes && named[..at].iter().any(|other| other.id == file.id) {
            return Ok(None);
        }
        Ok(Some((file.id.clone(), self.upload(file, row).await?)))
    }

    async fn upload(&self, NamedFile { field, takes, .. }: &NamedFile, row: &FileRow) -> Result<FoundUpload> {
        let key = upload_key(&row.id);
        let facts = self.bucket.head(&key).await?.ok_or_else(|| FileFault::NotUploaded { field: field.clone() })?;
        let FileRow { id, filename, content_type, size, .. } = row.clone();
        if facts.length != size {
            let length = facts.length;
            let rule = format!(
                "must name an upload of the declared {size} bytes; {length} were uploaded, so register it again"
            );
            return Err(Error::invalid(field, rule));
        }
        let text = match takes {
            Taken::Bytes => None,
            Taken::Text { max_chars } => Some(self.text(field, row, *max_chars).await?),
        };
        Ok(FoundUpload { id, filename, content_type, size, etag: facts.etag, text })
    }

    /// Reads the text of a file, if it can be short enough.
    async fn text(&self, field: &str, row: &FileRow, max_chars: Option<u64>) -> Result<String> {
        let max_bytes =
            max_chars.map_or(MAX_TEXT_BYTES, |chars| MAX_TEXT_BYTES.min(chars.saturating_mul(MAX_CHAR_BYTES)));
        if row.size > max_bytes {
            let chars = max_chars.unwrap_or(MAX_TEXT_BYTES);
            let rule = format!("must be a text of at most {chars} characters; this file has {} bytes", row.size);
            return Err(Error::invalid(field, rule));
        }
        let bytes = self.bucket.read(&upload_key(&row.id)).await?;
        let bytes = bytes.ok_or_else(|| FileFault::NotUploaded { field: field.to_owned() })?;
        match std::str::from_utf8(&bytes) {
            Ok(text) => Ok(text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text).to_owned()),
            Err(_) => Err(Error::invalid(field, "must name a file with text in UTF-8, for example notes.md")),
        }
    }
}
