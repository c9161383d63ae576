//! The intent, an agent's request to act, and its result.

mod context;
mod files;
mod metadata;
mod references;
mod result;

pub use files::{FoundUpload, FoundUploads, IntentFile, NamedFile, Taken};
pub use metadata::metadata_schema;
pub use result::{PluginResult, Warning};

use serde_json::{Map, Value};
use std::collections::BTreeMap;

use crate::account::{AccountId, AccountName};
use crate::adapters::action::{ActionDef, Effect};
use crate::adapters::{self, Adapter};
use crate::error::{Checks, Error, FieldFault, Result};
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
    /// The places that name a file.
    pub files: Vec<NamedFile>,
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
    /// The files that the action sends, each once.
    pub files: Vec<IntentFile>,
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
        let files = action.zip(context.as_mut()).map(|(action, context)| files::find(action, context));
        let files = checks.pass(files.transpose()).flatten().unwrap_or_default();
        let has_texts = files.iter().any(|file| file.takes != Taken::Bytes);
        match (action, references.as_ref().map(|references| references.is_empty() && !has_texts)) {
            (Some(action), Some(true)) => {
                context = context.and_then(|context| checks.pass(context::accept(action, context)));
            }
            // What a reference stands for is known when the account is, and what a file has when it is read.
            (Some(action), Some(false)) => {
                let check = |context| context::check_beside_references(action, context, &files);
                context.as_ref().and_then(|context| checks.pass(check(context)));
            }
            _ => {}
        }
        checks.finish(|| {
            let (agent, adapter, action, account) = (agent?, adapter?, action?, account?);
            let (context, references) = (context?, references?);
            Some(Self { agent, adapter, action, account, context, save_as, references, files })
        })
    }

    /// Returns the faults of a request that is refused already.
    pub fn faults(request: IntentRequest) -> Vec<FieldFault> {
        Self::parse(request).err().map_or_else(Vec::new, |error| error.fields())
    }

    /// Replaces the references by the external ids of their keys in the account. An id can be that of a file, so the places that name one
    /// are found again.
    ///
    /// # Errors
    /// [`Error::Invalid`] for too many files.
    pub fn with_ids(self, ids: &BTreeMap<String, String>) -> Result<Self> {
        if self.references.is_empty() {
            return Ok(self);
        }
        let mut context = references::replace(self.context, &|key| ids.get(key).cloned());
        if let Value::Object(fields) = &mut context {
            self.action.expand_texts(fields);
        }
        let files = files::find(self.action, &mut context)?;
        Ok(Self { context, files, ..self })
    }

    /// Binds the intent of a caller to an account. Its references are replaced; `found` are its files.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Missing`], [`Error::TooLarge`] for a context that the action does not accept with these files;
    /// [`FileFault::NotFound`](crate::error::FileFault::NotFound) for a file that is not among them.
    pub fn bind(self, caller: &Caller, account: AccountId, found: &FoundUploads) -> Result<Intent> {
        let Self { agent, adapter, action, account: _, mut context, save_as, references, files } = self;
        if !references.is_empty() || !files.is_empty() {
            files::fill(action, &mut context, found)?;
            context = context::accept(action, context)?;
        }
        let (files, created_by) = (files::sent(&files, found), caller.creator());
        Ok(Intent { agent, adapter, action, account, context, files, save_as, created_by })
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

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
