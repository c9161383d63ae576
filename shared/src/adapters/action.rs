//! An action: a typed input, its meta data, a typed output and a body; and its type-erased form in an adapter's list.

use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::fmt;
use std::ops::Deref;

pub use super::context::FileSlot;
pub use super::effect::Effect;
pub use super::hints::Hints;
pub use super::meta::{Meta, NO_SMALLER_FORM, Tier};
pub use super::output::ActionOutput;
pub use super::reconciliation::{ReconcileBy, Reconciliation};
pub use super::scopes::{Scopes, TokenKind};
pub use super::target::{Target, TargetKind};

use super::api::Api;
use super::{context, paging, schema, scopes};
use crate::answer;
use crate::error::{Error, Result};
use crate::redact;

/// An operation of a tool. The struct is the intent's `context`; its doc comment describes the action to agents.
///
/// Each action has a file of its own with the same items in the same order: input, output, meta data, check, targets, prepare, run,
/// reconcile, discard. `adapters/prelude.rs` has the names that most of them need.
pub trait Action: DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// Everything that is known of the action without its input.
    const META: Meta;

    /// The data that the action returns. Its fields have the names of our own, people have names, times are ISO 8601 in UTC, and a
    /// field that the provider did not send is absent.
    type Output: Serialize + JsonSchema;

    /// Validates what crosses fields, before anything is stored or called. What concerns one field is its type's. Errors name fields
    /// without `context.`.
    ///
    /// # Errors
    /// [`Error::Invalid`] or [`Error::Missing`].
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Returns whom and what [`Action::run`] will touch, resolved as it resolves them. It may read, and it changes nothing.
    fn targets(&self, _api: &Api<'_>) -> impl Future<Output = Result<Vec<Target>>> + Send {
        async { Ok(vec![]) }
    }

    /// Creates the checkpoint by which a lost response can be reconciled, such as a draft, and returns its id. The id is stored
    /// before [`Action::run`], which reads it from [`Api::checkpoint`]. It can run more than once, so it must have no visible
    /// effect.
    fn prepare(&self, _api: &Api<'_>) -> impl Future<Output = Result<Option<String>>> + Send {
        async { Ok(None) }
    }

    /// Calls the provider.
    fn run(&self, api: &Api<'_>) -> impl Future<Output = Result<ActionOutput<Self::Output>>> + Send;

    /// Queries the provider about an effect whose response was lost. It changes nothing.
    fn reconcile(&self, _api: &Api<'_>) -> impl Future<Output = Result<Reconciliation<Self::Output>>> + Send {
        async { Ok(Reconciliation::Inconclusive) }
    }

    /// Deletes what [`Action::prepare`] created, after a permanent failure.
    fn discard(&self, _api: &Api<'_>) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
}

type StepFn<T> = for<'a> fn(&'a Api<'a>, &'a Value) -> BoxFuture<'a, Result<T>>;

/// An action in an adapter's list, its type erased to function pointers. Its meta data are read as its own fields.
#[derive(Clone, Copy)]
pub struct ActionDef {
    meta: Meta,
    check: fn(&Value) -> Result<()>,
    targets: StepFn<Vec<Target>>,
    prepare: StepFn<Option<String>>,
    run: StepFn<ActionOutput>,
    reconcile: StepFn<Reconciliation>,
    discard: StepFn<()>,
    input_schema: fn() -> Value,
    output_schema: fn() -> Value,
}

impl Deref for ActionDef {
    type Target = Meta;

    fn deref(&self) -> &Meta {
        &self.meta
    }
}

