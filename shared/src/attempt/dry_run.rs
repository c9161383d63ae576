//! Dry run: everything an attempt does up to the call with the effect, whose request is captured and not sent.

use http::{Method, header};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex, PoisonError};

use super::{AttemptContext, Attempts};
use crate::adapters::action::Effect;
use crate::error::{Kind, Result};
use crate::http::{Http, HttpError, Request};
use crate::ids::{TaskId, UserId};
use crate::intent::Intent;
use crate::tables::integrations::CallGuards;

/// The captured request of a dry run.
#[derive(Clone, Debug, Default)]
struct CapturedRequest(Arc<Mutex<Option<Value>>>);

impl Attempts {
    /// The request that an intent would send, with its references resolved: look-ups are sent. For an action that only reads it
    /// is the first call, whatever its purpose. Nothing is claimed, journaled or logged.
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
    ) -> Result<Option<Value>> {
        let attempt = AttemptContext::for_intent(user, intent, self.clock.now(), deadline);
        let (adapter, action) = (attempt.adapter, attempt.action);
        let mut access = self.integrations.acquire_access(user, adapter, action, guards.connection, deadline).await?;
        let captured = CapturedRequest::default();
        let attempts = Self { http: captured.capturing_client(&self.http, action.effect), ..self.clone() };
        let mut task = self.new_task(user, intent, id);
        let mut result = attempts.call_action(attempt, &access, &mut task, false, &Arc::default()).await;
        if result.as_ref().is_err_and(|error| error.kind() == Some(Kind::AuthExpired)) {
            access = self.integrations.refresh_rejected(user, adapter, action, &access, deadline).await?;
            result = attempts.call_action(attempt, &access, &mut task, false, &Arc::default()).await;
        }
        match captured.request() {
            Some(request) => Ok(Some(request)),
            None => result.map(|_| None),
        }
    }
}

impl CapturedRequest {
    fn request(&self) -> Option<Value> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// An HTTP client that sends look-ups and captures the first other request.
    fn capturing_client(&self, http: &Http, effect: Effect) -> Http {
        let (captured, http) = (self.clone(), http.clone());
        Http::new(move |request| {
            let (captured, http) = (captured.clone(), http.clone());
            Box::pin(async move {
                if effect != Effect::Read && request.method() == Method::GET && captured.request().is_none() {
                    return http.send(request).await;
                }
                let mut slot = captured.0.lock().unwrap_or_else(PoisonError::into_inner);
                slot.get_or_insert_with(|| describe_request(&request));
                Err(HttpError::NotSent("a dry run".to_owned()))
            })
        })
    }
}

/// A request as JSON, without its token.
fn describe_request(request: &Request) -> Value {
    let headers: Map<String, Value> = request
        .headers()
        .iter()
        .filter(|(name, _)| **name != header::AUTHORIZATION)
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.into())))
        .collect();
    let body = request.body();
    let body = match serde_json::from_slice(body) {
        Ok(body) => body,
        Err(_) if body.is_empty() => Value::Null,
        Err(_) => json!({ "bytes": body.len() }),
    };
    json!({ "method": request.method().as_str(), "url": request.uri().to_string(), "headers": headers, "body": body })
}
