//! An action without the engine around it: its steps, over a way out of the test's choosing.

use engine::adapters::action::ActionDef;
use engine::adapters::api::Api;
use engine::adapters::{Adapter, LookupCache};
use engine::clock::Clock;
use engine::http::Http;
use jiff::Timestamp;
use sandbox::{Sandbox, fixtures};
use secrecy::SecretString;
use serde_json::Value;
use std::sync::{Arc, Mutex};
use url::Url;

/// The time for which the actions' examples are written.
pub(crate) const NOW: &str = "2026-11-23T10:00:00Z";
/// The key of every effect.
pub(crate) const EFFECT_KEY: &str = "01J0000000000000000000000.1";

/// An action and what its steps get.
pub(crate) struct ActionHarness {
    pub(crate) adapter: &'static Adapter,
    pub(crate) action: &'static ActionDef,
    pub(crate) context: Value,
    pub(crate) http: Http,
    pub(crate) lookups: LookupCache,
    pub(crate) base_url: Url,
    pub(crate) token: SecretString,
}

impl ActionHarness {
    /// An action with its example, at its provider's own address.
    pub(crate) fn new(adapter: &'static Adapter, action: &'static ActionDef, http: Http) -> Self {
        let base_url = Url::parse(adapter.api.url).unwrap();
        Self {
            adapter,
            action,
            context: action.example(),
            http,
            lookups: LookupCache::default(),
            base_url,
            token: "token-1".to_owned().into(),
        }
    }

    /// Takes every step, whatever becomes of the one before. `between` is told after each. Returns what was prepared.
    pub(crate) async fn run_steps(&self, handle: Option<&str>, mut between: impl FnMut()) -> Option<String> {
        let (action, context) = (self.action, &self.context);
        let clock = Clock::manual(NOW.parse().unwrap());
        let prepared = action.prepare(&self.api(handle, &clock), context).await.ok().flatten();
        between();
        let handle = handle.or(prepared.as_deref());
        let api = self.api(handle, &clock);
        // What the steps make of it is for other tests: here only the calls count.
        let _ = action.run(&api, context).await;
        between();
        let _ = action.reconcile(&api, context).await;
        between();
        let _ = action.discard(&api, context).await;
        between();
        prepared
    }

    fn api<'a>(&'a self, handle: Option<&'a str>, clock: &'a Clock) -> Api<'a> {
        Api {
            http: &self.http,
            lookups: &self.lookups,
            adapter: self.adapter,
            base_url: self.base_url.clone(),
            token: &self.token,
            context: &self.context,
            effect: self.action.effect,
            effect_key: EFFECT_KEY.to_owned(),
            checkpoint: handle,
            is_retry: true,
            previous_external_id: None,
            not_before: clock.now(),
            deadline: Timestamp::MAX,
            clock,
        }
    }
}

/// What a provider answers to an action's example: the status and body of each call, by step in their order.
pub(crate) struct RecordedAction {
    pub(crate) checkpoint: Option<String>,
    pub(crate) steps: Vec<Vec<(u16, Value)>>,
}

/// Takes the steps of an action in the sandbox's fresh world.
pub(crate) async fn record(adapter: &'static Adapter, action: &'static ActionDef) -> RecordedAction {
    let sandbox = Sandbox::new().bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let now: Timestamp = NOW.parse().unwrap();
    sandbox.sandbox.advance_clock(now.as_second() - sandbox.sandbox.now());
    let answers = Arc::new(Mutex::new(vec![]));
    let (log, client) = (Arc::clone(&answers), Http::client());
    let http = Http::new(move |request| {
        let (log, client) = (Arc::clone(&log), client.clone());
        Box::pin(async move {
            let answer = client.send(request).await?;
            let body = serde_json::from_slice(answer.body()).unwrap_or_default();
            log.lock().unwrap().push((answer.status().as_u16(), body));
            Ok(answer)
        })
    });
    let tokens = sandbox.sandbox.grant(adapter.tool.as_str(), fixtures::ALEX, adapter.oauth.scopes).unwrap();
    let base_url = Url::parse(&sandbox.provider_urls()[adapter.api.name]).unwrap();
    let alone =
        ActionHarness { base_url, token: tokens.access_token.into(), ..ActionHarness::new(adapter, action, http) };
    let mut steps = vec![];
    let handle = alone.run_steps(None, || steps.push(std::mem::take(&mut *answers.lock().unwrap()))).await;
    assert!(!steps[1].is_empty(), "{}.{} calls nothing", adapter.tool, action.name);
    RecordedAction { checkpoint: handle, steps }
}
