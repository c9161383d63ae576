//! Tool definitions in the formats of model providers.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Entry, TierFilter};
use crate::adapters::action::Hints;

/// A format of tool definitions for models. Each action is a separate tool, named `<tool>_<action>`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Function tools of OpenAI's Chat Completions: <https://platform.openai.com/docs/guides/function-calling>
    #[serde(rename = "openai")]
    OpenAi,
    /// Function tools of OpenAI's Responses: <https://platform.openai.com/docs/api-reference/responses/create>
    #[serde(rename = "openai-responses")]
    OpenAiResponses,
    /// Tools of Anthropic's Messages: <https://docs.anthropic.com/en/docs/build-with-claude/tool-use>
    Anthropic,
    /// One tool of Gemini with all functions: <https://ai.google.dev/gemini-api/docs/function-calling>
    Gemini,
    /// `tools/list` of the Model Context Protocol: <https://modelcontextprotocol.io/specification/2025-06-18/server/tools>
    Mcp,
}

/// An action as a tool definition for a model; of Gemini all actions in one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ToolDefinition {
    /// The definition for OpenAI's Chat Completions.
    OpenAi {
        /// The constant `function`.
        r#type: &'static str,
        /// The function.
        function: OpenAiFunction,
    },
    /// The definition for OpenAI's Responses: a function without an object around it.
    OpenAiResponses {
        /// The constant `function`.
        r#type: &'static str,
        /// The name, `<tool>_<action>`.
        name: String,
        /// The description of the action.
        description: String,
        /// The JSON Schema of the arguments.
        #[schema(value_type = Object)]
        parameters: Value,
        /// True if the schema is in the strict subset. The Responses API takes a missing value for true.
        strict: bool,
    },
    /// The definition for Anthropic.
    Anthropic {
        /// The name, `<tool>_<action>`.
        name: String,
        /// The description of the action.
        description: String,
        /// The JSON Schema of the arguments.
        #[schema(value_type = Object)]
        input_schema: Value,
    },
    /// The definition for Gemini.
    #[serde(rename_all = "camelCase")]
    Gemini {
        /// The functions.
        function_declarations: Vec<GeminiFunction>,
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
        /// The JSON Schema of the arguments.
        #[schema(value_type = Object)]
        input_schema: Value,
        /// The JSON Schema of the structured result, if the query has `outputSchemas=true`.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<Object>)]
        output_schema: Option<Value>,
        /// The hints on what a call does.
        annotations: Hints,
    },
}

/// A function of OpenAI.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenAiFunction {
    name: String,
    description: String,
    /// The JSON Schema of the arguments.
    #[schema(value_type = Object)]
    parameters: Value,
    /// True if the schema is in the strict subset.
    strict: bool,
}

/// A function of Gemini.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GeminiFunction {
    name: String,
    description: String,
    /// The JSON Schema of the arguments.
    #[schema(value_type = Object)]
    parameters_json_schema: Value,
}

/// The form of the schemas in tool definitions.
#[derive(Clone, Copy, Debug)]
pub struct SchemaForm {
    /// The rank: inputs of [`TierFilter::Core`] are without the fields that few calls need.
    pub tier: TierFilter,
    /// True for OpenAI's strict subset.
    pub is_strict: bool,
    /// True to add the schemas of the outputs, where the format has a place for them.
    pub with_output: bool,
}

/// Returns entries in a format.
pub fn definitions(format: Format, entries: &[Entry], form: SchemaForm) -> Vec<ToolDefinition> {
    match format {
        Format::OpenAi => {
            let definition = |entry| ToolDefinition::OpenAi { r#type: "function", function: openai(entry, form) };
            entries.iter().map(definition).collect()
        }
        Format::OpenAiResponses => entries.iter().map(|entry| openai_responses(entry, form)).collect(),
        Format::Anthropic => entries.iter().map(|entry| anthropic(entry, form)).collect(),
        Format::Gemini => {
            let function_declarations = entries.iter().map(|entry| gemini(entry, form)).collect();
            vec![ToolDefinition::Gemini { function_declarations }]
        }
        Format::Mcp => entries.iter().map(|entry| mcp(entry, form)).collect(),
    }
}

fn openai(entry: &Entry, form: SchemaForm) -> OpenAiFunction {
    OpenAiFunction {
        name: entry.name(),
        description: entry.description.clone(),
        parameters: entry.input_schema(form),
        strict: form.is_strict,
    }
}

fn openai_responses(entry: &Entry, form: SchemaForm) -> ToolDefinition {
    let OpenAiFunction { name, description, parameters, strict } = openai(entry, form);
    ToolDefinition::OpenAiResponses { r#type: "function", name, description, parameters, strict }
}

fn anthropic(entry: &Entry, form: SchemaForm) -> ToolDefinition {
    ToolDefinition::Anthropic {
        name: entry.name(),
        description: entry.description.clone(),
        input_schema: entry.input_schema(form),
    }
}

fn gemini(entry: &Entry, form: SchemaForm) -> GeminiFunction {
    GeminiFunction {
        name: entry.name(),
        description: entry.description.clone(),
        parameters_json_schema: entry.input_schema(form),
    }
}

fn mcp(entry: &Entry, form: SchemaForm) -> ToolDefinition {
    ToolDefinition::Mcp {
        name: entry.name(),
        title: entry.title.clone(),
        description: entry.description.clone(),
        input_schema: entry.input_schema(form),
        output_schema: form.with_output.then(|| entry.output_schema.clone()),
        annotations: entry.hints,
    }
}
