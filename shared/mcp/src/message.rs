//! The message of a body: one request or one notification of JSON-RPC 2.0.
//!
//! Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/index#messages>.

use serde_json::{Map, Value};

use crate::error::Error;

/// Message of a client.
#[derive(Debug)]
pub(crate) enum Message {
    /// A request, which has an answer.
    Request(Request),
    /// A notification, which has none.
    Notification,
}

/// Request of a client.
#[derive(Debug)]
pub(crate) struct Request {
    /// A text or an integer.
    pub(crate) id: Value,
    pub(crate) method: String,
    pub(crate) params: Map<String, Value>,
}

/// Refusal of a body, with the id as far as it could be read.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) id: Option<Value>,
    pub(crate) error: Error,
}

impl Message {
    /// Reads a body. The parser refuses JSON that is nested more than 127 levels deep.
    pub(crate) fn parse(body: &[u8], limit: usize) -> Result<Self, Refusal> {
        let refuse = |error| Refusal { id: None, error };
        if body.len() > limit {
            return Err(refuse(Error::TooLarge { limit }));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(message)) => Self::of(message),
            Ok(Value::Array(_)) => Err(refuse(invalid("The body must be one request: batches are not served"))),
            Ok(_) => {
                Err(refuse(invalid("The body must be an object, for example {\"jsonrpc\": \"2.0\", \"id\": 1, ...}")))
            }
            Err(error) => Err(refuse(Error::Parse(error.to_string()))),
        }
    }

    fn of(mut message: Map<String, Value>) -> Result<Self, Refusal> {
        let has_id = message.contains_key("id");
        let id = message.remove("id").filter(|id| id.is_string() || id.is_i64() || id.is_u64());
        let refuse = |id: Option<Value>, text: &str| Err(Refusal { id, error: invalid(text) });
        if message.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
            return refuse(id, "`jsonrpc` must be \"2.0\"");
        }
        let Some(Value::String(method)) = message.remove("method") else {
            return refuse(id, "`method` must be a text, for example \"tools/list\"");
        };
        let params = match message.remove("params") {
            None => Map::new(),
            Some(Value::Object(params)) => params,
            Some(_) => return refuse(id, "`params` must be an object"),
        };
        match id {
            Some(id) => Ok(Self::Request(Request { id, method, params })),
            None if has_id => refuse(None, "`id` must be a text or an integer, for example 1"),
            None => Ok(Self::Notification),
        }
    }
}

fn invalid(text: &str) -> Error {
    Error::InvalidRequest(text.to_owned())
}
