//! An action: a typed struct with a name, scopes, an effect and a body; and its type-erased form in an adapter's list. The types
//! that an action's file needs are re-exported here.

use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;

pub use super::effect::Effect;
pub use super::output::ActionOutput;
pub use super::reconciliation::{ReconcileBy, Reconciliation};
pub use super::scopes::{Scopes, TokenKind};

use super::api::Api;
use super::{context, paging, scopes};
use crate::answer;
use crate::error::{Error, Result};
use crate::redact;

/// The advice where the provider can return an object only whole.
pub const NO_SMALLER_FORM: &str = "the provider has no smaller form of it";

/// An operation of a tool. The struct is the intent's `context`; its doc comment describes the action to agents.
///
/// Each action has a file of its own with the same items in the same order: input, names, scopes, effect, means of
/// reconciliation, example, check, prepare, run, reconcile, discard.
pub trait Action: DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The intent's name.
    const NAME: &'static str;
    /// Alternative names.
    const ALIASES: &'static [&'static str] = &[];
    /// The scopes that must have been granted.
    const SCOPES: Scopes;
    /// The token of its calls, which must have these scopes.
    const TOKEN: TokenKind = TokenKind::App;
    /// The kind of the action by what a second run would do.
    const EFFECT: Effect;
    /// The means of reconciling a lost response. Without it a person must decide.
    const RECONCILE_BY: Option<ReconcileBy> = None;
    /// The advice to a caller who asked for an object that alone is longer than a response may be, in terms of the action's own
    /// fields, each in backquotes. Pages of a list are made smaller without it.
    const SMALLER_REQUEST: &'static str = NO_SMALLER_FORM;
    /// True if [`Action::prepare`] always returns a checkpoint. A missing checkpoint then proves that [`Action::run`] was not
    /// called.
    const STORES_CHECKPOINT: bool = false;

    /// Returns a context as an agent would write it. The catalogue shows it, and a test runs it against the sandbox's fixtures,
    /// so its ids must exist there.
    fn example() -> Value;

    /// Validates what the types do not express, before anything is stored or called. Errors name fields without `context.`.
    ///
    /// # Errors
    /// [`Error::Invalid`] or [`Error::Missing`].
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Creates the checkpoint by which a lost response can be reconciled, such as a draft, and returns its id. The id is stored
    /// before [`Action::run`], which reads it from [`Api::checkpoint`]. It can run more than once, so it must have no visible
    /// effect.
    fn prepare(&self, _api: &Api<'_>) -> impl Future<Output = Result<Option<String>>> + Send {
        async { Ok(None) }
    }

    /// Calls the provider.
    fn run(&self, api: &Api<'_>) -> impl Future<Output = Result<ActionOutput>> + Send;

    /// Queries the provider about an effect whose response was lost. It changes nothing.
    fn reconcile(&self, _api: &Api<'_>) -> impl Future<Output = Result<Reconciliation>> + Send {
        async { Ok(Reconciliation::Inconclusive) }
    }

    /// Deletes what [`Action::prepare`] created, after a permanent failure.
    fn discard(&self, _api: &Api<'_>) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
}

type StepFn<T> = for<'a> fn(&'a Api<'a>, &'a Value) -> BoxFuture<'a, Result<T>>;

