//! A request on its way in. Its content can only be read together with the caller: 401 comes before 400.

use http::Method;
use jiff::Timestamp;
use lambda_http::RequestExt;
use lambda_http::request::RequestContext;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::fmt;

use super::audit::Decision;
use super::caller;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::ids::UserId;
use crate::redact;
use crate::tables::tasks::IdempotencyKey;

/// Longest request body, in bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// What a route takes: JSON body or query parameters. Unknown fields are refused (`deny_unknown_fields`); `userId` may
/// always be there and must name the caller.
pub trait Input: DeserializeOwned {
    /// Fields that must be there and not be empty, in the order in which an error names them.
    const REQUIRED: &'static [&'static str];
    /// Fields with which a request must come from the user, never from a service acting for them.
    const USER_TOKEN_ONLY: &'static [&'static str] = &[];
}

/// One HTTP request.
pub struct Request {
    event: lambda_http::Request,
    id: String,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Its headers hold the caller's token, its query a code and a state, its body anything.
        f.debug_struct("Request").field("id", &self.id).field("method", self.method()).finish_non_exhaustive()
    }
}

impl Request {
    /// Takes a decoded event.
    pub fn new(event: lambda_http::Request) -> Self {
        let id = match event.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
            _ => None,
        };
        let id = id.or_else(|| event.lambda_context_ref().map(|context| context.request_id.clone()));
        Self { id: id.unwrap_or_default(), event }
    }

    /// The id API Gateway gave the request, else Lambda's; it stands in every reply and log line.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Method and path, as log lines name them. No path holds an id.
    pub(super) fn route(&self) -> String {
        format!("{} {}", self.method(), self.event.uri().path())
    }

    /// The method.
    pub fn method(&self) -> &Method {
        self.event.method()
    }

    /// The path, for a function that serves several.
    pub fn path(&self) -> &str {
        self.event.uri().path()
    }

    /// The caller alone, for whoever needs nothing else of the request.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`].
    pub async fn caller(&self, engine: &Engine) -> Result<UserId> {
        let principal = self.authenticate(engine).await?;
        self.authorize_user(engine, &principal, None, false).await
    }

    /// The caller, and the JSON body.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] first; [`Error::TooLarge`], [`Error::MalformedJson`], [`Error::Missing`],
    /// [`Error::Invalid`], [`Error::UserMismatch`].
    pub async fn body<T: Input>(&self, engine: &Engine) -> Result<(UserId, T)> {
        let principal = self.authenticate(engine).await?;
        let body: &[u8] = self.event.body();
        if body.len() > MAX_BODY_BYTES {
            return Err(Error::TooLarge { what: "The request body", limit: MAX_BODY_BYTES });
        }
        let value: Value = serde_json::from_slice(body).map_err(|error| Error::MalformedJson(error.to_string()))?;
        let Value::Object(mut fields) = value else {
            return Err(Error::MalformedJson("expected an object".to_owned()));
        };
        let named = match fields.remove("userId") {
            None | Some(Value::Null) => None,
            Some(Value::String(user)) => Some(user),
            Some(_) => return Err(Error::invalid("userId", "must be a string")),
        };
        let in_person = T::USER_TOKEN_ONLY.iter().any(|name| fields.contains_key(*name));
        let user = self.authorize_user(engine, &principal, named.as_deref(), in_person).await?;
        check_required::<T>(|name| fields.get(name).is_some_and(is_present))?;
        let input = serde_path_to_error::deserialize(Value::Object(fields))
            .map_err(|error| deserialize_error("body", error))?;
        Ok((user, input))
    }

    /// The caller, and the query parameters.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] first; [`Error::Missing`], [`Error::Invalid`], [`Error::UserMismatch`].
    pub async fn query<T: Input>(&self, engine: &Engine) -> Result<(UserId, T)> {
        let principal = self.authenticate(engine).await?;
        let mut fields = self.parameters()?;
        let at = fields.iter().position(|(name, _)| name == "userId");
        let named = at.map(|at| fields.remove(at).1);
        let in_person = fields.iter().any(|(name, _)| T::USER_TOKEN_ONLY.contains(&name.as_str()));
        let user = self.authorize_user(engine, &principal, named.as_deref(), in_person).await?;
        check_required::<T>(|name| fields.iter().any(|(given, value)| given == name && !value.is_empty()))?;
        Ok((user, parse_query(&fields)?))
    }

    /// The caller. Without a good token the decision falls here.
    async fn authenticate(&self, engine: &Engine) -> Result<Principal> {
        let verified = caller::authenticate(engine, self.event.headers()).await;
        if verified.is_err() {
            self.decision(None, None).record(&verified);
        }
        verified
    }

    /// The user the caller acts for: the decision on every request with a good token.
    async fn authorize_user(
        &self,
        engine: &Engine,
        principal: &Principal,
        named: Option<&str>,
        in_person: bool,
    ) -> Result<UserId> {
        let user = caller::resolve_user(engine, principal, named, in_person).await;
        let subject = named.unwrap_or(principal.subject());
        self.decision(Some(principal.subject()), Some(subject)).record(&user);
        if let Ok(user) = &user {
            tracing::Span::current().record("user", user.pseudonym());
        }
        user
    }

    fn decision<'a>(&'a self, actor: Option<&'a str>, subject: Option<&'a str>) -> Decision<'a> {
        Decision { route: self.route(), actor, subject }
    }

    /// The request's `Idempotency-Key`, if it has one, together with what it is sent with: two bodies that say the same are
    /// the same, however they are written. <https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn idempotency_key(&self) -> Result<Option<IdempotencyKey>> {
        let Some(header) = self.event.headers().get("idempotency-key") else { return Ok(None) };
        let key = header.to_str().map_err(|_| Error::invalid("Idempotency-Key", "must be plain ASCII"))?;
        let body: &[u8] = self.event.body();
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        IdempotencyKey::new(key, &body.to_string()).map(Some)
    }

    /// When the function is killed.
    pub fn deadline(&self, engine: &Engine) -> Timestamp {
        engine.deadline(self.event.lambda_context_ref().map_or(0, |context| context.deadline))
    }

    /// The query parameters of a route that is open to everybody.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn unauthenticated_query<T: DeserializeOwned>(&self) -> Result<T> {
        parse_query(&self.parameters()?)
    }

    fn parameters(&self) -> Result<Vec<(String, String)>> {
        let query = self.event.uri().query().unwrap_or_default();
        serde_urlencoded::from_str(query).map_err(|error| Error::invalid("query", error.to_string()))
    }
}

