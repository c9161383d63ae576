//! What providers answer.

use engine::adapters::action::{ActionDef, Effect, Reconciliation};
use engine::adapters::api::Api;
use engine::adapters::{self, Adapter, LookupCache};
use engine::clock::Clock;
use engine::http::{Http, Request};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use url::Url;

/// What a provider may answer. The first byte names an action; each line is a reply, its status and its body, and the last one
/// is repeated. Nothing it says may stop us, or make us believe what it did not say.
pub fn provider_replies(data: &[u8]) {
    let Some((which, data)) = data.split_first() else { return };
    let actions: Vec<_> =
        adapters::ALL.iter().flat_map(|adapter| adapter.actions.iter().map(move |action| (*adapter, action))).collect();
    let (adapter, action) = actions[usize::from(*which) % actions.len()];
    let replies: Vec<(u16, Vec<u8>)> = data.split(|byte| *byte == b'\n').map(parse_reply).collect();
    for wanted in STEPS {
        let replies = replies.clone();
        let handle = matches!(wanted, Step::Reconcile | Step::Discard).then_some("r1/t1");
        let answer = move |call: usize| replies[call.min(replies.len() - 1)].clone();
        if let Err(why) = check_step(adapter, action, (wanted, handle), answer) {
            panic!("{}.{}: {why}", adapter.tool, action.name);
        }
    }
}

fn parse_reply(line: &[u8]) -> (u16, Vec<u8>) {
    let (status, body) = line.split_at(line.len().min(3));
    let status = std::str::from_utf8(status).ok().and_then(|text| text.parse().ok());
    (status.filter(|status| (100..1000).contains(status)).unwrap_or(200), body.trim_ascii_start().to_vec())
}

/// A step of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Prepare,
    Run,
    Reconcile,
    Discard,
}

/// Every step, in the order in which they are taken.
pub const STEPS: [Step; 4] = [Step::Prepare, Step::Run, Step::Reconcile, Step::Discard];

/// A call that left, and its answer.
pub struct Exchange {
    pub request: Request,
    pub status: u16,
    pub body: Vec<u8>,
}

/// What a step came to.
#[derive(Debug, PartialEq)]
pub enum StepResult {
    NoClaim,
    Prepared(Option<String>),
    Failed,
    /// With the id that is told.
    Applied(Option<String>),
    NotApplied,
}

/// A step and its calls.
pub struct StepRun {
    pub result: StepResult,
    pub calls: Vec<Exchange>,
}

/// Runs a step with the action's example and says what was believed wrongly.
pub fn check_step(
    adapter: &'static Adapter,
    action: &ActionDef,
    (wanted, handle): (Step, Option<&str>),
    answer: impl Fn(usize) -> (u16, Vec<u8>) + Send + Sync + 'static,
) -> Result<StepResult, String> {
    let told = run_step(adapter, (action, &action.example()), (wanted, handle), answer);
    match find_violation(adapter, action, wanted, &told.result, &told.calls) {
        Some(why) => Err(format!("{wanted:?} was {:?}: {why}", told.result)),
        None => Ok(told.result),
    }
}

/// What of the calls' answers does not bear out what a step came to.
pub fn find_violation(
    adapter: &Adapter,
    action: &ActionDef,
    wanted: Step,
    came: &StepResult,
    calls: &[Exchange],
) -> Option<String> {
    let call = match came {
        StepResult::Applied(id) => return unsupported_result(adapter, action, wanted, id.as_deref(), calls),
        StepResult::NotApplied => calls.iter().find(|call| !confirms_absence(adapter, call)),
        StepResult::NoClaim | StepResult::Prepared(_) | StepResult::Failed => None,
    }?;
    Some(call.summary())
}

