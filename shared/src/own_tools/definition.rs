//! An own tool: a typed struct with meta data and a body; and its type-erased form in the list of all.

use futures::future::BoxFuture;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;

use super::{OwnTools, input};
use crate::adapters::action::{Effect, Hints};
use crate::adapters::schema;
use crate::error::{Error, Result};
use crate::ids::AgentId;
use crate::intent::PluginResult;
use crate::permissions::Caller;
use crate::tables::tasks::IdempotencyKey;

/// A tool that acts on the engine itself. The struct is its input; its doc comment describes the tool to a model.
pub trait OwnTool: DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The data that it returns. An absent member is left out, so that no value is null.
    type Output: Serialize + JsonSchema + Send;

    /// The meta data.
    const META: OwnToolMeta;

    /// Validates what the types do not express.
    ///
    /// # Errors
    /// [`Error::Invalid`] or [`Error::Missing`].
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Runs the tool, with the rights of its caller.
    fn run(self, call: OwnCall<'_>) -> impl Future<Output = Result<Ran<Self::Output>>> + Send;
}

/// The meta data of an own tool.
#[derive(Clone, Copy, Debug)]
pub struct OwnToolMeta {
    /// The name, with [`PREFIX`](super::PREFIX).
    pub name: &'static str,
    /// The title for people.
    pub title: &'static str,
    /// The hints on what a call does.
    pub hints: Hints,
    /// The arguments as a model would write them, in JSON.
    pub example: &'static str,
}

/// One call of an own tool.
#[derive(Clone, Copy, Debug)]
pub struct OwnCall<'a> {
    /// The parts of the engine.
    pub parts: &'a OwnTools,
    /// The caller, whose rights bound the tool as they bound the routes.
    pub caller: &'a Caller,
    /// The agent that calls.
    pub agent: &'a AgentId,
    /// The idempotency key of the call.
    pub key: Option<&'a IdempotencyKey>,
    /// The time at which the invocation is stopped.
    pub deadline: Timestamp,
}

/// The result of an own tool.
#[derive(Debug)]
pub enum Ran<T> {
    /// The tool did what it says.
    Done(Done<T>),
    /// An action that the tool prepared was not possible. The result says why.
    Failed(Box<PluginResult>),
}

/// The result of an own tool that was done.
#[derive(Debug)]
pub struct Done<T> {
    /// One sentence for a model.
    pub message: String,
    /// The data.
    pub output: T,
    /// The task that the tool created.
    pub task_id: Option<String>,
    /// True if an earlier call did it.
    pub replayed: bool,
}

impl<T> Ran<T> {
    /// The result of a tool that creates no task.
    pub(super) fn done(message: impl Into<String>, output: T) -> Self {
        Self::Done(Done { message: message.into(), output, task_id: None, replayed: false })
    }
}

type RunFn = for<'a> fn(OwnCall<'a>, Value) -> BoxFuture<'a, Result<Ran<Value>>>;

/// An own tool in the list, its type erased to function pointers.
#[derive(Clone, Copy)]
pub struct OwnToolDef {
    meta: OwnToolMeta,
    input_schema: fn() -> Value,
    output_schema: fn() -> Value,
    accept: fn(Value) -> Result<Value>,
    run: RunFn,
}

impl OwnToolDef {
    /// Returns the type-erased form of `T`.
    pub(super) const fn of<T: OwnTool>() -> Self {
        Self {
            meta: T::META,
            input_schema: schema::of_input::<T>,
            output_schema: schema::of_output::<T::Output>,
            accept: input::accept::<T>,
            run: |call, arguments| {
                Box::pin(async move {
                    let tool: T = serde_json::from_value(arguments).map_err(Error::internal)?;
                    match tool.run(call).await? {
                        Ran::Failed(result) => Ok(Ran::Failed(result)),
                        Ran::Done(Done { message, output, task_id, replayed }) => {
                            let output = serde_json::to_value(output).map_err(Error::internal)?;
                            Ok(Ran::Done(Done { message, output, task_id, replayed }))
                        }
                    }
                })
            },
        }
    }

    /// The name.
    pub fn name(&self) -> &'static str {
        self.meta.name
    }

    /// The title for people.
    pub fn title(&self) -> &'static str {
        self.meta.title
    }

    /// The description for a model.
    pub fn description(&self) -> String {
        let schema = (self.input_schema)();
        schema["description"].as_str().unwrap_or_default().to_owned()
    }

    /// True if an account is among the arguments.
    pub fn takes_account(&self) -> bool {
        (self.input_schema)()["properties"]["account"].is_object()
    }

    /// The hints on what a call does.
    pub fn hints(&self) -> Hints {
        self.meta.hints
    }

    /// The kind of the tool by what a second call would do.
    pub fn effect(&self) -> Effect {
        match self.meta.hints {
            Hints { read_only: true, .. } => Effect::Read,
            Hints { idempotent: true, .. } => Effect::Idempotent,
            Hints { .. } => Effect::Create,
        }
    }

    /// The arguments as a model would write them.
    ///
    /// # Panics
    /// Never: a test parses every example.
    #[expect(clippy::expect_used, reason = "a constant that a test parses")]
    pub fn example(&self) -> Value {
        serde_json::from_str(self.meta.example).expect("the example is JSON")
    }

    /// The JSON Schema (2020-12) of the arguments.
    pub fn input_schema(&self) -> Value {
        schema::published((self.input_schema)())
    }

    /// The JSON Schema (2020-12) of the data that a call returns.
    pub fn output_schema(&self) -> Value {
        schema::published((self.output_schema)())
    }

    /// Runs the tool with the arguments that a model wrote.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Invalid`] or [`Error::Fields`] with every missing and every wrong argument; the errors of the
    /// route that does the same.
    pub async fn run(&self, call: OwnCall<'_>, arguments: Value) -> Result<Ran<Value>> {
        let accepted = (self.accept)(arguments)?;
        (self.run)(call, accepted).await
    }
}

impl fmt::Debug for OwnToolDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnToolDef").field("name", &self.meta.name).finish_non_exhaustive()
    }
}
