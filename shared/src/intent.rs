//! The intent, an agent's request to act, and its result.

mod context;
mod metadata;
mod references;

pub use metadata::metadata_schema;

use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use utoipa::ToSchema;

use crate::account::{AccountId, AccountName};
use crate::adapters::action::{ActionDef, ActionOutput, Effect, Target};
use crate::adapters::{self, Adapter};
use crate::error::{Checks, Error, ErrorDetail, FieldFault, Result};
use crate::ids::{AgentId, Creator};
use crate::permissions::Caller;
use crate::validate::{MAX_CONTEXT_KEY_BYTES, check_name};

/// An intent as the agent sends it, not validated.
#[derive(Clone, Debug, Default)]
pub struct IntentRequest {
    /// `agentId`.
    pub agent_id: String,
    /// The tool's name.
    pub tool: String,
    /// The action's name.
    pub intent: String,
    /// The account, by id, label or address.
    pub account: Option<String>,
    /// The action's input. It may contain references to context keys.
    pub context: Option<Map<String, Value>>,
    /// The agent's own key under which the created object's id is saved.
    pub save_as: Option<String>,
}

/// An intent of which everything is validated that needs no store. A context with references to context keys is validated when
/// they are resolved: the account decides what they stand for.
#[derive(Clone, Debug)]
pub struct UnboundIntent {
    /// The agent.
    pub agent: AgentId,
    /// The tool.
    pub adapter: &'static Adapter,
    /// The action.
    pub action: &'static ActionDef,
    /// The text by which the request names the account.
    pub account: Option<AccountName>,
    /// The action's input.
    pub context: Value,
    /// The agent's own key under which the created object's id is saved as a context mapping.
    pub save_as: Option<String>,
    /// The referenced context keys, with the path of each.
    pub references: BTreeMap<String, String>,
}

/// A validated intent: the action exists and accepts its context, and the account is known.
#[derive(Clone, Debug)]
pub struct Intent {
    /// The agent.
    pub agent: AgentId,
    /// The tool.
    pub adapter: &'static Adapter,
    /// The action.
    pub action: &'static ActionDef,
    /// The account, which does not change any more.
    pub account: AccountId,
    /// The action's input.
    pub context: Value,
    /// The agent's own key under which the created object's id is saved as a context mapping.
    pub save_as: Option<String>,
    /// The caller who requested it, where that was not the user.
    pub created_by: Option<Creator>,
}

impl UnboundIntent {
    /// Validates a request to act, before anything is stored or called.
    ///
    /// # Errors
    /// [`Error::UnknownTool`], [`Error::UnknownIntent`], [`Error::Invalid`], [`Error::Missing`], [`Error::TooLarge`].
    ///
    /// ```
    /// use engine::intent::{IntentRequest, UnboundIntent};
    ///
    /// let request = IntentRequest {
    ///     agent_id: "agent_123".to_owned(),
    ///     tool: "slack".to_owned(),
    ///     intent: "send_message".to_owned(),
    ///     context: serde_json::from_str(r#"{ "channel": "general", "text": "hi" }"#)?,
    ///     ..IntentRequest::default()
    /// };
    /// let intent = UnboundIntent::parse(request.clone())?;
    /// assert_eq!(intent.action.name, "send_message");
    /// let refused = UnboundIntent::parse(IntentRequest { context: None, ..request });
    /// assert_eq!(refused.map(drop).map_err(|error| error.code()), Err("MISSING_FIELDS"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse(request: IntentRequest) -> Result<Self> {
        let IntentRequest { agent_id, tool, intent, account, context, save_as } = request;
        let mut checks = Checks::default();
        let agent = checks.pass(AgentId::parse(&agent_id));
        let adapter = checks.pass(adapters::find(&tool));
        let action = adapter.and_then(|adapter| checks.pass(adapter.action(&intent)));
        let account = checks.pass(AccountName::parse_optional(account.as_deref()));
        checks.pass(check_save_as(action, save_as.as_deref()));
        let mut context = context.unwrap_or_default();
        if let Some(action) = action {
            action.expand_texts(&mut context);
        }
        let references = checks.pass(references::find(&context));
        let mut context = Some(Value::Object(context));
        match (action, references.as_ref().map(BTreeMap::is_empty)) {
            (Some(action), Some(true)) => {
                context = context.and_then(|context| checks.pass(context::accept(action, context)));
            }
            // What a reference stands for is known when the account is.
            (Some(action), Some(false)) => {
                context.as_ref().and_then(|context| checks.pass(context::check_beside_references(action, context)));
            }
            _ => {}
        }
        checks.finish(|| {
            let (agent, adapter, action, account) = (agent?, adapter?, action?, account?);
            let (context, references) = (context?, references?);
            Some(Self { agent, adapter, action, account, context, save_as, references })
        })
    }

    /// Returns the faults of a request that is refused already.
    pub fn faults(request: IntentRequest) -> Vec<FieldFault> {
        Self::parse(request).err().map_or_else(Vec::new, |error| error.fields())
    }

    /// Binds the intent of a caller to an account. `ids` are the external ids of its references in this account.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Missing`], [`Error::TooLarge`] for a context that the action does not accept with these ids.
    pub fn bind(self, caller: &Caller, account: AccountId, ids: &BTreeMap<String, String>) -> Result<Intent> {
        let Self { agent, adapter, action, account: _, mut context, save_as, references } = self;
        if !references.is_empty() {
            context = context::accept(action, references::replace(context, &|key| ids.get(key).cloned()))?;
        }
        Ok(Intent { agent, adapter, action, account, context, save_as, created_by: caller.creator() })
    }
}

