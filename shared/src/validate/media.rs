//! Checks of a file's name and media type.

use super::check_name;
use crate::error::{Error, Result};

/// Longest name of a file, in bytes: that of a file system.
pub const MAX_FILENAME_BYTES: usize = 255;
/// Longest media type, in bytes. RFC 6838 section 4.2 has 127 characters for each of its two names.
pub const MAX_CONTENT_TYPE_BYTES: usize = 255;

/// Checks the name of a file: visible characters without a path.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
///
/// ```
/// use engine::validate::check_filename;
///
/// assert!(check_filename("filename", "Rechnung März.pdf").is_ok());
/// assert!(check_filename("filename", "../etc/passwd").is_err());
/// ```
pub fn check_filename(field: &str, name: &str) -> Result<()> {
    check_name(field, name, MAX_FILENAME_BYTES)?;
    if name.contains(['/', '\\']) || matches!(name.trim(), "." | "..") {
        return Err(Error::invalid(field, "must be a name without a path, for example report.pdf"));
    }
    Ok(())
}

/// Checks a media type: two names, and parameters if there are any. RFC 9110 section 8.3.1.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
///
/// ```
/// use engine::validate::check_content_type;
///
/// assert!(check_content_type("contentType", "text/plain; charset=utf-8").is_ok());
/// assert!(check_content_type("contentType", "pdf").is_err());
/// ```
pub fn check_content_type(field: &str, text: &str) -> Result<()> {
    if text.len() > MAX_CONTENT_TYPE_BYTES {
        return Err(Error::invalid(field, format!("must be at most {MAX_CONTENT_TYPE_BYTES} bytes")));
    }
    let mut parts = text.split(';');
    let is_type = parts
        .next()
        .and_then(|media| media.trim().split_once('/'))
        .is_some_and(|(kind, name)| is_token(kind) && is_token(name));
    if is_type && parts.all(is_parameter) {
        return Ok(());
    }
    Err(Error::invalid(field, "must be a media type, for example application/pdf or text/plain; charset=utf-8"))
}

fn is_parameter(text: &str) -> bool {
    text.trim().split_once('=').is_some_and(|(name, value)| {
        let unquoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        let is_quoted =
            |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'));
        is_token(name) && unquoted.map_or_else(|| is_token(value), is_quoted)
    })
}

/// True for a token of HTTP. RFC 9110 section 5.6.2.
fn is_token(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_path_or_without_a_shape_are_refused() {
        for name in ["report.pdf", ".profile", "a b (1).txt", "..a", "日本.png"] {
            assert!(check_filename("filename", name).is_ok(), "{name}");
        }
        for name in ["", " ", ".", "..", "../x", "a/b", "a\\b", "a\nb", "a\u{202e}fdp.exe", &"x".repeat(256)] {
            assert!(check_filename("filename", name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn only_media_types_are_accepted() {
        for media in
            ["application/pdf", "image/svg+xml", "text/plain;charset=utf-8", "multipart/mixed; boundary=\"a b\""]
        {
            assert!(check_content_type("contentType", media).is_ok(), "{media}");
        }
        for media in ["", "pdf", "a/", "/b", "a/b/c", "a/b;", "a/b; c", "a/b\r\nX: y", "a/b; c=\"d\\\"", "a/é"] {
            assert!(check_content_type("contentType", media).is_err(), "{media:?}");
        }
    }
}
