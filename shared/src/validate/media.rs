//! Checks of a file's name and media type.

use super::{check_text, is_invisible};
use crate::error::{Error, Result};

/// Longest name of a file, in bytes: that of a file system.
pub const MAX_FILENAME_BYTES: usize = 255;
/// Longest media type, in bytes. RFC 6838 section 4.2 has 127 characters for each of its two names.
pub const MAX_CONTENT_TYPE_BYTES: usize = 255;

/// The media type of bytes of which nothing is known: RFC 2046 section 4.5.1.
pub const UNKNOWN_CONTENT_TYPE: &str = "application/octet-stream";

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
    check_text(field, name, MAX_FILENAME_BYTES)?;
    if let Some(char) = name.chars().find(|char| has_no_place(*char)) {
        let rule = "must have only visible characters and spaces, for example report.pdf";
        return Err(Error::invalid(field, format!("{rule}; U+{:04X} is invisible", u32::from(char))));
    }
    if name.contains(['/', '\\']) || matches!(name.trim(), "." | "..") {
        return Err(Error::invalid(field, "must be a name without a path, for example report.pdf"));
    }
    Ok(())
}

/// Returns a name that another service gave to a file as one that [`check_filename`] accepts: invisible characters are dropped, separators of
/// paths replaced, and a long name is cut before its extension. `None` if nothing of it can be a name.
///
/// ```
/// use engine::validate::clean_filename;
///
/// assert_eq!(clean_filename("AC/DC\u{200b}.mp3").as_deref(), Some("AC_DC.mp3"));
/// assert_eq!(clean_filename(".."), None);
/// ```
pub fn clean_filename(name: &str) -> Option<String> {
    const MAX_EXTENSION_BYTES: usize = 20;
    let visible = name.chars().filter(|char| !has_no_place(*char));
    let name: String = visible.map(|char| if matches!(char, '/' | '\\') { '_' } else { char }).collect();
    let name = name.trim();
    if name.trim_matches(['.', ' ', '_']).is_empty() {
        return None;
    }
    let extension = name.rfind('.').map_or("", |at| &name[at..]);
    let extension = if extension.len() <= MAX_EXTENSION_BYTES { extension } else { "" };
    let stem = &name[..name.len() - extension.len()];
    let stem = &stem[..stem.floor_char_boundary(MAX_FILENAME_BYTES - extension.len())];
    Some(format!("{stem}{extension}"))
}

/// True for a character that a name cannot have. Joiners and the selectors of a form are part of emoji and of Persian words.
fn has_no_place(char: char) -> bool {
    is_invisible(char) && !matches!(char, '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}')
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
    // Mailers end a type with a semicolon.
    if is_type && parts.filter(|part| !part.trim().is_empty()).all(is_parameter) {
        return Ok(());
    }
    Err(Error::invalid(field, "must be a media type, for example application/pdf or text/plain; charset=utf-8"))
}

/// Returns a media type that another service gave, or the one of unknown bytes for a text that is none: RFC 2046 section 4.5.1.
pub fn clean_content_type(text: &str) -> &str {
    if check_content_type("contentType", text).is_ok() { text } else { UNKNOWN_CONTENT_TYPE }
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
        for name in ["report.pdf", ".profile", "a b (1).txt", "..a", "日本.png", "\u{2764}\u{fe0f}.png"] {
            assert!(check_filename("filename", name).is_ok(), "{name}");
        }
        for name in ["", " ", ".", "..", "../x", "a/b", "a\\b", "a\nb", "a\u{202e}fdp.exe", &"x".repeat(256)] {
            assert!(check_filename("filename", name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn names_of_other_services_become_names() {
        let long = format!("{}.tar.gz", "é".repeat(200));
        for (name, clean) in [
            ("report.pdf", Some("report.pdf")),
            (" C:\\temp\\a\u{202e}b.pdf\n", Some("C:_temp_ab.pdf")),
            ("a. very long sentence, not an extension", Some("a. very long sentence, not an extension")),
            (&long, Some(&*format!("{}.gz", "é".repeat(126)))),
            ("\u{200b}/..", None),
            ("", None),
        ] {
            assert_eq!(clean_filename(name).as_deref(), clean, "{name:?}");
            assert!(clean.is_none_or(|clean| check_filename("filename", clean).is_ok()), "{name:?}");
        }
    }

    #[test]
    fn only_media_types_are_accepted() {
        for media in [
            "application/pdf",
            "image/svg+xml",
            "text/plain;charset=utf-8",
            "multipart/mixed; boundary=\"a b\"",
            "a/b;",
        ] {
            assert!(check_content_type("contentType", media).is_ok(), "{media}");
        }
        for media in ["", "pdf", "a/", "/b", "a/b/c", "a/b; c", "a/b\r\nX: y", "a/b; c=\"d\\\"", "a/é"] {
            assert!(check_content_type("contentType", media).is_err(), "{media:?}");
        }
    }
}
