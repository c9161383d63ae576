//! A file as input: one that was uploaded, or that another action read, by its id; or a small one with its content.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode::Indifferent;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::Text;
use crate::adapters::api::Api;
use crate::adapters::content::{Content, Source};
use crate::ids::FileId;
use crate::validate::{
    MAX_CONTENT_TYPE_BYTES, MAX_FILENAME_BYTES, UNKNOWN_CONTENT_TYPE, check_content_type, check_filename,
};

/// Most characters of a file's content in the context. A larger one is uploaded.
const MAX_INLINE_CHARS: usize = 1_400_000;

const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new().with_decode_padding_mode(Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, CONFIG);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, CONFIG);

/// A file of at most `MAX` bytes. The engine has written the facts of an uploaded one into the context: see `adapters/context/files.rs`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "Fields")]
#[schemars(inline, with = "Fields", description = "", extend("x-file" = MAX))]
pub struct FileInput<const MAX: u64> {
    filename: String,
    content_type: String,
    size: u64,
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    Stored(FileId),
    Inline(Bytes),
}

/// A file: the id of an uploaded one, or a small one's name and content.
// Its schema is in many actions: only what a field's name does not say is described.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
struct Fields {
    /// The id of a stored file.
    #[schemars(with = "Option<String>")]
    file: Option<FileId>,
    filename: Option<FileName>,
    content_type: Option<ContentType>,
    /// A small file in base64.
    content: Option<Base64>,
    text: Option<Text<MAX_INLINE_CHARS>>,
    size: Option<u64>,
}

/// A file's name without a path.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", description = "", extend("minLength" = 1, "maxLength" = MAX_FILENAME_BYTES))]
pub struct FileName(String);

/// A MIME type, with parameters if it has any.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", description = "", extend("minLength" = 3, "maxLength" = MAX_CONTENT_TYPE_BYTES))]
pub struct ContentType(String);

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", description = "", extend("minLength" = 1, "maxLength" = MAX_INLINE_CHARS, "x-multiline" = true))]
struct Base64(Bytes);

impl FileName {
    /// Returns the name.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl ContentType {
    /// Returns the type, with its name in lower case.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl TryFrom<String> for FileName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match check_filename("filename", &text) {
            Ok(()) => Ok(Self(text)),
            Err(_) => Err("must be a file name without a path, at most 255 bytes, for example report.csv"),
        }
    }
}

impl TryFrom<String> for ContentType {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if check_content_type("contentType", &text).is_err() {
            return Err("must be a MIME type, for example text/csv or text/calendar; method=REQUEST");
        }
        let essence = text.split(';').next().unwrap_or_default();
        Ok(Self(format!("{}{}", essence.trim().to_ascii_lowercase(), &text[essence.len()..])))
    }
}

impl TryFrom<String> for Base64 {
    type Error = &'static str;

    /// Decodes the usual forms: with and without padding, either alphabet, with line breaks, as a data URL.
    fn try_from(text: String) -> Result<Self, Self::Error> {
        const REASON: &str = "must be base64, for example aGVsbG8=";
        let content = match text.trim().strip_prefix("data:") {
            Some(url) => url.split_once(";base64,").ok_or(REASON)?.1,
            None => text.trim(),
        };
        let compact: String = content.chars().filter(|char| !char.is_ascii_whitespace()).collect();
        let engine = if compact.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
        let bytes = engine.decode(compact).map_err(|_| REASON)?;
        Ok(Self(bytes.into()))
    }
}

impl<const MAX: u64> TryFrom<Fields> for FileInput<MAX> {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        let Fields { file, filename, content_type, content, text, size } = fields;
        let is_text = text.is_some();
        let (place, size) = match (file, content, text) {
            // What a read gave can have its text beside it.
            (Some(file), _, _) => (Place::Stored(file), size.unwrap_or_default()),
            (None, Some(Base64(bytes)), None) => (Place::Inline(bytes.clone()), bytes.len() as u64),
            (None, None, Some(text)) => (Place::Inline(Bytes::copy_from_slice(text.as_bytes())), text.len() as u64),
            _ => {
                return Err("must have one of file, content and text, for example \
                            {\"filename\": \"report.csv\", \"text\": \"a,b\"}"
                    .to_owned());
            }
        };
        if filename.is_none() && matches!(place, Place::Inline(_)) {
            return Err("must have a filename beside its content, for example {\"filename\": \"report.csv\", \
                        \"text\": \"a,b\"}"
                .to_owned());
        }
        if size > MAX {
            return Err(format!("must have at most {MAX} bytes; the file has {size}"));
        }
        let filename = filename.map(FileName::into_string).unwrap_or_default();
        let default_type = || if is_text { "text/plain; charset=utf-8" } else { UNKNOWN_CONTENT_TYPE }.to_owned();
        let content_type = content_type.map_or_else(default_type, ContentType::into_string);
        Ok(Self { filename, content_type, size, place })
    }
}

