//! A route's reply.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde::Serialize;
use url::Url;

use crate::error::{Error, Result};

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

    /// 202 with a JSON body: the outcome lies ahead.
    ///
    /// # Errors
    /// [`Error::Internal`] for a body that is no JSON.
    pub fn accepted(body: &impl Serialize) -> Result<Self> {
        Self::json(StatusCode::ACCEPTED, body)
    }

    pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_string(body).map_err(Error::internal)?;
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        Ok(Self { status, body, headers })
    }

    /// Says that an earlier request with the same idempotency key brought this about.
    #[must_use]
    pub fn replayed(self, replayed: bool) -> Self {
        if replayed {
            self.with(HeaderName::from_static("idempotent-replayed"), HeaderValue::from_static("true"))
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

    pub(super) fn with(mut self, name: HeaderName, value: impl TryInto<HeaderValue>) -> Self {
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
