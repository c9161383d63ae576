//! CORS as API Gateway and S3 do it: they answer every preflight themselves, and add their own headers to the answers of allowed
//! origins.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::template::CorsPolicy;

/// Every header of CORS. API Gateway replaces those of the function.
const HEADERS: [HeaderName; 6] = [
    ACCESS_CONTROL_ALLOW_CREDENTIALS,
    ACCESS_CONTROL_ALLOW_HEADERS,
    ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE,
];

/// A policy of the template with the origins of this stack.
#[derive(Debug)]
pub(crate) struct Cors {
    pub(crate) policy: CorsPolicy,
    /// The origins whose pages may send requests.
    pub(crate) origins: Vec<String>,
}

impl Cors {
    /// Returns the answer to a preflight. For another origin it has no header of CORS, and the browser refuses the request.
    pub(crate) fn preflight(&self, origin: Option<&HeaderValue>) -> Response {
        let mut response = StatusCode::NO_CONTENT.into_response();
        if self.allow(origin, &mut response) {
            set(&mut response, ACCESS_CONTROL_ALLOW_METHODS, &self.policy.methods);
            set(&mut response, ACCESS_CONTROL_ALLOW_HEADERS, &self.policy.headers);
            if let Some(seconds) = self.policy.max_age {
                set(&mut response, ACCESS_CONTROL_MAX_AGE, &seconds.to_string());
            }
        }
        response
    }

    /// Sets the headers of any other answer.
    pub(crate) fn apply(&self, origin: Option<&HeaderValue>, response: &mut Response) {
        HEADERS.iter().for_each(|name| drop(response.headers_mut().remove(name)));
        if self.allow(origin, response) {
            set(response, ACCESS_CONTROL_EXPOSE_HEADERS, &self.policy.exposed_headers);
        }
    }

    /// Names the origin as allowed if it is; returns true then.
    fn allow(&self, origin: Option<&HeaderValue>, response: &mut Response) -> bool {
        let allowed = origin.filter(|origin| self.origins.iter().any(|allowed| *origin == allowed.as_str()));
        let Some(origin) = allowed else { return false };
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        if self.policy.credentials {
            set(response, ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
        true
    }
}

/// Sets a header; an empty value sets none.
fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Some(value) = HeaderValue::from_str(value).ok().filter(|value| !value.is_empty()) {
        response.headers_mut().insert(name, value);
    }
}
