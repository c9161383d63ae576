//! The tools as models take them: the formats there are.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Adapter;
use super::action::{ActionDef, Effect};

/// A format in which models take tools. Each action is a tool of its own, named `<tool>_<action>`.
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

/// An action as a tool of a model.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = ModelTool)]
pub enum ToolDefinition {
    /// OpenAI's.
    OpenAi {
        /// `function`.
        r#type: &'static str,
        /// The function.
        function: OpenAiFunction,
    },
    /// Anthropic's.
    Anthropic {
        /// `<tool>_<action>`.
        name: String,
        /// What it does.
        description: String,
        /// The JSON Schema of the action's context.
        #[schema(value_type = Object)]
        input_schema: Value,
    },
    /// The Model Context Protocol's.
    #[serde(rename_all = "camelCase")]
    Mcp {
        /// `<tool>_<action>`.
        name: String,
        /// The name for people.
        title: String,
        /// What it does.
        description: String,
        /// The JSON Schema of the action's context.
        #[schema(value_type = Object)]
        input_schema: Value,
        /// What a call does.
        annotations: Annotations,
    },
}

/// What stands in OpenAI's `function`.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenAiFunction {
    name: String,
    description: String,
    /// The JSON Schema of the action's context.
    #[schema(value_type = Object)]
    parameters: Value,
}

/// What a call of a tool does, as the Model Context Protocol says it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Annotations {
    read_only_hint: bool,
    destructive_hint: bool,
    idempotent_hint: bool,
    open_world_hint: bool,
}

impl Format {
    /// One tool's actions in this format.
    pub fn tool_definitions(self, adapter: &Adapter) -> Vec<ToolDefinition> {
        adapter.actions.iter().map(|action| self.tool_definition(adapter, action)).collect()
    }

    fn tool_definition(self, adapter: &Adapter, action: &ActionDef) -> ToolDefinition {
        let mut schema = action.schema();
        let name = format!("{}_{}", adapter.tool, action.name);
        let title = format!("{}: {}", adapter.name, action.name.replace('_', " "));
        let description = schema["description"].as_str().unwrap_or_default().to_owned();
        // Said beside the schema, where each format has its place for it.
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
                    // Something may be overwritten or deleted; what only adds destroys nothing.
                    destructive_hint: action.effect == Effect::Idempotent,
                    idempotent_hint: action.effect != Effect::Create,
                    open_world_hint: true,
                },
            },
        }
    }
}
