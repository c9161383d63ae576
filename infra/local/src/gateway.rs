//! The API on this machine, in the place of API Gateway: routes and CORS policy of the template, events of the payload format 2.0, and
//! API Gateway's own answers to requests that reach no function.
//!
//! Three things are not API Gateway's. A request must name the loopback interface in `Host`. `/2015-03-31/functions/<name>/invocations`
//! invokes a function, as the Lambda API does. [`LANDING_PAGE`] and [`CONNECT_PAGE`] stand in for the frontend.

mod cors;
mod event;
mod reply;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use sandbox::loopback::{self, Refused};
use serde_json::Value;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::failure::{Context as _, Result};
use crate::functions::{Functions, Outcome};
use crate::template::{Route, Template};
pub(crate) use cors::Cors;

/// The page that a person reaches after the consent, in the place of a frontend's.
pub const LANDING_PAGE: &str = "/integrations";
/// The page where a person connects a tool, in the place of a frontend's.
pub const CONNECT_PAGE: &str = "/connect";

/// Both pages: the fragment or the query decides what is shown.
const PAGE: &str = include_str!("gateway/page.html");

/// The largest body of a request: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>.
const MAX_BODY_BYTES: usize = 10 << 20;

/// A running gateway. Dropping it closes the port.
#[derive(Debug)]
pub struct Gateway {
    server: JoinHandle<()>,
}

/// The parts that answer requests.
#[derive(Debug)]
struct Site {
    port: u16,
    routes: Vec<Route>,
    cors: Cors,
    functions: Functions,
}

impl Gateway {
    /// Serves the routes of the template on `listener`. Pages of these origins may call the API.
    ///
    /// # Errors
    /// If the listener has no address.
    pub fn start(
        listener: TcpListener,
        template: Template,
        functions: Functions,
        origins: Vec<String>,
    ) -> Result<Self> {
        let port = listener.local_addr().context("the address of the API")?.port();
        let Template { routes, cors, .. } = template;
        let site = Site { port, routes, cors: Cors { policy: cors, origins }, functions };
        let router = Router::new().fallback(answer).with_state(Arc::new(site));
        let server = tokio::spawn(async {
            // The server runs until its task is aborted.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { server })
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(site): State<Arc<Site>>, request: Request) -> Response {
    if request.headers().get_all(header::HOST).iter().count() > 1 {
        return reply::message(StatusCode::BAD_REQUEST, "Bad Request");
    }
    if let Err(refused) = loopback::check_host(request.headers(), site.port) {
        return refusal(refused);
    }
    let path = request.uri().path();
    if let Some(function) = reply::invoked_function(path) {
        let function = function.to_owned();
        return site.invoke(&function, request).await;
    }
    if request.method() == Method::GET && [LANDING_PAGE, CONNECT_PAGE].contains(&path) {
        return ([(header::CACHE_CONTROL, "no-store"), (header::REFERRER_POLICY, "no-referrer")], Html(PAGE))
            .into_response();
    }
    let origin = request.headers().get(header::ORIGIN).cloned();
    if request.method() == Method::OPTIONS {
        return site.cors.preflight(origin.as_ref());
    }
    let mut response = site.serve_route(request).await;
    site.cors.apply(origin.as_ref(), &mut response);
    response
}

impl Site {
    /// Passes a request to the function of its route.
    async fn serve_route(&self, request: Request) -> Response {
        let matches = |route: &&Route| request.method() == route.method.as_str() && request.uri().path() == route.path;
        let Some(route) = self.routes.iter().find(matches) else {
            return reply::message(StatusCode::NOT_FOUND, "Not Found");
        };
        let (parts, body) = request.into_parts();
        let Some(body) = whole(body).await else {
            return reply::message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
        };
        let event = event::http_api(&parts, &body, route, self.port);
        match self.functions.invoke(&route.function, event).await {
            Some(Outcome::Response(payload)) => reply::http(payload),
            // The reason is in the function's log, as in AWS.
            Some(Outcome::Failed(_)) | None => {
                reply::message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
            }
        }
    }

    /// Invokes a function with the body as its event. There are no credentials here, so other sites' pages are refused.
    async fn invoke(&self, function: &str, request: Request) -> Response {
        if let Err(refused) = loopback::check_origin(request.headers(), self.port) {
            return refusal(refused);
        }
        let body = whole(request.into_body()).await.unwrap_or_default();
        let Ok(event) = serde_json::from_slice::<Value>(&body) else {
            return reply::message(StatusCode::BAD_REQUEST, "the event is not JSON");
        };
        match self.functions.invoke(function, event).await {
            Some(Outcome::Response(value)) => reply::json(StatusCode::OK, &value),
            // Lambda answers 200 with the header `X-Amz-Function-Error`; a status needs no second look.
            Some(Outcome::Failed(error)) => reply::json(StatusCode::INTERNAL_SERVER_ERROR, &error),
            None => reply::message(StatusCode::NOT_FOUND, &format!("there is no function {function}")),
        }
    }
}

async fn whole(body: Body) -> Option<Bytes> {
    to_bytes(body, MAX_BODY_BYTES).await.ok()
}

fn refusal(refused: Refused) -> Response {
    reply::message(refused.status, &refused.reason)
}

#[cfg(test)]
mod tests;
