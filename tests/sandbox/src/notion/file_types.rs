//! The types of files that Notion takes: <https://developers.notion.com/guides/data-apis/working-with-files-and-media>

use super::{ErrorResponse, validation_error};

/// The longest name of a file, in bytes: <https://developers.notion.com/reference/create-a-file-upload>
const MAX_NAME_BYTES: usize = 900;

/// The types, each with its extensions.
const TYPES: [(&str, &[&str]); 38] = [
    ("audio/aac", &["aac", "adts"]),
    ("audio/midi", &["mid", "midi"]),
    ("audio/mpeg", &["mp3", "mpga"]),
    ("audio/mp4", &["m4a", "m4b", "mp4"]),
    ("audio/ogg", &["oga", "ogg"]),
    ("audio/wav", &["wav"]),
    ("audio/x-ms-wma", &["wma"]),
    ("application/pdf", &["pdf"]),
    ("text/plain", &["txt"]),
    ("application/json", &["json"]),
    ("application/msword", &["doc", "dot"]),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["docx"]),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.template", &["dotx"]),
    ("application/vnd.ms-excel", &["xls", "xlt", "xla"]),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"]),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.template", &["xltx"]),
    ("application/vnd.ms-powerpoint", &["ppt", "pot", "pps", "ppa"]),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", &["pptx"]),
    ("application/vnd.openxmlformats-officedocument.presentationml.template", &["potx"]),
    ("image/gif", &["gif"]),
    ("image/heic", &["heic"]),
    ("image/jpeg", &["jpeg", "jpg"]),
    ("image/png", &["png"]),
    ("image/svg+xml", &["svg"]),
    ("image/tiff", &["tif", "tiff"]),
    ("image/webp", &["webp"]),
    ("image/vnd.microsoft.icon", &["ico"]),
    ("video/x-amv", &["amv"]),
    ("video/x-ms-asf", &["asf", "wmv"]),
    ("video/x-msvideo", &["avi"]),
    ("video/x-f4v", &["f4v"]),
    ("video/x-flv", &["flv"]),
    ("video/mp4", &["mp4", "m4v", "gifv"]),
    ("application/mp4", &["mp4"]),
    ("video/x-matroska", &["mkv"]),
    ("video/webm", &["webm"]),
    ("video/quicktime", &["mov", "qt"]),
    ("video/mpeg", &["mpeg"]),
];

/// Returns the name and the type of a file, of which one can be given by the other.
pub(super) fn named(
    name: Option<&str>,
    content_type: Option<&str>,
) -> Result<(Option<String>, Option<String>), ErrorResponse> {
    let unsupported = || validation_error("body.filename should have an extension of a supported type of file.");
    let extension = name.and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension.to_lowercase());
    let has_extension = |extensions: &[&str]| extension.as_deref().is_none_or(|own| extensions.contains(&own));
    let found = TYPES.iter().find(|(kind, extensions)| {
        content_type.is_none_or(|own| own == *kind)
            && (content_type.is_some() || extension.is_some())
            && has_extension(extensions)
    });
    let Some((kind, extensions)) = found else {
        return if name.is_none() && content_type.is_none() { Ok((None, None)) } else { Err(unsupported()) };
    };
    let name = name.map(|name| if extension.is_some() { name.to_owned() } else { format!("{name}.{}", extensions[0]) });
    match name.as_ref().is_some_and(|name| name.len() > MAX_NAME_BYTES) {
        true => Err(validation_error("body.filename should have at most 900 bytes.")),
        false => Ok((name, Some((*kind).to_owned()))),
    }
}

/// True if a block can hold a file of a type. A block of the type `file` holds all.
pub(super) fn fits_block(kind: &str, content_type: &str) -> bool {
    match kind {
        "pdf" => content_type == "application/pdf",
        "audio" | "image" | "video" => content_type.split('/').next() == Some(kind),
        _ => true,
    }
}
