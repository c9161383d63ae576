//! HTTP requests. The content of a request is available only together with its verified caller: 401 comes before 400.

mod json;
mod merged;

use http::Method;
use jiff::Timestamp;
use lambda_http::RequestExt;
use lambda_http::request::RequestContext;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::fmt;

use super::audit::Decision;
use super::caller::{self, Callers};
use super::input;
use super::shell::Shell;
use crate::context_mapper::MappingRequest;
use crate::error::{Checks, Error, FieldFault, Result, form};
use crate::identity::Principal;
use crate::ids::{BudgetHolder, UserId};
use crate::permissions::Caller;
use crate::redact;
use crate::request_budgets::RequestKind;
use crate::tables::tasks::IdempotencyKey;
use crate::validate::MAX_BODY_BYTES;

/// The input of a route: a JSON body or query parameters. Unknown fields are refused (`deny_unknown_fields`). `userId` is always
/// accepted and must name the user that the caller acts for. Of an optional field, null, an empty text and an empty list mean the same
/// as its absence.
pub trait Input: DeserializeOwned {
    /// Fields that must be present and not empty, in the order in which an error names them.
    const REQUIRED: &'static [&'static str];
    /// Fields that are lists, for a request that takes its fields in the query as well as in the body.
    const LISTS: &'static [&'static str] = &[];
    /// Fields that are true or false, for such a request.
    const FLAGS: &'static [&'static str] = &[];
    /// Optional objects with fields of their own, all optional.
    const OBJECTS: &'static [&'static str] = &[];
    /// Optional texts and lists for which empty differs from absent, such as a text that removes what is stored.
    const EMPTY_CLEARS: &'static [&'static str] = &[];
    /// The callers that may make the request.
    const CALLERS: Callers = Callers::UserOrService;

    /// The number of requests that this one counts as: the items of a bulk request.
    fn uses(&self) -> u32 {
        1
    }

    /// The faults that the types do not express and that the route itself would find, for a request that is refused already: its wrong
    /// fields are left out, and its missing ones have some text.
    fn further_faults(&self) -> Vec<FieldFault> {
        vec![]
    }
}

/// The input of the route that creates a mapping, and an item of the bulk route.
impl Input for MappingRequest {
    const REQUIRED: &'static [&'static str] = &["agentId", "tool", "contextKey", "externalId"];

    fn further_faults(&self) -> Vec<FieldFault> {
        // Whether its expiry has passed is not known without a clock.
        self.clone().parse(Timestamp::MIN).err().map_or_else(Vec::new, |error| error.fields())
    }
}

/// One HTTP request.
pub struct Request {
    shell: &'static Shell,
    event: lambda_http::Request,
    id: String,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the headers (the caller's token), the query (OAuth code and state) or the body (user content).
        f.debug_struct("Request").field("id", &self.id).field("method", self.method()).finish_non_exhaustive()
    }
}

