//! [`Calls`]: a model's call of a tool by its name: of an action, or of an own tool. What a model can correct is an answer; what concerns
//! the request itself is an error.

mod answer;
mod failure;
mod key;

pub use answer::{CallAnswer, View};
pub use key::CallKey;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::deployment::{Deployment, Part};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::ids::AgentId;
use crate::intent::IntentRequest;
use crate::own_tools::{self, OwnCall, OwnToolDef, OwnTools, as_arguments, find_action, in_terms_of_arguments};
use crate::permissions::Caller;
use crate::tables::tasks::IdempotencyKey;
use answer::Finished;

/// The tools by the names that models have for them.
#[derive(Debug)]
pub struct Calls {
    engine: &'static Engine,
    own_tools: &'static OwnTools,
}

/// A model's call.
#[derive(Clone, Debug)]
pub struct CallRequest {
    /// The agent.
    pub agent: AgentId,
    /// The name of the tool.
    pub name: String,
    /// The arguments: an object, or the JSON text of one.
    pub arguments: Option<Value>,
    /// The account, by id, label or address.
    pub account: Option<String>,
    /// The key by which a repeated call is known.
    pub key: CallKey,
    /// The form of the answer.
    pub view: View,
}

/// One call of a name, with its arguments as an object.
struct NamedCall<'a> {
    caller: &'a Caller,
    agent: &'a AgentId,
    account: Option<String>,
    arguments: Map<String, Value>,
    key: Option<&'a IdempotencyKey>,
    deadline: Timestamp,
}

impl Part for Calls {
    fn build(deployment: &Deployment) -> Self {
        Self { engine: deployment.part(), own_tools: deployment.part() }
    }
}

impl Calls {
    /// Makes a call and answers it. A repeated call with the same key is answered as the first one.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::LimitReached`], [`Error::IdempotencyKeyReused`], [`Error::IdempotencyInProgress`],
    /// [`Error::Unavailable`], [`Error::Internal`]: a model can correct none of them.
    pub async fn call(&self, caller: &Caller, request: CallRequest, deadline: Timestamp) -> Result<CallAnswer> {
        let view = request.view;
        let finished = match self.run(caller, request, deadline).await {
            Err(error) if is_for_model(&error) => {
                let tool = error.tool_to_connect();
                let page = tool.and_then(|tool| self.engine.connections.connect_url(tool));
                Finished::refused(error.detail(page), error.data().cloned())
            }
            finished => finished?,
        };
        Ok(finished.shown(view))
    }

    async fn run(&self, caller: &Caller, request: CallRequest, deadline: Timestamp) -> Result<Finished> {
        let CallRequest { agent, name, arguments, account, key, view: _ } = request;
        let arguments = as_arguments(arguments)?;
        let key = key.of_call(caller, &agent, &name, account.as_deref(), &arguments)?;
        let call = NamedCall { caller, agent: &agent, account, arguments, key: key.as_ref(), deadline };
        match own_tools::find(&name) {
            Some(tool) => self.run_own_tool(tool, call).await,
            None => self.run_action(&name, call).await,
        }
    }

    async fn run_own_tool(&self, tool: &OwnToolDef, call: NamedCall<'_>) -> Result<Finished> {
        let NamedCall { caller, agent, account, mut arguments, key, deadline } = call;
        if tool.takes_account()
            && let Some(account) = take_account(account, &mut arguments)?
        {
            arguments.insert("account".to_owned(), account.into());
        }
        let call = OwnCall { parts: self.own_tools, caller, agent, key, deadline };
        tool.run(call, Value::Object(arguments)).await.map(Finished::of_own_tool)
    }

    async fn run_action(&self, name: &str, call: NamedCall<'_>) -> Result<Finished> {
        let NamedCall { caller, agent, account, mut arguments, key, deadline } = call;
        let (adapter, action) = find_action(caller, name)?;
        let account = take_account(account, &mut arguments)?;
        let request = IntentRequest {
            agent_id: agent.as_str().to_owned(),
            tool: adapter.tool.to_string(),
            intent: action.name.to_owned(),
            account,
            context: Some(arguments),
            save_as: None,
        };
        let result = self.engine.process_intent(caller, request, key, deadline).await;
        result.map(Finished::of_action).map_err(|error| in_terms_of_arguments(error, ""))
    }
}

/// Takes the account out of the arguments, where a model names it because it can write nothing beside them. The account of the call is a
/// boundary: the model cannot name another one.
fn take_account(of_call: Option<String>, arguments: &mut Map<String, Value>) -> Result<Option<String>> {
    let refused = |reason: String| Err(Error::invalid("account", reason));
    let named = match arguments.remove("account") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Some(_) => return refused("must be an id, a label or an address, for example ann@example.com".to_owned()),
    };
    match (of_call, named) {
        (Some(account), Some(named)) if account != named => {
            refused(format!("must be left out: this call is for the account '{account}'"))
        }
        (of_call, named) => Ok(of_call.or(named)),
    }
}

/// True for an error that a model can correct or report. The others concern the request, whatever it calls.
fn is_for_model(error: &Error) -> bool {
    !matches!(
        error,
        Error::Unauthenticated(_)
            | Error::UserMismatch
            | Error::Forbidden(_)
            | Error::MethodNotAllowed { .. }
            | Error::LimitReached { .. }
            | Error::IdempotencyKeyReused
            | Error::IdempotencyInProgress { .. }
            | Error::Unavailable(_)
            | Error::Internal(_)
    )
}
