//! The fixture's catalogue: every part of the protocol.

use mcp_protocol::{
    CacheHint, CacheScope, Cacheable, Call, Catalogue, Completion, CompletionOf, CompletionRequest, Error, Features,
    Filter, InputResponses, Listening, Mirrored, Prompt, PromptResult, Reply, Resource, ResourceContents,
    ResourceTemplate, Result, StateOwner, Task, Tool, ToolReply,
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

use crate::sealing::Sealer;
use crate::task_store::{self, TaskStore};
use crate::{input_tools, prompts, resources, tools};

/// Time for which a list is fresh.
const LIST_TTL_MS: u64 = 300_000;

/// Catalogue of the conformance suite.
pub(crate) struct Fixture {
    tasks: TaskStore,
    sealer: Sealer,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self { tasks: TaskStore::default(), sealer: Sealer::new() }
    }
}

impl Catalogue for Fixture {
    fn features(&self) -> Features {
        Features {
            tools: true,
            prompts: true,
            resources: true,
            completions: true,
            logging: true,
            subscriptions: true,
            tasks: true,
        }
    }

    fn cache_hint(&self, result: Cacheable) -> CacheHint {
        match result {
            Cacheable::Resource => CacheHint::STALE,
            _ => CacheHint { ttl_ms: LIST_TTL_MS, cache_scope: CacheScope::Public },
        }
    }

    async fn tools(&self) -> Result<Vec<Tool>> {
        Ok(tools::all().into_iter().chain(input_tools::all()).chain(task_store::all()).collect())
    }

    fn mirrored(&self, tool: &str) -> Vec<Mirrored> {
        if tool == tools::HEADER_TOOL { Mirrored::of(&tools::header_schema()) } else { vec![] }
    }

    async fn call(&self, call: &Call<'_>, tool: &str, arguments: Map<String, Value>) -> Result<ToolReply> {
        if let Some(result) = tools::call(call, tool, &arguments) {
            return Ok(ToolReply::Complete(result));
        }
        if let Some(reply) = input_tools::call(call, tool)? {
            return Ok(reply);
        }
        let reply = self.tasks.call(call, tool, &arguments).await?;
        reply.ok_or_else(|| Error::InvalidParams(format!("There is no tool `{tool}`")))
    }

    async fn task(&self, id: &str) -> Result<Task> {
        self.tasks.get(id)
    }

    async fn update_task(&self, id: &str, responses: InputResponses) -> Result<()> {
        self.tasks.update(id, &responses)
    }

    async fn cancel_task(&self, id: &str) -> Result<()> {
        self.tasks.cancel(id)
    }

    async fn prompts(&self) -> Result<Vec<Prompt>> {
        Ok(prompts::all())
    }

    async fn prompt(
        &self,
        call: &Call<'_>,
        name: &str,
        arguments: BTreeMap<String, String>,
    ) -> Result<Reply<PromptResult>> {
        prompts::get(call, name, &arguments)
    }

    async fn resources(&self) -> Result<Vec<Resource>> {
        Ok(resources::all())
    }

    async fn resource_templates(&self) -> Result<Vec<ResourceTemplate>> {
        Ok(resources::templates())
    }

    async fn read(&self, _: &Call<'_>, uri: &str) -> Result<Reply<Vec<ResourceContents>>> {
        Ok(Reply::Complete(vec![resources::read(uri)?]))
    }

    async fn subscribe(&self, uri: &str, _: bool) -> Result<()> {
        resources::read(uri).map(drop)
    }

    async fn listen(&self, filter: &Filter) -> Result<Listening> {
        let known = filter.resource_subscriptions.iter().filter(|uri| resources::read(uri).is_ok());
        let served = Filter { resource_subscriptions: known.cloned().collect(), ..Filter::default() };
        Ok(Listening { served, changes: vec![] })
    }

    async fn complete(&self, request: CompletionRequest) -> Result<Completion> {
        let CompletionOf::Prompt { name } = &request.of else { return Ok(Completion::default()) };
        if !prompts::all().iter().any(|prompt| prompt.name == *name) {
            return Err(Error::InvalidParams(format!("There is no prompt `{name}`")));
        }
        let matching =
            ["paris", "park", "party"].into_iter().filter(|value| value.starts_with(&request.argument.value));
        Ok(Completion { values: matching.map(str::to_owned).collect(), total: None, has_more: false })
    }

    async fn seal(&self, owner: StateOwner<'_>, state: &str) -> Result<String> {
        Ok(self.sealer.seal(owner, state))
    }

    async fn open(&self, owner: StateOwner<'_>, sealed: &str) -> Result<String> {
        self.sealer.open(owner, sealed)
    }
}
