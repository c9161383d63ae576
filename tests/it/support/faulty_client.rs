//! A provider of which one call of an action fails.

use engine::adapters::api::Writes;
use engine::http::{Http, HttpError, Request, Response};
use std::sync::{Arc, Mutex};

/// The fault of one call of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallFault {
    /// The provider refuses it.
    Rejected,
    /// The provider answers that it is not available; it did nothing.
    Unavailable,
    /// The provider limits it.
    Limited,
    /// The connection ends before the provider has the request.
    LostBefore,
    /// The provider applies it, and the connection ends before the response.
    LostAfter,
}

/// The calls that are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Counted {
    #[default]
    All,
    /// Those that change something at the provider.
    Writes,
}

/// A client that counts the calls of a provider's API and lets one of them fail.
#[derive(Clone, Default)]
pub(crate) struct FaultyClient(Arc<Mutex<Plan>>);

#[derive(Default)]
struct Plan {
    /// The path prefix of the provider's API; empty counts nothing.
    prefix: String,
    counted: Counted,
    seen: usize,
    fault: Option<(usize, CallFault)>,
}

impl FaultyClient {
    /// The client for [`TestApp::start_with_client`](super::TestApp::start_with_client).
    pub(crate) fn http(&self) -> Http {
        let (plan, client) = (self.clone(), Http::client());
        Http::new(move |request| {
            let (plan, client) = (plan.clone(), client.clone());
            Box::pin(async move {
                match plan.next(&request) {
                    None => client.send(request).await,
                    Some(CallFault::Rejected) => Ok(answer(400)),
                    Some(CallFault::Unavailable) => Ok(answer(503)),
                    Some(CallFault::Limited) => Ok(limited()),
                    Some(CallFault::LostBefore) => Err(HttpError::Lost("reset".to_owned())),
                    Some(CallFault::LostAfter) => {
                        let _ = client.send(request).await;
                        Err(HttpError::Lost("reset".to_owned()))
                    }
                }
            })
        })
    }

    /// Counts calls below a path from now on; the one of a number fails.
    pub(crate) fn count_calls(&self, prefix: &str, counted: Counted, fault: Option<(usize, CallFault)>) {
        *self.0.lock().unwrap() = Plan { prefix: format!("/{prefix}/"), counted, seen: 0, fault };
    }

    /// The number of counted calls.
    pub(crate) fn seen(&self) -> usize {
        self.0.lock().unwrap().seen
    }

    fn next(&self, request: &Request) -> Option<CallFault> {
        let mut plan = self.0.lock().unwrap();
        if plan.prefix.is_empty() || !request.uri().path().starts_with(&plan.prefix) {
            return None;
        }
        if plan.counted == Counted::Writes && request.extensions().get::<Writes>().is_none() {
            return None;
        }
        plan.seen += 1;
        plan.fault.filter(|(at, _)| *at == plan.seen).map(|(_, fault)| fault)
    }
}

/// A limit that is too long to be waited out.
fn limited() -> Response {
    let mut response = answer(429);
    response.headers_mut().insert(http::header::RETRY_AFTER, 60.into());
    response
}

fn answer(status: u16) -> Response {
    http::Response::builder().status(status).body("{}".into()).unwrap()
}
