//! Every field of every request at its bound, beyond it, and of a wrong type. The fields are those of the API document; a request is a
//! sample of `events/` with the one field changed.

use std::collections::BTreeMap;

use openapi::{Bound, Field};
use serde_json::{Map, Value, json};

use crate::support::{BASE, Sample, TestApp, TestResponse, root, samples};
use crate::template::OPEN_ROUTES;

/// Fields that exclude others of their samples: the field and the one that it replaces.
const REPLACES: [(&str, &str); 6] = [
    ("recurrence.every", "recurrence.cron"),
    ("externalId", "contextKey"),
    ("id", "agentId"),
    ("id", "tool"),
    ("tool", "toolName"),
    ("toolName", "tool"),
];
/// A field whose range depends on another one, and the value of that one.
const REQUIRES: (&str, &str, u64) = ("retry.maxIntervalSeconds", "retry.initialIntervalSeconds", 1);
/// Texts of which the filler is invalid at any length, so that a refusal does not prove their bound. The provider itself refuses an
/// access token that it did not issue.
const NO_FILLER: [&str; 8] = [
    "recurrence.cron",
    "recurrence.every",
    "recurrence.timezone",
    "accessToken",
    "contentType",
    "returnTo",
    "scopes",
    "sha256",
];
/// Fields that stand alone in a request.
const ALONE: [&str; 2] = ["fileId", "taskId"];
/// Values that are not numbers, or not usable ones.
const NOT_NUMBERS: [&str; 12] =
    ["-1", "NaN", "inf", "-inf", "1e1", "1.5", "0x10", "65536", "99999999999999999999999999", "\u{663}", " 5", "1,0"];

/// One deployment, and the violations that were found.
struct Bounds {
    app: TestApp,
    wrong: Vec<String>,
    requests: usize,
}

impl Bounds {
    async fn start() -> Self {
        Self { app: TestApp::start().await, wrong: vec![], requests: 0 }
    }

    /// A sample of the field's route: one that has the field if there is one.
    fn sample(&self, field: &Field) -> Sample {
        let mut sample = samples::with_field(field);
        for (_, former) in REPLACES.iter().filter(|(name, _)| *name == field.name) {
            let (parent, last) = former.rsplit_once('.').unwrap_or(("", former));
            let parent = if parent.is_empty() { String::new() } else { format!("/{parent}") };
            let body = sample.body.as_mut().and_then(|body| body.pointer_mut(&parent)).and_then(Value::as_object_mut);
            if field.in_body && field.name.contains('.') {
                body.map(|body| body.remove(last));
            } else if !field.in_body {
                sample.query.remove(*former);
            }
        }
        if field.name == REQUIRES.0 {
            sample.set(REQUIRES.1, REQUIRES.2.into());
        }
        if ALONE.contains(&field.name.as_str()) {
            sample = Sample { query: Map::new(), body: sample.body.map(|_| json!({})) };
        }
        sample
    }

    async fn send(&mut self, field: &Field, value: Value) -> TestResponse {
        self.requests += 1;
        // Each has a minute of its own: the budgets of requests are another test's subject.
        self.app.advance(60);
        let mut sample = self.sample(field);
        let mut headers = vec![];
        if field.in_body {
            sample.set(&field.name, value);
        } else if field.name == "Idempotency-Key" {
            headers.push(("idempotency-key", value.as_str().unwrap_or_default().to_owned()));
        } else {
            sample.query.insert(field.name.trim_end_matches("[]").to_owned(), value);
        }
        let query: BTreeMap<String, String> =
            sample.query.into_iter().map(|(name, value)| (name, parameter_text(&value))).collect();
        let path = format!("{}?{}", &field.path[BASE.len()..], serde_urlencoded::to_string(query).unwrap());
        // The samples are of 2030, further ahead than an intent or a delegation may be.
        let year = self.app.clock.now().strftime("%Y-12-31T").to_string();
        let body = sample.body.map(|body| body.to_string().replace("2030-01-01T", &year).replace("2030-03-01T", &year));
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let token = self.app.token("u1");
        self.app.send_with(&field.method, path.trim_end_matches('?'), Some(&token), body, &headers).await
    }

    /// Sends an invalid value: the answer must be a refusal that names the field, without a call of the store.
    async fn refuse(&mut self, field: &Field, what: &str, value: Value) {
        self.app.calls.reset();
        let answer = self.send(field, value).await;
        if let Err(reason) = is_refused(field, &answer) {
            self.wrong.push(format!("{field}: {what}: {reason}: {} {}", answer.status, answer.body));
        } else if !self.app.calls.operations().is_empty() {
            self.wrong.push(format!("{field}: {what}: the store was called"));
        }
    }

    /// Sends a value at the bound: no answer may complain about its size.
    async fn accept(&mut self, field: &Field, what: &str, value: Value) {
        let answer = self.send(field, value).await;
        let body = answer.body.to_string();
        if ["bytes", "at most", "must be between", "a list of 1 to"].iter().any(|word| body.contains(word)) {
            self.wrong.push(format!("{field}: {what} is refused: {} {body}", answer.status));
        }
    }

