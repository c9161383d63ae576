//! Checks of texts and sizes that callers send, and hashes of texts.

mod media;
mod unique_json;

pub use media::{
    MAX_CONTENT_TYPE_BYTES, MAX_FILENAME_BYTES, UNKNOWN_CONTENT_TYPE, check_content_type, check_filename,
    clean_content_type, clean_filename,
};
pub use unique_json::{MAX_VALUES, UniqueJson};

use aws_lc_rs::digest::{SHA256, digest};
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup};
use icu_properties::{CodePointMapData, CodePointSetData};
use serde::Serialize;

use crate::error::{Error, Result};

/// Largest JSON body of a request, and so the largest context, in bytes. What is longer comes as a file. Lambda takes events of 6 MB, in
/// which each quote and each line break of a body is two bytes.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;

/// Longest agent, user or client id, in bytes.
pub const MAX_ID_BYTES: usize = 256;

/// Longest `externalId`, in bytes: DynamoDB's limit for a sort key.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
pub const MAX_KEY_BYTES: usize = 1024;

/// Longest `contextKey`, in bytes: its sort key has the account's id beside it.
pub const MAX_CONTEXT_KEY_BYTES: usize = 767;

/// Longest error code, in bytes.
const MAX_CODE_BYTES: usize = 64;

/// Largest metadata, in bytes of JSON.
pub const MAX_METADATA_BYTES: usize = 8 * 1024;

/// Checks a text that a caller sends as an identifier: not empty, at most `max` bytes, no control characters.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
///
/// ```
/// use engine::validate::check_text;
///
/// assert!(check_text("saveAs", "project-x", 1024).is_ok());
/// let refused = check_text("saveAs", "a\nb", 1024).map_err(|error| error.to_string());
/// assert_eq!(refused, Err("saveAs: must not contain control characters".to_owned()));
/// ```
pub fn check_text(field: &str, text: &str, max: usize) -> Result<()> {
    let reason = if text.trim().is_empty() {
        "must not be empty".to_owned()
    } else if text.len() > max {
        format!("must be at most {max} bytes")
    } else if text.chars().any(char::is_control) {
        "must not contain control characters".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::invalid(field, reason))
}

/// Checks a name that people see and programs compare: a text of visible characters and spaces. Two different ones must not look alike
/// because of a character that has no shape, such as a zero-width space or a mark that turns the direction of a text.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
///
/// ```
/// use engine::validate::check_name;
///
/// assert!(check_name("agentId", "Büro-Agent 日本", 256).is_ok());
/// let refused = check_name("agentId", "invoice\u{200b}-bot", 256).map_err(|error| error.to_string());
/// let rule = "agentId: must have only visible characters and spaces, for example invoice-bot; U+200B is invisible";
/// assert_eq!(refused, Err(rule.to_owned()));
/// ```
pub fn check_name(field: &str, text: &str, max: usize) -> Result<()> {
    check_text(field, text, max)?;
    match text.chars().find(|char| is_invisible(*char)) {
        None => Ok(()),
        Some(char) => {
            let rule = "must have only visible characters and spaces, for example invoice-bot";
            Err(Error::invalid(field, format!("{rule}; U+{:04X} is invisible", u32::from(char))))
        }
    }
}

/// True for a character without a shape: a control or format character, a separator of lines, one that no standard assigns, and one
/// that the standard ignores, such as a variation selector or a filler. The braille pattern without dots is blank as well.
/// <https://www.unicode.org/reports/tr44/#General_Category_Values> <https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point>
fn is_invisible(char: char) -> bool {
    const INVISIBLE: GeneralCategoryGroup = GeneralCategoryGroup::Other
        .union(GeneralCategoryGroup::LineSeparator)
        .union(GeneralCategoryGroup::ParagraphSeparator);
    let category = CodePointMapData::<GeneralCategory>::new().get(char);
    INVISIBLE.contains(category)
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(char)
        || char == '\u{2800}'
}

/// Checks a code: 1 to 64 of A to Z, 0 to 9 and `_`.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub fn check_code(field: &str, code: &str) -> Result<()> {
    check_text(field, code, MAX_CODE_BYTES)?;
    let is_allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    if code.bytes().all(is_allowed) {
        return Ok(());
    }
    Err(Error::invalid(field, "must have only A to Z, 0 to 9 and _, for example PROVIDER_REJECTED"))
}

/// Checks that a value is at most `limit` bytes of JSON.
///
/// # Errors
/// [`Error::TooLarge`] naming it.
pub fn check_size(what: &'static str, value: &impl Serialize, limit: usize) -> Result<()> {
    let bytes = serde_json::to_vec(value).map_err(Error::internal)?.len();
    if bytes > limit { Err(Error::TooLarge { what, limit }) } else { Ok(()) }
}

/// Returns the hex of the first `bytes` (at most 32) of SHA-256(text).
pub(crate) fn fingerprint(text: &str, bytes: usize) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}
