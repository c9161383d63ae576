//! The reply of a route.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;

use crate::answer::{self, MAX_ANSWER_BYTES};
use crate::error::{Error, Result};

/// The refusal of a request with a longer answer than Lambda takes. Lists are shortened before.
const TOO_LONG_ANSWER: &str = "The answer to so many items (ask for fewer, for example with limit=10)";

/// A success without further data.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Success {
    /// Always true.
    success: bool,
}

/// A status, headers, and an optional JSON body.
#[derive(Clone, Debug)]
pub struct Reply {
    status: StatusCode,
    body: String,
    headers: HeaderMap,
}

impl Reply {
    /// Builds a 200 with a JSON body.
    ///
    /// # Errors
    /// [`Error::Internal`] if the body cannot be serialized.
    pub fn ok(body: &impl Serialize) -> Result<Self> {
        Self::json(StatusCode::OK, body)
    }

    /// Builds a 200 with [`Success`].
    ///
    /// # Errors
    /// As [`Reply::ok`].
    pub fn success() -> Result<Self> {
        Self::ok(&Success { success: true })
    }

    /// Builds a 202 with a JSON body: the outcome is not known yet.
    ///
    /// # Errors
    /// [`Error::Internal`] if the body cannot be serialized.
    pub fn accepted(body: &impl Serialize) -> Result<Self> {
        Self::json(StatusCode::ACCEPTED, body)
    }

    /// Builds a 200 with serialized JSON.
    pub fn raw_json(body: &'static str) -> Self {
        Self::text(StatusCode::OK, body.to_owned())
    }

    pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_string(body).map_err(Error::internal)?;
        if answer::body_len(&body) > MAX_ANSWER_BYTES {
            return Err(Error::TooLarge { what: TOO_LONG_ANSWER, limit: MAX_ANSWER_BYTES });
        }
        Ok(Self::text(status, body))
    }

    fn text(status: StatusCode, body: String) -> Self {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        Self { status, body, headers }
    }

    /// Adds the header `Idempotent-Replayed` if an earlier request with the same idempotency key produced this reply.
    #[must_use]
    pub fn with_replayed(self, replayed: bool) -> Self {
        if replayed {
            self.with_header(HeaderName::from_static("idempotent-replayed"), HeaderValue::from_static("true"))
        } else {
            self
        }
    }

    /// Builds a 302 to another page. The browser sends that page no `Referer`.
    ///
    /// # Errors
    /// [`Error::Internal`] if the URL is not a valid header value.
    pub fn redirect(to: &Url) -> Result<Self> {
        let location = HeaderValue::from_str(to.as_str()).map_err(Error::internal)?;
        let headers = HeaderMap::from_iter([
            (header::LOCATION, location),
            (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        ]);
        Ok(Self { status: StatusCode::FOUND, body: String::new(), headers })
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn with_header(mut self, name: HeaderName, value: impl TryInto<HeaderValue>) -> Self {
        if let Ok(value) = value.try_into() {
            self.headers.insert(name, value);
        }
        self
    }

    pub(super) fn into_response(self, request_id: &str) -> Response<Body> {
        let body = if self.body.is_empty() { Body::Empty } else { Body::Text(self.body) };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        // Every reply is specific to one user.
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Ok(id) = HeaderValue::from_str(request_id) {
            response.headers_mut().insert("x-request-id", id);
        }
        response
    }
}
