//! A dry run: everything an attempt does up to the call that counts, which is shown and not made.

use http::{Method, header};
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex, PoisonError};

use super::{AttemptContext, Attempts};
use crate::adapters::action::Effect;
use crate::error::{Kind, Result};
use crate::http::{Http, HttpError, Request};
use crate::ids::{TaskId, UserId};
use crate::intent::Intent;
use crate::tables::integrations::CallGuards;
use jiff::Timestamp;

/// The request that was held back.
#[derive(Clone, Debug, Default)]
struct CapturedRequest(Arc<Mutex<Option<Value>>>);

impl Attempts {
    /// The request an intent would send, with its references resolved: what is looked up for it is looked up. Of an action
    /// that only reads it is the first call, whatever that is for. Nothing is claimed, journaled or logged.
    ///
    /// # Errors
    /// Those of [`IntegrationManager::access`](crate::integrations::IntegrationManager::access), and of a look-up.
    pub async fn dry_run(
        &self,
        user: &UserId,
        intent: &Intent,
        (standing, id): (CallGuards, &TaskId),
        until: Timestamp,
    ) -> Result<Option<Value>> {
        let work = AttemptContext::for_intent(user, intent, (self.clock.now(), until));
        let mut access =
            self.integrations.acquire_access(user, work.adapter, work.action, standing.connection, until).await?;
        let held = CapturedRequest::default();
        let rehearsal = Self { http: held.capturing_client(&self.http, work.action.effect), ..self.clone() };
        let mut task = self.new_task(user, intent, id);
        let mut outcome = rehearsal.call_action(work, &access, &mut task, false).await;
        if outcome.as_ref().is_err_and(|error| error.kind() == Some(Kind::AuthExpired)) {
            access = self.integrations.refresh_rejected(user, work.adapter, &access, until).await?;
            outcome = rehearsal.call_action(work, &access, &mut task, false).await;
        }
        match held.request() {
            Some(request) => Ok(Some(request)),
            None => outcome.map(|_| None),
        }
    }
}

impl CapturedRequest {
    fn request(&self) -> Option<Value> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A way out for look-ups alone.
    fn capturing_client(&self, http: &Http, effect: Effect) -> Http {
        let (held, http) = (self.clone(), http.clone());
        Http::new(move |request| {
            let (held, http) = (held.clone(), http.clone());
            Box::pin(async move {
                if effect != Effect::Read && request.method() == Method::GET && held.request().is_none() {
                    return http.send(request).await;
                }
                held.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| describe_request(&request));
                Err(HttpError::NotSent("a dry run".to_owned()))
            })
        })
    }
}

/// A request without its token.
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
