//! The tools as machines read them: the tool list of this API, and the formats in which models take tools.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Adapter;
use super::action::{ActionDef, Effect};

/// A format in which models take tools. Each action is a tool of its own, named `<tool>_<action>`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Function tools of OpenAI's Chat Completions: <https://platform.openai.com/docs/guides/function-calling>
    OpenAi,
    /// Tools of Anthropic's Messages: <https://docs.anthropic.com/en/docs/build-with-claude/tool-use>
    Anthropic,
    /// `tools/list` of the Model Context Protocol: <https://modelcontextprotocol.io/specification/2025-06-18/server/tools>
    Mcp,
}

/// A tool with its actions: `PluginMetadata` of the original description and more.
pub fn metadata(adapter: &Adapter) -> Map<String, Value> {
    let Value::Object(metadata) = json!({
        "id": adapter.tool,
        "name": adapter.name,
        "description": adapter.description,
        "version": env!("CARGO_PKG_VERSION"),
        "author": "Plugin Engine",
        "scopes": adapter.oauth.scopes,
        "actions": adapter.actions.iter().map(action).collect::<Vec<_>>(),
    }) else {
        return Map::new();
    };
    metadata
}

fn action(action: &ActionDef) -> Value {
    let schema = action.schema();
    json!({
        "name": action.name,
        "aliases": action.aliases,
        "description": schema["description"],
        "scopes": action.scopes,
        "effect": action.effect,
        "contextSchema": schema,
    })
}

impl Format {
    /// One tool's actions in this format.
    pub fn functions(self, adapter: &Adapter) -> Vec<Value> {
        adapter.actions.iter().map(|action| self.function(adapter, action)).collect()
    }

    fn function(self, adapter: &Adapter, action: &ActionDef) -> Value {
        let mut schema = action.schema();
        let name = format!("{}_{}", adapter.tool, action.name);
        let title = format!("{}: {}", adapter.name, action.name.replace('_', " "));
        let description = schema["description"].as_str().unwrap_or_default().to_owned();
        // Said beside the schema, where each format has its place for it.
        if let Some(schema) = schema.as_object_mut() {
            schema.retain(|field, _| !["$schema", "title", "description"].contains(&field.as_str()));
        }
        match self {
            Self::OpenAi => json!({
                "type": "function",
                "function": { "name": name, "description": description, "parameters": schema },
            }),
            Self::Anthropic => json!({ "name": name, "description": description, "input_schema": schema }),
            Self::Mcp => json!({
                "name": name,
                "title": title,
                "description": description,
                "inputSchema": schema,
                "annotations": {
                    "readOnlyHint": action.effect == Effect::Read,
                    // Something may be overwritten or deleted; what only adds destroys nothing.
                    "destructiveHint": action.effect == Effect::Idempotent,
                    "idempotentHint": action.effect != Effect::Create,
                    "openWorldHint": true,
                },
            }),
        }
    }
}
