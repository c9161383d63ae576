//! The revision of a request, from its `_meta` and its headers.
//!
//! Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning>.

use http::HeaderMap;
use serde_json::{Map, Value};

use crate::client::{Client, PROTOCOL_VERSION};
use crate::error::{Error, Result};
use crate::headers;
use crate::message::Request;
use crate::revision::Revision;

/// The method that opens the legacy revisions.
pub(crate) const INITIALIZE: &str = "initialize";

/// Returns the client of a request.
///
/// A request with the revision in `_meta` is one of 2026-07-28, and so is one whose header names it. Without both it is legacy, if
/// its header names a legacy revision or it is `initialize`.
pub(crate) fn client(headers: &HeaderMap, request: &Request) -> Result<Client> {
    let meta = request.params.get("_meta").and_then(Value::as_object);
    let header = headers::value(headers, headers::PROTOCOL_VERSION)?;
    match (meta, meta.and_then(|meta| meta.get(PROTOCOL_VERSION))) {
        (Some(meta), Some(Value::String(version))) => declared(headers, request, version, meta),
        (_, Some(_)) => Err(Error::Malformed(format!("`{PROTOCOL_VERSION}` must be a text"))),
        (_, None) => undeclared(header, request),
    }
}

/// The client of a request that declares its revision in `_meta`.
fn declared(headers: &HeaderMap, request: &Request, version: &str, meta: &Map<String, Value>) -> Result<Client> {
    headers::check_version(headers, version)?;
    match Revision::named(version) {
        None => Err(Error::UnsupportedVersion { requested: version.to_owned() }),
        Some(revision) if revision.is_legacy() => Ok(Client::legacy(revision)),
        Some(revision) => {
            let client = Client::from_meta(revision, meta)?;
            headers::check_method(headers, &request.method)?;
            Ok(client)
        }
    }
}

/// The client of a request without a revision in `_meta`.
fn undeclared(header: Option<&str>, request: &Request) -> Result<Client> {
    match (header.map(|header| (header, Revision::named(header))), request.method.as_str()) {
        (Some((_, Some(revision))), _) if !revision.is_legacy() => {
            Err(Error::Malformed(format!("`_meta` needs `{PROTOCOL_VERSION}`, for example \"{revision}\"")))
        }
        (_, INITIALIZE) => Ok(Client::legacy(Revision::NEWEST_LEGACY)),
        (Some((_, Some(revision))), _) => Ok(Client::legacy(revision)),
        (Some((header, None)), _) => Err(Error::UnsupportedVersion { requested: header.to_owned() }),
        (None, _) => Err(Error::HeaderMismatch(format!("{} is missing", headers::PROTOCOL_VERSION))),
    }
}