/// An action in an adapter's list, its type erased to function pointers.
#[derive(Clone, Copy)]
pub struct ActionDef {
    /// The intent's name.
    pub name: &'static str,
    /// Alternative names.
    pub aliases: &'static [&'static str],
    /// The scopes that must have been granted.
    pub scopes: Scopes,
    /// The token of its calls, which must have these scopes.
    pub token: TokenKind,
    /// The kind of the action by what a second run would do.
    pub effect: Effect,
    /// The means of reconciling a lost response.
    pub reconcile_by: Option<ReconcileBy>,
    /// The advice to a caller who asked for too large an object.
    pub smaller_request: &'static str,
    /// True if [`ActionDef::prepare`] always returns a checkpoint.
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
    /// Returns the type-erased form of `A`.
    pub const fn of<A: Action>() -> Self {
        Self {
            name: A::NAME,
            aliases: A::ALIASES,
            scopes: A::SCOPES,
            token: A::TOKEN,
            effect: A::EFFECT,
            reconcile_by: A::RECONCILE_BY,
            smaller_request: A::SMALLER_REQUEST,
            stores_checkpoint: A::STORES_CHECKPOINT,
            check: |context| parse::<A>(context)?.check(),
            prepare: |api, context| Box::pin(async move { parse::<A>(context)?.prepare(api).await }),
            run: |api, context| {
                Box::pin(async move {
                    let output = async { complete(api, parse::<A>(context)?.run(api).await?) };
                    output.await.map_err(|error| api.journal.conclude(paging::refused_cursor(api, context, error)))
                })
            },
            reconcile: |api, context| {
                Box::pin(async move {
                    match parse::<A>(context)?.reconcile(api).await? {
                        Reconciliation::Applied(output) => complete(api, output).map(Reconciliation::Applied),
                        other => Ok(other),
                    }
                })
            },
            discard: |api, context| Box::pin(async move { parse::<A>(context)?.discard(api).await }),
            example: A::example,
            schema: || schemars::schema_for!(A),
        }
    }

    /// Validates a context without calling anything, and returns it in the form that the other steps take: without optional fields
    /// that are empty, under the fields' names of today, with `\n` as the only line end.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Invalid`] or [`Error::Fields`] with every missing and every wrong field, by its path under
    /// `context`.
    pub fn accept(&self, context: Value) -> Result<Value> {
        context::accept(self, context).map_err(|error| error.with_field_prefix("context."))
    }

    /// Validates a context in the form that [`ActionDef::accept`] returns: by its type and by [`Action::check`], which name one fault.
    pub(super) fn check_parsed(&self, context: &Value) -> Result<()> {
        (self.check)(context)
    }

    /// Calls the provider with a validated context: [`Action::run`].
    ///
    /// # Errors
    /// [`Error::Provider`]; its kind says what the failure means for the effect.
    pub async fn run<'a>(&self, api: &'a Api<'a>, context: &'a Value) -> Result<ActionOutput> {
        (self.run)(api, context).await
    }

    /// Creates the checkpoint: [`Action::prepare`].
    ///
    /// # Errors
    /// [`Error::Provider`]; nothing visible was done.
    pub async fn prepare<'a>(&self, api: &'a Api<'a>, context: &'a Value) -> Result<Option<String>> {
        (self.prepare)(api, context).await
    }

    /// Queries the provider about an effect whose response was lost: [`Action::reconcile`].
    ///
    /// # Errors
    /// [`Error::Provider`] when the query failed.
    pub async fn reconcile<'a>(&self, api: &'a Api<'a>, context: &'a Value) -> Result<Reconciliation> {
        (self.reconcile)(api, context).await
    }

    /// Deletes what [`ActionDef::prepare`] created: [`Action::discard`].
    ///
    /// # Errors
    /// [`Error::Provider`].
    pub async fn discard<'a>(&self, api: &'a Api<'a>, context: &'a Value) -> Result<()> {
        (self.discard)(api, context).await
    }

    /// Returns true if a lost response can be reconciled with these granted scopes. An empty list means that the granted scopes
    /// are unknown; then the provider decides.
    pub fn can_reconcile(&self, granted: &[String]) -> bool {
        self.reconcile_by.is_some_and(|by| granted.is_empty() || scopes::missing_group(by.scopes, granted).is_none())
    }

    /// Returns a context as an agent would write it: [`Action::example`].
    pub fn example(&self) -> Value {
        (self.example)()
    }

    /// Returns the JSON Schema (2020-12) of the context, with its example.
    pub fn schema(&self) -> Value {
        let mut schema = self.marked_schema();
        context::remove_marks(&mut schema);
        schema["examples"] = Value::Array(vec![self.example()]);
        schema
    }

    /// Returns the schema with the marks of [`context`], which are not published.
    pub(super) fn marked_schema(&self) -> Value {
        (self.schema)().to_value()
    }

    /// Returns the first group of scopes of which `granted` contains none, as a text for people.
    pub fn missing_scope(&self, granted: &[String]) -> Option<String> {
        scopes::missing_group(self.scopes, granted)
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
        // serde's message is "missing field `x`"; the path is that of the struct without the field.
        let reason = error.into_inner().to_string();
        match reason.strip_prefix("missing field `").and_then(|tail| tail.split('`').next()) {
            Some(field) if path == "." => Error::Missing(vec![field.to_owned()]),
            Some(field) => Error::Missing(vec![format!("{path}.{field}")]),
            None => Error::invalid(if path == "." { String::new() } else { path }, redact::plain_reason(&reason)),
        }
    })
}

/// Returns the output as the agent receives it, without the control characters of the provider's texts. Rejects a success with an empty
/// id: it is treated as an unclear response.
fn complete(api: &Api<'_>, mut output: ActionOutput) -> Result<ActionOutput> {
    answer::drop_controls(&mut output.data);
    match output.external_id.as_deref() {
        Some("") => Err(api.error(api.effect.ambiguous_kind(), "unexpected response: an empty id")),
        Some(_) | None => Ok(output),
    }
}
