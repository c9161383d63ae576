//! The request and its result: what an agent wants done, and what became of it.

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::schema::{self, KnownFormat, ObjectBuilder, SchemaFormat, Type};

use crate::adapters::action::{ActionDef, ActionOutput, Effect};
use crate::adapters::{self, Adapter};
use crate::error::{Error, ErrorDetail, Result};
use crate::ids::AgentId;
use crate::validate::{MAX_KEY_BYTES, check_size, check_text};

/// Largest context, in bytes of JSON.
const MAX_CONTEXT_BYTES: usize = 32 * 1024;
const MAX_CONTEXT_DEPTH: usize = 32;

/// A request to act as an agent writes it, unchecked.
#[derive(Clone, Debug, Default)]
pub struct IntentRequest {
    /// `agentId`.
    pub agent_id: String,
    /// The tool's name.
    pub tool: String,
    /// The action's name.
    pub intent: String,
    /// The action's input; may name context keys.
    pub context: Option<Map<String, Value>>,
    /// The agent's own key under which the id of what is made is kept.
    pub save_as: Option<String>,
}

/// A request to act that was checked in full: the action exists and its context fits it.
#[derive(Clone, Debug)]
pub struct Intent {
    /// Who asks.
    pub agent: AgentId,
    /// The tool.
    pub adapter: &'static Adapter,
    /// The one action its name stands for.
    pub action: &'static ActionDef,
    /// The action's input.
    pub context: Value,
    /// The agent's own key under which the id of what is made is kept, as a context mapping.
    pub save_as: Option<String>,
}

impl Intent {
    /// Checks a request to act, before anything is stored or called.
    ///
    /// # Errors
    /// [`Error::UnknownTool`], [`Error::UnknownIntent`], [`Error::Invalid`], [`Error::Missing`], [`Error::TooLarge`].
    pub fn parse(agent_id: &str, tool: &str, intent: &str, context: Option<Map<String, Value>>) -> Result<Self> {
        let agent = AgentId::parse(agent_id)?;
        let adapter = adapters::find(tool)?;
        let action = adapter.action(intent)?;
        let context = Value::Object(context.unwrap_or_default());
        check_size("context", &context, MAX_CONTEXT_BYTES)?;
        if !depth_within(&context, MAX_CONTEXT_DEPTH) {
            return Err(Error::invalid("context", format!("is nested deeper than {MAX_CONTEXT_DEPTH} levels")));
        }
        action.check(&context)?;
        Ok(Self { agent, adapter, action, context, save_as: None })
    }

    /// The same, with what is made to be kept under the agent's own key.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a key that cannot be one, and for an action that makes nothing.
    pub fn with_save_as(self, key: Option<String>) -> Result<Self> {
        if let Some(key) = &key {
            check_text("saveAs", key, MAX_KEY_BYTES)?;
            if self.action.effect == Effect::Read {
                return Err(Error::invalid("saveAs", format!("{} makes nothing to be saved", self.action.name)));
            }
        }
        Ok(Self { save_as: key, ..self })
    }
}

fn depth_within(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels > 0 && items.iter().all(|item| depth_within(item, levels - 1)),
        Value::Object(fields) => levels > 0 && fields.values().all(|field| depth_within(field, levels - 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// The result of a processed intent, as the API returns it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PluginResult {
    /// Whether the action was done (or, when scheduled, accepted).
    pub success: bool,
    /// One sentence for a person.
    pub message: String,
    /// What was read or made.
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    /// The provider's id of what was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// `taskId` of a journaled intent, `link` to what was made, and the like.
    #[schema(schema_with = metadata_schema)]
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
    /// Why it was not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorDetail>,
    /// What the agent may tell its user instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_message: Option<String>,
    /// Whether the outcome lies ahead: scheduled, or still being reconciled.
    #[serde(skip)]
    pub pending: bool,
    /// Whether an earlier request with the same idempotency key brought this about.
    #[serde(skip)]
    pub replayed: bool,
}

/// What [`PluginResult::metadata`] may hold, for the API document.
pub fn metadata_schema() -> schema::Object {
    let text = |description: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(description));
    let dry = ObjectBuilder::new().schema_type(Type::Boolean).description(Some("Nothing was sent."));
    let fields = ObjectBuilder::new()
        .property("taskId", text("The task that journals it."))
        .property("executeAt", text("When it runs.").format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))))
        .property("link", text("Opens what was made."))
        .property("dryRun", dry);
    fields.description(Some("What else there is to know.")).build()
}

