//! The catalogue: what an endpoint serves to one caller.

use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::future::{Future, ready};

use crate::call::{Call, StateOwner};
use crate::error::{Error, Result};
use crate::events::LogLevel;
use crate::mirrored::Mirrored;
use crate::types::{
    Completion, CompletionRequest, Filter, InputRequired, InputResponses, Listening, Prompt, PromptResult, Resource,
    ResourceContents, ResourceTemplate, Task, Tool, ToolResult,
};

/// Parts of the protocol that a catalogue serves. The methods of the others are unknown to its clients.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/schema#servercapabilities>.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// Tools.
    pub tools: bool,
    /// Prompts.
    pub prompts: bool,
    /// Resources.
    pub resources: bool,
    /// Completion of arguments.
    pub completions: bool,
    /// Log messages. Deprecated in 2026-07-28.
    pub logging: bool,
    /// Subscriptions to lists and resources.
    pub subscriptions: bool,
    /// Tasks: the extension `io.modelcontextprotocol/tasks`.
    pub tasks: bool,
}

/// Reply of a prompt or a resource.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr#supported-requests>.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply<T> {
    /// The result.
    Complete(T),
    /// Requests to the client, which must be answered first.
    InputRequired(InputRequired),
}

/// Reply of a tool.
///
/// Source: <https://modelcontextprotocol.io/seps/2663-tasks-extension>.
#[derive(Clone, Debug, PartialEq)]
pub enum ToolReply {
    /// The result.
    Complete(ToolResult),
    /// Requests to the client, which must be answered first.
    InputRequired(InputRequired),
    /// A task, which is stored. Only for clients with [`Capability::Tasks`](crate::Capability::Tasks).
    Task(Task),
}

/// Result that a client may cache.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/caching#cacheable-results>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cacheable {
    /// `server/discover`.
    Discovery,
    /// `tools/list`.
    Tools,
    /// `prompts/list`.
    Prompts,
    /// `resources/list`.
    Resources,
    /// `resources/templates/list`.
    ResourceTemplates,
    /// `resources/read`.
    Resource,
}

/// Hint for a client's cache.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/caching>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CacheHint {
    /// Time for which the result is fresh.
    pub ttl_ms: u64,
    /// Callers that may share it.
    pub cache_scope: CacheScope,
}

impl CacheHint {
    /// A result of one caller that is stale at once.
    pub const STALE: Self = Self { ttl_ms: 0, cache_scope: CacheScope::Private };
}

/// Callers that may share a cached result.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/caching#cache-scope-field>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheScope {
    /// All callers: the result is the same for each.
    Public,
    /// The one caller.
    Private,
}

/// The tools, prompts and resources that an endpoint serves to one caller. The caller is known before: the layer knows no tokens.
///
/// A catalogue of tools needs [`features`](Self::features), [`tools`](Self::tools) and [`call`](Self::call). The methods of a part
/// that [`features`](Self::features) leaves out are never called.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/server>.
pub trait Catalogue: Sync {
    /// The parts that are served.
    fn features(&self) -> Features;

    /// The hint for a client's cache. All pages of a list have the same.
    fn cache_hint(&self, _result: Cacheable) -> CacheHint {
        CacheHint::STALE
    }

    /// All tools, in an order that is the same every time.
    fn tools(&self) -> impl Future<Output = Result<Vec<Tool>>> + Send;

    /// The arguments of a tool that headers repeat: [`Mirrored::of`] its input schema.
    fn mirrored(&self, _tool: &str) -> Vec<Mirrored> {
        vec![]
    }

    /// Calls a tool. A tool that fails or refuses is a result with `is_error`.
    ///
    /// # Errors
    /// [`Error::InvalidParams`] for an unknown tool; [`Error::MissingCapability`] if the client lacks one that the call needs.
    fn call(
        &self,
        call: &Call<'_>,
        tool: &str,
        arguments: Map<String, Value>,
    ) -> impl Future<Output = Result<ToolReply>> + Send;