fn check_save_as(action: Option<&ActionDef>, key: Option<&str>) -> Result<()> {
    let Some(key) = key else { return Ok(()) };
    check_name("saveAs", key, MAX_CONTEXT_KEY_BYTES)?;
    if let Some(action) = action.filter(|action| action.effect == Effect::Read) {
        return Err(Error::invalid("saveAs", format!("must be absent: {} creates nothing", action.name)));
    }
    Ok(())
}

/// The result of an intent, as the API returns it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PluginResult {
    /// True if the action was done, or accepted for later.
    pub success: bool,
    /// One sentence for a person.
    pub message: String,
    /// The data that the action read or created. Of an action that failed after a part of its work: the `done` steps in order, and the
    /// `results` of each item of a list.
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    /// The provider's id of the created object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Further properties: `taskId` of a journaled intent, `account` that it is bound to, `link` to the created object, `executeAt`,
    /// `dryRun`.
    #[schema(schema_with = metadata_schema)]
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
    /// The reason why the action was not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorDetail>,
    /// The steps for a person before the time of an accepted task. Absent where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// The text that the agent may show its user if the action was not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_message: Option<String>,
    /// True if the outcome is pending: scheduled, or being reconciled.
    #[serde(skip)]
    pub pending: bool,
    /// True if this is the result of an earlier request with the same idempotency key.
    #[serde(skip)]
    pub replayed: bool,
}

/// A reason why an accepted task would wait for a person at its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Warning {
    /// The stable code of the error that the task would have now.
    pub code: &'static str,
    /// One sentence for a person.
    pub message: String,
    /// Page where a person connects the account again, if the deployment has such a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_url: Option<String>,
}

impl PluginResult {
    fn base(success: bool, message: String) -> Self {
        Self {
            success,
            message,
            data: None,
            external_id: None,
            metadata: Map::new(),
            error: None,
            warnings: vec![],
            fallback_message: None,
            pending: false,
            replayed: false,
        }
    }

    /// The result of an action that was done.
    pub fn completed(output: ActionOutput) -> Self {
        let mut metadata = Map::new();
        if let Some(link) = output.link {
            metadata.insert("link".to_owned(), link.into());
        }
        let data = Some(output.data);
        Self { data, external_id: output.external_id, metadata, ..Self::base(true, output.message) }
    }

    /// The result of an action that was not done, or whose outcome is unknown.
    pub fn failed(error: ErrorDetail, data: Option<Value>, fallback_message: String) -> Self {
        let base = Self::base(false, error.message.clone());
        Self { data, error: Some(error), fallback_message: Some(fallback_message), ..base }
    }

