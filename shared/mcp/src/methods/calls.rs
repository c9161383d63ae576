//! The methods that may need answers of the client first: a tool's call, a prompt, a resource.
//!
//! Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr>.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

use super::Exchange;
use crate::call::{Call, StateOwner};
use crate::catalogue::{Cacheable, Catalogue, Reply, ToolReply};
use crate::client::Capability;
use crate::error::{Error, Result};
use crate::frame::ResultType;
use crate::headers;
use crate::types::{Created, InputRequest, InputRequired, InputResponses};

impl<C: Catalogue> Exchange<'_, C> {
    pub(super) async fn call_tool(&self) -> Result<String> {
        let (name, arguments) = (self.text("name")?, self.object("arguments")?);
        let owner = StateOwner { method: "tools/call", name, arguments };
        let arguments = arguments.cloned().unwrap_or_default();
        if !self.frame.client.revision().is_legacy() {
            headers::check_arguments(self.headers, &self.catalogue.mirrored(name), &arguments)?;
        }
        let call = self.call(owner).await?;
        match self.catalogue.call(&call, name, arguments).await? {
            ToolReply::Complete(result) => self.frame.tool_result(result),
            ToolReply::InputRequired(input) => self.input_required(owner, input).await,
            ToolReply::Task(task) => {
                self.frame.client.require([Capability::Tasks])?;
                self.frame.typed(ResultType::Task, &Created(&task))
            }
        }
    }

    pub(super) async fn get_prompt(&self) -> Result<String> {
        let (name, arguments) = (self.text("name")?, self.object("arguments")?);
        let owner = StateOwner { method: "prompts/get", name, arguments };
        let call = self.call(owner).await?;
        match self.catalogue.prompt(&call, name, texts(arguments)?).await? {
            Reply::Complete(result) => self.frame.complete(&result),
            Reply::InputRequired(input) => self.input_required(owner, input).await,
        }
    }

    pub(super) async fn read_resource(&self) -> Result<String> {
        let uri = self.text("uri")?;
        let owner = StateOwner { method: "resources/read", name: uri, arguments: None };
        let call = self.call(owner).await?;
        match self.catalogue.read(&call, uri).await? {
            Reply::Complete(contents) => {
                let hint = self.catalogue.cache_hint(Cacheable::Resource);
                self.frame.cacheable(&json!({ "contents": contents }), hint)
            }
            Reply::InputRequired(input) => self.input_required(owner, input).await,
        }
    }

    /// The context of a request, with the client's answers and the state that it returns. A state is opened before anything else
    /// is done with it.
    async fn call(&self, owner: StateOwner<'_>) -> Result<Call<'_>> {
        let params = &self.message.params;
        let (mut responses, mut state) = (InputResponses::default(), None);
        if !self.frame.client.revision().is_legacy() {
            responses = InputResponses::parse(params.get("inputResponses"))?;
            if params.contains_key("requestState") {
                let opened = self.catalogue.open(owner, self.text("requestState")?).await?;
                state = Some(serde_json::from_str(&opened).map_err(|_| Error::Internal)?);
            }
        }
        Ok(Call { client: self.frame.client, meta: self.meta, events: self.events, responses, state })
    }

    /// Answers with requests to the client. It must have declared that it serves them.
    async fn input_required(&self, owner: StateOwner<'_>, input: InputRequired) -> Result<String> {
        if input.requests.is_empty() && input.state.is_none() {
            return Err(Error::Internal);
        }
        if self.frame.client.revision().is_legacy() {
            // Older revisions send requests on a stream that stays open, which this endpoint does not have.
            return Err(Error::NeedsAnswers);
        }
        self.frame.client.require(input.requests.values().map(InputRequest::capability))?;
        let mut result = Map::new();
        if !input.requests.is_empty() {
            result.insert("inputRequests".to_owned(), json!(input.requests));
        }
        if let Some(state) = input.state {
            let sealed = self.catalogue.seal(owner, &state.to_string()).await?;
            result.insert("requestState".to_owned(), Value::String(sealed));
        }
        self.frame.typed(ResultType::InputRequired, &result)
    }
}

/// Reads the arguments of a prompt, which are texts.
fn texts(arguments: Option<&Map<String, Value>>) -> Result<BTreeMap<String, String>> {
    let text = |(name, value): (&String, &Value)| match value {
        Value::String(text) => Ok((name.clone(), text.clone())),
        _ => Err(Error::InvalidParams(format!("`params.arguments.{name}` must be a text"))),
    };
    arguments.into_iter().flatten().map(text).collect()
}
