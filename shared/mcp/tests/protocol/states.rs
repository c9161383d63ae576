//! Results that need answers of the client, and the state between the two requests.

use super::support::{Post, Small};
use serde_json::{Value, json};

fn call(more: Value) -> Post {
    let mut params = json!({ "name": "ask", "arguments": { "to": "ann" }, "capabilities": { "elicitation": {} } });
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Post::modern("tools/call", params)
}

async fn first() -> Value {
    call(json!({})).send(&Small::new()).await.result()
}

fn sure() -> Value {
    json!({ "sure": { "action": "accept", "content": {} } })
}

#[tokio::test]
async fn requests_to_the_client_travel_in_the_result() {
    let result = first().await;
    assert_eq!(result["resultType"], "input_required");
    let params =
        json!({ "mode": "form", "message": "Sure?", "requestedSchema": { "type": "object", "properties": {} } });
    assert_eq!(result["inputRequests"], json!({ "sure": { "method": "elicitation/create", "params": params } }));
    assert!(result["requestState"].is_string());
    assert_eq!(result.get("ttlMs"), None);
}

#[tokio::test]
async fn the_answers_and_the_state_complete_the_call() {
    let state = first().await["requestState"].clone();
    let more = json!({ "requestState": state, "inputResponses": sure() });
    let result = call(more).send(&Small::new()).await.result();
    assert_eq!(result["content"][0]["text"], "{\"step\":1}");
}

#[tokio::test]
async fn a_tampered_state_reaches_no_tool() {
    let state = first().await["requestState"].as_str().unwrap().to_owned();
    for tampered in [format!("{state}x"), state[1..].to_owned(), String::new(), state.replace("ann", "bob")] {
        let catalogue = Small::new();
        let refused = call(json!({ "requestState": tampered, "inputResponses": sure() })).send(&catalogue).await;
        assert_eq!(refused.refusal(), (200, -32602), "{tampered}");
        assert_eq!(catalogue.number_of_calls(), 0);
    }
}

#[tokio::test]
async fn a_state_belongs_to_its_request() {
    let state = first().await["requestState"].clone();
    for (name, arguments) in [("ask", json!({ "to": "bob" })), ("ask", json!({})), ("start", json!({ "to": "ann" }))] {
        let params = json!({ "name": name, "arguments": arguments, "requestState": state, "inputResponses": sure() });
        let catalogue = Small::new();
        assert_eq!(
            Post::modern("tools/call", params).send(&catalogue).await.refusal(),
            (200, -32602),
            "{name} {arguments}"
        );
        assert_eq!(catalogue.number_of_calls(), 0);
    }
}

#[tokio::test]
async fn an_answer_of_another_form_is_refused() {
    let state = first().await["requestState"].clone();
    for answer in [json!({}), json!({ "action": "maybe" }), json!({ "action": "accept", "content": [] })] {
        let more = json!({ "requestState": state, "inputResponses": { "sure": answer } });
        assert_eq!(call(more).send(&Small::new()).await.refusal(), (200, -32602));
    }
}

#[tokio::test]
async fn unknown_answers_are_ignored_and_missing_ones_requested_again() {
    let state = first().await["requestState"].clone();
    let unknown = json!({ "other": { "action": "accept" } });
    let again = call(json!({ "requestState": state, "inputResponses": unknown })).send(&Small::new()).await.result();
    assert_eq!(again["resultType"], "input_required");
    let mut more = sure();
    more["other"] = json!({ "action": "accept" });
    let complete = call(json!({ "requestState": state, "inputResponses": more })).send(&Small::new()).await.result();
    assert_eq!(complete["resultType"], "complete");
}
