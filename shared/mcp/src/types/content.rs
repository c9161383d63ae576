//! The content of a tool's result or of a prompt.
//!
//! Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#contentblock>.

use serde::Serialize;

use super::resource::{Resource, ResourceContents};

/// Block of content.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#contentblock>.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Content {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// Picture.
    Image {
        /// The bytes in base64.
        data: String,
        /// The type, for example `image/png`.
        mime_type: String,
    },
    /// Sound.
    Audio {
        /// The bytes in base64.
        data: String,
        /// The type, for example `audio/wav`.
        mime_type: String,
    },
    /// Link to a resource that the client may read.
    ResourceLink(Resource),
    /// Resource with its content.
    Resource {
        /// The resource.
        resource: ResourceContents,
    },
}

impl Content {
    /// Creates a text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }
}

/// Author of a message.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#role>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// Message of a prompt.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#promptmessage>.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PromptMessage {
    /// Author.
    pub role: Role,
    /// Content.
    pub content: Content,
}
