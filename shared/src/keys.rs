//! The encoding of DynamoDB's keys, of public ids and of cursors.
//!
//! Every free component of a key is percent-encoded, so `#` only separates components: no two tuples share a key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The characters that are encoded: all but RFC 3986's unreserved ones.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Percent-encodes one component of a key.
pub(crate) fn encode(component: &str) -> String {
    utf8_percent_encode(component, RESERVED).to_string()
}

/// Decodes one component of a key; `None` if it is not UTF-8.
pub(crate) fn decode(component: &str) -> Option<String> {
    percent_decode_str(component).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

/// Joins components to one key: each encoded, `#` between them.
pub(crate) fn composite_key(components: &[&str]) -> String {
    components.iter().map(|component| encode(component)).collect::<Vec<_>>().join("#")
}

/// Encodes the address of a row as a public id: `<prefix><base64url>`.
pub(crate) fn encode_public_id(prefix: &str, address: &str) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(address))
}

/// Decodes the address of a row from a public id.
pub(crate) fn decode_public_id(prefix: &str, id: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(id.strip_prefix(prefix)?).ok()?;
    String::from_utf8(bytes).ok()
}

/// Encodes the position of a page: the sort key (or keys) after which the next page starts.
pub(crate) fn encode_cursor(position: &impl Serialize) -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(position).map_err(Error::internal)?))
}

/// Decodes a cursor of [`encode_cursor`].
///
/// # Errors
/// [`Error::Invalid`] for a text that is not a cursor of this service.
pub(crate) fn decode_cursor<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(invalid_cursor)
}

/// Returns the error for a cursor that this list did not return.
pub(crate) fn invalid_cursor() -> Error {
    Error::invalid("cursor", "must be the cursor of the previous page, or be left out")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn different_tuples_have_different_keys(a in proptest::collection::vec(".*", 1..4), b in proptest::collection::vec(".*", 1..4)) {
            let joined = |parts: &[String]| composite_key(&parts.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(joined(&a) == joined(&b), a == b);
        }

        #[test]
        fn cursor_round_trips_and_invalid_text_is_rejected(position in any::<(String, i64)>(), text in "(?s).{0,60}", json in "[\\[\\]{}\",0-9a-z:]{0,20}") {
            prop_assert_eq!(decode_cursor::<(String, i64)>(&encode_cursor(&position).unwrap()).unwrap(), position);
            for text in [text, URL_SAFE_NO_PAD.encode(json)] {
                match decode_cursor::<(String, i64)>(&text) {
                    Ok(position) => prop_assert_eq!(decode_cursor::<(String, i64)>(&encode_cursor(&position).unwrap()).unwrap(), position),
                    Err(error) => prop_assert_eq!(error.code(), "INVALID_FIELD"),
                }
            }
        }
    }
}
