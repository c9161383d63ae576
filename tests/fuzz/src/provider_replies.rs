//! Fuzz target: responses of providers.

use engine::adapters::action::{ActionDef, Effect, Reconciliation};
use engine::adapters::api::Api;
use engine::adapters::{self, Adapter, LookupCache};
use engine::clock::Clock;
use engine::http::{Http, Request};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use url::Url;

/// Checks an action's steps with any responses of the provider. The first byte selects an action; each line is a response, its
/// status and body, and the last one is repeated. No response may cause a panic or a result that it does not support.
pub fn provider_replies(data: &[u8]) {
    let Some((action_number, data)) = data.split_first() else { return };
    let actions: Vec<_> =
        adapters::ALL.iter().flat_map(|adapter| adapter.actions.iter().map(move |action| (*adapter, action))).collect();
    let (adapter, action) = actions[usize::from(*action_number) % actions.len()];
    let replies: Vec<Reply> = data.split(|byte| *byte == b'\n').map(parse_reply).collect();
    for step in STEPS {
        let replies = replies.clone();
        let checkpoint = matches!(step, Step::Reconcile | Step::Discard).then_some("r1/t1");
        let respond = move |call: usize| replies[call.min(replies.len() - 1)].clone();
        if let Err(reason) = check_step(adapter, action, step, checkpoint, respond) {
            panic!("{}.{}: {reason}", adapter.tool, action.name);
        }
    }
}

fn parse_reply(line: &[u8]) -> Reply {
    let (status, body) = line.split_at(line.len().min(3));
    let status = std::str::from_utf8(status).ok().and_then(|text| text.parse().ok());
    let status = status.filter(|status| (100..1000).contains(status)).unwrap_or(200);
    Reply { status, body: body.trim_ascii_start().to_vec() }
}

/// A response of a provider.
#[derive(Clone)]
pub struct Reply {
    pub status: u16,
    pub body: Vec<u8>,
}

/// A step of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Prepare,
    Run,
    Reconcile,
    Discard,
}

/// A step and the checkpoint that an earlier one stored.
#[derive(Clone, Copy)]
pub struct StepInput<'a> {
    pub step: Step,
    pub checkpoint: Option<&'a str>,
}

/// All steps, in their order.
pub const STEPS: [Step; 4] = [Step::Prepare, Step::Run, Step::Reconcile, Step::Discard];

/// A request that was sent, and its response.
pub struct Exchange {
    pub request: Request,
    pub status: u16,
    pub body: Vec<u8>,
}

/// The result of a step.
#[derive(Debug, PartialEq)]
pub enum StepResult {
    /// Nothing is claimed about the effect.
    NoClaim,
    /// Prepared, with the checkpoint.
    Prepared(Option<String>),
    Failed,
    /// Applied, with the external id.
    Applied(Option<String>),
    NotApplied,
}

/// The result of a step and its exchanges.
pub struct StepRun {
    pub result: StepResult,
    pub calls: Vec<Exchange>,
}

/// Runs a step with the action's example; returns an error if the responses do not support its result.
pub fn check_step(
    adapter: &'static Adapter,
    action: &ActionDef,
    step: Step,
    checkpoint: Option<&str>,
    respond: impl Fn(usize) -> Reply + Send + Sync + 'static,
) -> Result<StepResult, String> {
    let run = run_step(adapter, action, &action.example(), StepInput { step, checkpoint }, respond);
    match find_violation(adapter, action, step, &run.result, &run.calls) {
        Some(reason) => Err(format!("{step:?} returned {:?}: {reason}", run.result)),
        None => Ok(run.result),
    }
}

/// Returns the exchange that contradicts a step's result, if any.
pub fn find_violation(
    adapter: &Adapter,
    action: &ActionDef,
    step: Step,
    result: &StepResult,
    calls: &[Exchange],
) -> Option<String> {
    let call = match result {
        StepResult::Applied(id) => return unsupported_result(adapter, action, step, id.as_deref(), calls),
        StepResult::NotApplied => calls.iter().find(|call| !confirms_absence(adapter, call)),
        StepResult::NoClaim | StepResult::Prepared(_) | StepResult::Failed => None,
    }?;
    Some(call.summary())
}