impl PluginResult {
    /// An action that was done.
    pub fn completed(done: ActionOutput) -> Self {
        let mut metadata = Map::new();
        if let Some(link) = done.link {
            metadata.insert("link".to_owned(), link.into());
        }
        Self {
            success: true,
            message: done.message,
            data: Some(done.data),
            external_id: done.external_id,
            metadata,
            error: None,
            fallback_message: None,
            pending: false,
            replayed: false,
        }
    }

    /// An action that was not done, or whose outcome is unknown. `message` is the text for a person.
    pub fn failed(error: ErrorDetail, fallback: String) -> Self {
        Self {
            success: false,
            message: error.message.clone(),
            data: None,
            external_id: None,
            metadata: Map::new(),
            error: Some(error),
            fallback_message: Some(fallback),
            pending: false,
            replayed: false,
        }
    }

    /// A task that was accepted for later.
    pub fn scheduled(task_id: &str, execute_at: &str) -> Self {
        let mut metadata = Map::new();
        metadata.insert("taskId".to_owned(), task_id.into());
        metadata.insert("executeAt".to_owned(), execute_at.into());
        Self {
            success: true,
            message: format!("Task scheduled for {execute_at}"),
            data: Some(json!({ "taskId": task_id, "executeAt": execute_at })),
            external_id: None,
            metadata,
            error: None,
            fallback_message: None,
            pending: true,
            replayed: false,
        }
    }

    /// A dry run: the request that would be sent.
    pub fn dry_run(request: Option<Value>) -> Self {
        let mut metadata = Map::new();
        metadata.insert("dryRun".to_owned(), true.into());
        Self {
            success: true,
            message: "Nothing was sent.".to_owned(),
            data: Some(json!({ "request": request })),
            external_id: None,
            metadata,
            error: None,
            fallback_message: None,
            pending: false,
            replayed: false,
        }
    }

    /// Adds the id of the task that journals this intent.
    #[must_use]
    pub fn with_task_id(mut self, task_id: String) -> Self {
        self.metadata.insert("taskId".to_owned(), task_id.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_json() -> impl Strategy<Value = Value> {
        let text = prop_oneof!["(?s).{0,20}", "[0-9]{1,20}", "[a-z]{1,8}@[a-z]{1,8}\\.co", Just("general".to_owned())];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            text.prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::hash_map("[a-z]{0,6}", inner, 0..4).prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_context_is_taken_or_refused(
            which in any::<proptest::sample::Index>(),
            values in proptest::collection::vec(proptest::option::of(any_json()), 12),
            stray in proptest::option::of("[a-zA-Z_]{0,12}"),
            agent in "(?s).{0,10}",
        ) {
            let actions: Vec<_> = adapters::ALL.iter().flat_map(|adapter| adapter.actions.iter().map(move |action| (adapter, action))).collect();
            let (adapter, action) = which.get(&actions);
            let schema = action.schema();
            let fields = schema["properties"].as_object().unwrap().keys();
            let mut context: Map<String, Value> = fields.zip(values).filter_map(|(name, value)| Some((name.clone(), value?))).collect();
            context.extend(stray.map(|stray| (stray, Value::Null)));
            match Intent::parse(&agent, adapter.tool.as_str(), action.name, Some(context)) {
                Ok(intent) => prop_assert!(action.check(&intent.context).is_ok()),
                Err(error) => prop_assert!(matches!(error.code(), "INVALID_FIELD" | "MISSING_FIELDS"), "{error:?}"),
            }
        }

        #[test]
        fn any_names_are_refused_by_name(tool in "(?s).{0,80}", intent in "(?s).{0,80}") {
            prop_assert_eq!(Intent::parse("a", &tool, &intent, None).unwrap_err().code(), "UNKNOWN_TOOL");
            prop_assert_eq!(Intent::parse("a", "slack", &intent, None).unwrap_err().code(), "UNKNOWN_INTENT");
        }
    }
}