impl<const MAX: u64> FileInput<MAX> {
    /// Returns the name.
    pub fn filename(&self) -> &str {
        &self.filename
    }

    /// Returns the MIME type.
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// Returns the size in bytes. That of an uploaded file is known once the intent is bound; before it is 0.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Returns the id of an uploaded file.
    pub fn file(&self) -> Option<&FileId> {
        match &self.place {
            Place::Stored(file) => Some(file),
            Place::Inline(_) => None,
        }
    }

    /// Returns the content if it is in the context.
    pub fn inline(&self) -> Option<&Bytes> {
        match &self.place {
            Place::Stored(_) => None,
            Place::Inline(bytes) => Some(bytes),
        }
    }

    /// Returns the content of a request that has nothing but the file. A dry run shows the facts of an uploaded one.
    pub fn content(&self, api: &Api<'_>) -> Content {
        match &self.place {
            Place::Stored(file) => {
                let facts = json!({ "file": file, "filename": self.filename, "size": self.size });
                Content::new().source(self.source(api)).described(facts)
            }
            Place::Inline(bytes) => Content::new().text(bytes.clone()),
        }
    }

    /// Returns the content, to be opened when it is sent.
    pub fn source(&self, api: &Api<'_>) -> Source {
        match &self.place {
            Place::Stored(file) => api.files.source(file, self.size),
            Place::Inline(bytes) => Source::bytes(bytes.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn parse(value: Value) -> Result<FileInput<10>, String> {
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    #[test]
    fn base64_is_read_in_every_usual_form() {
        for content in ["++/+", "--_-", "++\r\n/+", "data:text/plain;base64,++/+", " ++/+\n"] {
            let file = parse(json!({ "filename": "a", "content": content })).unwrap();
            assert_eq!(file.inline().unwrap().as_ref(), [0xfb, 0xef, 0xfe], "{content}");
        }
        for content in ["aGk=", "aGk"] {
            assert_eq!(parse(json!({ "filename": "a", "content": content })).unwrap().inline().unwrap(), "hi");
        }
        for content in ["?", "a", "data:text/plain,hi", "+-+-"] {
            assert!(parse(json!({ "filename": "a", "content": content })).unwrap_err().contains("base64"), "{content}");
        }
    }

    #[test]
    fn one_place_and_a_name_are_required() {
        let stored =
            json!({ "file": "file_01JQ3X7K5T8Z9V0W1Y2A3B4C5D", "size": 5, "contentType": "Text/CSV; header=present" });
        let file = parse(stored).unwrap();
        assert_eq!((file.size(), file.content_type(), file.inline()), (5, "text/csv; header=present", None));
        assert_eq!(
            parse(json!({ "filename": "a", "text": "hi" })).unwrap().content_type(),
            "text/plain; charset=utf-8"
        );
        for (value, reason) in [
            (json!({}), "one of file, content and text"),
            (json!({ "filename": "a", "text": "a", "content": "aGk=" }), "one of file, content and text"),
            (json!({ "text": "a" }), "filename"),
            (json!({ "filename": "../a", "text": "a" }), "without a path"),
            (json!({ "filename": "..", "text": "a" }), "without a path"),
            (json!({ "filename": "a", "text": "12345678901" }), "at most 10 bytes; the file has 11"),
            (json!({ "filename": "a", "text": "a", "contentType": "text" }), "MIME type"),
            (json!({ "filename": "a", "text": "a", "contentType": "a/b; c" }), "MIME type"),
            (json!({ "filename": "a", "text": "a", "contentType": "a/b; c=d\r\nX: y" }), "MIME type"),
            (json!({ "file": "file_1" }), "file_"),
        ] {
            let error = parse(value.clone()).unwrap_err();
            assert!(error.contains(reason), "{value}: {error}");
        }
    }
}
