//! The files that a context names: found before the intent is bound, and filled in with their facts or their text then.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

use crate::adapters::action::{ActionDef, FileSlot};
use crate::error::{Error, FieldFault, FileFault, Result};
use crate::ids::FileId;

/// Maximum number of places of one intent that name a file.
const MAX_FILES: usize = 100;
/// Text in the place of a file's, while a context is validated without it.
const STAND_IN: &str = "x";

/// A place of a context that names a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// The path of the field, such as `context.attachments[0]`.
    pub field: String,
    /// The text that names the file.
    pub id: String,
    /// What the action takes of it.
    pub takes: Taken,
}

/// What an action takes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Its bytes.
    Bytes,
    /// Its text in the place of a text of several lines.
    Text {
        /// Most characters.
        max_chars: Option<u64>,
    },
}

/// A file that an intent sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntentFile {
    /// The path of the field that names it first.
    pub field: String,
    /// The file.
    pub id: FileId,
    /// The number of its bytes.
    pub size: u64,
    /// The version of the upload that was looked at.
    pub etag: String,
}

/// A file that exists and is uploaded.
#[derive(Clone, Debug)]
pub struct FoundUpload {
    /// The file.
    pub id: FileId,
    /// The name.
    pub filename: String,
    /// The media type.
    pub content_type: String,
    /// The number of bytes.
    pub size: u64,
    /// The version.
    pub etag: String,
    /// The text, if a field takes it.
    pub text: Option<String>,
}

/// The files of an intent by the texts that name them.
pub type FoundUploads = BTreeMap<String, FoundUpload>;

/// Finds the places of a context that name a file.
///
/// # Errors
/// [`Error::Invalid`] for more than [`MAX_FILES`].
pub(super) fn find(action: &ActionDef, context: &mut Value) -> Result<Vec<NamedFile>> {
    let mut found = vec![];
    action.visit_files(context, &mut |path, slot| {
        let takes = match &slot {
            FileSlot::File(_) => Taken::Bytes,
            FileSlot::Text { max_chars, .. } => Taken::Text { max_chars: *max_chars },
        };
        found.push(NamedFile { field: format!("context.{path}"), id: slot.id().to_owned(), takes });
    });
    let max = MAX_FILES;
    if found.len() > max { Err(Error::invalid("context", format!("must name at most {max} files"))) } else { Ok(found) }
}

/// Writes the facts of each file into its place, and its text in the place of a text.
///
/// # Errors
/// [`FileFault::NotFound`] for a place of a file that was not looked up: its size would be what the sender says.
pub(super) fn fill(action: &ActionDef, context: &mut Value, found: &FoundUploads) -> Result<()> {
    let mut unknown = None;
    action.visit_files(context, &mut |path, slot| {
        let (file, is_text) = (found.get(slot.id()), matches!(slot, FileSlot::Text { .. }));
        let Some(file) = file.filter(|file| !is_text || file.text.is_some()) else {
            unknown.get_or_insert_with(|| format!("context.{path}"));
            return;
        };
        match slot {
            FileSlot::File(fields) => write_facts(fields, file),
            FileSlot::Text { value, .. } => *value = file.text.clone().into(),
        }
    });
    unknown.map_or(Ok(()), |field| Err(FileFault::NotFound { field }.into()))
}

/// Writes what is known of a file. The sender may give it another name and type, and no other size.
fn write_facts(fields: &mut Map<String, Value>, file: &FoundUpload) {
    let is_given = |name: &str| fields.get(name).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
    let (named, typed) = (is_given("filename"), is_given("contentType"));
    fields.insert("file".to_owned(), file.id.as_str().into());
    fields.insert("size".to_owned(), file.size.into());
    if !named {
        fields.insert("filename".to_owned(), file.filename.as_str().into());
    }
    if !typed {
        fields.insert("contentType".to_owned(), file.content_type.as_str().into());
    }
}

/// Puts a text in the place of each file's, so that the rest of a context can be validated.
pub(super) fn stand_in(action: &ActionDef, context: &mut Value) {
    action.visit_files(context, &mut |_, slot| {
        if let FileSlot::Text { value, .. } = slot {
            *value = STAND_IN.into();
        }
    });
}

/// True for a fault of a text that is in a file.
pub(super) fn is_of_text(files: &[NamedFile], fault: &FieldFault) -> bool {
    files.iter().any(|file| file.takes != Taken::Bytes && file.field == fault.field)
}

/// Returns the files that an intent sends, each once.
pub(super) fn sent(named: &[NamedFile], found: &FoundUploads) -> Vec<IntentFile> {
    let mut sent: Vec<IntentFile> = vec![];
    for NamedFile { field, id, .. } in named.iter().filter(|file| file.takes == Taken::Bytes) {
        if let Some(FoundUpload { id, size, etag, .. }) = found.get(id)
            && sent.iter().all(|file| file.id != *id)
        {
            sent.push(IntentFile { field: field.clone(), id: id.clone(), size: *size, etag: etag.clone() });
        }
    }
    sent
}
