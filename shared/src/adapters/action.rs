//! An action: a typed struct with a name, scopes, an effect and a body; and its erased form in an adapter's list.

use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use utoipa::ToSchema;

use super::api::Api;
use crate::error::{Error, Kind, Result};
use crate::redact;

/// What running an action twice would do. It decides in one place what a lost answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
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
    pub fn ambiguous_kind(self) -> Kind {
        match self {
            Self::Read | Self::Idempotent => Kind::Transient,
            Self::Create => Kind::Ambiguous,
        }
    }
}

/// What an action did, as told to the agent.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionOutput {
    /// One sentence for a person.
    pub message: String,
    /// What was read or made, in a stable shape of our own.
    pub data: Value,
    /// The provider's id of what was made.
    pub external_id: Option<String>,
    /// Where a person can open it.
    pub link: Option<String>,
}

/// What a provider says about an effect whose answer was lost.
#[derive(Clone, Debug, PartialEq)]
pub enum Reconciliation {
    /// It happened, and this is what the answer would have said.
    Applied(ActionOutput),
    /// The provider has no trace of it.
    NotApplied,
    /// The provider cannot tell.
    Inconclusive,
}

/// How an action finds out what became of an effect whose answer was lost.
#[derive(Clone, Copy, Debug)]
pub struct ReconcileBy {
    /// By what it is known again, for people.
    pub by: &'static str,
    /// What must have been granted for it, besides the action's own scopes.
    pub scopes: Scopes,
}

/// Every group must be granted by at least one of its scopes; the least powerful stands first.
pub type Scopes = &'static [&'static [&'static str]];

/// One thing a tool can do. The struct is the intent's `context`; its doc comment describes the action to agents.
///
/// Each action lies in a file of its own with the same slots in the same order: input, names, scopes, effect, how a lost answer
/// is settled, example, check, prepare, run, reconcile, discard.
pub trait Action: DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The intent's name.
    const NAME: &'static str;
    /// Other names it goes by.
    const ALIASES: &'static [&'static str] = &[];
    /// What must have been granted.
    const SCOPES: Scopes;
    /// What a second run would do.
    const EFFECT: Effect;
    /// How a lost answer is settled; without it a person must look.
    const RECONCILE_BY: Option<ReconcileBy> = None;
    /// Whether [`Action::prepare`] always makes a handle. Where no handle was written down, nothing was called then.
    const STORES_CHECKPOINT: bool = false;

    /// A context as an agent would write it. It stands in the catalogue, and a test runs it in the sandbox's fresh world, so
    /// that its ids are ones which are there.
    fn example() -> Value;

    /// Checks what types cannot say, before anything is stored or called. Fields are named without `context.`.
    ///
    /// # Errors
    /// [`Error::Invalid`] or [`Error::Missing`].
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Makes what a lost answer can be settled by, such as a draft. It is written down before [`Action::run`], which finds it
    /// in [`Api::handle`]. It may happen more than once, so it must do no harm.
    fn prepare(&self, _api: &Api<'_>) -> impl Future<Output = Result<Option<String>>> + Send {
        async { Ok(None) }
    }

    /// Calls the provider.
    fn run(&self, api: &Api<'_>) -> impl Future<Output = Result<ActionOutput>> + Send;

    /// Asks the provider what became of an effect whose answer was lost. It changes nothing.
    fn reconcile(&self, _api: &Api<'_>) -> impl Future<Output = Result<Reconciliation>> + Send {
        async { Ok(Reconciliation::Inconclusive) }
    }

    /// Takes back what [`Action::prepare`] made, after a failure for good.
    fn discard(&self, _api: &Api<'_>) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
}

type StepFn<T> = for<'a> fn(&'a Api<'a>, &'a Value) -> BoxFuture<'a, Result<T>>;

/// An action in an adapter's list: its type erased to function pointers, once, here.
#[derive(Clone, Copy)]
pub struct ActionDef {
    /// The intent's name.
    pub name: &'static str,
    /// Other names it goes by.
    pub aliases: &'static [&'static str],
    /// What must have been granted.
    pub scopes: Scopes,
    /// What a second run would do.
    pub effect: Effect,
    /// How a lost answer is settled.
    pub reconcile_by: Option<ReconcileBy>,
    /// Whether [`ActionDef::prepare`] always makes a handle.
    pub stores_checkpoint: bool,
    check: fn(&Value) -> Result<()>,
    prepare: StepFn<Option<String>>,
    run: StepFn<ActionOutput>,
    reconcile: StepFn<Reconciliation>,
    discard: StepFn<()>,
    example: fn() -> Value,
    schema: fn() -> schemars::Schema,
}

