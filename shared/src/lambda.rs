//! The shell around the engine: the only place that knows HTTP on its way in and out, and the Lambda runtime.

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

/// glibc's allocator was about a seventh of an intent's instructions (3.24 M with it, 2.80 M without), nearly all of it for the SDK. Without huge pages, which would
/// more than double the memory of so small a process.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Answers one HTTP event: the route's reply, or its error as one.
pub async fn handle_request<F>(
    engine: &'static Engine,
    event: lambda_http::Request,
    route: impl Fn(&'static Engine, Request) -> F,
) -> lambda_http::Response<lambda_http::Body>
where
    F: Future<Output = Result<Reply>>,
{
    let request = Request::new(event);
    let (id, action, began) = (request.id().to_owned(), request.route(), engine.clock.now());
    // Every line below has the request it belongs to, and the user as soon as that is known.
    let span = tracing::info_span!("request", request_id = id, user = tracing::field::Empty);
    // The runtime would answer with what a panic says, which may quote what the route worked on. Boxed: what a route may do at
    // most is large, and was copied from hand to hand.
    let answered = AssertUnwindSafe(Box::pin(route(engine, request))).catch_unwind().instrument(span.clone()).await;
    let answered = answered.unwrap_or_else(|_| Err(Error::internal("the route panicked")));
    span.in_scope(|| {
        let refused =
            |error: &Error| error::reply(error, &id, engine.integrations.connect_url(error.tool_to_connect()));
        let reply = answered.as_ref().map_or_else(refused, Clone::clone);
        let ms = metrics::elapsed_ms(began, engine.clock.now());
        log::log_request(&action, &answered, reply.status().as_u16(), ms);
        reply.into_response(&id)
    })
}

/// Serves one route as a Lambda function.
///
/// # Errors
/// When the configuration is wrong or the runtime ends.
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

/// Serves the handler of an event that is no HTTP request. Its errors reach the runtime, so that EventBridge and the alarms
/// see them.
///
/// # Errors
/// When the configuration is wrong or the runtime ends.
pub async fn serve_event<In, Out, H, F>(handler: H) -> Result<(), lambda_http::Error>
where
    In: DeserializeOwned + Send + 'static,
    Out: Serialize + Send + 'static,
    H: Fn(&'static Engine, LambdaEvent<In>) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Result<Out>> + Send,
{
    let engine = build_engine().await?;
    lambda_runtime::run(lambda_runtime::service_fn(move |event: LambdaEvent<In>| async move {
        // Boxed: what an event sets off nests deeper than the compiler likes to look.
        let handled = Box::pin(AssertUnwindSafe(handler(engine, event)).catch_unwind()).await;
        let handled = handled.unwrap_or_else(|_| Err(Error::internal("the handler panicked")));
        handled.inspect_err(|error| tracing::error!(?error, "the event was not handled"))
    }))
    .await
}

/// Builds the engine. It lives as long as the process, so it is leaked: every future may borrow it for ever.
async fn build_engine() -> Result<&'static Engine, lambda_http::Error> {
    let config = Config::from_env()?;
    log::subscriber(&config, std::io::stdout).init();
    std::panic::set_hook(Box::new(|panic| {
        // Where, and not with what: a panic about a text quotes it.
        let at = panic.location().map(ToString::to_string);
        tracing::error!(at, "panicked");
    }));
    let http = Http::with_trust_store(TrustStore::with_file(config.ca_file.as_deref())?);
    let aws = aws::sdk_config(&http).await;
    let world = Environment { aws, http, clock: Clock::system(), random: Random::system() };
    let engine = Engine::new(&config, world);
    engine.prewarm().await;
    Ok(Box::leak(Box::new(engine)))
}