impl Request {
    /// Wraps a decoded event.
    pub fn new(shell: &'static Shell, event: lambda_http::Request) -> Self {
        let id = match event.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
            _ => None,
        };
        let id = id.or_else(|| event.lambda_context_ref().map(|context| context.request_id.clone()));
        Self { shell, id: id.unwrap_or_default(), event }
    }

    /// The id of the request from API Gateway, or else from Lambda. Every reply and log line carries it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The method and path, for the log field `route`. No path contains an id.
    pub(super) fn route(&self) -> String {
        format!("{} {}", self.method(), self.event.uri().path())
    }

    /// The HTTP method.
    pub fn method(&self) -> &Method {
        self.event.method()
    }

    /// The path, for a function that serves several paths.
    pub fn path(&self) -> &str {
        self.event.uri().path()
    }

    /// Returns the user of the token, for a caller who acts for themselves and sends nothing else.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`].
    pub async fn caller(&self) -> Result<UserId> {
        Ok(self.admit(Callers::UserOrService, |_| Ok((None, ()))).await?.0.user)
    }

    /// Returns the user and the JSON body, on a route for users alone: any other one needs what the caller may do. A query is refused:
    /// a field in the wrong place must not be ignored, least of all `userId`.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] first; [`Error::TooLarge`], [`Error::MalformedJson`], [`Error::Missing`],
    /// [`Error::Invalid`], [`Error::UserMismatch`].
    pub async fn body<T: Input>(&self) -> Result<(UserId, T)> {
        const { for_users_alone::<T>() };
        let (caller, input) = self.body_with_caller().await?;
        Ok((caller.user, input))
    }

    /// Returns the caller and the JSON body, as [`Request::body`] does.
    ///
    /// # Errors
    /// Those of [`Request::body`].
    pub async fn body_with_caller<T: Input>(&self) -> Result<(Caller, T)> {
        self.input(|request| Ok((request.only_body()?, vec![]))).await
    }

    /// Returns the caller with its user, the JSON body, as [`Request::body`] does, and the idempotency key.
    ///
    /// # Errors
    /// Those of [`Request::body`], with the fault of the header among the fields.
    pub async fn body_with_key<T: Input>(&self) -> Result<(Caller, T, Option<IdempotencyKey>)> {
        let mut key = None;
        let read = |request: &Self| {
            let (fields, mut checks) = (request.only_body()?, Checks::default());
            key = checks.pass(request.idempotency_key(&fields)).flatten();
            Ok((fields, checks.into_errors()))
        };
        let (caller, input) = self.input(read).await?;
        let key = key.map(|key| key.of_creator(caller.creator().as_ref()));
        Ok((caller, input, key))
    }

    /// Returns the JSON body of a request that takes no query.
    fn only_body(&self) -> Result<Object> {
        if !self.event.uri().query().unwrap_or_default().is_empty() {
            return Err(Error::invalid("query", "must be empty; this request takes its fields in a JSON body"));
        }
        self.json_object()
    }

    /// Returns the JSON body.
    fn json_object(&self) -> Result<Object> {
        let body: &[u8] = self.event.body();
        if body.len() > MAX_BODY_BYTES {
            return Err(Error::TooLarge { what: "The request body", limit: MAX_BODY_BYTES });
        }
        match json::parse(body)? {
            Value::Object(fields) => Ok(fields),
            _ => Err(Error::MalformedJson("the body is another JSON value".to_owned())),
        }
    }

    /// Returns the caller with its user, and the input of a route from the fields that `read` returns, with the errors of the request's
    /// headers.
    async fn input<T: Input>(&self, read: impl FnOnce(&Self) -> Result<(Object, Vec<Error>)>) -> Result<(Caller, T)> {
        let admitted = self.admit(T::CALLERS, |request| {
            let (mut fields, found) = read(request)?;
            let named_user = match fields.remove("userId") {
                None | Some(Value::Null) => None,
                Some(Value::String(user)) => Some(user).filter(|user| !user.trim().is_empty()),
                Some(_) => return Err(Error::invalid("userId", "must be a string, for example user_123")),
            };
            Ok((named_user, (fields, found)))
        });
        let (caller, (fields, found)) = admitted.await?;
        let input: T = input::of_body(fields, found)?;
        let further = input.uses().saturating_sub(1);
        if further > 0 {
            self.shell.budgets.admit(caller.budget_holder(), self.kind(), further).await?;
        }
        Ok((caller, input))
    }

    /// Returns the user and the query parameters, on a route for users alone. A body is refused.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] first; [`Error::Missing`], [`Error::Invalid`], [`Error::UserMismatch`].
    pub async fn query<T: Input>(&self) -> Result<(UserId, T)> {
        const { for_users_alone::<T>() };
        let (caller, input) = self.query_with_caller().await?;
        Ok((caller.user, input))
    }

    /// Returns the caller and the query parameters, as [`Request::query`] does.
    ///
    /// # Errors
    /// Those of [`Request::query`].
    pub async fn query_with_caller<T: Input>(&self) -> Result<(Caller, T)> {
        let admitted = self.admit(T::CALLERS, |request| {
            if !request.event.body().is_empty() {
                return Err(Error::invalid("body", "must be empty; this request takes its fields in the query"));
            }
            let mut fields = request.parameters()?;
            let at = fields.iter().position(|(name, _)| name == "userId");
            let named_user = at.map(|at| fields.remove(at).1);
            if named_user.as_ref().is_some_and(|user| user.trim().is_empty()) {
                return Err(Error::invalid("userId", "must not be empty"));
            }
            Ok((named_user, fields))
        });
        let (caller, fields) = admitted.await?;
        Ok((caller, input::of_query(fields)?))
    }

    /// Authenticates the caller, reads the fields of the request with the user that they name, and authorizes the caller to act for
    /// that user. The request counts for that caller. One that is refused here counts for its sender as a user, because its user is
    /// not known; one without a valid token counts for nobody.
    async fn admit<F>(
        &self,
        callers: Callers,
        read: impl FnOnce(&Self) -> Result<(Option<String>, F)>,
    ) -> Result<(Caller, F)> {
        let principal = self.authenticate().await?;
        let admitted = match read(self) {
            Ok((named_user, fields)) => {
                self.authorize(&principal, named_user.as_deref(), callers).await.map(|caller| (caller, fields))
            }
            Err(error) => Err(error),
        };
        let holder = match &admitted {
            Ok((caller, _)) => caller.budget_holder(),
            Err(_) => BudgetHolder::new(&UserId::verified(principal.subject().to_owned()), None),
        };
        self.shell.budgets.admit(holder, self.kind(), 1).await?;
        admitted
    }

    /// The budget that the request counts against, by its method.
    fn kind(&self) -> RequestKind {
        match *self.method() {
            Method::GET | Method::HEAD => RequestKind::Read,
            _ => RequestKind::Write,
        }
    }

    /// Verifies the caller's token. A request without a valid token is recorded in the audit log here.
    async fn authenticate(&self) -> Result<Principal> {
        let verified = caller::authenticate(self.shell, self.event.headers()).await;
        if verified.is_err() {
            self.decision(None, None).record(&verified);
        }
        verified
    }

    /// Returns the caller with the user that it acts for, and records the decision in the audit log.
    async fn authorize(&self, principal: &Principal, named_user: Option<&str>, callers: Callers) -> Result<Caller> {
        let caller = caller::resolve_user(self.shell, principal, named_user, callers).await;
        let subject = named_user.unwrap_or(principal.subject());
        self.decision(Some(principal.subject()), Some(subject)).record(&caller);
        if let Ok(caller) = &caller {
            tracing::Span::current().record("user", caller.user.pseudonym());
        }
        caller
    }

    fn decision<'a>(&'a self, actor: Option<&'a str>, subject: Option<&'a str>) -> Decision<'a> {
        Decision { route: self.route(), actor, subject }
    }

    /// Returns the request's `Idempotency-Key` with a fingerprint of the body, if the header is present. Bodies with equal JSON values have
    /// equal fingerprints, however they are formatted.
    /// <https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>
    fn idempotency_key(&self, body: &Object) -> Result<Option<IdempotencyKey>> {
        let Some(header) = self.event.headers().get("idempotency-key") else { return Ok(None) };
        let key = header
            .to_str()
            .map_err(|_| Error::invalid("Idempotency-Key", "must be printable ASCII, for example order-1234"))?;
        let body = serde_json::to_string(body).map_err(Error::internal)?;
        IdempotencyKey::new(key, &body).map(Some)
    }

    /// The time at which Lambda stops this invocation.
    pub fn deadline(&self) -> Timestamp {
        self.shell.deadline(self.event.lambda_context_ref().map_or(0, |context| context.deadline))
    }

    /// Returns the query parameters of a route that needs no token.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn unauthenticated_query<T: DeserializeOwned>(&self) -> Result<T> {
        parse_query(&self.parameters()?)
    }

    fn parameters(&self) -> Result<Vec<(String, String)>> {
        let query = self.event.uri().query().unwrap_or_default();
        serde_urlencoded::from_str(query)
            .map_err(|_| Error::invalid("query", "must be form-encoded, for example tool=gmail&limit=50"))
    }
}

