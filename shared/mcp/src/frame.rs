//! The frame of an answer: JSON-RPC around it, and the members that every result of 2026-07-28 has.
//!
//! Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/index#responses>.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::catalogue::CacheHint;
use crate::client::Client;
use crate::error::{Error, ErrorObject, Result};
use crate::settings::Settings;
use crate::types::ToolResult;

/// Key of the server's name in a result's `_meta`.
const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";

/// Kind of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResultType {
    Complete,
    InputRequired,
    Task,
}

impl ResultType {
    fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::InputRequired => "input_required",
            Self::Task => "task",
        }
    }
}

/// Frame of the answers to one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) id: &'a Value,
    pub(crate) client: &'a Client,
    pub(crate) settings: &'a Settings,
}

#[derive(Serialize)]
struct Response<'a, T> {
    jsonrpc: &'static str,
    id: &'a Value,
    result: Framed<'a, T>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Framed<'a, T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    result_type: Option<&'static str>,
    #[serde(flatten)]
    body: &'a T,
    #[serde(flatten)]
    cache: Option<CacheHint>,
    #[serde(rename = "_meta", skip_serializing_if = "Map::is_empty")]
    meta: Map<String, Value>,
}

impl Frame<'_> {
    /// Writes an answer with a complete result.
    pub(crate) fn complete<T: Serialize>(&self, body: &T) -> Result<String> {
        self.write(ResultType::Complete, body, None, self.meta())
    }

    /// Writes an answer with a complete result that the client may cache.
    pub(crate) fn cacheable<T: Serialize>(&self, body: &T, hint: CacheHint) -> Result<String> {
        self.write(ResultType::Complete, body, Some(hint), self.meta())
    }

    /// Writes an answer with a result of another type.
    pub(crate) fn typed<T: Serialize>(&self, result_type: ResultType, body: &T) -> Result<String> {
        self.write(result_type, body, None, self.meta())
    }

    /// Writes an answer with a complete result and further members of its `_meta`.
    pub(crate) fn with_meta<T: Serialize>(&self, body: &T, meta: Map<String, Value>) -> Result<String> {
        self.write(ResultType::Complete, body, None, self.meta().into_iter().chain(meta).collect())
    }

    /// Writes an answer with the result of a tool. Legacy revisions know structured content only as an object.
    pub(crate) fn tool_result(&self, mut result: ToolResult) -> Result<String> {
        if self.client.revision().is_legacy() {
            result.structured_content = result.structured_content.filter(Value::is_object);
        }
        // The result writes its own `_meta`.
        result.meta.extend(self.meta());
        self.write(ResultType::Complete, &result, None, Map::new())
    }

    fn meta(&self) -> Map<String, Value> {
        if self.client.revision().is_legacy() {
            return Map::new();
        }
        Map::from_iter([(SERVER_INFO.to_owned(), json!(self.settings.server))])
    }

    fn write<T: Serialize>(
        &self,
        result_type: ResultType,
        body: &T,
        cache: Option<CacheHint>,
        meta: Map<String, Value>,
    ) -> Result<String> {
        let legacy = self.client.revision().is_legacy();
        let result = Framed {
            result_type: (!legacy).then(|| result_type.as_str()),
            body,
            cache: cache.filter(|_| !legacy),
            meta,
        };
        let response = Response { jsonrpc: "2.0", id: self.id, result };
        serde_json::to_string(&response).map_err(|_| Error::Internal)
    }
}

/// Writes an answer with an error. It has the request's id, as far as that could be read.
pub(crate) fn error(id: Option<&Value>, error: &ErrorObject) -> String {
    let mut answer = json!({ "jsonrpc": "2.0", "error": error });
    if let Some(id) = id {
        answer["id"] = id.clone();
    }
    answer.to_string()
}
