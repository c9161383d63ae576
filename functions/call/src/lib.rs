//! `/api/plugin-engine/call`: makes a model's call of a tool, by the name and with the arguments that the model wrote.

use engine::account::AccountName;
use engine::calls::{CallAnswer, CallKey, CallRequest, Calls, View};
use engine::error::{Checks, Error, FieldFault, Result};
use engine::ids::AgentId;
use engine::lambda::request::refuse_beside;
use engine::lambda::{Input, Refusal, Reply, Request};
use engine::model_view::{DEFAULT_CHARS, MAX_CHARS, MIN_CHARS};
use engine::tables::tasks::IdempotencyKey;
use engine::validate::{MAX_ID_BYTES, check_text};
use http::Method;
use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::schema::{self, ObjectBuilder, SchemaType, Type};
use utoipa::{OpenApi, ToSchema};

/// The longest id of a call, in bytes.
const MAX_CALL_ID_BYTES: usize = 256;
/// The longest name of a tool, in bytes.
const MAX_NAME_BYTES: usize = 256;

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(call))]
pub struct Doc;

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(calls: &'static Calls, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::POST => call(calls, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "POST" }),
    }
}

/// A model's call of a tool.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CallIn {
    /// The agent that calls.
    agent_id: String,
    /// The name of the tool, as in the tool definitions: `<tool>_<action>`, for example `gmail_send_email`, or an own tool such as
    /// `engine_list_tasks`.
    name: String,
    /// The arguments that the model wrote: an object, or the JSON text of one.
    #[schema(schema_with = arguments_schema)]
    arguments: Option<Value>,
    /// The id that the model's provider gave to the call. A repeated call with the same id, name and arguments returns the first
    /// answer, for a day within `conversationId`, and for ten minutes without it.
    call_id: Option<String>,
    /// The conversation in which `callId` is unique.
    conversation_id: Option<String>,
    /// The account: its id, label or address. Required if several accounts of the tool are connected and none is the default.
    account: Option<String>,
    /// The form of the answer; `full` by default.
    #[schema(inline)]
    view: Option<ViewIn>,
    /// The largest number of characters of `content` in the view `model`: 500 to 100,000; 8,000 by default.
    max_chars: Option<u32>,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ViewIn {
    /// Everything: the text has the message and the data as JSON.
    Full,
    /// What a model can use: no bytes, text or HTML, at most `maxChars` characters; the text says what was left out.
    Model,
}

/// The schema of the arguments for the API document.
fn arguments_schema() -> schema::Object {
    let types = SchemaType::from_iter([Type::Object, Type::String, Type::Null]);
    let text = "The arguments that the model wrote: an object, or the JSON text of one.";
    ObjectBuilder::new().schema_type(types).description(Some(text)).build()
}

impl Input for CallIn {
    const REQUIRED: &'static [&'static str] = &["agentId", "name"];

    fn further_faults(&self) -> Vec<FieldFault> {
        // A wrong view was left out: that it is needed beside maxChars would follow from that alone.
        let view = self.view.or(self.max_chars.map(|_| ViewIn::Model));
        Self { view, ..self.clone() }.parse(None).err().map_or_else(Vec::new, |error| error.fields())
    }
}

impl CallIn {
    /// Validates what concerns the request. The name and the arguments are the model's, who is told what is wrong with them.
    fn parse(self, key: Option<IdempotencyKey>) -> Result<CallRequest> {
        let Self { agent_id, name, arguments, call_id, conversation_id, account, view, max_chars } = self;
        let text = |field: &str, text: Option<&str>, max| text.map_or(Ok(()), |text| check_text(field, text, max));
        let mut checks = Checks::default();
        let agent = checks.pass(AgentId::parse(&agent_id));
        checks.pass(check_text("name", &name, MAX_NAME_BYTES));
        checks.pass(AccountName::parse_optional(account.as_deref()));
        checks.pass(text("callId", call_id.as_deref(), MAX_CALL_ID_BYTES));
        checks.pass(text("conversationId", conversation_id.as_deref(), MAX_ID_BYTES));
        if key.is_some() {
            checks.pass(refuse_beside("Idempotency-Key", [("callId", call_id.is_some())]));
        }
        if conversation_id.is_some() && call_id.is_none() {
            checks.pass::<()>(Err(Error::Missing(vec!["callId".to_owned()])));
        }
        let view = checks.pass(parse_view(view, max_chars));
        let key = match (key, call_id) {
            (Some(key), _) => CallKey::Given(key),
            (None, Some(id)) => CallKey::Call { id, conversation: conversation_id },
            (None, None) => CallKey::None,
        };
        checks.finish(|| Some(CallRequest { agent: agent?, name, arguments, account, key, view: view? }))
    }
}

fn parse_view(view: Option<ViewIn>, max_chars: Option<u32>) -> Result<View> {
    match (view, max_chars.map(|max| usize::try_from(max).unwrap_or(usize::MAX))) {
        (_, Some(max)) if !(MIN_CHARS..=MAX_CHARS).contains(&max) => Err(Error::invalid(
            "maxChars",
            format!("must be between {MIN_CHARS} and {MAX_CHARS}, for example {DEFAULT_CHARS}"),
        )),
        (Some(ViewIn::Model), max) => Ok(View::Model(max.unwrap_or(DEFAULT_CHARS))),
        (_, Some(_)) => Err(Error::invalid("maxChars", "needs \"view\": \"model\"; the view full is not shortened")),
        (_, None) => Ok(View::Full),
    }
}

/// Makes a model's call of a tool.
///
/// What the model can correct is an answer with `isError`: an unknown name, wrong arguments, an action that was not done. What concerns
/// the request is refused with a status.
#[utoipa::path(
    post,
    path = "/api/plugin-engine/call",
    operation_id = "call",
    request_body = CallIn,
    params((
        "Idempotency-Key" = Option<String>,
        Header,
        description = "A key of the caller's choice, in the place of `callId`. A repeated request with the same key and body returns \
            the first result, with the header `Idempotent-Replayed: true`",
    )),
    responses(
        (status = 200, description = "The call was answered; `isError` is true if it was not done", body = CallAnswer),
        (status = 409, description = "The first request with this key is still running", body = Refusal),
        (status = 422, description = "The idempotency key was used for a request with another body", body = Refusal),
    ),
)]
async fn call(calls: &'static Calls, request: &Request) -> Result<Reply> {
    let (caller, input, key) = request.body_with_key::<CallIn>().await?;
    let answer = calls.call(&caller, input.parse(key)?, request.deadline()).await?;
    Ok(Reply::ok(&answer)?.with_replayed(answer.replayed))
}
