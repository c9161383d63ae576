//! An action: a typed struct with a name, scopes, an effect and a body; and its erased form in an adapter's list.

use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;

use super::api::Api;
use crate::error::{Error, Kind, Result};

/// What running an action twice would do. It decides in one place what a lost answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Changes something; a second run leaves the same state.
    Idempotent,
    /// A second run makes a second mail, message, page or task.
    Create,
}

impl Effect {
    /// What a lost or unclear answer means: only a duplicate would make it more than a passing failure.
    pub fn unclear(self) -> Kind {
        match self {
            Self::Read | Self::Idempotent => Kind::Transient,
            Self::Create => Kind::Ambiguous,
        }
    }
}

/// What an action did, as told to the agent.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// One sentence for a person.
    pub message: String,
    /// What was read or made, in a stable shape of our own.
    pub data: Value,
    /// The provider's id of what was made.
    pub external_id: Option<String>,
    /// Where a person can open it.
    pub link: Option<String>,
}

/// Every group must be granted by at least one of its scopes; the least powerful stands first.
pub type Scopes = &'static [&'static [&'static str]];

/// One thing a tool can do. The struct is the intent's `context`; its doc comment describes the action to agents.
///
/// Each action lies in a file of its own with the same slots in the same order: input, scopes, effect, check, run.
pub trait Action: DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The intent's name.
    const NAME: &'static str;
    /// What must have been granted.
    const SCOPES: Scopes;
    /// What a second run would do.
    const EFFECT: Effect;

    /// Checks what types cannot say, before anything is stored or called. Fields are named without `context.`.
    ///
    /// # Errors
    /// [`Error::Invalid`] or [`Error::Missing`].
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Calls the provider.
    fn run(&self, api: &Api<'_>) -> impl Future<Output = Result<Done>> + Send;
}

type Run = for<'a> fn(&'a Api<'a>, &'a Value) -> BoxFuture<'a, Result<Done>>;

/// An action in an adapter's list: its type erased to function pointers, once, here.
#[derive(Clone, Copy)]
pub struct ActionDef {
    /// The intent's name.
    pub name: &'static str,
    /// What must have been granted.
    pub scopes: Scopes,
    /// What a second run would do.
    pub effect: Effect,
    check: fn(&Value) -> Result<()>,
    run: Run,
    schema: fn() -> schemars::Schema,
}

impl ActionDef {
    /// The erased form of `A`.
    pub const fn of<A: Action>() -> Self {
        Self {
            name: A::NAME,
            scopes: A::SCOPES,
            effect: A::EFFECT,
            check: |context| parse::<A>(context)?.check(),
            run: |api, context| Box::pin(async move { parse::<A>(context)?.run(api).await }),
            schema: || schemars::schema_for!(A),
        }
    }

    /// Checks a context without calling anything.
    ///
    /// # Errors
    /// [`Error::Missing`] or [`Error::Invalid`] with the field's path under `context`.
    pub fn check(&self, context: &Value) -> Result<()> {
        (self.check)(context).map_err(under_context)
    }

    /// Calls the provider with a context that was checked.
    ///
    /// # Errors
    /// [`Error::Provider`], by what the failure means for the effect.
    pub async fn run<'a>(&self, api: &'a Api<'a>, context: &'a Value) -> Result<Done> {
        (self.run)(api, context).await
    }

    /// The JSON Schema of the context (2020-12).
    pub fn schema(&self) -> Value {
        (self.schema)().to_value()
    }

    /// The first group of scopes of which `granted` holds none, as a text for people.
    pub fn missing_scope(&self, granted: &[String]) -> Option<String> {
        let held = |scope: &&str| granted.iter().any(|grant| grant == scope);
        self.scopes.iter().find(|group| !group.iter().any(held)).map(|group| group.join(" or "))
    }
}

impl fmt::Debug for ActionDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActionDef").field("name", &self.name).field("effect", &self.effect).finish_non_exhaustive()
    }
}

fn parse<A: Action>(context: &Value) -> Result<A> {
    serde_path_to_error::deserialize(context).map_err(|error| {
        let path = error.path().to_string();
        // serde says "missing field `x`" of the struct that lacks it.
        let reason = error.into_inner().to_string();
        match reason.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
            Some(field) if path == "." => Error::Missing(vec![field.to_owned()]),
            Some(field) => Error::Missing(vec![format!("{path}.{field}")]),
            None => Error::invalid(if path == "." { String::new() } else { path }, reason),
        }
    })
}

fn under_context(error: Error) -> Error {
    let under = |field: String| if field.is_empty() { "context".to_owned() } else { format!("context.{field}") };
    match error {
        Error::Missing(fields) => Error::Missing(fields.into_iter().map(under).collect()),
        Error::Invalid { field, reason } => Error::Invalid { field: under(field), reason },
        other => other,
    }
}

/// One value or a list of them, as people write recipients.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany {
    /// A single value; for e-mail addresses it may hold several, separated by commas.
    One(String),
    /// A list.
    Many(Vec<String>),
}

impl OneOrMany {
    /// The values as a list.
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}