    async fn check(&mut self, field: &Field) {
        let text = |length: u64| json!("X".repeat(usize::try_from(length).unwrap()));
        match field.bound.expect("a bound") {
            Bound::Text(most) => {
                self.refuse(field, "one byte more", text(most + 1)).await;
                // A header cannot have control characters: the gateway refuses it.
                if field.name != "Idempotency-Key" {
                    self.refuse(field, "a control character", json!("x\u{7}y")).await;
                }
                self.accept(field, "the longest text", text(most)).await;
            }
            Bound::Opaque(most) => self.refuse(field, "one byte more", text(most + 1)).await,
            Bound::Closed => self.refuse(field, "another value", json!("no such value")).await,
            Bound::Number(least, most) => {
                for value in [json!(least - 1), json!(most + 1)] {
                    self.refuse(field, "outside", value).await;
                }
                for value in [json!(least), json!(most)] {
                    self.accept(field, "an end of the range", value).await;
                }
                // A text in digits is a number in a body.
                let in_range =
                    |text: &str| field.in_body && text.parse().is_ok_and(|number| (least..=most).contains(&number));
                for value in NOT_NUMBERS.into_iter().filter(|value| !in_range(value)) {
                    self.refuse(field, value, json!(value)).await;
                }
            }
            Bound::List(most) => {
                let sample = self.sample(field);
                let list = sample.body.as_ref().map_or_else(|| &sample.query[&field.name], |body| &body[&field.name]);
                let item = list[0].clone();
                let items = |count: u64| Value::from(vec![item.clone(); usize::try_from(count).unwrap()]);
                self.refuse(field, "one item more", items(most + 1)).await;
                self.accept(field, "the longest list", items(most)).await;
            }
        }
        if field.in_body {
            // The items of a list are checked on their own.
            let list = matches!(field.bound, Some(Bound::List(_)));
            for value in
                [json!(7.5), json!({ "x": "x" }), json!([["x"]])].into_iter().filter(|it| !list || !it.is_array())
            {
                self.refuse(field, "a wrong type", value).await;
            }
        }
    }
}

/// The text of a query parameter. The items of a list are separated by commas.
fn parameter_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(parameter_text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// `Err` with the reason if an answer does not refuse the field.
fn is_refused(field: &Field, answer: &TestResponse) -> Result<(), &'static str> {
    let item = &answer.body["results"][0]["error"];
    let error = if field.name.contains("[]") && answer.status == 200 { item } else { &answer.body["error"] };
    let message = error["message"].as_str().unwrap_or_default();
    let last = field.name.rsplit("[].").next().unwrap_or_default().trim_end_matches("[]");
    let named = [&field.name, last].iter().any(|name| message.starts_with(&format!("{name}: ")))
        || message.starts_with(&format!("{last}["));
    match (error["code"].as_str().unwrap_or_default(), field.bound) {
        ("INVALID_FIELD", _) => {
            if named {
                Ok(())
            } else {
                Err("the message does not name the field")
            }
        }
        ("UNKNOWN_TOOL", Some(Bound::Closed)) if last.starts_with("tool") => Ok(()),
        ("NOT_FOUND" | "FILE_NOT_FOUND" | "UNKNOWN_INTENT", Some(Bound::Opaque(_))) => Ok(()),
        _ => Err("it is not refused"),
    }
}

/// The fields of requests with a token. Who may send `userId` is tested in `isolation::callers`.
fn fields() -> Vec<Field> {
    let fields = openapi::fields(&openapi::document(&root())).into_iter();
    let open = |field: &Field| OPEN_ROUTES.contains(&&*format!("{} {}", field.method, field.path));
    fields.filter(|field| !open(field) && !field.name.ends_with("userId")).collect()
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the count is the result")]
async fn every_field_of_every_request_is_refused_beyond_its_bound_and_before_any_call() {
    let mut bounds = Bounds::start().await;
    let fields = fields();
    for field in &fields {
        bounds.check(field).await;
    }
    assert!(bounds.wrong.is_empty(), "{}", bounds.wrong.join("\n"));
    println!("{} fields, {} requests", fields.len(), bounds.requests);
}

#[tokio::test]
async fn a_documented_bound_that_differs_from_the_code_is_reported() {
    let mut bounds = Bounds::start().await;
    let mut planted = 0;
    for mut field in fields() {
        let changes: &[fn(u64) -> u64] = &[|most| most + 1, |most| most - 1];
        for change in changes {
            let original = field.bound;
            field.bound = match original {
                Some(Bound::Text(_)) if NO_FILLER.contains(&&*field.name) => break,
                Some(Bound::Text(most)) => Some(Bound::Text(change(most))),
                Some(Bound::Number(least, most)) => Some(Bound::Number(least, change(most))),
                Some(Bound::List(most)) => Some(Bound::List(change(most))),
                _ => break,
            };
            bounds.wrong.clear();
            bounds.check(&field).await;
            assert!(!bounds.wrong.is_empty(), "{field} was not reported");
            field.bound = original;
            planted += 1;
        }
    }
    assert!(planted > 0, "no field has a bound");
}
