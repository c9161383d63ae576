//! The headers of a request: those of 2026-07-28 repeat parts of the body, and must equal them.
//!
//! Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#request-metadata>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::mirrored::Mirrored;

/// Header of the revision.
pub(crate) const PROTOCOL_VERSION: &str = "mcp-protocol-version";
/// Header of the method.
const METHOD: &str = "mcp-method";
/// Header of the tool, prompt, resource or task.
const NAME: &str = "mcp-name";
/// Start of a value in base64.
const BASE64_START: &str = "=?base64?";
/// End of a value in base64.
const BASE64_END: &str = "?=";

/// Returns a header's value without the white space around it.
pub(crate) fn value<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>> {
    let mut values = headers.get_all(name).iter();
    let Some(first) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(mismatch(format!("{name} stands more than once")));
    }
    let text = first.to_str().map_err(|_| mismatch(format!("{name} contains invalid characters")))?;
    Ok(Some(text.trim_matches([' ', '\t'])))
}

/// Checks the header of the method.
pub(crate) fn check_method(headers: &HeaderMap, method: &str) -> Result<()> {
    check_plain(headers, METHOD, method)
}

/// Checks the header of the revision.
pub(crate) fn check_version(headers: &HeaderMap, version: &str) -> Result<()> {
    check_plain(headers, PROTOCOL_VERSION, version)
}

/// Checks the header of the name. It may be in base64.
pub(crate) fn check_name(headers: &HeaderMap, name: &str) -> Result<()> {
    match decoded(headers, NAME)? {
        Some(header) if header == name => Ok(()),
        Some(header) => Err(mismatch(format!("{NAME} is `{header}`, and the body has `{name}`"))),
        None => Err(mismatch(format!("{NAME} is missing, and the body has `{name}`"))),
    }
}

/// Checks the headers that repeat arguments of a tool.
pub(crate) fn check_arguments(
    headers: &HeaderMap,
    mirrored: &[Mirrored],
    arguments: &Map<String, Value>,
) -> Result<()> {
    for parameter in mirrored {
        let name = parameter.header_name();
        match (decoded(headers, &name)?, parameter.value_in(arguments)) {
            (None, None) => {}
            (Some(header), Some(value)) if same(&header, value) => {}
            (Some(_), _) => return Err(mismatch(format!("{name} does not match the body"))),
            (None, Some(_)) => return Err(mismatch(format!("{name} is missing, and the body has a value"))),
        }
    }
    Ok(())
}

fn check_plain(headers: &HeaderMap, name: &str, expected: &str) -> Result<()> {
    match value(headers, name)? {
        Some(header) if header == expected => Ok(()),
        Some(header) => Err(mismatch(format!("{name} is `{header}`, and the body has `{expected}`"))),
        None => Err(mismatch(format!("{name} is missing, and the body has `{expected}`"))),
    }
}

/// Returns a header's value. What stands between the marks of base64 is decoded; a value with one mark alone is literal.
fn decoded(headers: &HeaderMap, name: &str) -> Result<Option<String>> {
    let Some(text) = value(headers, name)? else { return Ok(None) };
    let encoded = text.strip_prefix(BASE64_START).and_then(|text| text.strip_suffix(BASE64_END));
    let Some(encoded) = encoded else { return Ok(Some(text.to_owned())) };
    let bytes = STANDARD.decode(encoded).map_err(|_| mismatch(format!("{name} is no valid base64")))?;
    let text = String::from_utf8(bytes).map_err(|_| mismatch(format!("{name} is no valid UTF-8")))?;
    Ok(Some(text))
}

/// True if a header has the value of an argument. Integers are compared as numbers.
fn same(header: &str, value: &Value) -> bool {
    match value {
        Value::String(text) => header == text,
        Value::Bool(flag) => header == if *flag { "true" } else { "false" },
        Value::Number(number) => {
            header == number.to_string() || header.parse::<f64>().ok().is_some_and(|it| Some(it) == number.as_f64())
        }
        _ => false,
    }
}

fn mismatch(text: String) -> Error {
    Error::HeaderMismatch(text)
}