    /// The task of the caller with that id.
    ///
    /// # Errors
    /// [`Error::InvalidParams`] if the caller has no such task.
    fn task(&self, _id: &str) -> impl Future<Output = Result<Task>> + Send {
        ready(Err(Error::Internal))
    }

    /// Takes the client's answers to the requests of a task. Answers to unknown and answered requests are ignored.
    ///
    /// # Errors
    /// [`Error::InvalidParams`] if the caller has no such task.
    fn update_task(&self, _id: &str, _responses: InputResponses) -> impl Future<Output = Result<()>> + Send {
        ready(Err(Error::Internal))
    }

    /// Cancels a task, as far as it can be. For one that ended this succeeds too.
    ///
    /// # Errors
    /// [`Error::InvalidParams`] if the caller has no such task.
    fn cancel_task(&self, _id: &str) -> impl Future<Output = Result<()>> + Send {
        ready(Err(Error::Internal))
    }

    /// All prompts, in an order that is the same every time.
    fn prompts(&self) -> impl Future<Output = Result<Vec<Prompt>>> + Send {
        ready(Err(Error::Internal))
    }

    /// The messages of a prompt.
    ///
    /// # Errors
    /// [`Error::InvalidParams`] for an unknown prompt or a missing argument.
    fn prompt(
        &self,
        _call: &Call<'_>,
        _name: &str,
        _arguments: BTreeMap<String, String>,
    ) -> impl Future<Output = Result<Reply<PromptResult>>> + Send {
        ready(Err(Error::Internal))
    }

    /// All resources, in an order that is the same every time.
    fn resources(&self) -> impl Future<Output = Result<Vec<Resource>>> + Send {
        ready(Err(Error::Internal))
    }

    /// All resource templates, in an order that is the same every time.
    fn resource_templates(&self) -> impl Future<Output = Result<Vec<ResourceTemplate>>> + Send {
        ready(Err(Error::Internal))
    }

    /// The contents of a resource.
    ///
    /// # Errors
    /// [`Error::ResourceNotFound`].
    fn read(&self, _call: &Call<'_>, _uri: &str) -> impl Future<Output = Result<Reply<Vec<ResourceContents>>>> + Send {
        ready(Err(Error::Internal))
    }

    /// Subscribes a client of a legacy revision to a resource, or ends that. The answer can only acknowledge it: there is no stream.
    ///
    /// # Errors
    /// [`Error::ResourceNotFound`].
    fn subscribe(&self, _uri: &str, _subscribed: bool) -> impl Future<Output = Result<()>> + Send {
        ready(Err(Error::Internal))
    }

    /// Answers a subscription with the part that is served, and the changes so far. Tasks are the layer's: it adds their states.
    fn listen(&self, _filter: &Filter) -> impl Future<Output = Result<Listening>> + Send {
        ready(Ok(Listening::default()))
    }

    /// Suggestions for an argument.
    ///
    /// # Errors
    /// [`Error::InvalidParams`] for an unknown prompt or template.
    fn complete(&self, _request: CompletionRequest) -> impl Future<Output = Result<Completion>> + Send {
        ready(Err(Error::Internal))
    }

    /// The lowest level of log messages for a request that names none: clients of legacy revisions. Nothing is stored between requests.
    fn log_level(&self) -> LogLevel {
        LogLevel::Info
    }

    /// Takes the level that a client of a legacy revision sets.
    fn set_log_level(&self, _level: LogLevel) -> impl Future<Output = Result<()>> + Send {
        ready(Ok(()))
    }

    /// Seals a state that travels through the client, who is not trusted. Seal with it the caller, a time of expiry, and the owner.
    /// If it may be used once only, that must be stored.
    fn seal(&self, _owner: StateOwner<'_>, _state: &str) -> impl Future<Output = Result<String>> + Send {
        ready(Err(Error::Internal))
    }

    /// Opens a sealed state.
    ///
    /// # Errors
    /// [`Error::InvalidParams`] if it was changed, has expired, or belongs to another caller or another request.
    fn open(&self, _owner: StateOwner<'_>, _sealed: &str) -> impl Future<Output = Result<String>> + Send {
        ready(Err(Error::InvalidParams("No `requestState` was given out".to_owned())))
    }
}
