//! Bodies up to the limit: of any content, in both forms of Lambda's events, and of any shape.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::fs;

use crate::support::builders::report;
use crate::support::{BASE, Log, Sample, TestApp, TestResponse, event, root, samples};
use crate::template::OPEN_ROUTES;
use openapi::{Bound, Field};

/// The largest body.
const MOST: usize = 2 * 1024 * 1024;
/// The largest event of a synchronous invocation: 6 MB.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_EVENT_BYTES: usize = 6_000_000;
/// The longest answer that refuses a body, and the longest log of it.
const MAX_REFUSAL_BYTES: usize = 48 * 1024;
const MAX_LOG_BYTES: usize = 4 * 1024;

/// An error report of so many bytes: `unit` is repeated within a text.
fn report_of(unit: &str, bytes: usize) -> String {
    let report = report("gmail", "E").to_string();
    let (start, end) = (format!(r#"{},"payload":{{"subject":""#, &report[..report.len() - 1]), r#""}}"#);
    let room = bytes - start.len() - end.len();
    let (units, rest) = (unit.repeat(room / unit.len()), "x".repeat(room % unit.len()));
    format!("{start}{units}{rest}{end}")
}

/// An error report of so many bytes, of which most are line breaks between its fields.
fn spaced_report(bytes: usize) -> String {
    let report = report("gmail", "E").to_string();
    format!("{}{}}}", &report[..report.len() - 1], "\n".repeat(bytes - report.len()))
}

#[tokio::test]
async fn a_body_has_at_most_2_mib_whatever_its_characters_and_the_form_of_its_event() {
    let app = TestApp::start().await;
    type Content = fn(usize) -> String;
    let contents: [(&str, Content); 4] = [
        ("letters", |bytes| report_of("x", bytes)),
        ("quotes", |bytes| report_of("\\\"", bytes)),
        ("line breaks in a text", |bytes| report_of("\\n", bytes)),
        ("line breaks", spaced_report),
    ];
    for (content, body) in contents {
        for (bytes, status) in [(MOST, 200), (MOST + 1, 413)] {
            let body = body(bytes);
            assert_eq!(body.len(), bytes, "{content}");
            for is_base64 in [false, true] {
                let sent = if is_base64 { STANDARD.encode(&body) } else { body.clone() };
                let mut event = event("POST", "/errors", Some(&app.token("u1")), Some(sent));
                event["isBase64Encoded"] = is_base64.into();
                let event = event.to_string();
                assert!(event.len() < MAX_EVENT_BYTES, "{content}: an event of {} bytes", event.len());
                let answer = app.handle_event("errors", &event).await;
                assert_eq!(answer.status, status, "{content}, base64 {is_base64}: {}", answer.body);
            }
        }
    }
}

/// The requests that the longest texts are sent in.
fn texts() -> Vec<Field> {
    let fields = openapi::fields(&openapi::document(&root())).into_iter().filter(|field| field.in_body);
    let open = |field: &Field| OPEN_ROUTES.contains(&&*format!("{} {}", field.method, field.path));
    fields.filter(|field| !open(field) && !matches!(field.bound, Some(Bound::List(_)))).collect()
}

/// Asserts that an answer and its log are short, and that the request is not the service's fault.
#[track_caller]
fn assert_short(what: &str, answer: &TestResponse, log: &Log) {
    let (bytes, lines) = (answer.body.to_string().len(), Value::from(log.lines()).to_string());
    let start: String = answer.body.to_string().chars().take(300).collect();
    assert!(answer.status < 500, "{what}: {} {start}", answer.status);
    assert!(bytes < MAX_REFUSAL_BYTES, "{what}: {bytes} bytes: {} {start}", answer.status);
    assert!(lines.len() < MAX_LOG_BYTES, "{what}: {} bytes of log", lines.len());
}

#[tokio::test]
async fn a_long_text_in_any_field_is_refused_in_few_words() {
    let app = TestApp::start().await;
    let log = app.capture_log();
    for field in texts() {
        let mut sample: Sample = samples::with_field(&field);
        sample.set(&field.name, json!(""));
        let room = MOST - sample.body.as_ref().map_or(0, |body| body.to_string().len());
        sample.set(&field.name, json!("X".repeat(room)));
        app.advance(60);
        app.calls.reset();
        let query = serde_json::from_value::<std::collections::BTreeMap<String, String>>(sample.query.into());
        let query = serde_urlencoded::to_string(query.unwrap()).unwrap();
        let path = format!("{}?{query}", &field.path[BASE.len()..]);
        let body = sample.body.map(|body| body.to_string());
        let answer = app.send(&field.method, path.trim_end_matches('?'), Some(&app.token("u1")), body).await;
        assert_short(&field.to_string(), &answer, &log);
        let is_refused = answer.status >= 400 || answer.body["success"] == false;
        assert!(is_refused, "{field}: {} {}", answer.status, answer.body);
        assert!(app.calls.operations().is_empty(), "{field}: the store was called");
    }
}

/// Bodies of about so many bytes, of the shapes that cost most.
fn shapes(bytes: usize) -> Vec<(&'static str, String)> {
    let of = |tool: &str, action: &str, context: &str| {
        format!(r#"{{"agentId":"a","tool":"{tool}","intent":"{action}","context":{context}}}"#)
    };
    let message = |fields: &str| of("slack", "send_message", &format!(r#"{{"channel":"general",{fields}}}"#));
    let mail = |fields: &str| of("gmail", "send_email", &format!(r#"{{"to":"ann@example.com",{fields}}}"#));
    let room = bytes - 400;
    let list = |unit: &str| format!("[{}]", vec![unit; room / (unit.len() + 1)].join(","));
    let fields = |value: &str| {
        let fields = (0..room / (value.len() + 10)).map(|at| format!("\"{at:06x}\":{value}"));
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    };
    let name = "n".repeat(room / 2);
    let half = "[],".repeat(room / 6);
    let references: Vec<String> = (0..room / 24).map(|at| format!(r#"{{"contextKey":"{at:06x}"}}"#)).collect();
    let wrong = (0..20).map(|at| format!("\"x{at}\":1,")).collect::<String>();
    vec![
        ("open lists", "[".repeat(room)),
        ("open objects", r#"{"a":"#.repeat(room / 5)),
        ("numbers", message(&format!(r#""text":{}"#, list("0")))),
        ("lists", message(&format!(r#""text":{}"#, list("[]")))),
        ("a long number", message(&format!(r#""text":{}"#, "9".repeat(room)))),
        ("a long fraction", message(&format!(r#""text":0.{}"#, "3".repeat(room)))),
        ("unknown fields", fields("1")),
        ("unknown empty fields", fields("\"\"")),
        ("unknown absent fields", fields("null")),
        ("unknown fields of a context", of("slack", "send_message", &fields("0"))),
        ("empty fields of a recurrence", format!(r#"{{"recurrence":{}}}"#, fields("\"\""))),
        ("a long name", format!(r#"{{"{name}":1}}"#)),
        ("a long name in a context", message(&format!(r#""{name}":1"#))),
        ("a long name twice", message(&format!(r#""{0}":1,"{0}":1"#, &name[..room / 4]))),
        ("lists under a long name", message(&format!(r#""{name}":[{half}0]"#))),
        ("references", message(&format!(r#""text":[{}]"#, references.join(",")))),
        ("a JSON text", message(&format!(r#""blocks":"{}""#, list("0")))),
        ("JSON texts", message(&format!(r#""blocks":{}"#, list("\"[0,0,0,0,0,0,0]\"")))),
        ("wrong recipients", mail(&format!(r#""subject":"s","body":"b","cc":{}"#, list("\"x\"")))),
        ("wrong items", mail(&format!(r#""subject":"s","body":"b","attachments":{}"#, list("{}")))),
        ("much else wrong", mail(&format!(r#""subject":5,{wrong}"html":"{}""#, "x".repeat(room - 200)))),
        ("a long text", mail(&format!(r#""subject":"{}","body":"b""#, "x".repeat(room)))),
        ("a long address", mail(&format!(r#""subject":"s","body":"b","cc":"{}""#, "x ".repeat(room / 2)))),
    ]
}

/// Calls of about so many bytes, with arguments that cost most: of a model's tool, and of an own tool that has them in its own.
fn calls(bytes: usize) -> Vec<(&'static str, String)> {
    let room = bytes - 400;
    let numbers = format!(r#"{{"channel":"general","text":[{}]}}"#, vec!["0"; room / 3].join(","));
    let of = |arguments: &Value| {
        json!({ "agentId": "a", "callId": "c", "name": "slack_send_message", "arguments": arguments }).to_string()
    };
    let planned = |arguments: &Value| {
        json!({ "agentId": "a", "callId": "c", "name": "engine_schedule_action",
            "arguments": { "name": "slack_send_message", "arguments": arguments } })
        .to_string()
    };
    let long = json!({ "channel": "general", "text": "x".repeat(room) });
    vec![
        ("arguments as a text", of(&json!(numbers))),
        ("arguments that are no JSON", of(&json!("{".repeat(room)))),
        ("a long text in arguments", of(&long)),
        ("arguments of arguments", planned(&json!(numbers))),
        ("a long text in arguments of arguments", planned(&long)),
    ]
}

/// The CPU time of this thread so far, in nanoseconds.
fn cpu_time() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the figures are the result")]
async fn a_body_of_any_shape_is_refused_in_few_words_by_work_in_proportion() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app.connect("u1", "gmail").await;
    let log = app.capture_log();
    let mut costs: Vec<Vec<(&str, u64)>> = vec![];
    for bytes in [MOST / 8, MOST] {
        let mut of_size = vec![];
        let intents = shapes(bytes).into_iter().map(|(shape, body)| ("", shape, body));
        let calls = calls(bytes).into_iter().map(|(shape, body)| ("/call", shape, body));
        for (path, shape, body) in intents.chain(calls) {
            assert!(body.len() <= bytes, "{shape}: {} bytes", body.len());
            app.advance(60);
            let token = app.token("u1");
            let before = cpu_time();
            let key = [("idempotency-key", shape)];
            let answer =
                app.send_with("POST", path, Some(&token), Some(body), if path.is_empty() { &key } else { &[] });
            let answer = answer.await;
            of_size.push((shape, cpu_time() - before));
            assert!(answer.status >= 400 || answer.body["isError"] == true, "{shape}: {}", answer.body);
            assert_short(shape, &answer, &log);
        }
        costs.push(of_size);
    }
    let mut wrong = vec![];
    for ((shape, small), (_, large)) in costs[0].iter().zip(&costs[1]) {
        println!("{shape}: {} ms, {} ms", small / 1_000_000, large / 1_000_000);
        if *large > 24 * small.max(&20_000_000) {
            wrong.push(shape);
        }
    }
    assert!(wrong.is_empty(), "more work than in proportion: {wrong:?}");
}
