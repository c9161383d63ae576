use engine::adapters::action::{ActionDef, Effect, Verdict};
use engine::adapters::api::Api;
use engine::adapters::{self, Adapter};
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
    let replies: Vec<(u16, Vec<u8>)> = data.split(|byte| *byte == b'\n').map(reply).collect();
    for wanted in [Step::Prepare, Step::Run, Step::Reconcile, Step::Discard] {
        let replies = replies.clone();
        let answer = move |call: usize| replies[call.min(replies.len() - 1)].clone();
        if let Err(why) = judge(adapter, action, wanted, answer) {
            panic!("{}.{}: {why}", adapter.tool, action.name);
        }
    }
}

fn reply(line: &[u8]) -> (u16, Vec<u8>) {
    let (status, body) = line.split_at(line.len().min(3));
    let status = std::str::from_utf8(status).ok().and_then(|text| text.parse().ok());
    (status.filter(|status| (100..1000).contains(status)).unwrap_or(200), body.trim_ascii_start().to_vec())
}

/// A step of an action.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Prepare,
    Run,
    Reconcile,
    Discard,
}

/// A call that left, and its answer.
pub struct Exchange {
    pub request: Request,
    pub status: u16,
    pub body: Vec<u8>,
}

/// What a step came to.
#[derive(Debug, PartialEq)]
pub enum Came {
    Nothing,
    Failed,
    Done,
    Absent,
}

/// A step and its calls.
pub struct Told {
    pub came: Came,
    pub calls: Vec<Exchange>,
}

/// Runs a step with an ordinary context and says what was believed wrongly.
pub fn judge(
    adapter: &'static Adapter,
    action: &ActionDef,
    wanted: Step,
    answer: impl Fn(usize) -> (u16, Vec<u8>) + Send + Sync + 'static,
) -> Result<Came, String> {
    let told = step(adapter, action, &context(action.name), wanted, answer);
    match wrong(adapter, action, wanted, &told.came, &told.calls) {
        Some(why) => Err(why),
        None => Ok(told.came),
    }
}

/// What of the calls' answers does not bear out what a step came to.
pub fn wrong(adapter: &Adapter, action: &ActionDef, wanted: Step, came: &Came, calls: &[Exchange]) -> Option<String> {
    let call = match came {
        Came::Done => calls.last().filter(|last| !says_done(action, wanted, last)),
        Came::Absent => calls.iter().find(|call| !says_absent(adapter, call)),
        Came::Nothing | Came::Failed => None,
    }?;
    let body: String = String::from_utf8_lossy(&call.body).chars().take(500).collect();
    Some(format!("{wanted:?} was {came:?} by {} {body}", call.status))
}

/// Runs a step to a provider that answers its calls one after the other.
pub fn step(
    adapter: &'static Adapter,
    action: &ActionDef,
    context: &Value,
    wanted: Step,
    answer: impl Fn(usize) -> (u16, Vec<u8>) + Send + Sync + 'static,
) -> Told {
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
        adapter,
        base_url: Url::parse(adapter.api.url).unwrap(),
        token: &token,
        given: context,
        effect: action.effect,
        effect_key: KEY.to_owned(),
        handle: matches!(wanted, Step::Reconcile | Step::Discard).then_some("r1/t1"),
        repeated: true,
        previous: None,
        planned: clock.now(),
        until: Timestamp::MAX,
        clock: &clock,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let came = runtime.block_on(async {
        match wanted {
            Step::Prepare => action.prepare(&api, context).await.map(|_| Came::Nothing),
            Step::Run => action.run(&api, context).await.map(|_| Came::Done),
            Step::Discard => action.discard(&api, context).await.map(|()| Came::Nothing),
            Step::Reconcile => action.reconcile(&api, context).await.map(|verdict| match verdict {
                Verdict::Done(_) => Came::Done,
                Verdict::Absent => Came::Absent,
                Verdict::Unclear => Came::Nothing,
            }),
        }
    });
    let calls = std::mem::take(&mut *calls.lock().unwrap());
    Told { came: came.unwrap_or(Came::Failed), calls }
}

/// The key of every effect here.
pub const KEY: &str = "01J0000000000000000000000.1";

fn context(action: &str) -> Value {
    match action {
        "send_email" | "create_draft" => json!({ "to": "a@example.com", "subject": "S", "body": "B" }),
        "fetch_emails" => json!({}),
        "send_message" => json!({ "channel": "general", "text": "T" }),
        "schedule_message" => json!({ "channel": "general", "text": "T", "post_at": "2026-11-24T10:00:00Z" }),
        "fetch_messages" => json!({ "channel": "general" }),
        "create_page" => json!({ "title": "T", "parent": "1429989f-e8ac-4eff-bc8f-57f56486db54" }),
        "create_task" => json!({ "name": "N" }),
        other => panic!("{other} has no context here"),
    }
}

/// Whether the last answer of a step that was believed to be done says so, by the provider's documentation alone.
fn says_done(action: &ActionDef, wanted: Step, last: &Exchange) -> bool {
    let body: Value = serde_json::from_slice(&last.body).unwrap_or_default();
    let good = (200..300).contains(&last.status);
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    let string = |pointer: &str| body.pointer(pointer).is_some_and(Value::is_string);
    let said = match (action.name, wanted) {
        // The draft is gone, and the account may not be read further: 403 is all there is to be had.
        ("send_email", Step::Reconcile) if last.status == 403 => return true,
        // A message that was deleted since it was listed is passed over.
        ("fetch_emails", _) if last.status == 404 => return true,
        ("send_email", Step::Reconcile) => body["messages"].is_array(),
        ("send_message", Step::Reconcile) => body["ok"] == true && last_has_key(&body),
        ("schedule_message", Step::Reconcile) => body["ok"] == true && body["scheduled_messages"].is_array(),
        ("send_email", _) => text("/id"),
        ("create_draft", _) => text("/id") && string("/message/id"),
        ("fetch_emails", _) => body.is_object(),
        ("send_message", _) => body["ok"] == true && string("/channel") && text("/ts"),
        ("schedule_message", _) => body["ok"] == true && text("/scheduled_message_id"),
        ("fetch_messages", _) => body["ok"] == true && body["messages"].is_array(),
        ("create_page", _) => text("/id"),
        ("create_task", _) => text("/data/gid"),
        (other, _) => panic!("what says that {other} was done?"),
    };
    let wrote = !matches!(wanted, Step::Run) || action.effect == Effect::Read || last.request.method() == "POST";
    good && said && wrote
}

fn last_has_key(body: &Value) -> bool {
    let messages = body["messages"].as_array();
    messages.is_some_and(|all| all.iter().any(|message| message["metadata"]["event_payload"]["key"] == KEY))
}

/// Whether an answer can be part of a "there is no such thing": it was found, or it is known not to be there.
fn says_absent(adapter: &Adapter, call: &Exchange) -> bool {
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let whole = (200..300).contains(&call.status) && body.is_object();
    let told = adapter.tool.as_str() != "slack" || body["ok"] == true;
    (whole && told) || call.status == 404
}
