//! The catalogue: every action of every tool, and every own tool, as a tool of a model, selected by filters and written in the format of a model provider.

mod compact;
mod format;
mod search;
mod selection;

pub use format::{Format, SchemaForm, ToolDefinition, definitions};
pub use selection::{Selection, TierFilter, check_tools};

use serde_json::Value;

use crate::adapters::action::{ActionDef, Effect, Hints, Tier};
use crate::adapters::{Adapter, schema};
use crate::own_tools::{self, OwnToolDef};
use compact::compact;

/// The tool of the own tools in lists and filters.
pub const OWN_TOOL: &str = "engine";

/// An action or an own tool, as a tool of a model.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The name of the tool that it belongs to, such as `gmail`, or [`OWN_TOOL`].
    pub tool: &'static str,
    /// The name of the action, such as `send_email`.
    pub action: &'static str,
    /// Other names of the action, for the search.
    pub aliases: &'static [&'static str],
    /// The title for people.
    pub title: String,
    /// The description for a model: what it does, when to choose it, what it risks.
    pub description: String,
    /// The kind of the action by what a second run would do.
    pub effect: Effect,
    /// The rank in lists.
    pub tier: Tier,
    /// The hints on what a call does.
    pub hints: Hints,
    input_schema: Value,
    /// The fields of the input that few calls need.
    rare_fields: Vec<String>,
    output_schema: Value,
}

impl Entry {
    /// Returns an action of an adapter as a tool of a model.
    pub fn of_action(adapter: &Adapter, action: &ActionDef) -> Self {
        let (input_schema, description) = separate(action.schema());
        Self {
            tool: adapter.tool.as_str(),
            action: action.name,
            aliases: action.aliases,
            title: format!("{}: {}", adapter.tool.name(), action.name.replace('_', " ")),
            description,
            effect: action.effect,
            tier: action.tier,
            hints: action.hints(),
            input_schema,
            rare_fields: rare_fields(action),
            output_schema: separate(action.output_schema()).0,
        }
    }

    /// Returns an own tool as a tool of a model.
    pub fn of_own_tool(tool: &OwnToolDef) -> Self {
        let (input_schema, description) = separate(tool.input_schema());
        Self {
            tool: OWN_TOOL,
            action: tool.name().strip_prefix(own_tools::PREFIX).unwrap_or_default(),
            aliases: &[],
            title: tool.title().to_owned(),
            description,
            effect: tool.effect(),
            tier: Tier::Core,
            hints: tool.hints(),
            input_schema,
            rare_fields: vec![],
            output_schema: separate(tool.output_schema()).0,
        }
    }

    /// Returns the name for models, `<tool>_<action>`.
    pub fn name(&self) -> String {
        format!("{}_{}", self.tool, self.action)
    }

    /// Returns the JSON Schema of the input in a form.
    pub fn input_schema(&self, form: SchemaForm) -> Value {
        let mut schema = compact(self.input_schema.clone());
        if let (TierFilter::Core, Some(fields)) = (form.tier, schema["properties"].as_object_mut()) {
            fields.retain(|name, _| !self.rare_fields.contains(name));
        }
        if form.is_strict { schema::strict(&schema) } else { schema }
    }
}

/// Returns the optional fields of an action that a list of core actions leaves out. Calls may have them nevertheless.
fn rare_fields(action: &ActionDef) -> Vec<String> {
    let schema = action.marked_schema();
    let rare = |(name, field): (&String, &Value)| (field["x-tier"] == "all").then(|| name.clone());
    schema["properties"].as_object().into_iter().flatten().filter_map(rare).collect()
}

/// Returns a schema without what each format has beside it, and its description.
fn separate(mut schema: Value) -> (Value, String) {
    let description = schema["description"].as_str().unwrap_or_default().to_owned();
    if let Some(fields) = schema.as_object_mut() {
        fields.retain(|field, _| !["$schema", "description", "examples"].contains(&field.as_str()));
    }
    (schema, description)
}
