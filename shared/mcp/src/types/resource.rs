//! A resource and its contents.
//!
//! Source: <https://modelcontextprotocol.io/specification/2026-07-28/server/resources>.

use serde::Serialize;

/// Resource of a catalogue, or a link to one.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#resource>.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// URI.
    pub uri: String,
    /// Name.
    pub name: String,
    /// Name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Type, for example `text/plain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Length in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}

/// Family of resources with one pattern of URI.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#resourcetemplate>.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceTemplate {
    /// Pattern of RFC 6570.
    pub uri_template: String,
    /// Name.
    pub name: String,
    /// Name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Type of every resource of the family.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
}

/// Resource with its content.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#resourcecontents>.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceContents {
    /// URI.
    pub uri: String,
    /// Type, for example `text/plain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Content.
    #[serde(flatten)]
    pub data: ResourceData,
}

/// Content of a resource.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#resourcecontents>.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ResourceData {
    /// Text.
    Text(String),
    /// Bytes in base64.
    Blob(String),
}