/// Runs a step with a provider whose responses are given by number.
pub fn run_step(
    adapter: &'static Adapter,
    action: &ActionDef,
    context: &Value,
    input: StepInput<'_>,
    respond: impl Fn(usize) -> Reply + Send + Sync + 'static,
) -> StepRun {
    let StepInput { step, checkpoint } = input;
    let calls = Arc::new(Mutex::new(vec![]));
    let log = Arc::clone(&calls);
    let http = Http::new(move |request| {
        let mut log = log.lock().unwrap();
        let Reply { status, body } = respond(log.len());
        log.push(Exchange { request, status, body: body.clone() });
        let response = http::Response::builder().status(status).body(body.into()).unwrap();
        Box::pin(std::future::ready(Ok(response)))
    });
    let clock = Clock::manual("2026-11-23T10:00:00Z".parse().unwrap());
    let token = "token-1".to_owned().into();
    let (lookups, base_url) = (LookupCache::default(), Url::parse(adapter.api.url).unwrap());
    let api = Api {
        context,
        effect: action.effect,
        effect_key: EFFECT_KEY.to_owned(),
        checkpoint,
        is_retry: true,
        ..Api::new(&http, &lookups, adapter, base_url, &token, &clock)
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let result = runtime.block_on(async {
        match step {
            Step::Prepare => action.prepare(&api, context).await.map(StepResult::Prepared),
            Step::Run => action.run(&api, context).await.map(|output| StepResult::Applied(output.external_id)),
            Step::Discard => action.discard(&api, context).await.map(|()| StepResult::NoClaim),
            Step::Reconcile => action.reconcile(&api, context).await.map(|reconciliation| match reconciliation {
                Reconciliation::Applied(output) => StepResult::Applied(output.external_id),
                Reconciliation::NotApplied => StepResult::NotApplied,
                Reconciliation::Inconclusive | Reconciliation::Unfinished(_) => StepResult::NoClaim,
            }),
        }
    });
    let calls = std::mem::take(&mut *calls.lock().unwrap());
    StepRun { result: result.unwrap_or(StepResult::Failed), calls }
}

/// The effect key of every step.
pub const EFFECT_KEY: &str = "01J0000000000000000000000.1";

/// Slack's error codes if the requested state exists already.
const ALREADY_APPLIED_ERRORS: [&str; 5] =
    ["already_reacted", "already_pinned", "already_in_channel", "no_reaction", "message_not_found"];

/// Returns why an applied result is not supported by the responses, judged by the provider's conventions only.
fn unsupported_result(
    adapter: &Adapter,
    action: &ActionDef,
    step: Step,
    id: Option<&str>,
    calls: &[Exchange],
) -> Option<String> {
    let decisive = match (action.effect, step) {
        // Some parts of a read may be available and others not.
        (Effect::Read, _) => {
            let confirming = calls.iter().rfind(|call| call.confirms(adapter, action, step));
            confirming.or(calls.last())
        }
        // What is so already is not written again: the reads are decisive.
        (Effect::Idempotent, Step::Run) if calls.iter().all(|call| call.request.method() == "GET") => {
            return calls.is_empty().then(|| "no request was sent".to_owned());
        }
        // The write is decisive; reads after it may fail.
        (_, Step::Run) => calls.iter().rfind(|call| call.request.method() != "GET"),
        _ => calls.last(),
    };
    let Some(decisive) = decisive else { return Some("no request was sent".to_owned()) };
    if !decisive.confirms(adapter, action, step) {
        return Some(decisive.summary());
    }
    let is_in_response = |text: &str| calls.iter().any(|call| String::from_utf8_lossy(&call.body).contains(text));
    // The object that the request names.
    let is_named = |id: &str| action.example().to_string().contains(id);
    match id {
        Some(id) if action.effect == Effect::Create && !is_named(id) && !is_in_response(&json!(id).to_string()) => {
            Some(format!("no response contains the id {id:?}"))
        }
        None if action.effect == Effect::Create => Some("the result has no id".to_owned()),
        // The effect key is the only proof.
        _ if (action.name, step) == ("send_message", Step::Reconcile) && !is_in_response(EFFECT_KEY) => {
            Some(decisive.summary())
        }
        _ => None,
    }
}

impl Exchange {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    fn confirms(&self, adapter: &Adapter, action: &ActionDef, step: Step) -> bool {
        let body = self.json();
        match self.status {
            // The object was removed after it was listed, or is being removed.
            404 | 410 => action.effect != Effect::Create || step == Step::Reconcile,
            // The draft is gone and the account cannot be read further, so this is final.
            403 => (action.effect, step) == (Effect::Create, Step::Reconcile) && adapter.tool.as_str() == "gmail",
            200..=299 if adapter.tool.as_str() == "slack" => {
                let already_applied =
                    body["error"].as_str().is_some_and(|error| ALREADY_APPLIED_ERRORS.contains(&error));
                body["ok"] == true || (already_applied && action.effect == Effect::Idempotent)
            }
            // The output is built from the request, regardless of the response body.
            200..=299 => body.is_object() || action.effect == Effect::Idempotent,
            _ => false,
        }
    }

    fn summary(&self) -> String {
        let body: String = String::from_utf8_lossy(&self.body).chars().take(500).collect();
        format!("{} {} {body}", self.request.method(), self.status)
    }
}

/// True if a response supports "not applied": a complete successful response, or 404.
fn confirms_absence(adapter: &Adapter, call: &Exchange) -> bool {
    let body = call.json();
    let is_complete = (200..300).contains(&call.status) && body.is_object();
    let run = adapter.tool.as_str() != "slack" || body["ok"] == true;
    (is_complete && run) || call.status == 404
}
