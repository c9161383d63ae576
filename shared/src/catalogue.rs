//! The catalogue: every action of every tool as a tool of a model, selected by filters and written in the format of a model provider.

mod format;
mod search;
mod selection;

pub use format::{Format, SchemaForm, ToolDefinition, definitions};
pub use selection::{Selection, TierFilter};

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::adapters::action::{ActionDef, Effect, Tier};
use crate::adapters::{self, Adapter, schema};

/// An action as a tool of a model.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The name of the tool that it belongs to, such as `gmail`.
    pub tool: &'static str,
    /// The name of the action, such as `send_email`.
    pub action: &'static str,
    /// The title for people.
    pub title: String,
    /// What it does, when to choose it and what it risks, for a model.
    pub description: String,
    /// The kind of the action by what a second run would do.
    pub effect: Effect,
    /// The rank in lists.
    pub tier: Tier,
    /// The hints on what a call does.
    pub hints: Hints,
    input_schema: Value,
    output_schema: Value,
}

/// Hints on what a call does, in the terms of the Model Context Protocol:
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#toolannotations>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Hints {
    /// Nothing is changed.
    #[serde(rename = "readOnlyHint")]
    pub is_read_only: bool,
    /// Something that was there is overwritten or removed.
    #[serde(rename = "destructiveHint")]
    pub is_destructive: bool,
    /// A second call with the same arguments changes nothing more.
    #[serde(rename = "idempotentHint")]
    pub is_idempotent: bool,
    /// People or systems outside of the engine are reached.
    #[serde(rename = "openWorldHint")]
    pub is_open_world: bool,
}

impl Entry {
    /// Returns an action of an adapter as a tool of a model.
    pub fn of(adapter: &Adapter, action: &ActionDef) -> Self {
        let mut input_schema = action.schema();
        let description = input_schema["description"].as_str().unwrap_or_default().to_owned();
        // Each format has its own fields for these, beside the schema.
        if let Some(fields) = input_schema.as_object_mut() {
            fields.retain(|field, _| !["$schema", "description", "examples"].contains(&field.as_str()));
        }
        Self {
            tool: adapter.tool.as_str(),
            action: action.name,
            title: format!("{}: {}", adapter.tool.name(), action.name.replace('_', " ")),
            description,
            effect: action.effect,
            tier: action.tier,
            hints: Hints {
                is_read_only: action.effect == Effect::Read,
                is_destructive: action.overwrites.is_some(),
                is_idempotent: action.effect != Effect::Create,
                is_open_world: true,
            },
            input_schema,
            output_schema: action.output_schema(),
        }
    }

    /// Returns the name for models, `<tool>_<action>`.
    pub fn name(&self) -> String {
        format!("{}_{}", self.tool, self.action)
    }

    /// Returns the JSON Schema of the input: as it is, or in the strict subset of OpenAI.
    pub fn input_schema(&self, is_strict: bool) -> Value {
        if is_strict { schema::strict(&self.input_schema) } else { self.input_schema.clone() }
    }
}

/// Returns every entry, tool by tool.
pub fn entries() -> impl Iterator<Item = Entry> {
    adapters::ALL.iter().flat_map(|adapter| adapter.actions.iter().map(|action| Entry::of(adapter, action)))
}