impl ActionDef {
    /// The erased form of `A`.
    pub const fn of<A: Action>() -> Self {
        Self {
            name: A::NAME,
            aliases: A::ALIASES,
            scopes: A::SCOPES,
            effect: A::EFFECT,
            reconcile_by: A::RECONCILE_BY,
            stores_checkpoint: A::STORES_CHECKPOINT,
            check: |context| parse::<A>(context)?.check(),
            prepare: |api, context| Box::pin(async move { parse::<A>(context)?.prepare(api).await }),
            run: |api, context| Box::pin(async move { require_id(api, parse::<A>(context)?.run(api).await?) }),
            reconcile: |api, context| {
                Box::pin(async move {
                    match parse::<A>(context)?.reconcile(api).await? {
                        Reconciliation::Applied(done) => require_id(api, done).map(Reconciliation::Applied),
                        other => Ok(other),
                    }
                })
            },
            discard: |api, context| Box::pin(async move { parse::<A>(context)?.discard(api).await }),
            example: A::example,
            schema: || schemars::schema_for!(A),
        }
    }

    /// Checks a context without calling anything.
    ///
    /// # Errors
    /// [`Error::Missing`] or [`Error::Invalid`] with the field's path under `context`.
    pub fn check(&self, context: &Value) -> Result<()> {
        (self.check)(context).map_err(prefix_context)
    }

    /// Calls the provider with a context that was checked: [`Action::run`].
    ///
    /// # Errors
    /// [`Error::Provider`], by what the failure means for the effect.
    pub async fn run<'a>(&self, api: &'a Api<'a>, context: &'a Value) -> Result<ActionOutput> {
        (self.run)(api, context).await
    }

    /// Makes what a lost answer can be settled by: [`Action::prepare`].
    ///
    /// # Errors
    /// [`Error::Provider`]; nothing that matters was done.
    pub async fn prepare<'a>(&self, api: &'a Api<'a>, context: &'a Value) -> Result<Option<String>> {
        (self.prepare)(api, context).await
    }

    /// Asks the provider what became of an effect whose answer was lost: [`Action::reconcile`].
    ///
    /// # Errors
    /// [`Error::Provider`] when it could not be asked.
    pub async fn reconcile<'a>(&self, api: &'a Api<'a>, context: &'a Value) -> Result<Reconciliation> {
        (self.reconcile)(api, context).await
    }

    /// Takes back what was prepared: [`Action::discard`].
    ///
    /// # Errors
    /// [`Error::Provider`].
    pub async fn discard<'a>(&self, api: &'a Api<'a>, context: &'a Value) -> Result<()> {
        (self.discard)(api, context).await
    }

    /// Whether a lost answer can be settled with these granted scopes. No scopes means that nobody said what was granted:
    /// then the provider is asked and decides.
    pub fn can_reconcile(&self, granted: &[String]) -> bool {
        self.reconcile_by.is_some_and(|ask| granted.is_empty() || missing_group(ask.scopes, granted).is_none())
    }

    /// A context as an agent would write it: [`Action::example`].
    pub fn example(&self) -> Value {
        (self.example)()
    }

    /// The JSON Schema of the context (2020-12), with its example.
    pub fn schema(&self) -> Value {
        let mut schema = (self.schema)();
        schema.insert("examples".to_owned(), Value::Array(vec![self.example()]));
        schema.to_value()
    }

    /// The first group of scopes of which `granted` holds none, as a text for people.
    pub fn missing_scope(&self, granted: &[String]) -> Option<String> {
        missing_group(self.scopes, granted)
    }
}

fn missing_group(scopes: Scopes, granted: &[String]) -> Option<String> {
    let held = |scope: &&str| granted.iter().any(|grant| grant == scope);
    scopes.iter().find(|group| !group.iter().any(held)).map(|group| group.join(" or "))
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
            None => Error::invalid(if path == "." { String::new() } else { path }, redact::plain_reason(&reason)),
        }
    })
}

/// What was made has an id; a yes without one is none.
fn require_id(api: &Api<'_>, done: ActionOutput) -> Result<ActionOutput> {
    match done.external_id.as_deref() {
        Some("") => Err(api.error(api.effect.ambiguous_kind(), "unexpected answer: an empty id")),
        Some(_) | None => Ok(done),
    }
}

fn prefix_context(error: Error) -> Error {
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