fn parse_query<T: DeserializeOwned>(fields: &[(String, String)]) -> Result<T> {
    let query = serde_urlencoded::to_string(fields).map_err(Error::internal)?;
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs))
        .map_err(|error| deserialize_error("query", error))
}

fn check_required<T: Input>(given: impl Fn(&str) -> bool) -> Result<()> {
    let missing: Vec<String> = T::REQUIRED.iter().filter(|name| !given(name)).map(|&name| name.to_owned()).collect();
    if missing.is_empty() { Ok(()) } else { Err(Error::Missing(missing)) }
}

/// Fields that must be there in one of several cases that a route takes; a blank text is none.
///
/// # Errors
/// [`Error::Missing`] naming all that are not there.
pub fn require_fields<const N: usize>(fields: [(&str, Option<String>); N]) -> Result<[String; N]> {
    let given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    let missing = fields.iter().filter(|(_, text)| !given(text));
    let missing: Vec<String> = missing.map(|(name, _)| (*name).to_owned()).collect();
    if missing.is_empty() { Ok(fields.map(|(_, text)| text.unwrap_or_default())) } else { Err(Error::Missing(missing)) }
}

/// The tool a request about a connection names: as `tool`, or as `toolName`, the word of the original description.
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

fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => true,
    }
}

/// What is wrong with a value that is no `T`, by the place in it; `whole` names it as a whole.
pub(super) fn deserialize_error<E: std::error::Error>(whole: &str, error: serde_path_to_error::Error<E>) -> Error {
    let path = error.path().to_string();
    let inner = error.into_inner().to_string();
    let reason = redact::without_found_value(&inner);
    // serde names an unknown and a missing field in its text and not in the path.
    let named = ["unknown field `", "missing field `"].iter().find_map(|start| reason.strip_prefix(start));
    let field = named.and_then(|rest| rest.split('`').next());
    Error::invalid(field.unwrap_or(if path == "." { whole } else { &path }), reason)
}

/// A JSON object as routes take it for free-form fields.
pub type Object = Map<String, Value>;
