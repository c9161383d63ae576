//! DELETE requests: each route of the API document takes its fields in the query, in the body, or in both with one value.

use crate::lost_store_answers::requests::prepare;
use crate::support::{BASE, TestApp, TestResponse, root};
use serde_json::{Map, Value, json};

/// The paths of the document that have a DELETE request, below [`BASE`], each with its operation.
fn routes() -> Vec<(String, Value)> {
    let document = openapi::document(&root());
    let paths = document["paths"].as_object().unwrap().iter();
    let routes = paths.filter_map(|(path, item)| Some((path[BASE.len()..].to_owned(), item.get("delete")?.clone())));
    routes.collect()
}

/// The fields of a prepared request, which is in either form.
async fn fields(app: &TestApp, path: &str) -> Map<String, Value> {
    let request = prepare(app, &format!("DELETE {path}")).await;
    let query = request.path.split_once('?').map_or("", |(_, query)| query);
    let query: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap();
    let query = query.into_iter().map(|(name, text)| (name, text.into()));
    query
        .chain(request.body.iter().filter_map(Value::as_object).flatten().map(|(k, v)| (k.clone(), v.clone())))
        .collect()
}

/// The fields as a query; a list is repeated.
fn query(fields: &Map<String, Value>) -> String {
    let pairs = fields.iter().flat_map(|(name, value)| {
        let texts = value.as_array().map_or_else(|| vec![value], |items| items.iter().collect());
        texts.into_iter().map(move |text| (name.clone(), text.as_str().unwrap().to_owned()))
    });
    serde_urlencoded::to_string(pairs.collect::<Vec<_>>()).unwrap()
}

async fn delete(app: &TestApp, path: &str, query: &str, body: Option<&Map<String, Value>>) -> TestResponse {
    let body = body.map(|fields| Value::Object(fields.clone()));
    app.delete("u1", format!("{path}?{query}").trim_end_matches('?'), body).await
}

#[tokio::test]
async fn every_delete_request_takes_its_fields_in_the_query_in_the_body_or_in_both() {
    let routes = routes();
    assert!(routes.len() >= 8, "{routes:?}");
    for (path, _) in &routes {
        let mut answers = vec![];
        for form in ["query", "body", "both"] {
            let app = TestApp::start().await;
            let fields = fields(&app, path).await;
            let (in_query, in_body) = match form {
                "query" => (query(&fields), None),
                "body" => (String::new(), Some(&fields)),
                _ => (query(&fields), Some(&fields)),
            };
            let mut answer = delete(&app, path, &in_query, in_body).await;
            assert_eq!(answer.status, 200, "{path} by {form}: {}", answer.body);
            // The id of a mapping differs between two deployments.
            if path == "/context-mappings/bulk" {
                assert_eq!(answer.body["results"][0]["id"].take(), fields["ids"][0], "{form}");
            }
            answers.push(answer.body);
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{path}: {answers:#?}");
    }
}

#[tokio::test]
async fn a_delete_request_with_different_values_in_query_and_body_is_refused_before_any_call() {
    for (path, _) in routes() {
        let app = TestApp::start().await;
        let fields = fields(&app, &path).await;
        app.calls.reset();
        for (name, value) in &fields {
            let other = if value.is_array() { json!(["map_other"]) } else { json!("other") };
            let other = Map::from_iter([(name.clone(), other)]);
            let message = delete(&app, &path, &query(&other), Some(&fields)).await.refused(400, "INVALID_FIELD");
            assert_eq!(message, format!("{name}: must have one value; the query and the body have different ones"));
        }
        // A user in either place is never ignored.
        for (in_query, in_body) in [("userId=u2", json!({})), ("", json!({ "userId": "u2" }))] {
            let fields = in_body.as_object();
            delete(&app, &path, in_query, fields).await.refused(403, "USER_MISMATCH");
        }
        let unknown = delete(&app, &path, &format!("{}&color=red", query(&fields)), None).await;
        assert!(unknown.refused(400, "INVALID_FIELD").starts_with("color: unknown field"));
        assert!(app.calls.operations().is_empty(), "{path}: {:?}", app.calls.operations());
    }
}

#[test]
fn the_document_describes_both_forms_of_every_delete_request() {
    let document = openapi::document(&root());
    for (path, operation) in routes() {
        assert_eq!(operation["requestBody"]["required"], false, "{path}");
        let reference = &operation["requestBody"]["content"][openapi::JSON]["schema"]["$ref"];
        let schema = openapi::part_at(&document, reference.as_str().unwrap()).unwrap();
        let in_body: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        let in_query = operation["parameters"].as_array().unwrap().iter();
        let in_query: Vec<&str> = in_query.filter_map(|parameter| parameter["name"].as_str()).collect();
        assert_eq!(in_query, in_body, "{path}");
    }
}
