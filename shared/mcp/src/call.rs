//! The context of one request that a catalogue serves.

use serde_json::{Map, Value};

use crate::client::Client;
use crate::events::{Events, LogLevel};
use crate::types::InputResponses;

/// Context of a tool's call, a prompt or a resource: the client, its answers to earlier requests, and the way to report progress.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr#supported-requests>.
#[derive(Debug)]
pub struct Call<'a> {
    pub(crate) client: &'a Client,
    pub(crate) meta: &'a Map<String, Value>,
    pub(crate) events: &'a Events,
    pub(crate) responses: InputResponses,
    pub(crate) state: Option<Value>,
}

impl Call<'_> {
    /// The client's revision and capabilities.
    pub fn client(&self) -> &Client {
        self.client
    }

    /// The request's `_meta`: what the client added to it.
    pub fn meta(&self) -> &Map<String, Value> {
        self.meta
    }

    /// The client's answers to the requests of an earlier result. They come from the client: check them.
    pub fn responses(&self) -> &InputResponses {
        &self.responses
    }

    /// The state of the earlier result, which [`Catalogue::open`](crate::Catalogue::open) verified.
    pub fn state(&self) -> Option<&Value> {
        self.state.as_ref()
    }

    /// Reports progress, if the client asked for it. The client gets it with the answer.
    pub fn progress(&self, progress: f64, total: Option<f64>, message: Option<&str>) {
        self.events.progress(progress, total, message);
    }

    /// Logs a message to the client, if it asked for that level. It may contain no secrets.
    pub fn log(&self, level: LogLevel, logger: Option<&str>, data: Value) {
        self.events.log(level, logger, data);
    }
}

/// Request that a state belongs to. A state of another request must be refused.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr#server-requirements-basic-workflow>.
#[derive(Clone, Copy, Debug)]
pub struct StateOwner<'a> {
    pub(crate) method: &'static str,
    pub(crate) name: &'a str,
    pub(crate) arguments: Option<&'a Map<String, Value>>,
}

impl StateOwner<'_> {
    /// The method, the name and the arguments as one text, to be sealed with the state or as its digest.
    pub fn as_text(&self) -> String {
        let arguments = Value::Object(self.arguments.cloned().unwrap_or_default());
        format!("{}\n{}\n{arguments}", self.method, self.name)
    }
}
