//! The sample requests of `events/`, for tests that derive requests from the API document.

use std::collections::BTreeMap;
use std::fs;
use std::sync::LazyLock;

use openapi::Field;
use serde_json::{Map, Value, json};

use super::root;

/// A request without path and method: the query or the body, each as an object.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample {
    /// The query.
    pub(crate) query: Map<String, Value>,
    /// The body.
    pub(crate) body: Option<Value>,
}

/// The samples of each method and path.
static SAMPLES: LazyLock<BTreeMap<(String, String), Vec<Sample>>> = LazyLock::new(|| {
    let mut samples: BTreeMap<_, Vec<Sample>> = BTreeMap::new();
    let mut files: Vec<_> = fs::read_dir(root().join("events")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let event: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        let (Some(path), Some(method)) =
            (event["rawPath"].as_str(), event["requestContext"]["http"]["method"].as_str())
        else {
            continue;
        };
        let body = event["body"].as_str().map(|body| serde_json::from_str(body).unwrap());
        let query = event["queryStringParameters"].as_object().cloned().unwrap_or_default();
        samples.entry((method.to_owned(), path.to_owned())).or_default().push(Sample { query, body });
    }
    samples
});

/// The samples of a method and a path, with [`BASE`](super::BASE).
pub(crate) fn of(method: &str, path: &str) -> &'static [Sample] {
    &SAMPLES[&(method.to_owned(), path.to_owned())]
}

impl Sample {
    /// Sets a field of the body. `a.b` is a nested field, `a[]` the only item of a list.
    pub(crate) fn set(&mut self, name: &str, value: Value) {
        set(self.body.as_mut().expect("a sample with a body"), name, value);
    }
}

/// A sample of the field's route: one that has the field if there is one. The sample of a DELETE request has all its fields where the
/// field is: in the query or in the body.
pub(crate) fn with_field(field: &Field) -> Sample {
    let sample = any_with_field(field);
    match field.method.as_str() {
        "DELETE" => in_one_form(sample, field.in_body),
        _ => sample,
    }
}

fn in_one_form(sample: Sample, in_body: bool) -> Sample {
    let Sample { query: mut fields, body } = sample;
    fields.extend(body.and_then(|body| body.as_object().cloned()).into_iter().flatten());
    match in_body {
        true => Sample { query: Map::new(), body: Some(fields.into()) },
        false => Sample { query: fields, body: None },
    }
}

fn any_with_field(field: &Field) -> Sample {
    let samples = &SAMPLES[&(field.method.clone(), field.path.clone())];
    let pointer = format!("/{}", field.name.replace("[]", "/0").replace('.', "/"));
    let has = |it: &&Sample| {
        it.query.contains_key(&field.name) || it.body.as_ref().is_some_and(|body| body.pointer(&pointer).is_some())
    };
    samples.iter().find(has).unwrap_or(&samples[0]).clone()
}

/// Sets a field of a body. `a.b` is a nested field, `a[]` is the only item of a list.
fn set(body: &mut Value, name: &str, value: Value) {
    match name.split_once(['.', '[']) {
        None => body[name] = value,
        Some((list, rest)) if name[list.len()..].starts_with('[') => {
            let mut item = body[list][0].clone();
            match rest.trim_start_matches("].").trim_start_matches(']') {
                "" => item = value,
                field => set(&mut item, field, value),
            }
            body[list] = json!([item]);
        }
        Some((parent, rest)) => set(&mut body[parent], rest, value),
    }
}
