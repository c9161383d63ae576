//! Actions as tool definitions for models, in each supported format.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Adapter;
use super::action::ActionDef;
use super::effect::Effect;

/// A format of tool definitions for models. Each action is a separate tool, named `<tool>_<action>`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Function tools of OpenAI's Chat Completions: <https://platform.openai.com/docs/guides/function-calling>
    OpenAi,
    /// Tools of Anthropic's Messages: <https://docs.anthropic.com/en/docs/build-with-claude/tool-use>
    Anthropic,
    /// `tools/list` of the Model Context Protocol: <https://modelcontextprotocol.io/specification/2025-06-18/server/tools>
    Mcp,
}

/// An action as a tool definition for a model.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ToolDefinition {
    /// The definition for OpenAI.
    OpenAi {
        /// The constant `function`.
        r#type: &'static str,
        /// The function.
        function: OpenAiFunction,
    },
    /// The definition for Anthropic.
    Anthropic {
        /// The name, `<tool>_<action>`.
        name: String,
        /// The description of the action.
        description: String,
        /// The JSON Schema of the action's context.
        #[schema(value_type = Object)]
        input_schema: Value,
    },
    /// The definition for the Model Context Protocol.
    #[serde(rename_all = "camelCase")]
    Mcp {
        /// The name, `<tool>_<action>`.
        name: String,
        /// The title for people.
        title: String,
        /// The description of the action.
        description: String,
        /// The JSON Schema of the action's context.
        #[schema(value_type = Object)]
        input_schema: Value,
        /// The hints on what a call does.
        annotations: Annotations,
    },
}

/// The object `function` of an OpenAI definition.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenAiFunction {
    name: String,
    description: String,
    /// The JSON Schema of the action's context.
    #[schema(value_type = Object)]
    parameters: Value,
}

/// Hints on what a call does, in the terms of the Model Context Protocol.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Annotations {
    read_only_hint: bool,
    destructive_hint: bool,
    idempotent_hint: bool,
    open_world_hint: bool,
}

impl Format {
    /// Returns the definition of an action of a tool in this format.
    pub fn tool_definition(self, adapter: &Adapter, action: &ActionDef) -> ToolDefinition {
        let mut schema = action.schema();
        let name = format!("{}_{}", adapter.tool, action.name);
        let title = format!("{}: {}", adapter.tool.name(), action.name.replace('_', " "));
        let description = schema["description"].as_str().unwrap_or_default().to_owned();
        // Each format has its own fields for these, beside the schema.
        if let Some(schema) = schema.as_object_mut() {
            schema.retain(|field, _| !["$schema", "title", "description"].contains(&field.as_str()));
        }
        match self {
            Self::OpenAi => {
                let function = OpenAiFunction { name, description, parameters: schema };
                ToolDefinition::OpenAi { r#type: "function", function }
            }
            Self::Anthropic => ToolDefinition::Anthropic { name, description, input_schema: schema },
            Self::Mcp => ToolDefinition::Mcp {
                name,
                title,
                description,
                input_schema: schema,
                annotations: Annotations {
                    read_only_hint: action.effect == Effect::Read,
                    // An idempotent action can overwrite or delete; a create only adds.
                    destructive_hint: action.effect == Effect::Idempotent,
                    idempotent_hint: action.effect != Effect::Create,
                    open_world_hint: true,
                },
            },
        }
    }
}