/// Fails to compile for a route that services may call.
const fn for_users_alone<T: Input>() {
    assert!(matches!(T::CALLERS, Callers::User), "a route for services needs the caller, not only the user");
}

pub(super) fn parse_query<T: DeserializeOwned>(fields: &[(String, String)]) -> Result<T> {
    let query = serde_urlencoded::to_string(fields).map_err(Error::internal)?;
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs))
        .map_err(|error| deserialize_error("query", error))
}

/// Returns fields that are required in one of the forms that a route accepts. A blank text counts as missing.
///
/// # Errors
/// [`Error::Missing`] with the names of all missing fields.
pub fn require_fields<const N: usize>(fields: [(&str, Option<String>); N]) -> Result<[String; N]> {
    let is_present = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    let missing = fields.iter().filter(|(_, text)| !is_present(text));
    let missing: Vec<String> = missing.map(|(name, _)| (*name).to_owned()).collect();
    if missing.is_empty() { Ok(fields.map(|(_, text)| text.unwrap_or_default())) } else { Err(Error::Missing(missing)) }
}

/// Refuses fields that have no meaning beside `field`: each with its name, and true if it is present.
///
/// # Errors
/// [`Error::Invalid`] naming the first of them.
pub fn refuse_beside<const N: usize>(field: &str, others: [(&str, bool); N]) -> Result<()> {
    match others.iter().find(|(_, is_present)| *is_present) {
        None => Ok(()),
        Some((other, _)) => Err(Error::invalid(*other, format!("cannot be combined with {field}"))),
    }
}

