//! The refusals of the protocol, mapped to their codes and HTTP statuses in one match.
//!
//! Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/index#error-codes>.

use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use crate::client::Capability;
use crate::revision::Revision;

/// Result of the layer and of a catalogue.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Refusal of a request by the protocol. A refused action is not one: it is a tool's result with `isError`.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/index#error-codes>.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// The body is not JSON, or nested too deep.
    #[error("The body is not JSON, or nested more than 127 levels deep: {0}")]
    Parse(String),
    /// The body is JSON, and no request of JSON-RPC 2.0.
    #[error("{0}")]
    InvalidRequest(String),
    /// The body is longer than the endpoint reads.
    #[error("The body is longer than {limit} bytes")]
    TooLarge {
        /// Maximum length in bytes.
        limit: usize,
    },
    /// The request comes from a page of another origin.
    #[error("Requests from this Origin are not allowed")]
    ForbiddenOrigin,
    /// The HTTP method is not `POST`.
    #[error("The endpoint takes POST only")]
    HttpMethod,
    /// The endpoint has no such method.
    #[error("The method `{0}` is not served")]
    MethodNotFound(String),
    /// The request lacks what every request of its revision has.
    #[error("{0}")]
    Malformed(String),
    /// The parameters of a method are invalid: an unknown name, a wrong type, a cursor or a state of another request.
    #[error("{0}")]
    InvalidParams(String),
    /// There is no such resource.
    #[error("There is no resource `{uri}`")]
    ResourceNotFound {
        /// URI of the request.
        uri: String,
    },
    /// A header is missing, or differs from the body.
    #[error("Header mismatch: {0}")]
    HeaderMismatch(String),
    /// The endpoint does not speak that revision.
    #[error("The protocol version `{requested}` is not supported")]
    UnsupportedVersion {
        /// Version of the request.
        requested: String,
    },
    /// The client did not declare capabilities that the request needs.
    #[error("The request needs what the client did not declare: {}", listed(.0))]
    MissingCapability(Vec<Capability>),
    /// The request needs answers of the client, which a legacy revision cannot carry in a result.
    #[error("The request needs answers of the client, which only revision 2026-07-28 can carry")]
    NeedsAnswers,
    /// A fault of the endpoint. Its detail is the catalogue's to log.
    #[error("Internal error")]
    Internal,
}

/// Refusal as JSON-RPC writes it. The `error` of a failed task has the same form.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#error>.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ErrorObject {
    /// Code.
    pub code: i32,
    /// Text for the client.
    pub message: String,
    /// Further facts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

impl Error {
    /// The HTTP status and the error object of a refusal, on the wire of that revision.
    ///
    /// A legacy revision gives a well-formed request the status 200. 2026-07-28 names the status of a malformed request, a header, a
    /// version, a capability and a method; for the others 200 too, since older clients read no body beside another status.
    pub(crate) fn answer(&self, revision: Revision) -> (StatusCode, ErrorObject) {
        let legacy = revision.is_legacy();
        let (status, code, data) = match self {
            Self::Parse(_) => (StatusCode::BAD_REQUEST, -32700, None),
            Self::InvalidRequest(_) => (StatusCode::BAD_REQUEST, -32600, None),
            Self::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, -32600, None),
            Self::ForbiddenOrigin => (StatusCode::FORBIDDEN, -32600, None),
            Self::HttpMethod => (StatusCode::METHOD_NOT_ALLOWED, -32600, None),
            Self::MethodNotFound(_) if legacy => (StatusCode::OK, -32601, None),
            Self::MethodNotFound(_) => (StatusCode::NOT_FOUND, -32601, None),
            Self::Malformed(_) => (StatusCode::BAD_REQUEST, -32602, None),
            Self::InvalidParams(_) => (StatusCode::OK, -32602, None),
            Self::ResourceNotFound { uri } => {
                (StatusCode::OK, if legacy { -32002 } else { -32602 }, Some(json!({ "uri": uri })))
            }
            Self::HeaderMismatch(_) => (StatusCode::BAD_REQUEST, -32020, None),
            Self::MissingCapability(missing) => {
                let data = json!({ "requiredCapabilities": Capability::declarations(missing) });
                // The code is one of 2026-07-28.
                if legacy {
                    (StatusCode::OK, -32600, Some(data))
                } else {
                    (StatusCode::BAD_REQUEST, -32021, Some(data))
                }
            }
            Self::UnsupportedVersion { requested } => {
                let data = json!({ "supported": Revision::ALL.map(Revision::as_str), "requested": requested });
                (StatusCode::BAD_REQUEST, -32022, Some(data))
            }
            Self::NeedsAnswers => (StatusCode::OK, -32600, None),
            Self::Internal => (StatusCode::OK, -32603, None),
        };
        (status, ErrorObject { code, message: self.to_string(), data })
    }
}

fn listed(capabilities: &[Capability]) -> String {
    capabilities.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
