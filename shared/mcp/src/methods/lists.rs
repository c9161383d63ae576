//! Discovery, lists and completion.
//!
//! Sources: <https://modelcontextprotocol.io/specification/2026-07-28/server/discover>, `server/tools`, `server/prompts`,
//! `server/resources` and `server/utilities/completion` beside it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Exchange;
use crate::catalogue::{Cacheable, Catalogue, Features};
use crate::client::TASKS_EXTENSION;
use crate::error::{Error, Result};
use crate::pages::Page;
use crate::revision::Revision;
use crate::types::{CompletionRequest, Prompt, Resource, ResourceTemplate, Tool};

/// The capabilities of a server with these features. Lists do not announce their changes: an answer ends before them.
pub(super) fn capabilities(features: Features, revision: Revision) -> Map<String, Value> {
    let resources = if features.subscriptions { json!({ "subscribe": true }) } else { json!({}) };
    let tasks = json!({ TASKS_EXTENSION: {} });
    let all = [
        ("tools", features.tools, json!({})),
        ("prompts", features.prompts, json!({})),
        ("resources", features.resources, resources),
        ("completions", features.completions, json!({})),
        ("logging", features.logging, json!({})),
        ("extensions", features.tasks && !revision.is_legacy(), tasks),
    ];
    all.into_iter().filter(|(_, served, _)| *served).map(|(name, _, value)| (name.to_owned(), value)).collect()
}

impl<C: Catalogue> Exchange<'_, C> {
    pub(super) fn discover(&self) -> Result<String> {
        let mut result = json!({
            "supportedVersions": Revision::ALL.map(Revision::as_str),
            "capabilities": capabilities(self.catalogue.features(), self.frame.client.revision()),
        });
        if let Some(instructions) = &self.frame.settings.instructions {
            result["instructions"] = json!(instructions);
        }
        self.frame.cacheable(&result, self.catalogue.cache_hint(Cacheable::Discovery))
    }

    pub(super) async fn list_tools(&self) -> Result<String> {
        let mut tools = self.catalogue.tools().await?;
        if self.frame.client.revision().is_legacy() {
            tools.iter_mut().for_each(as_legacy);
        }
        self.page(Cacheable::Tools, "tools", tools, |tool: &Tool| &tool.name)
    }

    pub(super) async fn list_prompts(&self) -> Result<String> {
        self.page(Cacheable::Prompts, "prompts", self.catalogue.prompts().await?, |prompt: &Prompt| &prompt.name)
    }

    pub(super) async fn list_resources(&self) -> Result<String> {
        let resources = self.catalogue.resources().await?;
        self.page(Cacheable::Resources, "resources", resources, |resource: &Resource| &resource.uri)
    }

    pub(super) async fn list_resource_templates(&self) -> Result<String> {
        let templates = self.catalogue.resource_templates().await?;
        self.page(Cacheable::ResourceTemplates, "resourceTemplates", templates, |template: &ResourceTemplate| {
            &template.uri_template
        })
    }

    fn page<T: Serialize>(
        &self,
        cacheable: Cacheable,
        list: &'static str,
        items: Vec<T>,
        key: impl Fn(&T) -> &str,
    ) -> Result<String> {
        let page = Page::cut(list, items, key, self.message.params.get("cursor"), self.frame.settings.page_size)?;
        self.frame.cacheable(&page, self.catalogue.cache_hint(cacheable))
    }

    pub(super) async fn complete(&self) -> Result<String> {
        let request = CompletionRequest::deserialize(&Value::Object(self.message.params.clone()))
            .map_err(|error| Error::InvalidParams(error.to_string()))?;
        let completion = self.catalogue.complete(request).await?.shortened();
        self.frame.complete(&json!({ "completion": completion }))
    }
}

/// Leaves out what legacy revisions do not know: the schema of an output that is no object.
fn as_legacy(tool: &mut Tool) {
    tool.output_schema = tool.output_schema.take().filter(|schema| schema["type"] == "object");
}
