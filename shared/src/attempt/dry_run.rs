//! Dry run: everything that an attempt does, where each call with an effect is captured and not sent. Reads are sent. A captured call
//! is answered as the provider would, with a placeholder for each id, so that the calls after it are captured too.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex, PoisonError};

use super::{AttemptContext, Attempts, CallPermit};
use crate::adapters::action::{Effect, Target};
use crate::adapters::api::Writes;
use crate::adapters::content::Description;
use crate::adapters::{LookupCache, PLACEHOLDER};
use crate::circuit_breaker::BreakerPermit;
use crate::error::{Kind, Result};
use crate::http::{ActionSlots, Body, Http, HttpError, Request, Response};
use crate::ids::{TaskId, UserId};
use crate::intent::Intent;
use crate::tables::integrations::CallGuards;
use crate::tables::tasks::Task;

/// The effect that an intent would have.
#[derive(Clone, Debug)]
pub struct DryRun {
    /// Whom and what it would touch; empty for an action that only reads.
    pub targets: Vec<Target>,
    /// The requests that it would send, in order.
    pub requests: Vec<Value>,
}

/// The captured requests of a dry run, in order.
#[derive(Clone, Debug, Default)]
struct CapturedRequests(Arc<Mutex<Vec<Value>>>);

impl Attempts {
    /// Returns what an intent would touch, and the requests that it would send, with its references resolved: its look-ups are sent. For an
    /// action that only reads it is the first call. Nothing is claimed, journaled or logged.
    ///
    /// # Errors
    /// Those of [`IntegrationManager::acquire_access`](crate::integrations::IntegrationManager::acquire_access), and of a look-up.
    pub async fn dry_run(
        &self,
        user: &UserId,
        intent: &Intent,
        guards: CallGuards,
        id: &TaskId,
        deadline: Timestamp,
    ) -> Result<DryRun> {
        let slots = ActionSlots::default();
        let attempt = AttemptContext::for_intent(user, intent, &slots, self.clock.now(), deadline);
        let (adapter, action) = (attempt.adapter, attempt.action);
        let CallGuards { connection, breaker, cooldowns, delegation: _ } = guards;
        let limits = self.cooldowns.of_account(attempt.connection_key(), cooldowns, attempt.tickets);
        let access = self.integrations.acquire_access(user, adapter, action, connection, deadline).await?;
        let breaker_permit = BreakerPermit::without_probe(breaker);
        let mut permit = CallPermit { access, limits, breaker_permit, author: self.author_of(attempt) };
        let task = self.new_task(user, intent, id);
        let mut captured = CapturedRequests::default();
        let mut result = self.capture(attempt, &permit, &task, &captured).await;
        if result.as_ref().is_err_and(|error| error.kind() == Some(Kind::AuthExpired)) {
            permit.access = self.integrations.refresh_rejected(user, adapter, action, &permit.access, deadline).await?;
            captured = CapturedRequests::default();
            result = self.capture(attempt, &permit, &task, &captured).await;
        }
        let requests = captured.take();
        match result {
            // The first call of a read has no response.
            Err(error) if action.effect != Effect::Read || requests.is_empty() => Err(error),
            result => Ok(DryRun { targets: result.unwrap_or_default(), requests }),
        }
    }

    /// Runs an action with a client that captures its effects. Returns its targets.
    async fn capture(
        &self,
        attempt: AttemptContext<'_>,
        permit: &CallPermit,
        task: &Task,
        captured: &CapturedRequests,
    ) -> Result<Vec<Target>> {
        let http = captured.capturing_client(&self.http, attempt, task.effect_key());
        // A placeholder must not be taken for the answer to a look-up later on.
        let attempts = Self { http, lookups: LookupCache::default(), ..self.clone() };
        let targets = match attempt.action.effect {
            Effect::Read => vec![],
            Effect::Idempotent | Effect::Create => {
                attempt.action.targets(&attempts.api(attempt, permit, task)?, attempt.context).await?
            }
        };
        let checkpoint = match attempt.action.stores_checkpoint {
            true => attempt.action.prepare(&attempts.api(attempt, permit, task)?, attempt.context).await?,
            false => None,
        };
        let task = Task { checkpoint, ..task.clone() };
        attempts.run_action(attempt, permit, &task, false, &Arc::default()).await.map(|_| targets)
    }
}

impl CapturedRequests {
    fn take(&self) -> Vec<Value> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn push(&self, request: &Request) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(describe_request(request));
    }

    /// An HTTP client that sends reads, and captures and answers other requests. The first call of an action that only reads is
    /// captured and not answered.
    fn capturing_client(&self, http: &Http, attempt: AttemptContext<'_>, effect_key: String) -> Http {
        let (adapter, effect) = (attempt.adapter, attempt.action.effect);
        let (captured, http) = (self.clone(), http.clone());
        Http::new(move |request| {
            let (captured, http, effect_key) = (captured.clone(), http.clone(), effect_key.clone());
            Box::pin(async move {
                if effect == Effect::Read {
                    captured.push(&request);
                    return Err(HttpError::NotSent("a dry run".to_owned()));
                }
                let is_write = request.extensions().get::<Writes>().is_some();
                if is_write {
                    captured.push(&request);
                } else if !names_placeholder(&request) {
                    return http.send(request).await;
                }
                Ok(Response::new(Body::from((adapter.placeholder)(&request, &effect_key).to_string())))
            })
        })
    }
}

/// True for a request about an object that a captured call would create.
fn names_placeholder(request: &Request) -> bool {
    request.uri().path().split('/').any(|segment| segment.starts_with(PLACEHOLDER))
}

/// A request as JSON, without its token. One with files is shown as its content describes itself.
fn describe_request(request: &Request) -> Value {
    let headers: Map<String, Value> = request
        .headers()
        .iter()
        .filter(|(name, _)| **name != header::AUTHORIZATION)
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.into())))
        .collect();
    let body = match request.extensions().get::<Description>() {
        Some(Description(description)) => description.clone(),
        None => describe_body(request.body()),
    };
    json!({ "method": request.method().as_str(), "url": request.uri().to_string(), "headers": headers, "body": body })
}

/// A body as JSON: JSON itself, `{"text"}` or `{"base64"}`; of one with files, which are not read, `{"bytes"}`, their number.
fn describe_body(body: &Body) -> Value {
    if body.is_stream() {
        return json!({ "bytes": body.length() });
    }
    let body = body.bytes();
    match (serde_json::from_slice(body), std::str::from_utf8(body)) {
        (Ok(json), _) => json,
        (Err(_), _) if body.is_empty() => Value::Null,
        (Err(_), Ok(text)) => json!({ "text": text }),
        (Err(_), Err(_)) => json!({ "base64": STANDARD.encode(body) }),
    }
}
