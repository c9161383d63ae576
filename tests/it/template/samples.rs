//! Sample events: `events/<function>.<method>[.<variant>].json` for each route, and the processor's inputs: the first job's under
//! the function's name, other jobs' under the job's name, and an event of the bus.

use std::collections::BTreeSet;
use std::fs;

use lambda_http::RequestExt;
use serde_json::Value;

use super::{OPEN_ROUTES, PROCESSOR, Route};
use crate::support::root;

struct Sample {
    /// The parts of the file's name, without the extension.
    parts: Vec<String>,
    text: String,
    event: Value,
}

impl Sample {
    fn function(&self) -> &str {
        &self.parts[0]
    }

    fn is_http(&self) -> bool {
        self.function() != PROCESSOR
    }
}

/// Method, path and function of each sample request.
pub(super) fn routes() -> BTreeSet<Route> {
    let requests = all().into_iter().filter(Sample::is_http);
    let routes = requests.map(|sample| {
        let name = sample.parts.join(".");
        let method = sample.parts.get(1).unwrap_or_else(|| panic!("events/{name}.json has no method in its name"));
        let path = sample.event["rawPath"].as_str().unwrap_or_else(|| panic!("events/{name}.json has no rawPath"));
        (method.to_ascii_uppercase(), path.to_owned(), sample.parts[0].clone())
    });
    routes.collect()
}

/// The functions that have a sample event.
pub(super) fn functions() -> BTreeSet<String> {
    all().iter().map(|sample| sample.function().to_owned()).collect()
}

/// The inputs that the schedules pass to the processor.
pub(super) fn schedule_inputs() -> Vec<Value> {
    let inputs = all().into_iter().filter(|sample| !sample.is_http() && sample.event.get("detail").is_none());
    inputs.map(|sample| sample.event).collect()
}

/// The events of the bus that start the processor.
pub(super) fn bus_events() -> Vec<Value> {
    let events = all().into_iter().filter(|sample| !sample.is_http() && sample.event.get("detail").is_some());
    events.map(|sample| sample.event).collect()
}

/// Checks that `lambda_http` reads each sample and that its fields are consistent.
pub(super) fn read_all() {
    for sample in all() {
        let name = sample.parts.join(".");
        if sample.is_http() {
            read_request(&name, &sample);
        } else {
            let input = sample.event.get("detail").unwrap_or(&sample.event);
            let job = sample.parts.get(1).filter(|part| *part != "detail").map_or("process_due_tasks", String::as_str);
            assert_eq!(input["job"], job, "events/{name}.json");
            let served = match job {
                "resume_waiting" => &input["connected"]["account"],
                "run_suspects" => &input["suspects"][0],
                _ => &input["shards"],
            };
            assert!(!served.is_null(), "events/{name}.json names neither shards, nor an account, nor a suspect");
        }
    }
}

fn read_request(name: &str, sample: &Sample) {
    let request = lambda_http::request::from_str(&sample.text)
        .unwrap_or_else(|error| panic!("events/{name}.json cannot be read: {error}"));
    let event = &sample.event;
    let context = &event["requestContext"];
    let (method, path) = (request.method().as_str(), request.raw_http_path());

    assert_eq!(sample.parts[1], method.to_ascii_lowercase(), "events/{name}.json: the method");
    assert_eq!(event["rawPath"], path, "events/{name}.json: rawPath, and the path lambda_http reads");
    assert_eq!(context["http"]["path"], path, "events/{name}.json: requestContext.http.path");
    let key = format!("{method} {path}");
    assert_eq!(event["routeKey"], key.as_str(), "events/{name}.json: routeKey");
    assert_eq!(context["routeKey"], key.as_str(), "events/{name}.json: requestContext.routeKey");

    let bearer = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let bearer = bearer.is_some_and(|value| value.starts_with("Bearer "));
    assert_eq!(bearer, !OPEN_ROUTES.contains(&key.as_str()), "events/{name}.json: the bearer token");
    let host = event["headers"]["host"].as_str().unwrap_or_default();
    assert_eq!(request.uri().host(), Some(host), "events/{name}.json: the host");
    assert_eq!(request.uri().query().unwrap_or_default(), event["rawQueryString"], "events/{name}.json: the query");

    match event.get("body") {
        Some(body) => {
            let body = body.as_str().unwrap_or_default();
            assert_eq!(request.body().as_ref(), body.as_bytes(), "events/{name}.json: the body");
            let fields: Value = serde_json::from_str(body)
                .unwrap_or_else(|error| panic!("events/{name}.json: the body is not JSON: {error}"));
            assert!(fields.is_object(), "events/{name}.json: the body is not an object");
        }
        None => assert!(request.body().is_empty(), "events/{name}.json: an unexpected body"),
    }
}

fn all() -> Vec<Sample> {
    let directory = root().join("events");
    let entries = fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let samples = entries.map(|entry| {
        let path = entry.unwrap_or_else(|error| panic!("{}: {error}", directory.display())).path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let event = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Sample { parts: stem.split('.').map(ToOwned::to_owned).collect(), text, event }
    });
    samples.collect()
}
