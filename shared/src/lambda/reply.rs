//! A route's reply.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;

use crate::error::{Error, Result};

/// It was done, and there is nothing more to say.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Success {
    success: bool,
}

/// A status, a JSON body where there is one, and headers.
#[derive(Clone, Debug)]
pub struct Reply {
    status: StatusCode,
    body: String,
    headers: HeaderMap,
}

impl Reply {
    /// 200 with a JSON body.
    ///
    /// # Errors
    /// [`Error::Internal`] for a body that is no JSON.
    pub fn ok(body: &impl Serialize) -> Result<Self> {
        Self::json(StatusCode::OK, body)
    }

    /// 200 with [`Success`].
    ///
    /// # Errors
    /// None that can happen.
    pub fn success() -> Result<Self> {
        Self::ok(&Success { success: true })
    }

    /// 202 with a JSON body: the outcome lies ahead.
    ///
    /// # Errors
    /// [`Error::Internal`] for a body that is no JSON.
    pub fn accepted(body: &impl Serialize) -> Result<Self> {
        Self::json(StatusCode::ACCEPTED, body)
    }

    /// 200 with JSON that is already written.
    pub fn raw_json(body: &'static str) -> Self {
        Self::text(StatusCode::OK, body.to_owned())
    }

    pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Result<Self> {
        Ok(Self::text(status, serde_json::to_string(body).map_err(Error::internal)?))
    }

    fn text(status: StatusCode, body: String) -> Self {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        Self { status, body, headers }
    }

    /// Says that an earlier request with the same idempotency key brought this about.
    #[must_use]
    pub fn with_replayed(self, replayed: bool) -> Self {
        if replayed {
            self.with_header(HeaderName::from_static("idempotent-replayed"), HeaderValue::from_static("true"))
        } else {
            self
        }
    }

    /// 302 to another page, which learns nothing of where the browser comes from.
    ///
    /// # Errors
    /// [`Error::Internal`] for a URL that is no header value.
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
        // Everything here belongs to one user.
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Ok(id) = HeaderValue::from_str(request_id) {
            response.headers_mut().insert("x-request-id", id);
        }
        response
    }
}