/// Returns the tool that a request names: as `tool`, or as `toolName`, the name in the original description.
///
/// # Errors
/// [`Error::Missing`] without either; [`Error::Invalid`] when the two differ.
pub fn tool_name(tool: Option<String>, tool_name: Option<String>) -> Result<String> {
    match (tool.filter(|name| !name.trim().is_empty()), tool_name.filter(|name| !name.trim().is_empty())) {
        (Some(tool), Some(other)) if tool != other => {
            Err(Error::invalid("toolName", "must be equal to tool, or be left out, for example {\"tool\": \"gmail\"}"))
        }
        (Some(tool), _) | (None, Some(tool)) => Ok(tool),
        (None, None) => Err(Error::Missing(vec!["tool".to_owned()])),
    }
}

/// Converts a deserialization error. The field is the path of the invalid value, or `whole` for the value as a whole.
fn deserialize_error<E: std::error::Error>(whole: &str, error: serde_path_to_error::Error<E>) -> Error {
    let path = error.path().to_string();
    let reason = error.into_inner().to_string();
    // serde names an unknown and a missing field in its text and not in the path.
    let named = ["unknown field `", "missing field `"].iter().find_map(|start| reason.strip_prefix(start));
    let field = named.and_then(|text| text.split('`').next());
    let field = field.unwrap_or(if path == "." { whole } else { &path });
    let is_of_type = ["invalid ", "cannot parse", "number too"].iter().any(|start| reason.starts_with(start));
    let stated = form(field).filter(|_| is_of_type).map(|form| format!("must be {form}"));
    Error::invalid(field, stated.unwrap_or_else(|| redact::plain_reason(&reason)))
}

/// A JSON object with fields of any name.
pub type Object = Map<String, Value>;