impl ActionDef {
    /// Returns the type-erased form of `A`.
    pub const fn of<A: Action>() -> Self {
        Self {
            meta: A::META,
            check: |context| parse::<A>(context)?.check(),
            targets: |api, context| Box::pin(async move { parse::<A>(context)?.targets(api).await }),
            prepare: |api, context| Box::pin(async move { parse::<A>(context)?.prepare(api).await }),
            run: |api, context| {
                Box::pin(async move {
                    let output = async { complete(api, parse::<A>(context)?.run(api).await?) };
                    output.await.map_err(|error| api.journal.conclude(paging::refused_cursor(api, context, error)))
                })
            },
            reconcile: |api, context| {
                Box::pin(async move {
                    Ok(match parse::<A>(context)?.reconcile(api).await? {
                        Reconciliation::Applied(output) => Reconciliation::Applied(complete(api, output)?),
                        Reconciliation::NotApplied => Reconciliation::NotApplied,
                        Reconciliation::Inconclusive => Reconciliation::Inconclusive,
                        Reconciliation::Unfinished(cursor) => Reconciliation::Unfinished(cursor),
                    })
                })
            },
            discard: |api, context| Box::pin(async move { parse::<A>(context)?.discard(api).await }),
            input_schema: schema::of_input::<A>,
            output_schema: schema::of_output::<A::Output>,
        }
    }

    /// Replaces JSON texts in a context by what they contain, where only an object or a list is allowed. It comes before everything
    /// else: before the context is measured, its references are found, and it is validated.
    pub fn expand_texts(&self, context: &mut Map<String, Value>) {
        context::expand(self, context);
    }

    /// Calls `visit` with each place of a context that names a file, and its path under `context`.
    pub fn visit_files(&self, context: &mut Value, visit: &mut dyn FnMut(&str, FileSlot<'_>)) {
        context::visit_files(self, context, visit);
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

    /// Returns whom and what the action will touch: [`Action::targets`].
    ///
    /// # Errors
    /// [`Error::Provider`] when a look-up failed.
    pub async fn targets<'a>(&self, api: &'a Api<'a>, context: &'a Value) -> Result<Vec<Target>> {
        (self.targets)(api, context).await
    }

    /// Returns a context as an agent would write it.
    ///
    /// # Panics
    /// Never: a test parses every example.
    #[expect(clippy::expect_used, reason = "a constant that a test parses")]
    pub fn example(&self) -> Value {
        serde_json::from_str(self.meta.example).expect("the example is JSON")
    }

    /// Returns the hints on what a call does.
    pub fn hints(&self) -> Hints {
        Hints {
            read_only: self.effect == Effect::Read,
            destructive: self.overwrites.is_some(),
            idempotent: self.effect != Effect::Create,
            open_world: true,
        }
    }

    /// Returns the JSON Schema (2020-12) of the context, with its example.
    pub fn schema(&self) -> Value {
        let mut schema = schema::published(self.marked_schema());
        schema["examples"] = Value::Array(vec![self.example()]);
        schema
    }

    /// Returns the JSON Schema (2020-12) of the output's data.
    pub fn output_schema(&self) -> Value {
        schema::published((self.output_schema)())
    }

    /// Returns the schema with the marks of [`context`], which are not published.
    pub(crate) fn marked_schema(&self) -> Value {
        (self.input_schema)()
    }

    /// Returns the first group of scopes of which `granted` contains none, as a text for people.
    pub fn missing_scope(&self, granted: &[String]) -> Option<String> {
        scopes::missing_group(self.scopes, granted)
    }
}

impl fmt::Debug for ActionDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActionDef").field("meta", &self.meta).finish_non_exhaustive()
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
fn complete<T: Serialize>(api: &Api<'_>, output: ActionOutput<T>) -> Result<ActionOutput> {
    let unclear = |what: &str| api.error(api.effect.ambiguous_kind(), format!("unexpected response: {what}"));
    if output.external_id.as_deref() == Some("") {
        return Err(unclear("an empty id"));
    }
    let ActionOutput { mut message, data, external_id, link } = output;
    if api.journal.has_left_out() {
        message.push_str(" A part of the answer was not as documented, and is left out.");
    }
    let mut data = serde_json::to_value(data).map_err(|_| unclear("it has no form in JSON"))?;
    answer::drop_controls(&mut data);
    Ok(ActionOutput { message, data, external_id, link })
}
