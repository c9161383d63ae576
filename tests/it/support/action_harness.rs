//! Runs an action's steps without the engine, over an HTTP client chosen by the test.

use super::seeded_slack::message_metadata;
use engine::adapters::action::{ActionDef, TokenKind};
use engine::adapters::api::Api;
use engine::adapters::authorship::Authorship;
use engine::adapters::files::{ActionFiles, NoFiles};
use engine::adapters::{Adapter, LookupCache};
use engine::clock::Clock;
use engine::error::Result;
use engine::http::Http;
use futures::future::BoxFuture;
use jiff::Timestamp;
use sandbox::{Sandbox, fixtures};
use secrecy::SecretString;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use url::Url;

/// The current time assumed by the actions' examples.
pub(crate) const NOW: &str = "2026-11-23T10:00:00Z";
/// The effect key of every call.
pub(crate) const EFFECT_KEY: &str = "01J0000000000000000000000.1";

/// An author of everything: the steps of an action can be run without a user.
#[derive(Debug)]
struct AnyAuthor;

impl Authorship for AnyAuthor {
    fn mark<'a>(&'a self, _effect_key: &'a str) -> BoxFuture<'a, Result<String>> {
        Box::pin(async { Ok("mark".to_owned()) })
    }

    fn recognizes<'a>(&'a self, _effect_key: &'a str, _mark: &'a str) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async { Ok(true) })
    }

    fn record<'a>(&'a self, _external_id: &'a str, _until: Timestamp) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    fn recorded<'a>(&'a self, external_ids: &'a [String]) -> BoxFuture<'a, Result<BTreeSet<String>>> {
        Box::pin(async { Ok(external_ids.iter().cloned().collect()) })
    }
}

/// An action with the inputs of its steps.
pub(crate) struct ActionHarness {
    pub(crate) adapter: &'static Adapter,
    pub(crate) action: &'static ActionDef,
    pub(crate) context: Value,
    pub(crate) http: Http,
    pub(crate) lookups: LookupCache,
    pub(crate) base_url: Url,
    pub(crate) token: SecretString,
    pub(crate) files: Arc<dyn ActionFiles>,
}

impl ActionHarness {
    /// Creates a harness with the action's example and its provider's own URL.
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
            files: Arc::new(NoFiles),
        }
    }

    /// Runs every step, even if an earlier one failed, and calls `between` after each. Returns the new checkpoint.
    pub(crate) async fn run_steps(&self, handle: Option<&str>, mut between: impl FnMut()) -> Option<String> {
        let (action, context) = (self.action, &self.context);
        let clock = Clock::manual(NOW.parse().unwrap());
        let prepared = action.prepare(&self.api(handle, &clock), context).await.ok().flatten();
        between();
        let handle = handle.or(prepared.as_deref());
        let api = self.api(handle, &clock);
        // The results of the steps are checked by other tests: only their calls matter here.
        let _ = action.run(&api, context).await;
        between();
        let _ = action.reconcile(&api, context).await;
        between();
        let _ = action.discard(&api, context).await;
        between();
        prepared
    }

    /// Returns the API of one step.
    pub(crate) fn api<'a>(&'a self, handle: Option<&'a str>, clock: &'a Clock) -> Api<'a> {
        Api {
            context: &self.context,
            effect: self.action.effect,
            smaller_request: self.action.smaller_request,
            effect_key: EFFECT_KEY.to_owned(),
            authorship: &AnyAuthor,
            files: Arc::clone(&self.files),
            checkpoint: handle,
            is_retry: true,
            ..Api::new(&self.http, &self.lookups, self.adapter, self.base_url.clone(), &self.token, clock)
        }
    }
}

/// A provider's responses to an action's example: status and body of each call, in order, by step.
pub(crate) struct RecordedAction {
    pub(crate) checkpoint: Option<String>,
    pub(crate) steps: Vec<Vec<(u16, Value)>>,
    /// Method and path of the calls at the provider.
    pub(crate) calls: BTreeSet<(String, String)>,
}

/// Issues tokens with all scopes of an adapter; for an action that needs the person's own token, with the scopes of the action.
pub(crate) fn grant_for(sandbox: &Sandbox, adapter: &Adapter, action: &ActionDef) -> sandbox::Tokens {
    let granted = match action.token {
        TokenKind::App => sandbox.grant(adapter.tool.as_str(), fixtures::ALEX, adapter.oauth.scopes),
        TokenKind::User => sandbox.grant_slack_user("", fixtures::ALEX, &action.scopes.concat()),
    };
    granted.unwrap()
}

/// Runs the steps of an action in a fresh sandbox and records the responses.
pub(crate) async fn record(adapter: &'static Adapter, action: &'static ActionDef) -> RecordedAction {
    let sandbox = Sandbox::new().bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let now: Timestamp = NOW.parse().unwrap();
    sandbox.sandbox.advance_clock(now.as_second() - sandbox.sandbox.now());
    sandbox.sandbox.set_slack_metadata(message_metadata(EFFECT_KEY, "mark"));
    let (answers, calls) = (Arc::new(Mutex::new(vec![])), Arc::new(Mutex::new(BTreeSet::new())));
    let (log, called, client) = (Arc::clone(&answers), Arc::clone(&calls), Http::client());
    let prefix = format!("/{}", adapter.api.name);
    let http = Http::new(move |request| {
        let (log, client) = (Arc::clone(&log), client.clone());
        let path = request.uri().path().strip_prefix(&prefix);
        called.lock().unwrap().extend(path.map(|path| (request.method().to_string(), path.to_owned())));
        Box::pin(async move {
            let answer = client.send(request).await?;
            let body = serde_json::from_slice(answer.body().bytes()).unwrap_or_default();
            log.lock().unwrap().push((answer.status().as_u16(), body));
            Ok(answer)
        })
    });
    let tokens = grant_for(&sandbox.sandbox, adapter, action);
    let base_url = Url::parse(&sandbox.provider_urls()[adapter.api.name]).unwrap();
    let alone =
        ActionHarness { base_url, token: tokens.access_token.into(), ..ActionHarness::new(adapter, action, http) };
    let mut steps = vec![];
    let handle = alone.run_steps(None, || steps.push(std::mem::take(&mut *answers.lock().unwrap()))).await;
    assert!(!steps[1].is_empty(), "{}.{} calls nothing", adapter.tool, action.name);
    let calls = calls.lock().unwrap().clone();
    RecordedAction { checkpoint: handle, steps, calls }
}
