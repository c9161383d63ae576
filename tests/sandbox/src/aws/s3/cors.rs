//! The bucket's CORS rule: pages on the loopback may `PUT` and `GET`, as the template lets the frontend's pages.

use axum::response::Response;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
};
use http::{HeaderMap, HeaderValue};

use super::reply::{self, Refusal};

/// The methods that the rule allows.
const METHODS: [&str; 2] = ["GET", "PUT"];
/// The hosts of the pages that it allows.
const PAGE_HOSTS: [&str; 2] = ["localhost", "127.0.0.1"];

/// Responds to a preflight request (<https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html>).
pub(super) fn preflight(headers: &HeaderMap) -> Response {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let method = text(ACCESS_CONTROL_REQUEST_METHOD).unwrap_or_default();
    let origin = headers.get(ORIGIN).filter(|origin| is_page(origin));
    if origin.is_none() || !METHODS.contains(&method) {
        let why = "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request \
                   method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the \
                   resource's CORS spec.";
        return Refusal::new(403, "AccessForbidden", why).into_response(false);
    }
    let response = reply::with_header(reply::empty(200), "access-control-max-age", "3000");
    let requested = text(ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
    allow(origin, reply::with_header(response, "access-control-allow-headers", requested))
}

/// Adds the headers that let a page read the response.
pub(super) fn allow(origin: Option<&HeaderValue>, mut response: Response) -> Response {
    if let Some(origin) = origin.filter(|origin| is_page(origin)) {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        response = reply::with_header(response, "access-control-allow-methods", &METHODS.join(", "));
        response = reply::with_header(response, "access-control-expose-headers", "ETag");
    }
    response
}

/// True for the origin of a page on the loopback.
fn is_page(origin: &HeaderValue) -> bool {
    let url = origin.to_str().ok().and_then(|origin| url::Url::parse(origin).ok());
    url.is_some_and(|url| url.host_str().is_some_and(|host| PAGE_HOSTS.contains(&host)))
}
