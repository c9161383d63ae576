//! The protocol layer of an MCP endpoint, generic over a catalogue.
//!
//! [`handle`] takes an HTTP request and returns the response. What is served is a [`Catalogue`]: tools, and, if it has them, tasks,
//! prompts, resources, completion, log messages and subscriptions. The layer knows no caller, token or store: whoever serves the
//! endpoint verifies the caller first, and makes a catalogue of what that caller may use.
//!
//! ```
//! # use mcp_protocol::{Call, Catalogue, Error, Features, Implementation, Settings, Tool, ToolReply, ToolResult};
//! # use serde_json::{Map, Value, json};
//! struct Greetings;
//!
//! impl Catalogue for Greetings {
//!     fn features(&self) -> Features {
//!         Features { tools: true, ..Features::default() }
//!     }
//!
//!     async fn tools(&self) -> mcp_protocol::Result<Vec<Tool>> {
//!         Ok(vec![Tool::new("greet", "Greets a person", json!({ "type": "object" }))])
//!     }
//!
//!     async fn call(&self, _: &Call<'_>, tool: &str, _: Map<String, Value>) -> mcp_protocol::Result<ToolReply> {
//!         match tool {
//!             "greet" => Ok(ToolReply::Complete(ToolResult::text("Hello"))),
//!             unknown => Err(Error::InvalidParams(format!("There is no tool `{unknown}`"))),
//!         }
//!     }
//! }
//!
//! # async fn serve(request: http::Request<bytes::Bytes>) -> http::Response<bytes::Bytes> {
//! let settings = Settings::new(Implementation { name: "greetings".into(), title: None, version: "1.0.0".into() });
//! mcp_protocol::handle(&Greetings, &request, &settings).await
//! # }
//! ```
//!
//! # Transport
//! Streamable HTTP without sessions: one `POST`, one answer. It is JSON, or a body of events if there are notifications: progress
//! that the client asked for, log messages of the level that it named, the messages of a subscription. That body is whole, as a
//! Lambda function's answer is. So a subscription ends at once, after the changes so far.
//!
//! # Revisions
//! 2026-07-28, and on the same path 2025-11-25 and 2025-06-18. The older ones know requests from the server to the client only on a
//! stream that stays open: their clients get no [`InputRequired`], and no [`Task`].
//!
//! # Trust
//! Everything in a request may be forged. A state that travels through the client is sealed by [`Catalogue::seal`], and reaches the
//! catalogue only after [`Catalogue::open`]. The client's name changes nothing. Bodies are limited in length and depth. Every fault
//! is an [`Error`], which has a code of the protocol and an HTTP status; none is a 500.
//!
//! # Log lines
//! The layer logs nothing. [`Served`], among the extensions of each response, names the method, the tool and the code of a refusal.

mod call;
mod catalogue;
mod client;
mod endpoint;
mod error;
mod events;
mod frame;
mod headers;
mod message;
mod methods;
mod mirrored;
mod negotiation;
mod pages;
mod revision;
mod settings;
mod types;

pub use call::{Call, StateOwner};
pub use catalogue::{CacheHint, CacheScope, Cacheable, Catalogue, Features, Reply, ToolReply};
pub use client::{Capability, Client};
pub use endpoint::{Served, handle};
pub use error::{Error, ErrorObject, Result};
pub use events::LogLevel;
pub use mirrored::Mirrored;
pub use revision::Revision;
pub use settings::{Implementation, Settings};
pub use types::*;