/// Runs a step to a provider that answers its calls one after the other.
pub fn run_step(
    adapter: &'static Adapter,
    (action, context): (&ActionDef, &Value),
    (wanted, handle): (Step, Option<&str>),
    answer: impl Fn(usize) -> (u16, Vec<u8>) + Send + Sync + 'static,
) -> StepRun {
    let calls = Arc::new(Mutex::new(vec![]));
    let log = Arc::clone(&calls);
    let http = Http::new(move |request| {
        let mut log = log.lock().unwrap();
        let (status, body) = answer(log.len());
        log.push(Exchange { request, status, body: body.clone() });
        let response = http::Response::builder().status(status).body(body.into()).unwrap();
        Box::pin(std::future::ready(Ok(response)))
    });
    let clock = Clock::manual("2026-11-23T10:00:00Z".parse().unwrap());
    let token = "token-1".to_owned().into();
    let api = Api {
        http: &http,
        lookups: &LookupCache::default(),
        adapter,
        base_url: Url::parse(adapter.api.url).unwrap(),
        token: &token,
        context,
        effect: action.effect,
        effect_key: EFFECT_KEY.to_owned(),
        checkpoint: handle,
        is_retry: true,
        previous_external_id: None,
        not_before: clock.now(),
        deadline: Timestamp::MAX,
        clock: &clock,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let came = runtime.block_on(async {
        match wanted {
            Step::Prepare => action.prepare(&api, context).await.map(StepResult::Prepared),
            Step::Run => action.run(&api, context).await.map(|done| StepResult::Applied(done.external_id)),
            Step::Discard => action.discard(&api, context).await.map(|()| StepResult::NoClaim),
            Step::Reconcile => action.reconcile(&api, context).await.map(|verdict| match verdict {
                Reconciliation::Applied(done) => StepResult::Applied(done.external_id),
                Reconciliation::NotApplied => StepResult::NotApplied,
                Reconciliation::Inconclusive => StepResult::NoClaim,
            }),
        }
    });
    let calls = std::mem::take(&mut *calls.lock().unwrap());
    StepRun { result: came.unwrap_or(StepResult::Failed), calls }
}

/// The key of every effect here.
pub const EFFECT_KEY: &str = "01J0000000000000000000000.1";

/// What Slack says where the state asked for was there already.
const ALREADY_APPLIED_ERRORS: [&str; 5] =
    ["already_reacted", "already_pinned", "already_in_channel", "no_reaction", "message_not_found"];

/// Why a step that was believed to be done is not borne out, by the provider's conventions alone.
fn unsupported_result(
    adapter: &Adapter,
    action: &ActionDef,
    wanted: Step,
    id: Option<&str>,
    calls: &[Exchange],
) -> Option<String> {
    let decisive = match (action.effect, wanted) {
        // A part of what was asked for may be had and another not.
        (Effect::Read, _) => {
            let yes = calls.iter().rfind(|call| call.confirms(adapter, action, wanted));
            yes.or(calls.last())
        }
        // The write is what counts; what is read after it may be had or not.
        (_, Step::Run) => calls.iter().rfind(|call| call.request.method() != "GET"),
        _ => calls.last(),
    };
    let Some(decisive) = decisive else { return Some("nothing was called".to_owned()) };
    if !decisive.confirms(adapter, action, wanted) {
        return Some(decisive.summary());
    }
    let said = |text: &str| calls.iter().any(|call| String::from_utf8_lossy(&call.body).contains(text));
    match id {
        Some(id) if action.effect == Effect::Create && !said(&json!(id).to_string()) => {
            Some(format!("nobody said {id:?}"))
        }
        None if action.effect == Effect::Create => Some("no id".to_owned()),
        // Its key is the only proof there is.
        _ if (action.name, wanted) == ("send_message", Step::Reconcile) && !said(EFFECT_KEY) => {
            Some(decisive.summary())
        }
        _ => None,
    }
}

impl Exchange {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    fn confirms(&self, adapter: &Adapter, action: &ActionDef, wanted: Step) -> bool {
        let body = self.json();
        match self.status {
            // Something that was removed since it was listed, or that was to go.
            404 => action.effect != Effect::Create || wanted == Step::Reconcile,
            // The draft is gone, and the account may not be read further: there is no more to be had.
            403 => (action.effect, wanted) == (Effect::Create, Step::Reconcile) && adapter.tool.as_str() == "gmail",
            200..=299 if adapter.tool.as_str() == "slack" => {
                let already = body["error"].as_str().is_some_and(|error| ALREADY_APPLIED_ERRORS.contains(&error));
                body["ok"] == true || (already && action.effect == Effect::Idempotent)
            }
            // What is told of it is what was asked for, whatever the answer says besides.
            200..=299 => body.is_object() || action.effect == Effect::Idempotent,
            _ => false,
        }
    }

    fn summary(&self) -> String {
        let body: String = String::from_utf8_lossy(&self.body).chars().take(500).collect();
        format!("{} {} {body}", self.request.method(), self.status)
    }
}

/// Whether an answer can be part of a "there is no such thing": it was found, or it is known not to be there.
fn confirms_absence(adapter: &Adapter, call: &Exchange) -> bool {
    let body = call.json();
    let whole = (200..300).contains(&call.status) && body.is_object();
    let told = adapter.tool.as_str() != "slack" || body["ok"] == true;
    (whole && told) || call.status == 404
}