    /// Adds that the engine still asks the provider, and that its task can show more after `wait`. The text says where.
    #[must_use]
    pub fn reconciled_later(mut self, wait: Duration) -> Self {
        let text = "wait for what the provider says: GET /tasks?taskId=<metadata.taskId>&wait=20";
        self.message = format!("{}; {text}", self.message);
        if let Some(error) = &mut self.error {
            error.message.clone_from(&self.message);
            error.retry_after_ms = Some(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        }
        Self { pending: true, ..self }
    }

    /// The result of an intent that was accepted for later.
    pub fn scheduled(task_id: &str, execute_at: &str) -> Self {
        let mut metadata = Map::new();
        metadata.insert("taskId".to_owned(), task_id.into());
        metadata.insert("executeAt".to_owned(), execute_at.into());
        let data = Some(json!({ "taskId": task_id, "executeAt": execute_at }));
        Self { data, metadata, pending: true, ..Self::base(true, format!("Task scheduled for {execute_at}")) }
    }

    /// The result of a dry run: what would be touched, and the requests that would be sent, in order.
    pub fn dry_run(targets: &[Target], requests: &[Value]) -> Self {
        let mut metadata = Map::new();
        metadata.insert("dryRun".to_owned(), true.into());
        let data = Some(json!({ "targets": targets, "requests": requests }));
        Self { data, metadata, ..Self::base(true, "Nothing was sent.".to_owned()) }
    }

    /// Adds the account that the intent is bound to.
    #[must_use]
    pub fn with_account(mut self, account: &AccountId) -> Self {
        self.metadata.insert("account".to_owned(), account.as_str().into());
        self
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

    fn parse(agent: &str, tool: &str, intent: &str, context: Option<Map<String, Value>>) -> Result<UnboundIntent> {
        let (agent_id, tool, intent) = (agent.to_owned(), tool.to_owned(), intent.to_owned());
        UnboundIntent::parse(IntentRequest { agent_id, tool, intent, context, ..IntentRequest::default() })
    }

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

    #[test]
    fn no_wrong_type_of_any_field_is_answered_in_serdes_words() {
        let wrong = [
            json!(5),
            json!([5]),
            json!([null]),
            json!({ "a": 1 }),
            json!([{}]),
            json!(true),
            json!("x"),
            json!({ "a": { "b": 1 } }),
        ];
        for (adapter, action) in
            adapters::ALL.iter().flat_map(|adapter| adapter.actions.iter().map(move |it| (adapter, it)))
        {
            let schema = action.schema();
            for (field, value) in schema["properties"]
                .as_object()
                .unwrap()
                .keys()
                .flat_map(|field| wrong.iter().map(move |value| (field, value)))
            {
                let mut context = action.example();
                context[field] = value.clone();
                let Err(error) = action.accept(context) else { continue };
                let text = error.to_string();
                let serde = [
                    "untagged",
                    "variant",
                    "expected",
                    "invalid type",
                    "invalid value",
                    "struct ",
                    "enum ",
                    "map with",
                ];
                let found = serde.iter().find(|word| text.contains(**word));
                assert!(found.is_none(), "{}.{} {field}={value}: {text}", adapter.tool, action.name);
            }
        }
    }

    proptest! {
        #[test]
        fn any_context_is_accepted_or_rejected_by_code(
            choice in any::<proptest::sample::Index>(),
            values in proptest::collection::vec(proptest::option::of(any_json()), 12),
            unknown in proptest::option::of("[a-zA-Z_]{0,12}"),
            agent in "(?s).{0,10}",
        ) {
            let actions: Vec<_> = adapters::ALL.iter().flat_map(|adapter| adapter.actions.iter().map(move |action| (adapter, action))).collect();
            let (adapter, action) = choice.get(&actions);
            let schema = action.schema();
            let fields = schema["properties"].as_object().unwrap().keys();
            let mut context: Map<String, Value> = fields.zip(values).filter_map(|(name, value)| Some((name.clone(), value?))).collect();
            context.extend(unknown.map(|name| (name, Value::Null)));
            match parse(&agent, adapter.tool.as_str(), action.name, Some(context)) {
                Ok(intent) => prop_assert!(!intent.references.is_empty() || action.accept(intent.context.clone()).is_ok()),
                Err(error) => prop_assert!(matches!(error.code(), "INVALID_FIELD" | "MISSING_FIELDS"), "{error:?}"),
            }
        }

        #[test]
        fn unknown_names_are_rejected_by_code(tool in "(?s).{0,80}", intent in "(?s).{0,80}") {
            prop_assert_eq!(parse("a", &tool, &intent, None).unwrap_err().code(), "UNKNOWN_TOOL");
            prop_assert_eq!(parse("a", "slack", &intent, None).unwrap_err().code(), "UNKNOWN_INTENT");
        }
    }
}
