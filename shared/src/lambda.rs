//! The entry points of the functions: the only module that knows HTTP requests, HTTP responses and the Lambda runtime.

mod allocator;
mod audit;
pub mod bulk;
mod caller;
mod error;
pub mod log;
mod object;
pub mod reply;
pub mod request;

pub use error::Refusal;
pub use object::object;
pub use reply::{Reply, Success};
pub use request::{Input, Request};

use futures::FutureExt as _;
use lambda_http::service_fn;
use lambda_runtime::LambdaEvent;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use tracing::Instrument as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::aws;
use crate::clock::{Clock, Random};
use crate::config::Config;
use crate::engine::{Engine, Environment};
use crate::error::{Error, Result};
use crate::http::{Http, TrustStore};
use crate::metrics;

/// Handles one HTTP event: returns the route's reply, or the reply for its error.
pub async fn handle_request<F>(
    engine: &'static Engine,
    event: lambda_http::Request,
    route: impl Fn(&'static Engine, Request) -> F,
) -> lambda_http::Response<lambda_http::Body>
where
    F: Future<Output = Result<Reply>>,
{
    let request = Request::new(event);
    let (id, route_name, start) = (request.id().to_owned(), request.route(), engine.clock.now());
    // Every log line below carries the request id, and the user's pseudonym as soon as the user is known.
    let span = tracing::info_span!("request", request_id = id, user = tracing::field::Empty);
    // A panic is caught: the runtime would return its message, which may quote the request. Boxed: the future of a route is large
    // and would otherwise be moved several times.
    let result = AssertUnwindSafe(Box::pin(route(engine, request))).catch_unwind().instrument(span.clone()).await;
    let result = result.unwrap_or_else(|_| Err(Error::internal("the route panicked")));
    span.in_scope(|| {
        let refusal =
            |error: &Error| error::reply(error, &id, engine.integrations.connect_url(error.tool_to_connect()));
        let reply = result.as_ref().map_or_else(refusal, Clone::clone);
        let ms = metrics::elapsed_ms(start, engine.clock.now());
        log::log_request(&route_name, &result, reply.status().as_u16(), ms);
        reply.into_response(&id)
    })
}

/// Serves one route as a Lambda function.
///
/// # Errors
/// If the configuration is invalid or the runtime stops.
pub async fn serve<H, F>(route: H) -> Result<(), lambda_http::Error>
where
    H: Fn(&'static Engine, Request) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Result<Reply>> + Send,
{
    let engine = build_engine().await?;
    lambda_http::run(service_fn(move |event: lambda_http::Request| async move {
        Ok::<_, std::convert::Infallible>(handle_request(engine, event, route).await)
    }))
    .await
}

/// Serves the handler of an event that is not an HTTP request. Its errors reach the runtime, so that EventBridge and the alarms
/// see them.
///
/// # Errors
/// If the configuration is invalid or the runtime stops.
pub async fn serve_event<In, Out, H, F>(handler: H) -> Result<(), lambda_http::Error>
where
    In: DeserializeOwned + Send + 'static,
    Out: Serialize + Send + 'static,
    H: Fn(&'static Engine, LambdaEvent<In>) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Result<Out>> + Send,
{
    let engine = build_engine().await?;
    lambda_runtime::run(lambda_runtime::service_fn(move |event: LambdaEvent<In>| async move {
        // Boxed: the nested future type exceeds the compiler's recursion limit.
        let result = Box::pin(AssertUnwindSafe(handler(engine, event)).catch_unwind()).await;
        let result = result.unwrap_or_else(|_| Err(Error::internal("the handler panicked")));
        result.inspect_err(|error| tracing::error!(?error, "event handler failed"))
    }))
    .await
}

/// Builds the engine. It lives as long as the process and is leaked, so that every future can borrow it for `'static`.
async fn build_engine() -> Result<&'static Engine, lambda_http::Error> {
    let config = Config::from_env()?;
    log::subscriber(&config, std::io::stdout).init();
    std::panic::set_hook(Box::new(|panic| {
        // The location only: a panic message may quote request content.
        let location = panic.location().map(ToString::to_string);
        tracing::error!(location, "panicked");
    }));
    let http = Http::with_trust_store(TrustStore::with_file(config.ca_file.as_deref())?);
    let aws = aws::sdk_config(&http).await;
    let world = Environment { aws, http, clock: Clock::system(), random: Random::system() };
    let engine = Engine::new(&config, world);
    engine.prewarm().await;
    Ok(Box::leak(Box::new(engine)))
}
