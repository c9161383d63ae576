//! The settings of an endpoint.

use serde::Serialize;

/// Maximum length of a body in bytes, unless the settings name another.
const MAX_BODY_BYTES: usize = 6 * 1024 * 1024;
/// Number of items on a page of a list, unless the settings name another.
const PAGE_SIZE: usize = 200;

/// Settings of an endpoint.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#security--endpoint>.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Name and version of the server. Results of 2026-07-28 have them in `_meta`.
    pub server: Implementation,
    /// Text for the client's model on how to use the server.
    pub instructions: Option<String>,
    /// The origins of pages in browsers that may call, for example `https://chat.example.com`. Other callers send no `Origin`.
    pub origins: Vec<String>,
    /// Number of items on a page of a list, one at least.
    pub page_size: usize,
    /// Maximum length of a body in bytes.
    pub max_body_bytes: usize,
}

impl Settings {
    /// Creates settings that allow no origin.
    pub fn new(server: Implementation) -> Self {
        Self { server, instructions: None, origins: vec![], page_size: PAGE_SIZE, max_body_bytes: MAX_BODY_BYTES }
    }
}

/// Name and version of a program.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#implementation>.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Implementation {
    /// Name for programs.
    pub name: String,
    /// Name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Version.
    pub version: String,
}
