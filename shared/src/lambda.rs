//! The entry points of the functions: the only module that knows HTTP requests, HTTP responses and the Lambda runtime.

mod allocator;
mod audit;
pub mod bulk;
mod caller;
mod comma_list;
mod error;
mod input;
pub mod log;
mod object;
pub mod reply;
pub mod request;
mod shell;
mod timeout;

pub use caller::Callers;
pub use comma_list::comma_separated;
pub use error::Refusal;
pub use object::object;
pub use reply::{Reply, Success};
pub use request::{Input, Request};
pub use shell::Shell;
pub use timeout::Timeout;

use futures::FutureExt as _;
use jiff::Timestamp;
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
use crate::config::{self, Config};
use crate::deployment::{Deployment, Environment, Part};
use crate::error::{Error, Result};
use crate::http::{Http, ResponseBudget, TrustStore};
use crate::metrics;

/// Handles one HTTP event: returns the route's reply, or the reply for its error.
pub async fn handle_request<F>(
    shell: &'static Shell,
    event: lambda_http::Request,
    route: impl FnOnce(Request) -> F,
) -> lambda_http::Response<lambda_http::Body>
where
    F: Future<Output = Result<Reply>>,
{
    let request = Request::new(shell, event);
    let (id, route_name, start) = (request.id().to_owned(), request.route(), shell.clock.now());
    // Every log line below carries the request id, and the user's pseudonym as soon as the user is known.
    let span = tracing::info_span!("request", request_id = id, user = tracing::field::Empty);
    // A panic is caught: the runtime would return its message, which may quote the request. Boxed: the future of a route is large
    // and would otherwise be moved several times.
    let result = AssertUnwindSafe(Box::pin(route(request))).catch_unwind().instrument(span.clone()).await;
    let result = result.unwrap_or_else(|_| Err(Error::internal("the route panicked")));
    span.in_scope(|| {
        let refusal = |error: &Error| error::reply(error, &id, shell.connect_url(error));
        let reply = result.as_ref().map_or_else(refusal, Clone::clone);
        let ms = metrics::elapsed_ms(start, shell.clock.now());
        log::log_request(&route_name, &result, reply.status().as_u16(), ms);
        reply.into_response(&id)
    })
}

/// Serves one route as a Lambda function. Its signature says which part of the engine the function uses.
///
/// # Errors
/// If the configuration is invalid or the runtime stops.
pub async fn serve<P, H, F>(route: H) -> Result<(), lambda_http::Error>
where
    P: Part,
    H: Fn(&'static P, Request) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Result<Reply>> + Send,
{
    let deployment = start(1).await?;
    let (shell, part) = (deployment.part(), deployment.part());
    lambda_http::run(service_fn(move |event: lambda_http::Request| async move {
        Ok::<_, std::convert::Infallible>(handle_request(shell, event, |request| route(part, request)).await)
    }))
    .await
}

/// Serves the handler of an event that is not an HTTP request, with the deadline of each invocation, in a process that runs so
/// many attempts at a time. Its errors reach the runtime, so that EventBridge and the alarms see them.
///
/// # Errors
/// If the configuration is invalid or the runtime stops.
pub async fn serve_event<P, In, Out, H, F>(handler: H, attempts: usize) -> Result<(), lambda_http::Error>
where
    P: Part,
    In: DeserializeOwned + Send + 'static,
    Out: Serialize + Send + 'static,
    H: Fn(&'static P, In, Timestamp) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Result<Out>> + Send,
{
    let deployment = start(attempts).await?;
    let (timeout, part) = (deployment.part::<Timeout>(), deployment.part());
    lambda_runtime::run(lambda_runtime::service_fn(move |event: LambdaEvent<In>| async move {
        let deadline = timeout.deadline(event.context.deadline);
        // Boxed: the nested future type exceeds the compiler's recursion limit.
        let result = Box::pin(AssertUnwindSafe(handler(part, event.payload, deadline)).catch_unwind()).await;
        let result = result.unwrap_or_else(|_| Err(Error::internal("the handler panicked")));
        result.inspect_err(|error| tracing::error!(?error, "event handler failed"))
    }))
    .await
}

/// Starts the deployment that the environment describes, for a process that runs so many attempts at a time.
async fn start(attempts: usize) -> Result<&'static Deployment, lambda_http::Error> {
    let config = Config::from_env()?;
    log::subscriber(&config, std::io::stdout).init();
    std::panic::set_hook(Box::new(|panic| {
        // The location only: a panic message may quote request content.
        let location = panic.location().map(ToString::to_string);
        tracing::error!(location, "panicked");
    }));
    let trust_store = TrustStore::with_file(config.ca_file.as_deref())?;
    let http = Http::client_with(trust_store, ResponseBudget::of_memory(config.memory_mib, attempts));
    let aws = aws::sdk_config(&http, config::variable);
    let world = Environment { aws, http, clock: Clock::system(), random: Random::system() };
    let deployment = Deployment::start(config, world);
    deployment.prewarm().await;
    Ok(deployment)
}
