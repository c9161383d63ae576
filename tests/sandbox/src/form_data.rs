//! `multipart/form-data` (RFC 7578), parsed strictly: line ends are CRLF, every part has a name, and the boundary ends the form.

use bytes::Bytes;
use http::header::CONTENT_TYPE;

use crate::http::ApiRequest;

/// A part of a form: a field or a file.
pub(crate) struct Part {
    pub(crate) name: String,
    /// The file's name as it stands in the request.
    pub(crate) filename: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) content: Bytes,
}

/// Returns the parts of a request's body; `None` if it is not such a form.
pub(crate) fn parts(request: &ApiRequest) -> Option<Vec<Part>> {
    let content_type = request.header(CONTENT_TYPE.as_str())?;
    let boundary = content_type.strip_prefix("multipart/form-data")?.split_once("boundary=")?.1.trim_matches('"');
    let delimiter = format!("\r\n--{boundary}");
    let mut rest = request.body.strip_prefix(&delimiter.as_bytes()[2..])?;
    let mut parts = Vec::new();
    loop {
        if let Some(end) = rest.strip_prefix(b"--") {
            return matches!(end, b"" | b"\r\n").then_some(parts);
        }
        let part = rest.strip_prefix(b"\r\n")?;
        let content = &part[find(part, b"\r\n\r\n")? + 4..];
        let head = std::str::from_utf8(&part[..part.len() - content.len() - 4]).ok()?;
        let end = find(content, delimiter.as_bytes())?;
        parts.push(Part::read(head, request.body.slice_ref(&content[..end]))?);
        rest = &content[end + delimiter.len()..];
    }
}

impl Part {
    fn read(head: &str, content: Bytes) -> Option<Self> {
        let header = |name: &str| {
            let mut headers = head.split("\r\n").filter_map(|line| line.split_once(": "));
            headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        };
        let disposition = header("content-disposition")?.strip_prefix("form-data")?;
        let parameter = |name: &str| {
            let (_, value) = disposition.split_once(&format!("; {name}=\""))?;
            Some(value.split_once('"')?.0.to_owned())
        };
        Some(Self {
            name: parameter("name")?,
            filename: parameter("filename"),
            content_type: header("content-type").map(str::to_owned),
            content,
        })
    }

    /// Returns the content as a text; `None` if it is none.
    pub(crate) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.content).ok()
    }
}

/// Returns the place of the first `needle`.
fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let mut start = 0;
    loop {
        // A search for one byte is fast without optimisation too.
        start += haystack[start..].iter().position(|byte| *byte == needle[0])?;
        if haystack[start..].starts_with(needle) {
            return Some(start);
        }
        start += 1;
    }
}
